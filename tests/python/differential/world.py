"""The cloud that both servers look at: made once, through the real Keystone's API, and by SQL where it has no way in.

Everything has a name that the cases use in braces: `{user.alice}`, `{project.alpha}`, `{role.reader}`, `{token.alice}`.
Tokens are minted by the real Keystone when a case first asks for them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from harness.exchange import Request, get, post, send
from harness.oracle import ADMIN_PASSWORD, ADMIN_TOKEN
from harness.postgres import Postgres

from . import logins
from .logins import PASSWORD, SYSTEM, UNSCOPED, domain, password, project, token

# name of the token -> the login that gets it
LOGINS: dict[str, dict[str, Any]] = {
    "admin": password("admin", project("admin"), ADMIN_PASSWORD),
    "admin-system": password("admin", SYSTEM, ADMIN_PASSWORD),
    "alice": password("alice", project("demo")),
    "alice-unscoped": password("alice", UNSCOPED),
    "alice-domain": password("alice", domain("acme")),
    "bob": password("bob", project("demo")),
    "acme-admin": password("acme-admin", domain("acme")),
    "acme-manager": password("acme-manager", domain("acme")),
    "acme-reader": password("acme-reader", domain("acme")),
    "alpha-admin": password("alpha-admin", project("alpha")),
    "alpha-reader": password("alpha-reader", project("alpha")),
    "system-reader": password("system-reader", SYSTEM),
    "system-member": password("system-member", SYSTEM),
    "system-grouped": password("grouped", SYSTEM),
    "service": password("service", project("service")),
    "grouped-alpha": password("grouped", project("alpha")),
    "grouped-acme": password("grouped", domain("acme")),
    "inherits-domain": password("inherits-domain", project("alpha-deep")),
    "inherits-domain-group": password("inherits-domain-group", project("beta")),
    "inherits-project": password("inherits-project", project("alpha-deep")),
    "chief": password("chief", project("alpha")),
    "local": password("local", project("beta")),
    "many": password("many", project("alpha")),
    "many-beta": password("many", project("beta")),
    "many-acme": password("many", domain("acme")),
    "many-system": password("many", SYSTEM),
    "filtered": password("filtered", project("filtered")),
    "grouped-filter": password("filtered", project("filtered-by-group")),
    "loner": password("loner", UNSCOPED),
    "expiring": password("expiring", project("alpha")),
    "lookalike": password("lookalike", project("lookalike")),
    "foreign-id": password("foreign-id", project("foreign-id")),
    "validator": password("validator", project("alpha")),
    "validator-unscoped": password("validator", UNSCOPED),
    "validator-domain": password("validator", domain("acme")),
    "rescoped": token("{token.alice}", domain("acme")),
    "rescoped-twice": token("{token.rescoped}", project("größe")),
}

# The common password as Keystone 30 itself hashes it with each `[identity] password_hash_algorithm`.
HASHES = {
    "hash-bcrypt-sha256": "$bcrypt-sha256$v=2,t=2b,r=10$xdHRCwcmDXw25MevVJiln.$nwvLl1TLmhMkZVhrJPdJD8nYADF7S8O",
    # Keystone writes a round number below ten with one digit, and then cannot verify what it wrote.
    "hash-bcrypt-sha256-few-rounds": "$bcrypt-sha256$v=2,t=2b,r=4$J7b/Fcsg.prCCo1EApsTbO$bBmEiJQCN8ZUqAKoVI/r0GDVLiO/u2K",
    "hash-scrypt": "$scrypt$ln=16,r=8,p=1$c2ztv+XHWWz/oz3bM8XUrw$ZQUhuX+yjnS1VCv6ZQWucHxgzCSAMecOVc0+otn2BoQ",
    "hash-pbkdf2": "$pbkdf2-sha512$25000$YyGIGhi4KyQcOLW6mDrm9A$o14Ijg4oBm6NVGHisDOymOJSHJ4z5LlInixzPd8W+q17ay5qHZE29G+AjbaTlQGdTyyy9RESz0QA+5Mr5Tgcmw",
    "hash-unknown": "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$c29tZWhhc2g",
    "hash-empty": "",
}


class World(Mapping[str, str]):
    """Names to ids and tokens."""

    def __init__(self, keystone: str, postgres: Postgres, database: str, ids: dict[str, str] | None = None) -> None:
        self.keystone, self.postgres, self.database = keystone, postgres, database
        self.ids = ids or {}
        self.logins = dict(LOGINS)
        self._minting = threading.RLock()

    # -- names

    def __getitem__(self, name: str) -> str:
        if name not in self.ids and name.startswith("token."):
            # Reentrant: some tokens are got with others.
            with self._minting:
                if name not in self.ids:
                    self.ids[name] = self.mint(self.logins[name.removeprefix("token.")])
        return self.ids[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def mint(self, body: dict[str, Any]) -> str:
        """A token of the real Keystone's for a login body whose names are still to be filled in."""
        return send(self.keystone, self.pair_fill(post("/v3/auth/tokens", body))).token

    def pair_fill(self, request: Request) -> Request:
        """The request with the world's names replaced."""
        from harness.pair import Pair

        return Pair(self.keystone, self.keystone, self).fill(request)

    # -- the real Keystone's API, as its admin

    def call(self, method: str, path: str, body: Any = None, token: str = ADMIN_TOKEN) -> Any:
        """One request as the admin, which must succeed."""
        answer = send(self.keystone, self.pair_fill(Request(method, path, body, {"X-Auth-Token": token})))
        if answer.status >= 300:
            raise AssertionError(f"{method} {path} {body}: {answer.status} {answer.body[:800]!r}")
        return answer.json() if answer.body else None

    def create(self, noun: str, name: str, path: str | None = None, **attributes: Any) -> str:
        """Makes one object and remembers its id as `{noun.name}`; `name` is also its name unless given."""
        body = {noun: {**({} if noun in ("endpoint", "region") else {"name": name}), **attributes}}
        made = self.call("POST", path or f"/v3/{noun}s", body)[noun]
        self.ids[f"{noun}.{name}"] = made["id"]
        return made["id"]

    def update(self, noun: str, name: str, **attributes: Any) -> None:
        """Changes an object of the world."""
        self.call("PATCH", f"/v3/{noun}s/{{{noun}.{name}}}", {noun: attributes})

    def user(self, name: str, in_domain: str = "default", **attributes: Any) -> str:
        """A user with the common password."""
        return self.create("user", name, domain_id=f"{{domain.{in_domain}}}", **{"password": PASSWORD, **attributes})

    def grant(self, role: str, actor: str, target: str, *, inherited: bool = False) -> None:
        """`grant("reader", "user.alice", "project.demo")`; the target may be `system`."""
        kind, _ = actor.split(".", 1)
        where = "/system" if target == "system" else f"/{target.split('.')[0]}s/{{{target}}}"
        path = f"{where}/{kind}s/{{{actor}}}/roles/{{role.{role}}}"
        self.call("PUT", f"/v3/OS-INHERIT{path}/inherited_to_projects" if inherited else f"/v3{path}")

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Changes what the API has no way to change; values are filled in like a case's."""
        from harness.pair import Pair

        fill = Pair("", "", self).value
        return self.postgres.execute(statement, tuple(fill(value) for value in values), database=self.database)

    def find_bootstrapped(self) -> None:
        """The names of what `keystone-manage bootstrap` made."""
        self.ids["domain.default"] = "default"
        body = logins.of_user(
            {"name": "admin", "domain": {"id": "default"}, "password": ADMIN_PASSWORD},
            {"project": {"name": "admin", "domain": {"id": "default"}}},
        )
        answer = send(self.keystone, post("/v3/auth/tokens", body))
        self.ids["token.admin"] = answer.token
        self.ids["user.admin"] = answer.json()["token"]["user"]["id"]
        self.ids["project.admin"] = answer.json()["token"]["project"]["id"]
        for role in send(self.keystone, get("/v3/roles", answer.token)).json()["roles"]:
            self.ids[f"role.{role['name']}"] = role["id"]
        for service in send(self.keystone, get("/v3/services", answer.token)).json()["services"]:
            self.ids[f"service.{service['name']}"] = service["id"]
        for endpoint in send(self.keystone, get("/v3/endpoints", answer.token)).json()["endpoints"]:
            self.ids[f"endpoint.keystone-{endpoint['interface']}"] = endpoint["id"]


