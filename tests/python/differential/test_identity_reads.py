"""Reads of the Identity API on one database: every list with its filters and pages, and who sees which part of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from urllib.parse import urlsplit

import pytest

from harness.exchange import get, send
from harness.pair import Case, Pair, table

from .test_reads import read
from .world import World

SEERS = ("admin", "acme-admin", "acme-manager", "acme-reader", "alpha-admin", "alpha-reader", "system-reader", "alice", "loner", "service")
LISTS = (
    "/v3/domains",
    "/v3/users",
    "/v3/groups",
    "/v3/roles",
    "/v3/role_assignments",
    "/v3/role_assignments?effective",
    "/v3/role_assignments?include_names",
    "/v3/role_assignments?scope.project.id={project.alpha}&include_subtree&effective&include_names",
    "/v3/role_inferences",
    "/v3/policies",
    "/v3/limits",
    "/v3/registered_limits",
    "/v3/OS-EP-FILTER/endpoint_groups",
    "/v3/users?domain_id={domain.acme}",
    "/v3/groups?domain_id=default",
    "/v3/roles?domain_id={domain.acme}",
    "/v3/users/{user.many}/groups",
    "/v3/groups/{group.staff}/users",
    "/v3/projects/{project.alpha}/users/{user.many}/roles",
    "/v3/domains/{domain.acme}/groups/{group.staff}/roles",
    "/v3/system/users/{user.many}/roles",
    "/v3/OS-EP-FILTER/projects/{project.filtered}/endpoints",
    "/v3/OS-EP-FILTER/projects/{project.filtered-by-group}/endpoints",
    "/v3/OS-EP-FILTER/projects/{project.filtered}/endpoint_groups",
)
SINGLES = (
    *(f"/v3/domains/{{domain.{name}}}" for name in ("default", "acme", "closed", "Other Words")),
    *(
        f"/v3/users/{{user.{name}}}"
        for name in ("alice", "lookalike", "ünïcode", "foreign-id", "disabled", "expired", "mfa-met", "no-password")
    ),
    *(f"/v3/users/{{user.{name}}}" for name in ("default-missing", "default-domain", "long", "hash-unknown", "acme-reader", "in-closed")),
    *(f"/v3/groups/{{group.{name}}}" for name in ("staff", "fleeting")),
    *(f"/v3/roles/{{role.{name}}}" for name in ("reader", "worker", "acme-local")),
    "/v3/users/{user.expiring}/groups",
    "/v3/groups/{group.fleeting}/users",
    "/v3/groups/{group.gone-by}/users",
    "/v3/groups/{group.fleeting}/users/{user.expiring}",
)
CASES = [read(path, who) for path in LISTS for who in SEERS]
CASES += [read(path, who) for path in SINGLES for who in ("admin", "acme-reader", "loner")]

NAMES = (
    "name=alice",
    "name=ALICE",
    "name__contains=ac",
    "name__icontains=AC",
    "name__startswith=a",
    "name__istartswith=A",
    "name__endswith=e",
)
NAMES += (
    "name__iendswith=E",
    "name__iexact=ALICE",
    "name__contains=%25",
    "name__contains=_",
    "name__nonsense=x",
    "name__contains=",
    "name=",
)
NAMES += (
    "id=unknown",
    "colour=blue",
    "description__contains=extra",
    "sort_key=name",
    "sort_key=name&sort_dir=desc",
    "limit=1000",
    "limit=nonsense",
)
NAMES += (
    "limit=0",
    "limit=-1",
    "enabled=true",
    "enabled=false",
    "enabled=0",
    "enabled=",
    "name=a&name=b",
    "name__startswith=a&name__endswith=e",
)
FILTERS = {
    "/v3/domains": NAMES,
    "/v3/users": (
        *NAMES,
        "domain_id=unknown",
        "domain_id={domain.acme}&name__contains=read",
        "email=look@alike.example",
        "default_project_id={project.demo}",
        "password_expires_at=lt:2999-01-01T00:00:00Z",
        "password_expires_at=gt:2020-01-01T00:00:00Z",
        "password_expires_at=gt:2020-01-01T00:00:00.000000Z",
        "password_expires_at=neq:2020-01-01T00:00:00Z&name=expired",
        "password_expires_at=lt:tomorrow",
        "password_expires_at=gt:2020-01-01T00:00:00Z&password_expires_at=lt:2999-01-01T00:00:00Z",
        "idp_id=sun",
        "idp_id=sun&unique_id=x",
        "protocol_id=mapped",
        "unique_id=x",
    ),
    "/v3/groups": (*NAMES, "domain_id={domain.acme}", "domain_id=default&name=staff"),
    "/v3/roles": (*NAMES, "domain_id={domain.acme}&name__contains=local", "domain_id=unknown", "domain_id=&name=reader"),
    "/v3/policies": ("type=application/json", "type=text", "limit=1000", "colour=blue"),
    "/v3/limits": ("resource_name=cores", "project_id={project.alpha}", "domain_id={domain.acme}", "region_id=RegionTwo", "limit=1000"),
    "/v3/registered_limits": ("resource_name=cores", "region_id=RegionTwo", "service_id={service.nova}", "resource_name__contains=co"),
    "/v3/groups/{group.staff}/users": ("name=many", "name__startswith=g", "enabled=true", "domain_id=default", "limit=1000"),
    "/v3/users/{user.many}/groups": ("name=staff", "name__contains=af", "domain_id=default", "limit=1000"),
    "/v3/OS-EP-FILTER/endpoint_groups": ("name=of%20cinder", "name__contains=of", "interface=internal", "limit=1000"),
}
CASES += [read(f"{path}?{query}") for path, queries in FILTERS.items() for query in queries]
CASES += [
    read(f"{path}?{query}", who)
    for path, query, who in product(
        ("/v3/users", "/v3/groups", "/v3/domains"),
        ("name__contains=a", "domain_id=default", "domain_id={domain.acme}"),
        ("acme-reader", "acme-manager", "system-reader", "alpha-admin"),
    )
]
ASSIGNMENTS = (
    "user.id={user.many}",
    "group.id={group.staff}",
    "role.id={role.reader}",
    "scope.domain.id={domain.acme}",
    "scope.project.id={project.alpha}",
)
CASES += [
    read(f"/v3/role_assignments?{first}{more}", who)
    for first in ASSIGNMENTS
    for more in (
        "",
        "&effective",
        "&include_names",
        "&effective&include_names",
        "&scope.OS-INHERIT:inherited_to=projects",
        "&include_subtree",
    )
    for who in ("admin", "acme-reader")
]
NEGATIVE = {f"admin GET /v3/{noun}?limit=-1" for noun in ("users", "groups")}
CASES = [replace(case, differs="a negative limit cuts the end off the list") if case.name in NEGATIVE else case for case in CASES]
outcomes, test_same_answer = table(list({case.name: case for case in CASES}.values()), "furnished")


@pytest.fixture(scope="module")
def furnished(pair: Pair, world: World) -> Pair:
    """The world with what it has no use for otherwise."""
    if "policy.some" not in world.ids:
        _furnish(world)
    return pair


def _furnish(world: World) -> None:
    world.ids["policy.some"] = world.call("POST", "/v3/policies", {"policy": {"blob": "{{}}", "type": "application/json"}})["policy"]["id"]
    registered = [
        {"service_id": "{service.nova}", "resource_name": "cores", "default_limit": 10},
        {"service_id": "{service.nova}", "resource_name": "cores", "default_limit": 20, "region_id": "RegionTwo", "description": "there"},
        {"service_id": "{service.swift}", "resource_name": "bytes", "default_limit": -1},
    ]
    world.call("POST", "/v3/registered_limits", {"registered_limits": registered})
    of_nova = {"service_id": "{service.nova}", "resource_name": "cores"}
    limits = [
        {**of_nova, "resource_limit": 5, "project_id": "{project.alpha}"},
        {**of_nova, "resource_limit": 6, "project_id": "{project.demo}", "region_id": "RegionTwo"},
        {**of_nova, "resource_limit": 7, "domain_id": "{domain.acme}", "description": "all of it"},
    ]
    world.call("POST", "/v3/limits", {"limits": limits})


@pytest.mark.parametrize(
    "path", ["/v3/users", "/v3/groups", "/v3/projects", "/v3/users?name__contains=e", "/v3/projects?domain_id={domain.acme}"]
)
def test_pages(furnished: Pair, path: str) -> None:
    """Following `next` from page to page: the same pages, and everything once; but where a filter is no equality, a page
    that is filtered after it was cut says that it is the last."""
    joiner = "&" if "?" in path else "?"
    here: str | None = f"{path}{joiner}limit=3"
    seen: list[str] = []
    while here is not None:
        outcome = furnished.same(f"page after {len(seen)}", get(here, "{token.admin}"))
        body = outcome.expected.json()
        noun = urlsplit(path).path.rsplit("/", 1)[1]
        seen += [item["id"] for item in body[noun]]
        following = body["links"]["next"]
        here = following and following.removeprefix(furnished.keystone).replace("{", "{{").replace("}", "}}")
    everything = send(furnished.fernstone, furnished.fill(get(path, "{token.admin}"))).json()[noun]
    assert len(set(seen)) == len(seen)
    assert set(seen) <= {item["id"] for item in everything}
    if "__" not in path:
        assert len(seen) == len(everything)


@pytest.mark.parametrize("path", [f"/v3/{noun}?marker=unknown" for noun in ("users", "groups", "projects", "domains", "roles")])
def test_unknown_marker(furnished: Pair, path: str) -> None:
    furnished.same(path, get(path, "{token.admin}"))


@pytest.mark.parametrize("path", [f"/v3/{noun}?marker=unknown&limit=2" for noun in ("users", "groups", "projects", "domains")])
def test_unknown_marker_of_pages(furnished: Pair, path: str) -> None:
    furnished.same(path, get(path, "{token.admin}"))


CUTS = [f"{path}?limit=1" for path in ("/v3/domains", "/v3/roles", "/v3/limits", "/v3/policies")]
CUTS.append("/v3/roles?marker=unknown&limit=2")
ONES = [Case(f"{path} cut", get(path, "{token.admin}")) for path in CUTS]


@pytest.mark.parametrize("case", ONES, ids=lambda case: case.name)
def test_cut_lists(furnished: Pair, case: Case) -> None:
    """Where the database is free to choose which ones a cut leaves, how many there are, and the links' form."""
    noun = urlsplit(case.request.path).path.rsplit("/", 1)[1]
    answers = [send(url, furnished.fill(case.request)).json() for url in (furnished.keystone, furnished.fernstone)]
    shapes = [(len(body[noun]), body.get("truncated"), body["links"]["next"] is None, sorted(body)) for body in answers]
    assert shapes[0] == shapes[1]
