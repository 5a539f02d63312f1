"""The read-only nouns: lists with every filter, single reads, and who is refused."""

from __future__ import annotations

from urllib.parse import quote

from harness.exchange import Request, get
from harness.pair import Case, table


def read(path: str, who: str | None = "admin", method: str = "GET") -> Case:
    """One read by the holder of a token, or by nobody."""
    headers = {} if who is None else {"X-Auth-Token": f"{{token.{who}}}"}
    return Case(f"{who} {method} {path}", Request(method, path, headers=headers))


PERSONAS = (
    "admin",
    "admin-system",
    "alice",
    "alice-unscoped",
    "alice-domain",
    "acme-admin",
    "acme-manager",
    "acme-reader",
    "alpha-admin",
    "alpha-reader",
    "system-reader",
    "system-member",
    "service",
    "loner",
    None,
)

LISTS = ("/v3/projects", "/v3/services", "/v3/endpoints", "/v3/regions")
SINGLES = (
    "/v3/projects/{project.demo}",
    "/v3/projects/{project.alpha}",
    "/v3/projects/{project.alpha-one}",
    "/v3/projects/{domain.acme}",
    "/v3/projects/unknown",
    "/v3/services/{service.nova}",
    "/v3/services/unknown",
    "/v3/endpoints/{endpoint.nova-public}",
    "/v3/endpoints/unknown",
    "/v3/regions/RegionTwo",
    "/v3/regions/unknown",
    "/v3/auth/catalog",
    "/v3/auth/projects",
    "/v3/auth/domains",
    "/v3/auth/system",
    "/v3/users/{user.alice}/projects",
    "/v3/users/{user.many}/projects",
    "/v3/users/unknown/projects",
    "/v3/OS-REVOKE/events",
)
WHO = [read(path, who) for path in LISTS + SINGLES for who in PERSONAS]
WHO += [Case(f"a bad token GET {path}", get(path, "nonsense")) for path in LISTS + SINGLES]
WHO += [Case(f"the configured admin token GET {path}", get(path, "known-to-the-tests-only")) for path in LISTS + SINGLES]
WHO += [read(path, who, "HEAD") for path in LISTS + SINGLES for who in ("admin", "loner")]

OWN = [
    read(path, who)
    for path in ("/v3/auth/catalog", "/v3/auth/projects", "/v3/auth/domains", "/v3/auth/system")
    for who in (
        "grouped-alpha",
        "grouped-acme",
        "inherits-domain",
        "inherits-domain-group",
        "inherits-project",
        "chief",
        "local",
        "many",
        "many-system",
        "filtered",
        "grouped-filter",
        "expiring",
        "foreign-id",
        "rescoped",
    )
]
OWN += [
    read(f"/v3/users/{{user.{user}}}/projects")
    for user in (
        "admin",
        "loner",
        "grouped",
        "inherits-domain",
        "inherits-domain-group",
        "inherits-project",
        "chief",
        "local",
        "many",
        "expiring",
        "disabled",
        "in-closed",
        "foreign-id",
        "acme-admin",
    )
]
OWN += [
    read(f"/v3/users/{{user.alice}}/projects?{query}", who)
    for who in ("admin", "alice")
    for query in (
        "enabled=true",
        "enabled=false",
        "name=demo",
        "name__contains=em",
        "domain_id={domain.acme}",
        "limit=100",
        "colour=blue",
        "sort_key=name",
    )
]
OWN += [read("/v3/users/{user.alice}/projects", who) for who in ("inherits-domain", "filtered")]
OWN += [read("/v3/auth/catalog?nocatalog"), read("/v3/auth/projects?name=demo", "alice"), read("/v3/auth/domains?name=acme", "alice")]

SINGLE_READS = [read(f"/v3/projects/{{project.{name}}}") for name in ("sleeping", "shut", "alpha-deep", "größe", "beta", "other-demo")]
SINGLE_READS += [read(f"/v3/projects/{{domain.{name}}}") for name in ("default", "closed", "Other Words")]
SINGLE_READS += [
    read(f"/v3/projects/{{project.{name}}}?{query}")
    for name in ("alpha-one", "alpha", "alpha-deep")
    for query in (
        "parents_as_list",
        "subtree_as_list",
        "parents_as_ids",
        "subtree_as_ids",
        "parents_as_list&subtree_as_list",
        "parents_as_list&parents_as_ids",
    )
]
SINGLE_READS += [
    read("/v3/projects/%3C%3Ckeystone.domain.root%3E%3E"),
    read(f"/v3/projects/{quote('größe')}"),
    read("/v3/projects/a%2Fb"),
    read("/v3/projects/%00"),
]
SINGLE_READS += [read(f"/v3/services/{{service.{name}}}") for name in ("keystone", "glance", "nameless", "endpointless")]
SINGLE_READS += [
    read(f"/v3/endpoints/{{endpoint.{name}}}")
    for name in (
        "nova-internal",
        "nova-off",
        "cinder-public",
        "cinder-internal",
        "swift-public",
        "swift-internal",
        "swift-admin",
        "keystone-public",
    )
]
SINGLE_READS += [read("/v3/regions/RegionOne"), read("/v3/regions/Region%20Three"), read("/v3/regions/regiontwo")]

