"""What hangs from users, projects, roles and the catalog, of every kind that a database shared with Keystone may hold,
and the changes that take it with them. Trusts, application credentials, credentials and federated memberships are written
by SQL, as their own API left them.
"""

from __future__ import annotations

import hashlib

from harness.twins import Sql, Step, Told

from .logins import PASSWORD, login
from .roles import implies
from .telling import change, delete, drop, get, grant, join, leave, make, patch, post, put, ungrant

STAMP = "2026-01-02 03:04:05.678901"
LATER = "2999-01-02 03:04:05.678901"


def own(name: str) -> str:
    """An id that is the same on all sides."""
    return hashlib.md5(name.encode()).hexdigest()


def insert(table: str, **values: object) -> Sql:
    """One row."""
    columns = ", ".join(f'"{column}"' for column in values)
    return Sql(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(["%s"] * len(values))})', tuple(values.values()))


def hung(story: str) -> list[Told]:
    """A domain with one of everything in it."""

    def application_credential(name: str, user: str, project: str | None, roles: tuple[str, ...], system: str | None = None) -> list[Told]:
        made = own(f"{story} {name}")
        row = insert(
            "application_credential",
            id=made,
            name=name,
            secret_hash="$2b$04$" + "x" * 53,
            user_id=f"{{{user}}}",
            project_id=project and f"{{{project}}}",
            system=system,
            unrestricted=False,
        )
        internal = "(SELECT internal_id FROM application_credential WHERE id = %s)"
        return [
            row,
            *(Sql(f"INSERT INTO application_credential_role VALUES ({internal}, %s)", (made, f"{{{role}}}")) for role in roles),
            insert("access_rule", external_id=own(f"{made} rule"), user_id=f"{{{user}}}", service="compute", path=f"/{name}", method="GET"),
            Sql(
                "INSERT INTO application_credential_access_rule (application_credential_id, access_rule_id) "
                f"VALUES ({internal}, (SELECT id FROM access_rule WHERE external_id = %s))",
                (made, own(f"{made} rule")),
            ),
        ]

    def trust(name: str, trustor: str, trustee: str, project: str, role: str, **more: object) -> list[Told]:
        made = own(f"{story} {name}")
        row = insert(
            "trust",
            id=made,
            trustor_user_id=f"{{{trustor}}}",
            trustee_user_id=f"{{{trustee}}}",
            project_id=f"{{{project}}}",
            impersonation=True,
            **{"extra": "{}", **more},
        )
        return [row, insert("trust_role", trust_id=made, role_id=f"{{{role}}}")]

    def credential(name: str, user: str, project: str | None, **more: object) -> Sql:
        key = {"key_hash": "hash", "encrypted_blob": "gAAAAA" + "x" * 40, "type": "ec2", "extra": "{}", **more}
        return insert("credential", id=own(f"{story} {name}") * 2, user_id=f"{{{user}}}", project_id=project and f"{{{project}}}", **key)

    return [
        make("domain.d"),
        make("domain.elsewhere"),
        make("project.p", domain_id="{domain.d}", tags=["t"]),
        make("project.child", domain_id="{domain.d}", parent_id="{project.p}"),
        make("project.q", domain_id="{domain.elsewhere}"),
        make("user.u", domain_id="{domain.d}", password=PASSWORD, default_project_id="{project.p}", options={"lock_password": True}),
        make("user.v", domain_id="{domain.elsewhere}", password=PASSWORD, default_project_id="{project.p}"),
        make("group.g", domain_id="{domain.d}"),
        join("user.u", "group.g"),
        join("user.v", "group.g"),
        make("role.r"),
        make("role.s"),
        make("role.own", domain_id="{domain.d}"),
        put(implies("s", "r")),
        *(grant("role.r", "user.u", target) for target in ("project.p", "domain.d", "project.q", "system")),
        *(grant("role.s", "user.v", target) for target in ("project.p", "domain.d", "project.q", "system")),
        *(grant("role.r", "group.g", target) for target in ("project.p", "domain.d", "project.q", "system")),
        *(grant("role.s", "user.u", target, inherited=True) for target in ("project.p", "domain.d")),
        *(grant("role.s", "group.g", target, inherited=True) for target in ("project.p", "domain.d")),
        grant("role.own", "user.v", "project.p"),
        make("service.s", type="{me}"),
        post("/v3/regions", {"region": {"id": "{me}"}}, keep="region.r"),
        make("endpoint.e", service_id="{service.s}", interface="public", url="http://e", region_id="{region.r}"),
        make("endpoint.f", service_id="{service.s}", interface="admin", url="http://f"),
        put("/v3/OS-EP-FILTER/projects/{project.p}/endpoints/{endpoint.e}"),
        put("/v3/OS-EP-FILTER/projects/{project.q}/endpoints/{endpoint.f}"),
        make("endpoint_group.g", filters={"service_id": "{service.s}"}),
        put("/v3/OS-EP-FILTER/endpoint_groups/{endpoint_group.g}/projects/{project.p}"),
        make("policy.p", blob="{}", type="x"),
        put("/v3/policies/{policy.p}/OS-ENDPOINT-POLICY/endpoints/{endpoint.e}"),
        put("/v3/policies/{policy.p}/OS-ENDPOINT-POLICY/services/{service.s}"),
        put("/v3/policies/{policy.p}/OS-ENDPOINT-POLICY/services/{service.s}/regions/{region.r}"),
        put("/v3/domains/{domain.d}/config", {"config": {"ldap": {"url": "x", "password": "y"}}}),
        post(
            "/v3/registered_limits",
            {"registered_limits": [{"service_id": "{service.s}", "resource_name": "x", "default_limit": 9}]},
            keep=("registered_limit.x",),
        ),
        post(
            "/v3/limits",
            {"limits": [{"service_id": "{service.s}", "resource_name": "x", "resource_limit": 5, "project_id": "{project.p}"}]},
        ),
        post(
            "/v3/limits", {"limits": [{"service_id": "{service.s}", "resource_name": "x", "resource_limit": 7, "domain_id": "{domain.d}"}]}
        ),
        *application_credential("of u on p", "user.u", "project.p", ("role.r", "role.s")),
        *application_credential("of u on q", "user.u", "project.q", ("role.r",)),
        *application_credential("of v on p", "user.v", "project.p", ("role.s", "role.own")),
        *application_credential("of u on the system", "user.u", None, ("role.r",), "all"),
        *trust("of u to v", "user.u", "user.v", "project.p", "role.r"),
        *trust("of v to u", "user.v", "user.u", "project.p", "role.s", expires_at=LATER, remaining_uses=3),
        *trust("elsewhere", "user.v", "user.u", "project.q", "role.s"),
        *trust("over", "user.u", "user.v", "project.q", "role.r", deleted_at=STAMP),
        credential("of u on p", "user.u", "project.p"),
        credential("of u alone", "user.u", None, type="totp"),
        credential("of v on p", "user.v", "project.p"),
        credential("of v on q", "user.v", "project.q", type="cert"),
        insert("consumer", id=own(story), secret="s", description="", extra="{}"),
        *(
            insert(
                "access_token",
                id=own(f"{story} {user} {project}"),
                access_secret="s",
                authorizing_user_id=f"{{{user}}}",
                project_id=f"{{{project}}}",
                role_ids='["x"]',
                consumer_id=own(story),
            )
            for user in ("user.u", "user.v")
            for project in ("project.p", "project.q")
        ),
        insert("identity_provider", id=own(story), enabled=True, description="", domain_id="{domain.elsewhere}", authorization_ttl=1440),
        insert("federation_protocol", id="p", idp_id=own(story), mapping_id="m"),
        insert("federated_user", user_id="{user.u}", idp_id=own(story), protocol_id="p", unique_id="u@example", display_name="{me}-u"),
        *(
            insert("expiring_user_group_membership", user_id=f"{{{user}}}", group_id="{group.g}", idp_id=own(story), last_verified=STAMP)
            for user in ("user.u", "user.v")
        ),
        login("u", "user.u", "project.p"),
        login("v", "user.v", "project.p"),
    ]


