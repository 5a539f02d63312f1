"""Requests that nobody should send, made from one good request of every kind.

Each good request is spoilt in every way that is known, one at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.twins import Step, Told

from .catalog import AT, ENDPOINT, EP, POLICY
from .limits import limit, register
from .logins import PASSWORD
from .telling import grant_path, make, path_of, post, put

WORLD: list[Told] = [
    make("domain.d"),
    make("project.p", domain_id="{domain.d}"),
    make("project.q", domain_id="{domain.d}"),
    make("user.u", domain_id="{domain.d}", password=PASSWORD),
    make("group.g", domain_id="{domain.d}"),
    make("role.r"),
    make("role.s"),
    make("service.s", type="{me}"),
    make("endpoint.e", **ENDPOINT),
    make("policy.a", **POLICY),
    make("endpoint_group.g", filters={"service_id": "{service.s}"}),
    post("/v3/regions", {"region": {"id": "{me}"}}, keep="region.r"),
    register("cores", "ram"),
    limit("cores"),
    put("/v3/domains/{domain.d}/config", {"config": {"ldap": {"url": "x", "password": "y"}}}),
]


@dataclass(frozen=True)
class Good:
    """A request that would be fine: the noun around its attributes, and the attributes."""

    method: str
    path: str
    noun: str
    attributes: dict[str, Any]
    # Attributes that are left alone in the good request and get bad values too.
    also: tuple[str, ...] = ()
    listed: bool = False
    who: str | None = "root"

    def body(self, **changes: Any) -> dict[str, Any]:
        """The body with some attributes changed."""
        attributes = {**self.attributes, **changes}
        return {self.noun: [attributes] if self.listed else attributes}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _patch(thing: str, attributes: dict[str, Any], *also: str) -> Good:
    return Good("PATCH", path_of(thing), thing.split(".")[0], attributes, also)


# `{n}` is another number each time, so that what is taken for good has no name twice.
IN_D = {"name": "{me}-{n}", "domain_id": "{domain.d}"}
REGISTERED = {"service_id": "{service.s}", "resource_name": "{me}-{n}", "default_limit": 1}
LIMITED = {"service_id": "{service.s}", "resource_name": "ram", "resource_limit": 1, "project_id": "{project.q}"}
GOOD = [
    Good("POST", "/v3/domains", "domain", {"name": "{me}-{n}"}, ("description", "enabled", "options", "tags", "explicit_domain_id", "id")),
    _patch("domain.d", {"description": "d"}, "name", "options", "tags", "id"),
    Good("POST", "/v3/projects", "project", IN_D, ("description", "enabled", "is_domain", "parent_id", "options", "tags", "id", "extra")),
    _patch("project.p", {"description": "d"}, "name", "domain_id", "parent_id", "is_domain", "options", "tags", "id"),
    Good("PUT", "/v3/projects/{project.q}/tags", "tags", {}),
    Good(
        "POST",
        "/v3/users",
        "user",
        IN_D,
        ("password", "enabled", "description", "email", "default_project_id", "options", "federated", "id", "extra", "password_expires_at"),
    ),
    _patch("user.u", {"description": "d"}, "name", "domain_id", "enabled", "default_project_id", "options", "federated", "id", "extra"),
    Good("POST", "/v3/users/{user.u}/password", "user", {"password": "x", "original_password": "wrong"}, who=None),
    Good("POST", "/v3/groups", "group", IN_D, ("description", "id", "extra")),
    _patch("group.g", {"description": "d"}, "name", "domain_id", "id", "extra"),
    Good("POST", "/v3/roles", "role", {"name": "{me}-{n}"}, ("description", "domain_id", "options", "id", "extra")),
    _patch("role.r", {"description": "d"}, "name", "domain_id", "options", "id", "extra"),
    Good("POST", "/v3/services", "service", {"type": "{me}"}, ("name", "description", "enabled", "id", "extra")),
    _patch("service.s", {"description": "d"}, "name", "type", "enabled", "id", "extra"),
    Good(
        "POST", "/v3/endpoints", "endpoint", ENDPOINT, ("region", "region_id", "enabled", "name", "description", "id", "legacy_endpoint_id")
    ),
    _patch("endpoint.e", {"url": "http://f"}, "interface", "service_id", "region", "region_id", "enabled", "id", "extra"),
    Good("POST", "/v3/regions", "region", {"id": "{me}-{n}"}, ("description", "parent_region_id", "extra")),
    Good("PUT", "/v3/regions/{me}-{n}", "region", {"description": "d"}, ("id", "parent_region_id")),
    _patch("region.r", {"description": "d"}, "parent_region_id", "id", "extra"),
    Good("POST", "/v3/policies", "policy", POLICY, ("id", "extra")),
    _patch("policy.a", {"type": "t"}, "blob", "id", "extra"),
    Good(
        "POST",
        f"{EP}/endpoint_groups",
        "endpoint_group",
        {"name": "{me}-{n}", "filters": {"interface": "public"}},
        ("description", "id", "extra"),
    ),
    _patch("endpoint_group.g", {"description": "d"}, "name", "filters", "id"),
    Good("POST", "/v3/registered_limits", "registered_limits", REGISTERED, ("region_id", "description", "id"), listed=True),
    _patch("registered_limit.cores", {"description": "d"}, "service_id", "region_id", "resource_name", "default_limit", "id"),
    Good("POST", "/v3/limits", "limits", LIMITED, ("region_id", "description", "domain_id", "id"), listed=True),
    _patch("limit.cores", {"description": "d"}, "resource_limit", "project_id", "id"),
    Good("PUT", "/v3/domains/{domain.d}/config", "config", {"ldap": {"url": "x"}}, ("identity", "unknown")),
    Good("PATCH", "/v3/domains/{domain.d}/config", "config", {"ldap": {"url": "x"}}, ("identity", "unknown")),
    Good("PATCH", "/v3/domains/{domain.d}/config/ldap", "config", {"ldap": {"url": "x"}}, ("url",)),
    Good("PATCH", "/v3/domains/{domain.d}/config/ldap/url", "config", {"url": "x"}, ("ldap",)),
]
VALUES: tuple[Any, ...] = (None, True, 7, -1, 1.5, "", " ", "x" * 300, [], ["a"], {}, {"a": {"b": []}}, "nul \0", 10**18)


def _deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = {"deeper": value}
    return value


def _raw(good: Good) -> Iterator[tuple[str, bytes | None, str | None]]:
    """Bodies as bytes: how they are spoilt, the bytes, and another content type than JSON's."""
    text = json.dumps(good.body())
    yield "no body", None, None
    yield "an empty body", b"", "application/json"
    for odd in (
        "{",
        "[]",
        "[1]",
        '"text"',
        "null",
        "7",
        "true",
        "{}",
        '{"unknown": {}}',
        "{'a': 1}",
        text + "x",
        text + text,
        "\ufeff" + text,
    ):
        yield f"the body {odd[:20]}", odd.encode(), None
    # What Python says about lists in place of the configuration names the type of what is in them.
    lists = () if good.noun == "config" else ("[null]", "[[]]", '[{"a": 1}, 2]')
    for value in ("null", "[]", '"text"', "7", "true", "{}", '["x"]', *lists):
        yield f"{value} in the noun", f'{{"{good.noun}": {value}}}'.encode(), None
    yield "something beside the noun", json.dumps({**good.body(), "more": 1}).encode(), None
    yield "the noun in capitals", json.dumps({good.noun.upper(): good.body()[good.noun]}).encode(), None
    yield "the noun twice", f'{{"{good.noun}": {{}}, {text[1:]}'.encode(), None
    yield "the noun twice, the empty one last", f'{text[:-1]}, "{good.noun}": {{}}}}'.encode(), None
    yield "not UTF-8", text.encode().replace(b"}", b', "x": "\xff\xfe"}', 1), None
    yield "Latin-1", text.encode().replace(b"}", b', "x": "gr\xf6\xdfe"}', 1), None
    yield "UTF-16", text.encode("utf-16"), None
    yield "as text", text.encode(), "text/plain"
    yield "as a form", b"a=b", "application/x-www-form-urlencoded"
    yield "as JSON in Latin-1", text.encode(), "application/json; charset=iso-8859-1"
    yield "as some JSON", text.encode(), "application/vnd.openstack+json"