FILTERS = {
    "/v3/projects": (
        "name=demo",
        "name=DEMO",
        "name=gr%C3%B6%C3%9Fe",
        "name=",
        "name",
        "name=demo&name=alpha",
        "domain_id=default",
        "domain_id={domain.acme}",
        "domain_id=unknown",
        "domain_id=",
        "enabled",
        "enabled=",
        "enabled=true",
        "enabled=True",
        "enabled=1",
        "enabled=yes",
        "enabled=false",
        "enabled=False",
        "enabled=0",
        "enabled=no",
        "enabled=nonsense",
        "parent_id={project.alpha}",
        "parent_id={domain.acme}",
        "parent_id=unknown",
        "parent_id=",
        "is_domain=true",
        "is_domain=false",
        "is_domain",
        "is_domain=nonsense",
        "is_domain=true&enabled=false",
        "name__contains=alpha",
        "name__icontains=ALPHA",
        "name__startswith=al",
        "name__istartswith=AL",
        "name__endswith=one",
        "name__iendswith=ONE",
        "name__iexact=DEMO",
        "name__contains=%25",
        "name__contains=_",
        "name__nonsense=demo",
        "name__contains=",
        "domain_id__contains=def",
        "description=Everybody%27s",
        "description__contains=body",
        "id={project.demo}",
        "tags=one",
        "tags=one,two",
        "tags=one,three",
        "tags-any=one,three",
        "not-tags=one",
        "not-tags-any=one,three",
        "tags=",
        "colour=blue",
        "custom=kept%20in%20extra",
        "name=demo&domain_id=default",
        "name=demo&colour=blue",
        "sort_key=name",
        "sort_key=name&sort_dir=desc",
        "page=2",
        "marker={project.demo}",
        "limit=1000",
        "limit=0",
        "limit=-1",
        "limit=nonsense",
        "limit=",
        "name=demo&limit=5",
        "name=alpha&limit=1",
    ),
    "/v3/services": (
        "name=nova",
        "name=unknown",
        "type=compute",
        "type=Compute",
        "type=unknown",
        "type=",
        "type__contains=comp",
        "name__contains=o",
        "name__icontains=NOV",
        "name__startswith=no",
        "enabled=true",
        "enabled=false",
        "description=Compute",
        "type=compute&name=nova",
        "type=compute&name=glance",
        "id={service.nova}",
        "sort_key=type",
        "limit=1000",
        "limit=nonsense",
        "type=compute&limit=1",
        "colour=blue",
    ),
    "/v3/endpoints": (
        "interface=public",
        "interface=publicURL",
        "interface=Public",
        "interface=unknown",
        "interface=",
        "service_id={service.nova}",
        "service_id=unknown",
        "service_id={service.nova}&interface=public&enabled=True",
        "service_id={service.nova}&interface=admin&enabled=True",
        "region=RegionOne",
        "region_id=RegionOne",
        "region_id=RegionTwo",
        "region_id=Region%20Three",
        "region_id=unknown",
        "region_id=",
        "enabled=true",
        "enabled=false",
        "url=http://swift.admin/",
        "name=nova",
        "interface__contains=pub",
        "service_id={service.nova}&interface=internal&limit=1",
        "limit=nonsense",
        "colour=blue",
    ),
    "/v3/regions": (
        "parent_region_id=RegionOne",
        "parent_region_id=unknown",
        "parent_region_id=",
        "id=RegionTwo",
        "description=second",
        "description__contains=eco",
        "enabled=true",
        "parent_region_id=RegionOne&limit=1",
        "limit=nonsense",
        "colour=blue",
    ),
}
FILTERED = [read(f"{path}?{query}") for path, queries in FILTERS.items() for query in queries]
# What a filter shows to those who see only a part.
FILTERED += [
    read(f"/v3/projects?{query}", who)
    for who in ("acme-admin", "acme-reader", "acme-manager", "system-reader", "alice", "alpha-admin")
    for query in (
        "name=alpha",
        "name=demo",
        "domain_id=default",
        "domain_id={domain.acme}",
        "parent_id={project.alpha}",
        "is_domain=true",
        "limit=1000",
    )
]
FILTERED += [
    read(f"/v3/OS-REVOKE/events?{query}", who)
    for who in ("admin", "service")
    for query in ("since=2020-01-01T00:00:00Z", "since=nonsense", "since=", "since=2999-01-01T00:00:00Z")
]

# Some reads belong to two of the lists.
CASES = {case.name: case for case in WHO + OWN + SINGLE_READS + FILTERED}
outcomes, test_same_answer = table(list(CASES.values()))
