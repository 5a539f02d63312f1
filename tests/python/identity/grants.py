"""Grants of every kind, and every way of asking for the assignments that follow from them."""

from __future__ import annotations

from itertools import combinations, product

from harness.twins import Step

from .logins import PASSWORD, login
from .roles import implies
from .telling import change, drop, fall, get, grant, grant_path, join, make, put, ungrant

TARGETS = ("project.p", "domain.d", "system")
ACTORS = ("user.u", "group.g")
WORLD = [
    make("domain.d"),
    make("domain.other"),
    make("project.p", domain_id="{domain.d}"),
    make("project.child", domain_id="{domain.d}", parent_id="{project.p}"),
    make("user.u", domain_id="{domain.d}", password=PASSWORD),
    make("user.v", domain_id="{domain.other}", password=PASSWORD),
    make("group.g", domain_id="{domain.d}"),
    join("user.u", "group.g"),
    make("role.r"),
    make("role.s"),
    make("role.own", domain_id="{domain.d}"),
    make("role.others", domain_id="{domain.other}"),
]
END = [drop("role.r"), drop("role.s"), *fall("domain.d"), *fall("domain.other")]


def every_way(target: str, actor: str, inherited: bool) -> list[Step]:
    """One kind of grant from its making to its end, with all that may be wrong about it."""
    if inherited and target == "system":
        return []

    def at(role: str, actor: str = actor, target: str = target) -> str:
        return grant_path(role, actor, target, inherited=inherited)

    roles = at("role.r").replace("/{role.r}", "")
    noun = actor.split(".")[0]
    unknown = [at("role.unknown"), at("role.r", f"{noun}.unknown"), at("role.others"), at("role.own")]
    if target != "system":
        unknown.append(at("role.r", target=f"{target.split('.')[0]}.unknown"))
    if target == "project.p":
        unknown.append(at("role.r", target="project.unknown").replace("{project.unknown}", "{domain.d}"))
    if target == "domain.d":
        unknown.append(at("role.r", target="domain.unknown").replace("{domain.unknown}", "{project.p}"))
    methods = ("GET", "HEAD", "PUT", "GET", "DELETE", "DELETE")
    return [
        *(Step(method, at("role.r")) for method in ("GET", "HEAD", "DELETE", "PUT", "PUT", "GET", "HEAD")),
        Step("POST", at("role.r")),
        Step("PATCH", at("role.r"), {"role": {}}),
        put(at("role.s"), {"unasked": "for"}),
        get(roles),
        *(Step(method, path) for path in unknown for method in methods),
        get(roles.replace(f"{{{actor}}}", "unknown")),
        *([get(roles.replace(f"{{{target}}}", "unknown"))] if target != "system" else []),
        *(Step(method, at(role)) for role in ("role.r", "role.s") for method in ("DELETE", "GET", "DELETE")),
        get(roles),
    ]


def kind(target: str, actor: str, inherited: bool) -> str:
    """What a kind of grant is called."""
    return f"{'inherited ' if inherited else ''}grants to a {actor.split('.')[0]} on {target.split('.')[0]}"