def build(world: World) -> None:
    """Fills the cloud; the steps of one call are independent of each other and run side by side."""
    world.find_bootstrapped()
    _together(
        lambda: world.create("domain", "acme", description="where most things are"),
        lambda: world.create("domain", "closed"),
        lambda: world.create("domain", "Other Words", tags=["blue", "green"]),
        lambda: world.create("role", "chief"),
        lambda: world.create("role", "worker", description="works"),
        lambda: world.create("role", "tea"),
        lambda: world.create("role", "validator"),
        lambda: world.create("region", "RegionTwo", id="RegionTwo", description="second", parent_region_id="RegionOne"),
        lambda: world.create("region", "RegionThree", id="Region Three"),
        lambda: world.create("service", "nova", type="compute", description="Compute"),
        lambda: world.create("service", "glance", type="image", enabled=False),
        lambda: world.create("service", "cinder", type="volume"),
        lambda: world.create("service", "swift", type="object-store"),
        lambda: world.create("service", "endpointless", type="nothing"),
    )
    _together(
        lambda: world.create("service", "nameless", type="unnamed"),
        lambda: _projects(world),
        lambda: _users(world),
        lambda: _endpoints(world),
        lambda: _roles(world),
    )
    _together(
        lambda: _grants(world),
        lambda: _more_grants(world),
        lambda: _endpoint_filters(world),
    )
    for name, enabled in (("mercury", True), ("venus", True), ("pluto", False)):
        provider = {"auth_url": f"https://{name}.example/auth", "sp_url": f"https://{name}.example/sp", "enabled": enabled}
        world.call("PUT", f"/v3/OS-FEDERATION/service_providers/{name}", {"service_provider": provider})
    _by_sql(world)
    world.update("project", "sleeping", enabled=False)
    world.update("domain", "closed", enabled=False)
    world.update("user", "disabled", enabled=False)