CHANGES: dict[str, list[Step]] = {
    "a user deleted": [drop("user.u")],
    "the other user deleted": [drop("user.v")],
    "a user disabled": [change("user.u", enabled=False), change("user.u", enabled=False), change("user.u", enabled=True)],
    "a user renamed": [change("user.u", name="{me}-renamed", description="d")],
    "a password set": [change("user.u", options={"lock_password": False}), change("user.u", password="new 1 password")],
    "a password changed": [
        change("user.u", options={"lock_password": None}),
        post("/v3/users/{user.u}/password", {"user": {"original_password": PASSWORD, "password": "new 1 password"}}, who=None),
    ],
    "a default project set": [change("user.u", default_project_id="{project.q}"), change("user.u", default_project_id=None)],
    "a group deleted": [drop("group.g")],
    "a membership ended": [leave("user.u", "group.g")],
    "a membership begun": [leave("user.u", "group.g"), join("user.u", "group.g")],
    "a project deleted": [drop("project.child"), drop("project.p")],
    "a project with children refused": [drop("project.p")],
    "a project disabled": [change("project.child", enabled=False), change("project.p", enabled=False), change("project.p", enabled=True)],
    "a project renamed": [change("project.p", name="{me}-renamed")],
    "a domain disabled": [change("domain.d", enabled=False), change("domain.d", enabled=True)],
    "a domain deleted": [change("domain.d", enabled=False), drop("domain.d")],
    "the other domain deleted": [change("domain.elsewhere", enabled=False), drop("domain.elsewhere")],
    "a role deleted": [drop("role.r")],
    "a role that implies deleted": [drop("role.s")],
    "a role of a domain deleted": [drop("role.own")],
    "an implication ended": [delete(implies("s", "r"))],
    "an implication begun": [put(implies("r", "own")), put(implies("own", "s"))],
    **{
        f"{actor.split('.')[0]} {actor[-1]}'s role on {target.split('.')[0]} taken": [ungrant(role, actor, target)]
        for role, actor in (("role.r", "user.u"), ("role.s", "user.v"), ("role.r", "group.g"))
        for target in ("project.p", "domain.d", "system")
    },
    **{
        f"{actor.split('.')[0]}'s inherited role on {target.split('.')[0]} taken": [ungrant("role.s", actor, target, inherited=True)]
        for actor in ("user.u", "group.g")
        for target in ("project.p", "domain.d")
    },
    "a service deleted": [drop("service.s"), delete("/v3/registered_limits/{registered_limit.x}"), drop("service.s")],
    "an endpoint deleted": [drop("endpoint.e")],
    "a region deleted": [drop("region.r"), drop("endpoint.e"), drop("region.r")],
    "a region's endpoint moved": [change("endpoint.e", region_id=None), drop("region.r")],
    "an endpoint group deleted": [drop("endpoint_group.g")],
    "a policy deleted": [drop("policy.p")],
    "a service disabled": [change("service.s", enabled=False)],
    "a user of its domain moved": [patch("/v3/users/{user.u}", {"user": {"domain_id": "{domain.elsewhere}"}})],
}
AFTER = [
    get("/v3/auth/projects", who="u"),
    get("/v3/auth/projects", who="v"),
    get("/v3/role_assignments?user.id={user.v}&include_names"),
    get("/v3/users/{user.v}/projects"),
    get("/v3/users/{user.v}"),
]