KINDS = {kind(*each): [*WORLD, *every_way(*each), *END] for each in product(TARGETS, ACTORS, (False, True)) if every_way(*each)}
REVOKED = [
    *WORLD,
    *(grant("role.r", actor, target) for actor in ACTORS for target in TARGETS),
    grant("role.s", "user.u", "project.p"),
    login("project", "user.u", "project.p"),
    login("domain", "user.u", "domain.d"),
    login("system", "user.u", "system"),
    ungrant("role.r", "user.u", "project.p"),
    get("/v3/auth/projects", who="project"),
    ungrant("role.r", "group.g", "project.p"),
    get("/v3/auth/projects", who="project"),
    ungrant("role.r", "user.u", "domain.d"),
    get("/v3/auth/projects", who="domain"),
    ungrant("role.r", "group.g", "domain.d"),
    get("/v3/auth/projects", who="domain"),
    ungrant("role.r", "user.u", "system"),
    get("/v3/auth/projects", who="system"),
    ungrant("role.r", "group.g", "system"),
    get("/v3/auth/projects", who="system"),
    grant("role.r", "user.u", "domain.d", inherited=True),
    grant("role.r", "group.g", "project.p", inherited=True),
    login("inherits", "user.u", "project.child"),
    ungrant("role.r", "user.u", "domain.d", inherited=True),
    get("/v3/auth/projects", who="inherits"),
    ungrant("role.r", "group.g", "project.p", inherited=True),
    get("/v3/auth/projects", who="inherits"),
    # Grants of actors and targets that are gone.
    grant("role.r", "user.v", "project.p"),
    grant("role.r", "user.v", "domain.d"),
    drop("user.v"),
    ungrant("role.r", "user.v", "project.p"),
    ungrant("role.r", "user.v", "domain.d"),
    *END,
]
FILTERS = (
    "user.id={user.u}",
    "group.id={group.g}",
    "role.id={role.r}",
    "scope.project.id={project.child}",
    "scope.domain.id={domain.d}",
    "scope.system=all",
    "scope.OS-INHERIT:inherited_to=projects",
    "effective",
    "include_names",
    "include_subtree",
)
ODD = (
    "user.id=unknown",
    "group.id=unknown",
    "role.id=unknown",
    "scope.project.id=unknown",
    "scope.project.id=unknown&include_subtree",
    "scope.domain.id=unknown",
    "scope.system=some",
    "scope.system=false",
    "scope.system=",
    "user.id=",
    "scope.OS-INHERIT:inherited_to=domains",
    "scope.OS-INHERIT:inherited_to=",
    "effective=0&user.id={user.u}",
    "effective=false&user.id={user.u}",
    "include_names=0&user.id={user.u}",
    "include_subtree=0&scope.project.id={project.p}",
    "include_system&user.id={user.u}",
    "user.id={user.u}&colour=blue",
    "user.id={user.u}&limit=1000",
    "scope.project.id={project.p}&include_subtree&effective",
    "scope.project.id={project.p}&include_subtree&include_names",
    "scope.project.id={project.p}&include_subtree&user.id={user.v}",
    "scope.project.id={project.p}&include_subtree&effective&include_names",
    "scope.project.id={project.p}&include_subtree&role.id={role.s}&effective",
    "scope.project.id={project.p}&effective&role.id={role.s}&user.id={user.u}&include_names",
    "scope.domain.id={domain.d}&effective&role.id={role.s}&user.id={user.u}",
    "scope.project.id={project.p}&role.id={role.r}&group.id={group.g}&scope.OS-INHERIT:inherited_to=projects",
    "scope.domain.id={domain.d}&user.id={user.u}&scope.OS-INHERIT:inherited_to=projects&include_names",
)
# What keeps everybody else's grants out of the answer.
NARROW = ("user.id", "group.id", "scope.project", "scope.domain", "role.id")
QUERIES = [
    "&".join(some)
    for size in (1, 2, 3)
    for some in combinations(FILTERS, size)
    if size < 3 or any(part.startswith(NARROW) for part in some) and ("effective" in some or "include_names" in some)
]
ASSIGNMENTS = [
    *WORLD,
    make("role.t"),
    put(implies("r", "s")),
    put(implies("s", "t")),
    put(implies("own", "s")),
    *(grant("role.r", actor, target) for actor in ACTORS for target in TARGETS),
    grant("role.own", "user.v", "project.p"),
    grant("role.own", "user.v", "domain.d"),
    grant("role.s", "user.u", "project.p", inherited=True),
    grant("role.r", "user.v", "domain.d", inherited=True),
    grant("role.s", "group.g", "domain.d", inherited=True),
    grant("role.r", "group.g", "project.p", inherited=True),
    grant("role.t", "user.u", "project.child"),
    *(get(f"/v3/role_assignments?{query}") for query in (*QUERIES, *ODD)),
    get("/v3/role_assignments"),
    Step("HEAD", "/v3/role_assignments?user.id={user.u}"),
    login("v", "user.v", "project.p"),
    login("u", "user.u", "project.child"),
    change("project.p", enabled=False),
    get("/v3/role_assignments?effective&user.id={user.u}"),
    change("user.u", enabled=False),
    get("/v3/role_assignments?effective&user.id={user.u}&include_names"),
    drop("role.t"),
    get("/v3/role_assignments?effective&user.id={user.v}&include_names"),
    *END,
]

STORIES = {**KINDS, "grants taken back": REVOKED, "role assignments": ASSIGNMENTS}