def _together(*steps: Any) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        for future in [pool.submit(step) for step in steps]:
            future.result()


def _projects(world: World) -> None:
    def one(name: str, in_domain: str = "acme", parent: str | None = None, **more: Any) -> None:
        parents = {} if parent is None else {"parent_id": f"{{project.{parent}}}"}
        world.create("project", name, domain_id=f"{{domain.{in_domain}}}", **parents, **more)

    one("demo", "default", description="Everybody's", tags=["one", "two"])
    one("service", "default")
    one("sleeping", "default")
    one("no-roles-here", "default")
    one("doomed", "default")
    one("filtered", "default")
    one("filtered-by-group", "default")
    one("alpha", custom="kept in extra")
    one("alpha-one", parent="alpha")
    one("alpha-deep", parent="alpha-one")
    one("beta")
    one("größe")
    one("shut", "closed")
    one("lookalike", "Other Words")
    one("foreign-id", "Other Words")
    # The same name in another domain: only the domain tells them apart.
    world.ids["project.other-demo"] = world.call("POST", "/v3/projects", {"project": {"name": "demo", "domain_id": "{domain.acme}"}})[
        "project"
    ]["id"]


def _users(world: World) -> None:
    for name in (
        "alice",
        "bob",
        "loner",
        "disabled",
        "expired",
        "grouped",
        "inherits-domain",
        "inherits-domain-group",
        "inherits-project",
        "chief",
        "local",
        "many",
        "filtered",
        "service",
        "default-sleeping",
        "default-no-role",
        "default-missing",
        "default-domain",
        "mfa-unmet",
        "mfa-unusable",
        "mfa-met",
        "mfa-off",
        "no-password",
        "expiring",
        *HASHES,
        "validator",
        "system-reader",
        "system-member",
        "foreign-id",
        "locked-forever",
    ):
        world.user(name)
    for name in ("acme-admin", "acme-manager", "acme-reader", "alpha-admin", "alpha-reader"):
        world.user(name, "acme")
    world.user("in-closed", "closed")
    world.user("lookalike", "Other Words", email="look@alike.example", description="extra things", colour="blue")
    world.user("long", password="x" * 90)
    world.user("ünïcode", "acme")
    for name in ("staff", "operators", "fleeting", "gone-by"):
        world.create("group", name, domain_id="default")


def _roles(world: World) -> None:
    world.create("role", "acme-local", domain_id="{domain.acme}")
    # A role of a domain may bear the name of a global one.
    world.ids["role.acme-member"] = world.call("POST", "/v3/roles", {"role": {"name": "member", "domain_id": "{domain.acme}"}})["role"][
        "id"
    ]
    for prior, implied in (("chief", "worker"), ("worker", "tea"), ("acme-local", "worker"), ("tea", "worker")):
        world.call("PUT", f"/v3/roles/{{role.{prior}}}/implies/{{role.{implied}}}")


