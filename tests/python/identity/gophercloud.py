"""What Go clients send: gophercloud's identity v3 package, and the identity resources of terraform's OpenStack provider.

There is no Go here. These are the requests of gophercloud v2's `openstack/identity/v3/*/requests.go` in the order of its
acceptance tests, and of the provider's create, read, update, import and destroy, attribute for attribute and header for
header: PUTs without a body, HEAD for membership and grants, booleans as `true` in queries, `{}` never sent.
"""

from __future__ import annotations

from dataclasses import replace

from harness.twins import Step, Told

from .logins import PASSWORD, login
from .roles import implies
from .telling import change, collection, drop, get, grant, grant_path, make, path_of, post, put, show, ungrant


def as_go(told: Told) -> Told:
    """The step as Go's client sends it."""
    if not isinstance(told, Step):
        return told
    return replace(
        told,
        who="admin" if told.who == "root" else told.who,
        headers={"Accept": "application/json", "User-Agent": "gophercloud/v2.8.0", **told.headers},
    )


def lists(noun: str, *queries: str) -> list[Step]:
    """Lists with queries; `AllPages` follows `links.next` until there is none."""
    return [get(f"{collection(noun)}?{query}") for query in queries]


DOMAINS = [
    make("domain.d", description="Testing Domain", enabled=True),
    show("domain.d"),
    *lists("domain", "enabled=true&name={me}-d", "name={me}-d"),
    change("domain.d", description="", name="{me}-d2"),
    change("domain.d", enabled=False),
    change("domain.d", enabled=True),
    get("/v3/auth/domains"),
]
PROJECTS = [
    make("project.domain", is_domain=True, description="Acting as a domain"),
    post("/v3/projects", {"project": {"name": "{me}-in", "domain_id": "{project.domain}"}}, keep="project.in"),
    make("project.p", domain_id="{domain.d}", enabled=True, tags=["Tag1", "Tag2"], description="d", key="value"),
    make("project.nested", domain_id="{domain.d}", parent_id="{project.p}"),
    *lists("project", "enabled=true&name={me}-p", "domain_id={domain.d}&is_domain=false", "parent_id={project.p}", "name__contains={me}"),
    *lists("project", *(f"domain_id={{domain.d}}&{which}=Tag1%2CTag3" for which in ("tags", "tags-any", "not-tags", "not-tags-any"))),
    *lists("project", "limit=1000&domain_id={domain.d}"),
    change("project.p", name="{me}-p2", description=""),
    change("project.p", tags=["Tag1"]),
    change("project.p", tags=[]),
    change("project.p", description="", enabled=False, key="other"),
    change("project.p", enabled=True),
    get("/v3/projects/{project.p}/tags"),
    put("/v3/projects/{project.p}/tags", {"tags": ["foo", "bar"]}),
    Step("DELETE", "/v3/projects/{project.p}/tags"),
    show("project.p"),
    drop("project.in"),
    change("project.domain", enabled=False),
    drop("project.domain"),
    get("/v3/auth/projects"),
]
USERS = [
    make(
        "user.u",
        domain_id="{domain.d}",
        password=PASSWORD,
        description="d",
        email="u@example.com",
        enabled=True,
        default_project_id="{project.p}",
        options={"ignore_password_expiry": True, "multi_factor_auth_rules": [["password", "totp"], ["password", "custom-auth-method"]]},
    ),
    show("user.u"),
    *lists(
        "user",
        "domain_id={domain.d}",
        "enabled=true&name={me}-u",
        "name__contains={me}",
        "domain_id={domain.d}&password_expires_at=lt%3A2030-01-01T00%3A00%3A00Z",
    ),
    change("user.u", name="{me}-u2", enabled=True, options={"multi_factor_auth_rules": None}, disabled_by=None),
    change("user.u", description="", email="v@example.com"),
    post("/v3/users/{user.u}/password", {"user": {"original_password": PASSWORD, "password": "changed 2 it"}}),
    change("user.u", password=PASSWORD),
    make("group.g", domain_id="{domain.d}", description="d", email="g@example.com"),
    show("group.g"),
    *lists("group", "domain_id={domain.d}", "name={me}-g", "domain_id={domain.d}&name__contains={me}"),
    change("group.g", name="{me}-g2", description="", email="h@example.com"),
    *(Step(method, "/v3/groups/{group.g}/users/{user.u}") for method in ("HEAD", "PUT", "HEAD")),
    get("/v3/users/{user.u}/groups"),
    get("/v3/groups/{group.g}/users"),
    get("/v3/groups/{group.g}/users?name={me}-u2"),
    get("/v3/users/{user.u}/projects"),
]
ROLES = [
    make("role.r", options={"immutable": False}, description="d"),
    make("role.own", domain_id="{domain.d}", extra="test description"),
    make("role.s"),
    show("role.r"),
    *lists("role", "domain_id={domain.d}", "name={me}-r", "name__contains={me}"),
    change("role.r", description="", options={"immutable": None}),
    change("role.r", name="{me}-r2"),
    put(implies("r", "s")),
    get(implies("r", "s")),
    get("/v3/role_inferences"),
    Step("DELETE", implies("r", "s")),
    *(
        step
        for actor in ("user.u", "group.g")
        for target in ("project.p", "domain.d", "system")
        for step in (
            grant("role.r", actor, target),
            Step("HEAD", grant_path("role.r", actor, target)),
            get(grant_path("role.r", actor, target).rsplit("/", 1)[0]),
            # The provider finds its own assignment again with this.
            get(
                f"/v3/role_assignments?{actor.split('.')[0]}.id={{{actor}}}&role.id={{role.r}}"
                + ("&scope.system=all" if target == "system" else f"&scope.{target.split('.')[0]}.id={{{target}}}")
            ),
        )
    ),
    get("/v3/role_assignments?include_names=true&include_subtree=true&scope.project.id={project.p}&user.id={user.u}"),
    get("/v3/role_assignments?effective=true&scope.project.id={project.p}&user.id={user.u}"),
    get("/v3/role_assignments?include_names=true&scope.domain.id={domain.d}"),
    *(
        Step(method, grant_path("role.s", actor, target, inherited=True))
        for actor in ("user.u", "group.g")
        for target in ("project.p", "domain.d")
        for method in ("PUT", "HEAD", "DELETE", "HEAD")
    ),
    login("u", "user.u", "project.p"),
    get("/v3/auth/projects", who="u"),
    get("/v3/auth/catalog", who="u"),
    *(ungrant("role.r", actor, target) for actor in ("user.u", "group.g") for target in ("project.p", "domain.d", "system")),
    *(Step(method, "/v3/groups/{group.g}/users/{user.u}") for method in ("DELETE", "HEAD")),
]
CATALOG = [
    post(
        "/v3/regions",
        {"region": {"id": "{me}-region", "description": "Region for testing", "email": "testregion@example.com"}},
        keep="region.r",
    ),
    show("region.r"),
    *lists("region", "parent_region_id=RegionOne"),
    change("region.r", description="First West sub-region of RegionOne", email="1stwestsupport@example.com"),
    make("service.s", type="{me}", description="d", enabled=True, email="s@example.com"),
    show("service.s"),
    *lists("service", "type={me}", "name={me}-s", "name={me}-s&type={me}"),
    change("service.s", name="{me}-s2", type="{me}2", description="Test Service", enabled=False, email="t@example.com"),
    change("service.s", enabled=True),
    make("endpoint.e", interface="public", name="{me}-e", region="{region.r}", url="https://example.com", service_id="{service.s}"),
    show("endpoint.e"),
    *lists("endpoint", "interface=public&service_id={service.s}", "region_id={region.r}"),
    change(
        "endpoint.e", name="{me}-e2", region="{region.r}", url="https://example-updated.com/", interface="public", service_id="{service.s}"
    ),
    put("/v3/OS-EP-FILTER/projects/{project.p}/endpoints/{endpoint.e}"),
    get("/v3/OS-EP-FILTER/projects/{project.p}/endpoints"),
    Step("DELETE", "/v3/OS-EP-FILTER/projects/{project.p}/endpoints/{endpoint.e}"),
    make("policy.p", type="application/json", blob="{'foobar_user': 'role:compute-user'}", description="policy for foobar_user"),
    show("policy.p"),
    *lists("policy", "type=application%2Fjson", "type__contains=json"),
    change("policy.p", type="text/plain", blob="{'foobar_user': 'role:compute-user'}", description="updated policy for foobar_user"),
]
LIMITS = [
    get("/v3/limits/model"),
    post(
        "/v3/registered_limits",
        {
            "registered_limits": [
                {
                    "region_id": "{region.r}",
                    "service_id": "{service.s}",
                    "description": "d",
                    "resource_name": "volume",
                    "default_limit": 111,
                }
            ]
        },
        keep=("registered_limit.x",),
    ),
    show("registered_limit.x"),
    *lists("registered_limit", "region_id={region.r}&resource_name=volume&service_id={service.s}"),
    post(
        "/v3/limits",
        {
            "limits": [
                {
                    "project_id": "{project.p}",
                    "service_id": "{service.s}",
                    "resource_name": "volume",
                    "resource_limit": 1,
                    "region_id": "{region.r}",
                }
            ]
        },
        keep=("limit.x",),
    ),
    show("limit.x"),
    *lists("limit", "project_id={project.p}&resource_name=volume&service_id={service.s}"),
    change("limit.x", description="d", resource_limit=33),
    drop("limit.x"),
    change(
        "registered_limit.x", default_limit=22, description="e", resource_name="volumes", service_id="{service.s}", region_id="{region.r}"
    ),
    drop("registered_limit.x"),
    show("registered_limit.x"),
]
DESTROY = [
    drop("policy.p"),
    drop("endpoint.e"),
    drop("service.s"),
    drop("region.r"),
    *(drop(f"role.{name}") for name in ("r", "own", "s")),
    drop("group.g"),
    drop("user.u"),
    drop("project.nested"),
    drop("project.p"),
    # The provider switches a domain off before it deletes it, and looks whether it is gone.
    change("domain.d", enabled=False),
    drop("domain.d"),
    *(Step("GET", path_of(thing)) for thing in ("domain.d", "user.u", "project.p", "endpoint.e")),
]
STORIES = {"a day with terraform": [as_go(told) for told in (*DOMAINS, *PROJECTS, *USERS, *ROLES, *CATALOG, *LIMITS, *DESTROY)]}