def spoilt(good: Good) -> Iterator[tuple[str, Step]]:
    """Every way of spoiling a good request."""

    def step(number: int, body: Any, kind: str | None = None) -> Step:
        def numbered(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: numbered(item) for key, item in value.items()}
            if isinstance(value, list):
                return [numbered(item) for item in value]
            return value.replace("{n}", f"n{number}") if isinstance(value, str) else value

        # Bytes are sent as they are, names in braces and all: it is their form that is bad.
        headers = {} if kind is None and not isinstance(body, bytes) else {"Content-Type": kind or "application/json"}
        return Step(good.method, numbered(good.path), numbered(body), good.who, headers=headers)

    made = list(_raw(good))
    for number, (how, body, kind) in enumerate(made):
        yield how, step(number, body, kind)
    number = len(made)
    for name in (*good.attributes, *good.also):
        for value in VALUES:
            if name == "legacy_endpoint_id" and isinstance(value, list):
                # Postgres writes them down in a notation of its own.
                continue
            number += 1
            yield f"{name} is {str(value)[:20]!r}", step(number, good.body(**{name: value}))
    for name in good.attributes:
        number += 1
        without = {key: value for key, value in good.attributes.items() if key != name}
        yield f"no {name}", step(number, {good.noun: [without] if good.listed else without})
    for how, more in (
        ("unknown attributes", {"unknown": 1, "": "empty", "x" * 300: "long"}),
        ("an attribute with a NUL in its name", {"a\0b": 1}),
        ("a large attribute", {"extra": "x" * 100_000}),
        ("a body beyond the limit", {"extra": "x" * 120_000}),
        ("something deep", {"extra": _deep(100)}),
    ):
        number += 1
        yield how, step(number, good.body(**more))