def _endpoints(world: World) -> None:
    def one(name: str, service: str, interface: str, url: str, region: str | None = "RegionOne", **more: Any) -> None:
        regions = {} if region is None else {"region_id": region}
        world.create("endpoint", name, service_id=f"{{service.{service}}}", interface=interface, url=url, **regions, **more)

    one("nova-public", "nova", "public", "http://nova.example/v2/%(tenant_id)s")
    one("nova-internal", "nova", "internal", "http://nova.internal/v2/$(project_id)s/%(user_id)s")
    one("nova-two", "nova", "public", "http://nova2.example/v2/$(tenant_id)s", "RegionTwo")
    one("nova-off", "nova", "admin", "http://nova.off.example/", enabled=False)
    one("glance-public", "glance", "public", "http://glance.example/")
    one("cinder-public", "cinder", "public", "http://cinder.example/", None)
    one("cinder-internal", "cinder", "internal", "http://cinder.internal/100%%25")
    one("swift-public", "swift", "public", "http://swift.example/v1/AUTH_%(project_id)s", "Region Three", description="kept in extra")
    one("swift-internal", "swift", "internal", "http://swift.internal/")
    one("swift-admin", "swift", "admin", "http://swift.admin/")


def _grants(world: World) -> None:
    for user, target in (
        ("alice", "project.demo"),
        ("alice", "project.sleeping"),
        ("alice", "project.doomed"),
        ("alice", "project.other-demo"),
        ("alice", "project.größe"),
        ("alice", "domain.acme"),
        ("alice", "domain.closed"),
        ("alice", "project.shut"),
        ("bob", "project.demo"),
        ("default-sleeping", "project.sleeping"),
        ("default-domain", "domain.acme"),
        ("disabled", "project.demo"),
        ("expired", "project.demo"),
        ("mfa-unmet", "project.demo"),
        ("mfa-unusable", "project.demo"),
        ("mfa-met", "project.demo"),
        ("mfa-off", "project.demo"),
        ("in-closed", "project.demo"),
        ("long", "project.demo"),
        *((user, "project.demo") for user in HASHES),
        ("filtered", "project.filtered"),
        ("filtered", "project.filtered-by-group"),
        ("many", "project.alpha"),
        ("many", "system"),
        ("ünïcode", "project.größe"),
        ("lookalike", "project.lookalike"),
        ("foreign-id", "project.foreign-id"),
        ("no-password", "project.demo"),
        ("locked-forever", "project.demo"),
    ):
        world.grant("member", f"user.{user}", target)
    world.update("user", "alice", default_project_id="{project.demo}")
    world.update("user", "default-sleeping", default_project_id="{project.sleeping}")
    world.update("user", "default-no-role", default_project_id="{project.no-roles-here}")
    world.update("user", "lookalike", default_project_id="{project.lookalike}")
    # Got while the password was still enough; later it is the second method.
    world.ids["token.mfa"] = world.mint(password("mfa-unmet", UNSCOPED))
    world.update("user", "mfa-unusable", options={"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]})
    world.update("user", "mfa-unmet", options={"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "token"]]})
    world.update(
        "user", "mfa-met", options={"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "token"], ["password"]]}
    )
    world.update("user", "mfa-off", options={"multi_factor_auth_enabled": False, "multi_factor_auth_rules": [["password", "token"]]})


def _more_grants(world: World) -> None:
    world.grant("reader", "user.bob", "project.demo")
    world.grant("service", "user.service", "project.service")
    world.grant("admin", "user.acme-admin", "domain.acme")
    world.grant("manager", "user.acme-manager", "domain.acme")
    world.grant("reader", "user.acme-reader", "domain.acme")
    world.grant("admin", "user.alpha-admin", "project.alpha")
    world.grant("reader", "user.alpha-reader", "project.alpha")
    world.grant("reader", "user.system-reader", "system")
    world.grant("member", "user.system-member", "system")
    for group, user in (("staff", "grouped"), ("operators", "grouped"), ("staff", "many"), ("operators", "inherits-domain-group")):
        world.call("PUT", f"/v3/groups/{{group.{group}}}/users/{{user.{user}}}")
    world.grant("reader", "group.staff", "project.alpha")
    world.grant("tea", "group.staff", "domain.acme")
    world.grant("reader", "group.staff", "system")
    world.grant("worker", "group.operators", "domain.acme", inherited=True)
    world.grant("reader", "user.inherits-domain", "domain.acme", inherited=True)
    world.grant("tea", "user.inherits-project", "project.alpha", inherited=True)
    world.grant("chief", "user.chief", "project.alpha")
    world.grant("acme-local", "user.local", "project.beta")
    # Reaches the same roles by every way at once.
    world.grant("chief", "user.many", "domain.acme", inherited=True)
    world.grant("manager", "user.many", "project.alpha", inherited=True)
    world.grant("acme-local", "user.many", "project.alpha")
    world.grant("acme-member", "user.many", "project.alpha")
    world.grant("reader", "user.many", "domain.acme")
    world.grant("validator", "user.validator", "domain.acme")
    world.grant("validator", "user.validator", "domain.acme", inherited=True)
    world.grant("reader", "group.fleeting", "project.alpha")
    world.grant("manager", "group.gone-by", "project.alpha")


def _endpoint_filters(world: World) -> None:
    world.call("PUT", "/v3/OS-EP-FILTER/projects/{project.filtered}/endpoints/{endpoint.nova-public}")
    world.call("PUT", "/v3/OS-EP-FILTER/projects/{project.filtered}/endpoints/{endpoint.glance-public}")
    world.call("PUT", "/v3/OS-EP-FILTER/projects/{project.filtered}/endpoints/{endpoint.nova-off}")
    for name, filters in (
        ("internal ones", {"interface": "internal"}),
        ("of cinder", {"service_id": "{service.cinder}"}),
        ("second region", {"region_id": "RegionTwo", "interface": "public"}),
    ):
        made = world.call("POST", "/v3/OS-EP-FILTER/endpoint_groups", {"endpoint_group": {"name": name, "filters": filters}})
        group = made["endpoint_group"]["id"]
        if name != "second region":
            world.call("PUT", f"/v3/OS-EP-FILTER/endpoint_groups/{group}/projects/{{project.filtered-by-group}}")
        else:
            world.call("PUT", f"/v3/OS-EP-FILTER/endpoint_groups/{group}/projects/{{project.filtered}}")


def _by_sql(world: World) -> None:
    """What no API call leaves behind, but real databases hold."""
    # A default project that is gone: deleting one through the API clears it from its users.
    world.sql('UPDATE "user" SET default_project_id = %s WHERE id = %s', "00000000000000000000000000000bad", "{user.default-missing}")
    # A default project that is a domain.
    world.sql('UPDATE "user" SET default_project_id = %s WHERE id = %s', "{domain.acme}", "{user.default-domain}")
    world.sql(
        "UPDATE password SET expires_at = now() - interval '1 hour', "
        "expires_at_int = (extract(epoch FROM now()) - 3600)::bigint * 1000000 "
        "WHERE local_user_id = (SELECT id FROM local_user WHERE user_id = %s)",
        "{user.expired}",
    )
    world.sql("DELETE FROM password WHERE local_user_id = (SELECT id FROM local_user WHERE user_id = %s)", "{user.no-password}")
    for group, verified in (("fleeting", "now()"), ("gone-by", "now() - interval '3 days'")):
        _expiring_membership(world, group, verified)
    # A template that cannot be filled in; the API refuses to store one.
    for name, url in (("swift-admin", "http://swift.admin/%(tenant_id)"), ("swift-internal", "http://swift.internal/$(nobody_knows)s")):
        world.sql("UPDATE endpoint SET url = %s WHERE id = %s", url, f"{{endpoint.{name}}}")
    # A service with no name at all, as old databases have them.
    world.sql("UPDATE service SET extra = '{}' WHERE id = %s", "{service.nameless}")
    for user, hashed in HASHES.items():
        world.sql(
            "UPDATE password SET password_hash = %s WHERE local_user_id = (SELECT id FROM local_user WHERE user_id = %s)",
            hashed,
            f"{{user.{user}}}",
        )
    _rename_user(world, "foreign-id", "c0ffee" * 10 + "beef")


def _expiring_membership(world: World, group: str, verified: str) -> None:
    """A membership that a federated login would have left: it needs an identity provider."""
    world.sql(
        "INSERT INTO identity_provider (id, enabled, description, domain_id, authorization_ttl) "
        "VALUES ('sun', true, '', %s, 1440) ON CONFLICT DO NOTHING",
        "{domain.acme}",
    )
    world.sql(
        f"INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified) VALUES (%s, %s, 'sun', {verified})",
        "{user.expiring}",
        f"{{group.{group}}}",
    )


def _rename_user(world: World, name: str, new: str) -> None:
    """Gives a user an id that is no UUID, as LDAP-backed users have (64 hexadecimal digits)."""
    old = world[f"user.{name}"]
    world.sql('UPDATE "user" SET id = %s WHERE id = %s', new, old)
    world.sql("UPDATE assignment SET actor_id = %s WHERE actor_id = %s", new, old)
    world.ids[f"user.{name}"] = new
