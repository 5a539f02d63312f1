"""Who may do what: every endpoint, and everybody who may knock.

The doors lead to things of the domain `m`, where most of the personas belong; the admin of the domain `o` and the members
of its project are strangers there. Whatever a persona was let do is undone before the next one tries.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.twins import Step, Told

from .catalog import ENDPOINT, EP, POLICY
from .limits import limit, register
from .logins import PASSWORD, login
from .roles import implies
from .telling import change, collection, delete, drop, grant, grant_path, join, leave, make, patch, path_of, post, put, ungrant

# persona -> domain, role on what; the least powerful first
PERSONAS: dict[str, tuple[str, str, str] | None] = {
    "loner": None,
    "project-reader": ("m", "reader", "project.m"),
    "project-member": ("m", "member", "project.m"),
    "domain-reader": ("m", "reader", "domain.m"),
    "foreign-manager": ("o", "manager", "domain.o"),
    "system-reader": ("m", "reader", "system"),
    "project-manager": ("m", "manager", "project.m"),
    "domain-manager": ("m", "manager", "domain.m"),
    "foreign-admin": ("o", "admin", "domain.o"),
    "domain-admin": ("m", "admin", "domain.m"),
    "project-admin": ("m", "admin", "project.m"),
    "system-admin": ("m", "admin", "system"),
}
WORLD: list[Told] = [
    make("domain.m"),
    make("domain.o"),
    make("project.m", domain_id="{domain.m}", tags=["red"]),
    make("project.child", domain_id="{domain.m}", parent_id="{project.m}"),
    make("project.o", domain_id="{domain.o}"),
    *(make(f"user.{name}", domain_id="{domain.m}", password=PASSWORD) for name in ("t", "in")),
    make("user.stranger", domain_id="{domain.o}", password=PASSWORD),
    *(make(f"group.{name}", domain_id="{domain.m}") for name in ("t", "in")),
    make("group.stranger", domain_id="{domain.o}"),
    join("user.in", "group.in"),
    make("role.r"),
    make("role.s"),
    make("role.own", domain_id="{domain.m}"),
    put(implies("r", "s")),
    *(grant("role.r", actor, target) for actor in ("user.in", "group.in") for target in ("project.m", "domain.m", "system")),
    *(grant("role.r", actor, target, inherited=True) for actor in ("user.in", "group.in") for target in ("project.m", "domain.m")),
    grant("role.r", "user.stranger", "project.o"),
    make("service.s", type="{me}"),
    post("/v3/regions", {"region": {"id": "{me}"}}, keep="region.r"),
    make("endpoint.e", **ENDPOINT),
    make("policy.a", **POLICY),
    put("/v3/policies/{policy.a}/OS-ENDPOINT-POLICY/endpoints/{endpoint.e}"),
    make("endpoint_group.g", filters={"service_id": "{service.s}"}),
    put(f"{EP}/projects/{{project.m}}/endpoints/{{endpoint.e}}"),
    put(f"{EP}/endpoint_groups/{{endpoint_group.g}}/projects/{{project.m}}"),
    register("cores", "ram"),
    limit("cores", project_id="{project.m}"),
    limit("cores", keep="limit.of-domain", domain_id="{domain.m}"),
    limit("cores", keep="limit.foreign", project_id="{project.o}"),
    put("/v3/domains/{domain.m}/config", {"config": {"ldap": {"url": "x"}}}),
    *(
        make(f"user.{name}", domain_id=f"{{domain.{persona[0] if persona else 'm'}}}", password=PASSWORD)
        for name, persona in PERSONAS.items()
    ),
    *(grant(f"role.{persona[1]}", f"user.{name}", persona[2]) for name, persona in PERSONAS.items() if persona),
    *(login(name, f"user.{name}", persona and persona[2]) for name, persona in PERSONAS.items()),
    login("target", "user.t"),
]


def _singles(*things: str) -> list[str]:
    return [path_of(thing) for thing in things]


READS = [
    *(collection(noun) for noun in ("domain", "project", "user", "group", "role", "service", "endpoint", "region", "policy", "limit")),
    *(collection(noun) for noun in ("registered_limit", "endpoint_group")),
    *_singles("domain.m", "domain.o", "project.m", "project.child", "project.o", "domain.default", "user.t", "user.stranger"),
    *_singles("group.t", "group.stranger", "role.r", "role.own", "service.s", "endpoint.e", "region.r", "policy.a"),
    *_singles("limit.cores", "limit.of-domain", "limit.foreign", "registered_limit.cores", "endpoint_group.g"),
    *(f"{collection(noun)}/unknown" for noun in ("domain", "project", "user", "group", "role", "limit", "registered_limit")),
    "/v3/users?domain_id={domain.o}",
    "/v3/users?domain_id={domain.m}&name=x",
    "/v3/groups?domain_id={domain.o}",
    "/v3/projects?domain_id={domain.o}",
    "/v3/domains?name={me}-o",
    "/v3/roles?domain_id={domain.m}",
    "/v3/roles?domain_id={domain.o}",
    "/v3/users/{user.in}/groups",
    "/v3/users/{user.in}/projects",
    "/v3/groups/{group.in}/users",
    "/v3/groups/{group.in}/users/{user.in}",
    "/v3/projects/{project.m}/tags",
    "/v3/projects/{project.m}/tags/red",
    "/v3/projects/{project.m}?parents_as_list&subtree_as_list",
    "/v3/domains/{domain.m}/config",
    "/v3/domains/{domain.m}/config/ldap",
    "/v3/domains/{domain.m}/config/ldap/url",
    "/v3/domains/{domain.m}/config/security_compliance",
    "/v3/domains/config/default",
    "/v3/domains/config/ldap/default",
    "/v3/domains/config/ldap/url/default",
    "/v3/roles/{role.r}/implies",
    "/v3/roles/{role.r}/implies/{role.s}",
    "/v3/role_inferences",
    *(
        path
        for actor in ("user.in", "group.in")
        for target in ("project.m", "domain.m", "system")
        for path in (grant_path("role.r", actor, target), grant_path("role.r", actor, target).rsplit("/", 1)[0])
    ),
    *(grant_path("role.r", actor, target, inherited=True) for actor in ("user.in", "group.in") for target in ("project.m", "domain.m")),
    *(grant_path("role.r", actor, "domain.m", inherited=True).replace("/{role.r}", "") for actor in ("user.in", "group.in")),
    grant_path("role.r", "user.stranger", "project.o"),
    "/v3/role_assignments?role.id={role.r}",
    "/v3/role_assignments?scope.project.id={project.m}&include_names",
    "/v3/role_assignments?scope.project.id={project.o}",
    "/v3/role_assignments?scope.domain.id={domain.m}",
    "/v3/role_assignments?user.id={user.in}&effective",
    "/v3/role_assignments?scope.project.id={project.m}&include_subtree",
    "/v3/role_assignments?include_subtree",
    f"{EP}/projects/{{project.m}}/endpoints",
    f"{EP}/projects/{{project.m}}/endpoints/{{endpoint.e}}",
    f"{EP}/projects/{{project.m}}/endpoint_groups",
    f"{EP}/endpoints/{{endpoint.e}}/projects",
    f"{EP}/endpoint_groups/{{endpoint_group.g}}/endpoints",
    f"{EP}/endpoint_groups/{{endpoint_group.g}}/projects",
    f"{EP}/endpoint_groups/{{endpoint_group.g}}/projects/{{project.m}}",
    "/v3/policies/{policy.a}/OS-ENDPOINT-POLICY/endpoints",
    "/v3/policies/{policy.a}/OS-ENDPOINT-POLICY/endpoints/{endpoint.e}",
    "/v3/endpoints/{endpoint.e}/OS-ENDPOINT-POLICY/policy",
    "/v3/limits/model",
    "/v3/limits?domain_id={domain.m}",
]
# Doors where a person's own name is on the bell.
OWN_READS = ["/v3/users/{{user.{}}}", "/v3/users/{{user.{}}}/groups", "/v3/users/{{user.{}}}/projects"]


@dataclass(frozen=True)
class Door:
    """A write, what has to be there for it, and what undoes it where it was allowed."""

    step: Step
    undo: tuple[Step, ...] = ()
    before: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return f"{self.step.method} {self.step.path} {'' if self.step.body is None else self.step.body}"


def _makes(step: Step, *more: Step) -> Door:
    thing = step.keep if isinstance(step.keep, str) else step.keep[0]
    return Door(step, (*more, drop(thing)))


def _changes(step: Step) -> Door:
    return Door(step)


def _drops(step: Step) -> Door:
    """Deletes a thing made for it."""
    thing = step.keep if isinstance(step.keep, str) else step.keep[0]
    return Door(drop(thing), (step,), (step,))


def _sets(path: str, body: object = None) -> list[Door]:
    """A PUT that a DELETE undoes, and the other way round."""
    return [Door(put(path, body), (delete(path),)), Door(delete(path), (put(path, body),), (put(path, body),))]


IN_M, IN_O = {"domain_id": "{domain.m}"}, {"domain_id": "{domain.o}"}
WRITES = [
    _makes(make("domain.new"), change("domain.new", enabled=False)),
    _changes(change("domain.m", description="d")),
    Door(drop("domain.gone"), (make("domain.gone", enabled=False),), (make("domain.gone", enabled=False),)),
    *(_makes(make(f"project.new-{where['domain_id'][-2]}", **where)) for where in (IN_M, IN_O)),
    _makes(make("project.below", **IN_M, parent_id="{project.m}")),
    _makes(make("project.domain", is_domain=True, enabled=False)),
    _changes(change("project.m", description="d")),
    _changes(change("project.o", description="d")),
    _drops(make("project.gone", **IN_M)),
    _drops(make("project.gone-too", **IN_O)),
    *_sets("/v3/projects/{project.m}/tags/green"),
    Door(put("/v3/projects/{project.child}/tags", {"tags": ["a"]})),
    Door(delete("/v3/projects/{project.o}/tags")),
    *(_makes(make(f"user.new-{where['domain_id'][-2]}", **where)) for where in (IN_M, IN_O)),
    _makes(make("user.anywhere")),
    _changes(change("user.t", description="d")),
    _changes(change("user.stranger", description="d")),
    _changes(change("user.t", options={"lock_password": False})),
    _drops(make("user.gone", **IN_M)),
    _drops(make("user.gone-too", **IN_O)),
    *(_makes(make(f"group.new-{where['domain_id'][-2]}", **where)) for where in (IN_M, IN_O)),
    _changes(change("group.t", description="d")),
    _changes(change("group.stranger", description="d")),
    _drops(make("group.gone", **IN_M)),
    *_sets("/v3/groups/{group.t}/users/{user.t}"),
    *_sets("/v3/groups/{group.t}/users/{user.stranger}"),
    *_sets("/v3/groups/{group.stranger}/users/{user.t}"),
    _makes(make("role.new")),
    _makes(make("role.new-own", **IN_M)),
    _changes(change("role.s", description="d")),
    _changes(change("role.own", description="d")),
    _drops(make("role.gone")),
    _drops(make("role.gone-own", **IN_M)),
    *_sets(implies("s", "reader")),
    *_sets(implies("own", "s")),
    *(
        door
        for role in ("role.r", "role.reader", "role.admin", "role.own")
        for actor in ("user.t", "group.t")
        for target in ("project.m", "domain.m")
        for door in _sets(grant_path(role, actor, target))
    ),
    *(
        door
        for role, actor, target in (
            ("role.member", "user.stranger", "project.m"),
            ("role.member", "user.t", "project.o"),
            ("role.manager", "user.stranger", "domain.m"),
            ("role.manager", "user.t", "domain.o"),
            ("role.manager", "group.stranger", "project.m"),
            ("role.member", "group.t", "domain.o"),
            ("role.member", "user.t", "system"),
            ("role.member", "group.t", "system"),
        )
        for door in _sets(grant_path(role, actor, target))
    ),
    *(
        door
        for role in ("role.member", "role.admin")
        for actor in ("user.t", "group.t")
        for target in ("project.child", "domain.m")
        for door in _sets(grant_path(role, actor, target, inherited=True))
    ),
    _makes(make("service.new", type="{me}-new")),
    _changes(change("service.s", description="d")),
    _drops(make("service.gone", type="{me}-gone")),
    _makes(make("endpoint.new", **ENDPOINT)),
    _changes(change("endpoint.e", url="http://changed")),
    _drops(make("endpoint.gone", **ENDPOINT)),
    _makes(post("/v3/regions", {"region": {"id": "{me}-new"}}, keep="region.new")),
    Door(put("/v3/regions/{me}-put", {"region": {}}), (delete("/v3/regions/{me}-put"),)),
    _changes(change("region.r", description="d")),
    _drops(post("/v3/regions", {"region": {"id": "{me}-gone"}}, keep="region.gone")),
    *_sets(f"{EP}/projects/{{project.o}}/endpoints/{{endpoint.e}}"),
    _makes(make("endpoint_group.new", filters={})),
    _changes(change("endpoint_group.g", description="d")),
    _drops(make("endpoint_group.gone", filters={})),
    *_sets(f"{EP}/endpoint_groups/{{endpoint_group.g}}/projects/{{project.o}}"),
    _makes(make("policy.new", **POLICY)),
    _changes(change("policy.a", type="t")),
    _drops(make("policy.gone", **POLICY)),
    *_sets("/v3/policies/{policy.a}/OS-ENDPOINT-POLICY/services/{service.s}"),
    *_sets("/v3/policies/{policy.a}/OS-ENDPOINT-POLICY/services/{service.s}/regions/{region.r}"),
    _makes(register("new")),
    _changes(change("registered_limit.ram", description="d")),
    _drops(register("gone")),
    _makes(limit("ram", keep="limit.new", project_id="{project.m}")),
    _changes(change("limit.cores", description="d")),
    _drops(limit("ram", keep="limit.gone", project_id="{project.o}")),
    *_sets("/v3/domains/{domain.o}/config", {"config": {"ldap": {"url": "x"}}}),
    Door(patch("/v3/domains/{domain.m}/config", {"config": {"ldap": {"url": "z"}}})),
    Door(patch("/v3/domains/{domain.m}/config/ldap", {"config": {"ldap": {"url": "z"}}})),
    Door(patch("/v3/domains/{domain.m}/config/ldap/url", {"config": {"url": "z"}})),
    # Refused for another reason to those who may, and as forbidden, or not there, to the others.
    Door(drop("domain.unknown")),
    Door(drop("user.unknown")),
    Door(change("project.unknown", description="d")),
    Door(drop("role.unknown")),
    Door(grant("role.unknown", "user.t", "project.m")),
    Door(grant("role.r", "user.unknown", "project.m")),
    Door(ungrant("role.r", "user.unknown", "project.m")),
    Door(grant("role.r", "user.t", "project.unknown")),
    Door(leave("user.unknown", "group.t")),
    Door(post("/v3/users", {"user": {}})),
    Door(post("/v3/projects", {"project": {"name": 7}})),
    Door(patch("/v3/roles/{role.r}", {"role": {"name": ""}})),
]
# Who tries: each sees or may do something that the one before does not.
READERS = (
    "loner",
    "target",
    "project-reader",
    "domain-reader",
    "domain-manager",
    "foreign-admin",
    "domain-admin",
    "system-reader",
    "project-admin",
    None,
)
WRITERS = ("loner", "project-member", "domain-reader", "system-reader", "project-manager", "foreign-manager", "domain-manager")
WRITERS += ("foreign-admin", "domain-admin", "system-admin", None)
