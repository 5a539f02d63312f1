"""What Fernstone writes, a real Keystone on the same database reads back, changes and deletes as its own; and the reverse."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.exchange import Request, get, post, send
from harness.oracle import ADMIN_TOKEN
from harness.pair import Pair

from .logins import PASSWORD, domain, password, project

# What is made, in order: noun, name, attributes.
THINGS: list[tuple[str, str, dict[str, Any]]] = [
    ("domain", "d", {"description": "größe", "colour": "blue", "tags": ["a", "b"]}),
    ("domain", "fixed", {"options": {"immutable": False}}),
    (
        "project",
        "p",
        {"domain_id": "{domain.d}", "tags": ["one", "two"], "colour": "blue", "description": None, "options": {"immutable": False}},
    ),
    ("project", "child", {"domain_id": "{domain.d}", "parent_id": "{project.p}", "enabled": True}),
    (
        "user",
        "u",
        {
            "domain_id": "{domain.d}",
            "password": PASSWORD,
            "email": "u@example.org",
            "description": "größe",
            "nested": {"a": [1, None, True]},
            "default_project_id": "{project.p}",
            "options": {"ignore_password_expiry": True, "multi_factor_auth_rules": [["password"]], "lock_password": False},
        },
    ),
    ("user", "bare", {"domain_id": "{domain.d}"}),
    ("user", "off", {"domain_id": "{domain.d}", "enabled": False}),
    ("group", "g", {"domain_id": "{domain.d}", "description": "", "colour": "blue"}),
    ("role", "r", {"description": "does", "colour": "blue", "options": {"immutable": False}}),
    ("role", "s", {}),
    ("role", "own", {"domain_id": "{domain.d}"}),
    ("region", "r", {"description": "there", "parent_region_id": None}),
    ("service", "s", {"type": "{me}", "description": "d", "colour": "blue", "enabled": True}),
    (
        "endpoint",
        "e",
        {"service_id": "{service.s}", "interface": "public", "url": "http://e/$(project_id)s", "region_id": "{region.r}", "name": "n"},
    ),
    ("policy", "p", {"blob": '["a", "b"]', "type": "application/json", "colour": "blue"}),
    ("endpoint_group", "g", {"filters": {"interface": "public", "service_id": "{service.s}"}, "description": "d"}),
    ("registered_limit", "x", {"service_id": "{service.s}", "resource_name": "x", "default_limit": 9, "description": "d"}),
    ("limit", "x", {"service_id": "{service.s}", "resource_name": "x", "resource_limit": 5, "project_id": "{project.p}"}),
]
COLLECTIONS = {"policy": "policies", "endpoint_group": "OS-EP-FILTER/endpoint_groups"}
PUTS = (
    "/v3/groups/{group.g}/users/{user.u}",
    "/v3/roles/{role.r}/implies/{role.s}",
    "/v3/roles/{role.own}/implies/{role.r}",
    "/v3/projects/{project.p}/users/{user.u}/roles/{role.r}",
    "/v3/projects/{project.p}/groups/{group.g}/roles/{role.own}",
    "/v3/domains/{domain.d}/users/{user.u}/roles/{role.s}",
    "/v3/system/groups/{group.g}/roles/{role.r}",
    "/v3/OS-INHERIT/domains/{domain.d}/groups/{group.g}/roles/{role.s}/inherited_to_projects",
    "/v3/OS-INHERIT/projects/{project.p}/users/{user.u}/roles/{role.r}/inherited_to_projects",
    "/v3/OS-EP-FILTER/projects/{project.p}/endpoints/{endpoint.e}",
    "/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group.g}/projects/{project.p}",
    "/v3/policies/{policy.p}/OS-ENDPOINT-POLICY/services/{service.s}",
    "/v3/policies/{policy.p}/OS-ENDPOINT-POLICY/endpoints/{endpoint.e}",
    "/v3/projects/{project.p}/tags/three",
)
READS = (
    "/v3/projects?domain_id={domain.d}",
    "/v3/projects/{project.p}?subtree_as_list",
    "/v3/projects/{project.p}/tags",
    "/v3/users?domain_id={domain.d}",
    "/v3/users/{user.u}/groups",
    "/v3/users/{user.u}/projects",
    "/v3/groups?domain_id={domain.d}",
    "/v3/groups/{group.g}/users",
    "/v3/roles?domain_id={domain.d}",
    "/v3/roles/{role.r}/implies",
    "/v3/role_assignments?user.id={user.u}&effective&include_names",
    "/v3/role_assignments?group.id={group.g}&include_names",
    "/v3/domains/{domain.d}/config",
    "/v3/endpoints?service_id={service.s}",
    "/v3/OS-EP-FILTER/projects/{project.p}/endpoints",
    "/v3/OS-EP-FILTER/projects/{project.p}/endpoint_groups",
    "/v3/policies/{policy.p}/OS-ENDPOINT-POLICY/endpoints",
    "/v3/endpoints/{endpoint.e}/OS-ENDPOINT-POLICY/policy",
    "/v3/limits?project_id={project.p}",
    "/v3/registered_limits?service_id={service.s}",
)


def path_of(noun: str, name: str = "") -> str:
    """A collection's path, or a thing's."""
    return f"/v3/{COLLECTIONS.get(noun, noun + 's')}" + (f"/{{{noun}.{name}}}" if name else "")


@dataclass
class Writer:
    """One of the two servers as the one that writes; the things' names are its own."""

    base: str
    pair: Pair
    me: str
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pair = Pair(self.pair.keystone, self.pair.fernstone, self.ids)
        self.ids["me"], self.ids["token.root"] = self.me, ADMIN_TOKEN

    def call(self, method: str, path: str, body: Any = None, *, by: str = "") -> Any:
        """A request that has to succeed."""
        answer = send(by or self.base, self.pair.fill(Request(method, path, body, {"X-Auth-Token": ADMIN_TOKEN})))
        assert 200 <= answer.status < 300, f"{method} {path} {body}: {answer.status} {answer.body[:500]!r}"
        return answer.json() if answer.body else None

    def make(self) -> None:
        """Everything there is."""
        for noun, name, attributes in THINGS:
            if noun in ("limit", "registered_limit"):
                made = self.call("POST", path_of(noun), {f"{noun}s": [attributes]})[f"{noun}s"][0]
            else:
                named = {} if noun in ("endpoint", "policy") else {"id": "{me}"} if noun == "region" else {"name": f"{{me}} {name}"}
                made = self.call("POST", path_of(noun), {noun: {**named, **attributes}})[noun]
            self.ids[f"{noun}.{name}"] = made["id"]
        for path in PUTS:
            self.call("PUT", path)
        self.call(
            "PUT", "/v3/domains/{domain.d}/config", {"config": {"ldap": {"url": "x", "password": "y"}, "identity": {"driver": "sql"}}}
        )