# Nothing belongs into the body of these; Keystone looks at it nevertheless, or does not.
BODILESS = [
    *((method, "/v3/users/{user.u}") for method in ("GET", "HEAD")),
    ("GET", "/v3/users"),
    ("GET", "/v3/domains"),
    ("GET", "/v3/domains/{domain.d}"),
    ("GET", "/v3/projects"),
    ("GET", "/v3/projects/{project.p}"),
    ("GET", "/v3/projects/{project.p}/tags"),
    ("PUT", "/v3/projects/{project.p}/tags/x"),
    ("DELETE", "/v3/projects/{project.p}/tags/y"),
    ("GET", "/v3/groups/{group.g}"),
    ("GET", "/v3/roles"),
    ("GET", "/v3/role_assignments?role.id={role.r}"),
    ("GET", "/v3/role_inferences"),
    ("GET", "/v3/services"),
    ("GET", "/v3/endpoints/{endpoint.e}"),
    ("GET", "/v3/regions"),
    ("GET", "/v3/policies"),
    ("GET", "/v3/limits"),
    ("GET", "/v3/limits/model"),
    ("GET", "/v3/registered_limits/{registered_limit.cores}"),
    ("GET", f"{EP}/endpoint_groups"),
    *(
        ("DELETE", f"/v3/{noun}s/unknown")
        for noun in ("domain", "project", "user", "group", "role", "service", "endpoint", "region", "limit")
    ),
    ("DELETE", "/v3/registered_limits/unknown"),
    ("DELETE", "/v3/policies/unknown"),
    ("DELETE", f"{EP}/endpoint_groups/unknown"),
    ("DELETE", "/v3/domains/{domain.d}/config/identity"),
    *((method, "/v3/groups/{group.g}/users/{user.u}") for method in ("PUT", "GET", "DELETE")),
    *((method, "/v3/roles/{role.r}/implies/{role.s}") for method in ("PUT", "GET", "DELETE")),
    *(
        (method, grant_path("role.r", "user.u", target))
        for target in ("project.p", "domain.d", "system")
        for method in ("PUT", "GET", "DELETE")
    ),
    *((method, grant_path("role.r", "group.g", "domain.d", inherited=True)) for method in ("PUT", "GET", "DELETE")),
    *((method, f"{EP}/projects/{{project.p}}/endpoints/{{endpoint.e}}") for method in ("PUT", "GET", "DELETE")),
    *((method, f"{EP}/endpoint_groups/{{endpoint_group.g}}/projects/{{project.p}}") for method in ("PUT", "GET", "DELETE")),
    *((method, f"{AT}/services/{{service.s}}") for method in ("PUT", "GET", "DELETE")),
]
BODIES: tuple[tuple[str, bytes, str], ...] = (
    ("an object", b'{"a": 1}', "application/json"),
    ("half an object", b"{", "application/json"),
    ("a list", b"[]", "application/json"),
    ("not UTF-8", b'{"a": "\xff"}', "application/json"),
    ("text", b"text", "text/plain"),
    ("an empty form", b"", "application/x-www-form-urlencoded"),
)
METHODS = ("POST", "PATCH", "PUT", "DELETE", "OPTIONS", "NONSENSE")
# Paths on which nobody expects these methods, and ids that are none.
ODD = [
    *(
        Step(method, path)
        for path in (
            "/v3/users",
            "/v3/users/{user.u}",
            "/v3/users/{user.u}/password",
            "/v3/role_assignments",
            "/v3/domains/{domain.d}/config/ldap",
        )
        for method in METHODS
        if (method, path) not in (("DELETE", "/v3/users/{user.u}"), ("DELETE", "/v3/domains/{domain.d}/config/ldap"))
    ),
    *(
        Step(method, f"/v3/{noun}s/{odd}")
        for noun in ("user", "domain", "project", "group", "role", "limit", "region")
        for odd in ("%00", "%FF", "a%2Fb", "%20", "x" * 300, "'%22%3B--", "%F0%9F%98%80")
        for method in ("GET", "DELETE")
    ),
    *(Step("GET", f"/v3/{noun}s?limit=-1") for noun in ("domain", "project", "role")),
    *(Step("GET", f"/v3/{noun}s?limit=-1", differs="a negative limit cuts the end off the list") for noun in ("user", "group")),
    *(
        Step("GET", f"/v3/{noun}s?{query}")
        for noun in ("user", "domain", "project", "group", "role")
        for query in (
            "name=%00",
            "name=%FF",
            "name=" + "x" * 300,
            "name__contains=%FF",
            "limit=1.5",
            "marker=unknown&limit=1000",
            "name=a&name=b",
            "&&=&",
            "%00=1",
        )
    ),
]