@pytest.fixture(scope="module", params=["fernstone", "keystone"])
def writer(request: pytest.FixtureRequest, pair: Pair) -> Iterator[Writer]:
    """Each of the two in turn; the other one takes everything down again."""
    # Far from those of an earlier run against a cloud that stays.
    made = Writer(getattr(pair, request.param), pair, f"by-{request.param}-{time.time_ns() % 10**12}")
    made.make()
    return made


def test_both_read_it(writer: Writer) -> None:
    problems = []
    for path in (*READS, *(path_of(noun, name) for noun, name, _ in THINGS)):
        outcome = writer.pair.each(path, lambda side, path=path: get(path, "{token.root}"))
        assert outcome.expected.status == 200, outcome.report()
        problems += [outcome.report()] if outcome.problems else []
    assert not problems, "\n".join(problems)


def test_both_let_its_user_in(writer: Writer) -> None:
    for scope in (project("p"), domain("d"), {"system": {"all": True}}, None):
        writer.pair.same(f"login to {scope}", post("/v3/auth/tokens", password("u", scope)), minted=True)


def test_the_other_one_changes_and_deletes_it(writer: Writer) -> None:
    """In the opposite order of its making: nothing that one wrote may be in the other's way."""
    other = writer.pair.keystone if writer.base == writer.pair.fernstone else writer.pair.fernstone
    changes = {
        "user": {"description": "changed", "password": "another 2", "options": {"lock_password": True}},
        "project": {"tags": ["x"]},
        "endpoint": {"url": "http://f"},
    }
    for noun, name, _ in reversed(THINGS):
        body = changes.get(noun, {"blob": "x"} if noun == "policy" else {"description": "changed"})
        writer.call("PATCH", path_of(noun, name), {noun: body}, by=other)
        read = get(path_of(noun, name), "{token.root}")
        outcome = writer.pair.each("read back", lambda side, read=read: read)
        assert not outcome.problems, outcome.report()
        if noun == "domain":
            writer.call("PATCH", path_of(noun, name), {noun: {"enabled": False}}, by=other)
        writer.call("DELETE", path_of(noun, name), by=other)
        outcome = writer.pair.each("gone", lambda side, read=read: read)
        assert outcome.expected.status == 404 and not outcome.problems, outcome.report()
