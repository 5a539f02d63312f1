"""The world changes under tokens that are already out: both servers must notice, and say the same.

Each story has users and projects of its own. Fernstone is asked first, so that it cannot lean on what the real Keystone
writes down while it answers (a disabled user's tokens are revoked for good when one of them is looked at).
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from harness.exchange import Request, post, send
from harness.oracle import ADMIN_TOKEN
from harness.pair import Pair

from .logins import PASSWORD, SYSTEM, UNSCOPED, identity, password, token
from .world import World

TOKENS = "/v3/auth/tokens"
# Far from those of an earlier run against a cloud that stays.
numbers = count(time.time_ns() % 10**12)


@dataclass
class Stage:
    """A domain with a project and a user in it, for one story."""

    world: World
    pair: Pair
    number: int = field(default_factory=lambda: next(numbers))
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        w, n = self.world, self.number
        w.create("domain", f"d{n}")
        w.create("project", f"p{n}", domain_id=f"{{domain.d{n}}}")
        w.create("user", f"u{n}", domain_id=f"{{domain.d{n}}}", password=PASSWORD, default_project_id=f"{{project.p{n}}}")

    def name(self, text: str) -> str:
        """`{u}`, `{p}`, `{d}` in a path or value of a story stand for the story's own user, project and domain."""
        n = self.number
        return (
            text.replace("{u}", f"{{user.u{n}}}")
            .replace("{p}", f"{{project.p{n}}}")
            .replace("{d}", f"{{domain.d{n}}}")
            .replace("{n}", str(n))
        )

    def call(self, method: str, path: str, body: Any = None, token: str = ADMIN_TOKEN) -> Any:
        """The real Keystone's API."""
        return self.world.call(method, self.name(path), self.values(body), token=self.name(token))

    def values(self, value: Any) -> Any:
        """The story's names in a body."""
        if isinstance(value, str):
            return self.name(value)
        if isinstance(value, dict):
            return {key: self.values(item) for key, item in value.items()}
        return [self.values(item) for item in value] if isinstance(value, list) else value

    def sql(self, statement: str, *values: object) -> None:
        """A change that the real Keystone does not hear of."""
        self.world.sql(statement, *(self.values(value) for value in values))

    def grant(
        self, role: str, actor: str = "/users/{u}", target: str = "/projects/{p}", *, inherited: bool = False, method: str = "PUT"
    ) -> None:
        """Gives a role, or with DELETE takes it away."""
        path = f"{target}{actor}/roles/{{role.{role}}}"
        self.call(method, f"/v3/OS-INHERIT{path}/inherited_to_projects" if inherited else f"/v3{path}")

    def login(self, name: str, scope: Any = None, body: dict[str, Any] | None = None) -> None:
        """Keeps a token for later, minted by the real Keystone."""
        made = self.values(body or self.password(scope))
        self.tokens[name] = send(self.pair.keystone, self.pair.fill(post(TOKENS, made))).token

    def password(self, scope: Any = None, secret: str = PASSWORD) -> dict[str, Any]:
        """The user's login."""
        return identity({"methods": ["password"], "password": {"user": {"id": "{u}", "password": secret}}}, scope)

    def usual_logins(self) -> None:
        """Tokens for the project, unscoped, and one got with another."""
        self.login("project", PROJECT)
        self.login("unscoped", UNSCOPED)
        self.login("rescoped", body=token(self.tokens["unscoped"], PROJECT))

    def compare(self, when: str) -> list[str]:
        """Everything a client would do with the tokens and the password; answers the differences."""
        requests: list[tuple[str, Request, bool]] = []
        for name, text in self.tokens.items():
            headers = {"X-Auth-Token": "{token.admin}", "X-Subject-Token": text, "OpenStack-Identity-Access-Rules": "1"}
            requests.append((f"{name} read", Request("GET", TOKENS, headers=headers), False))
            if name not in ("unscoped", "rescoped"):
                requests.append((f"{name} used", Request("GET", "/v3/auth/projects", headers={"X-Auth-Token": text}), False))
            if name != "rescoped":
                requests.append((f"{name} traded", post(TOKENS, token(text)), True))
        for name, body in (
            ("login to the project", self.password(PROJECT)),
            ("login to nothing", self.password()),
            ("login with the new password", self.password(PROJECT, "changed 2 Much")),
        ):
            requests.append((name, post(TOKENS, self.values(body)), True))
        requests.append(
            ("own projects", Request("GET", self.name("/v3/users/{u}/projects"), headers={"X-Auth-Token": "{token.admin}"}), False)
        )
        outcomes = [
            self.pair.each(f"{when}: {name}", lambda side, asked=asked: asked, minted=minted, first="fernstone")
            for name, asked, minted in requests
        ]
        return [outcome.report() for outcome in outcomes if outcome.problems]


PROJECT = {"project": {"id": "{p}"}}
DOMAIN = {"domain": {"id": "{d}"}}


@dataclass(frozen=True)
class Story:
    """What is there before, what changes, and sometimes what changes back."""

    name: str
    change: Callable[[Stage], Any]
    before: Callable[[Stage], Any] = lambda stage: (stage.grant("member"), stage.usual_logins())
    back: Callable[[Stage], Any] | None = None


def patch(path: str, noun: str, **attributes: Any) -> Callable[[Stage], Any]:
    return lambda stage: stage.call("PATCH", path, {noun: attributes})


def remove(path: str) -> Callable[[Stage], Any]:
    return lambda stage: stage.call("DELETE", path)


def sql(statement: str, *values: object) -> Callable[[Stage], Any]:
    return lambda stage: stage.sql(statement, *values)


def steps(*parts: Callable[[Stage], Any]) -> Callable[[Stage], Any]:
    return lambda stage: [part(stage) for part in parts]


def grant(*arguments: Any, **more: Any) -> Callable[[Stage], Any]:
    return lambda stage: stage.grant(*arguments, **more)


def login(name: str, scope: Any = None) -> Callable[[Stage], Any]:
    return lambda stage: stage.login(name, scope)


usual = Stage.usual_logins


def group(stage: Stage) -> None:
    """A group with the story's user in it."""
    stage.world.create("group", f"g{stage.number}", domain_id=f"{{domain.d{stage.number}}}")
    stage.call("PUT", "/v3/groups/{group.g{n}}/users/{u}")


def child_project(stage: Stage) -> None:
    """A project below the story's own."""
    stage.world.create("project", f"c{stage.number}", domain_id=f"{{domain.d{stage.number}}}", parent_id=f"{{project.p{stage.number}}}")


def own_role(stage: Stage) -> None:
    """A role of the story's own, given to its user."""
    stage.world.create("role", f"r{stage.number}")
    stage.grant(f"r{stage.number}")


def trust(stage: Stage) -> None:
    """A trust from the story's user to bob, and a token of it."""
    body = {
        "trustor_user_id": "{u}",
        "trustee_user_id": "{user.bob}",
        "project_id": "{p}",
        "roles": [{"id": "{role.member}"}],
        "impersonation": True,
    }
    made = stage.call("POST", "/v3/OS-TRUST/trusts", {"trust": body}, token=stage.tokens["project"])
    stage.world.ids[f"trust.t{stage.number}"] = made["trust"]["id"]
    stage.login("trust", body=password("bob", {"OS-TRUST:trust": {"id": "{trust.t{n}}"}}))


def application_credential(stage: Stage) -> None:
    """An application credential of the story's user, and a token of it."""
    body = {"application_credential": {"name": "key", "secret": "open"}}
    made = stage.call("POST", "/v3/users/{u}/application_credentials", body, token=stage.tokens["project"])
    stage.world.ids[f"application_credential.a{stage.number}"] = made["application_credential"]["id"]
    by_id = {"id": "{application_credential.a{n}}", "secret": "open"}
    stage.login("application credential", body=identity({"methods": ["application_credential"], "application_credential": by_id}))


def look(stage: Stage) -> None:
    """Shows Fernstone each token once: who is the first to notice says so differently, and revokes them for everybody."""
    for text in stage.tokens.values():
        send(
            stage.pair.fernstone,
            stage.pair.fill(Request("GET", TOKENS, headers={"X-Auth-Token": "{token.admin}", "X-Subject-Token": text})),
        )


enabled, disabled = {"enabled": True}, {"enabled": False}
with_trust = steps(grant("member"), usual, trust)
with_credential = steps(grant("member"), usual, application_credential)

STORIES = [
    Story("user disabled", patch("/v3/users/{u}", "user", **disabled), back=patch("/v3/users/{u}", "user", **enabled)),
    Story(
        "user disabled where nobody told Keystone",
        steps(sql('UPDATE "user" SET enabled = false WHERE id = %s', "{u}"), look),
        back=sql('UPDATE "user" SET enabled = true WHERE id = %s', "{u}"),
    ),
    Story("user deleted", remove("/v3/users/{u}")),
    Story("user renamed", patch("/v3/users/{u}", "user", name="somebody else {n}")),
    Story("user given an address", patch("/v3/users/{u}", "user", email="a@b.example", description="new")),
    Story("default project taken away", sql('UPDATE "user" SET default_project_id = NULL WHERE id = %s', "{u}")),
    Story("password set by an admin", patch("/v3/users/{u}", "user", password="changed 2 Much")),
    Story("password set to what it was", patch("/v3/users/{u}", "user", password=PASSWORD)),
    Story(
        "password changed by the user",
        lambda stage: stage.call(
            "POST",
            "/v3/users/{u}/password",
            {"user": {"original_password": PASSWORD, "password": "changed 2 Much"}},
            token=stage.tokens["project"],
        ),
    ),
    Story(
        "password expired meanwhile",
        sql(
            "UPDATE password SET expires_at = now(), expires_at_int = extract(epoch FROM now())::bigint * 1000000 "
            "WHERE local_user_id = (SELECT id FROM local_user WHERE user_id = %s)",
            "{u}",
        ),
    ),
    Story(
        "more methods required from now on",
        patch("/v3/users/{u}", "user", options={"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "token"]]}),
    ),
    Story("only role taken", grant("member", method="DELETE"), back=grant("member")),
    Story("one of two roles taken", grant("member", method="DELETE"), before=steps(grant("member"), grant("worker"), usual)),
    Story("a role more", grant("manager")),
    Story("role taken where nobody told Keystone", sql("DELETE FROM assignment WHERE actor_id = %s", "{u}")),
    Story("role deleted", remove("/v3/roles/{role.r{n}}"), before=steps(own_role, usual)),
    Story("role renamed", patch("/v3/roles/{role.r{n}}", "role", name="renamed {n}"), before=steps(own_role, usual)),
    Story(
        "role comes to imply another",
        lambda stage: stage.call("PUT", "/v3/roles/{role.r{n}}/implies/{role.tea}"),
        before=steps(own_role, usual),
        back=lambda stage: stage.call("DELETE", "/v3/roles/{role.r{n}}/implies/{role.tea}"),
    ),
    Story(
        "user leaves the group",
        remove("/v3/groups/{group.g{n}}/users/{u}"),
        before=steps(group, grant("member", "/groups/{group.g{n}}"), usual),
        back=lambda stage: stage.call("PUT", "/v3/groups/{group.g{n}}/users/{u}"),
    ),
    Story("group deleted", remove("/v3/groups/{group.g{n}}"), before=steps(group, grant("member", "/groups/{group.g{n}}"), usual)),
    Story(
        "group loses the role",
        grant("member", "/groups/{group.g{n}}", method="DELETE"),
        before=steps(group, grant("member", "/groups/{group.g{n}}"), usual),
    ),
    Story(
        "inherited role taken from the domain",
        grant("member", target="/domains/{d}", inherited=True, method="DELETE"),
        before=steps(grant("member", target="/domains/{d}", inherited=True), usual),
    ),
    Story(
        "inherited role taken from the parent",
        grant("member", inherited=True, method="DELETE"),
        before=steps(
            child_project, grant("member"), grant("member", inherited=True), usual, login("child", {"project": {"id": "{project.c{n}}"}})
        ),
    ),
    Story(
        "domain role taken",
        grant("member", target="/domains/{d}", method="DELETE"),
        before=steps(grant("member"), grant("member", target="/domains/{d}"), usual, login("domain", DOMAIN)),
    ),
    Story(
        "system role taken",
        grant("reader", target="/system", method="DELETE"),
        before=steps(grant("member"), grant("reader", target="/system"), usual, login("system", SYSTEM)),
    ),
    Story("project disabled", patch("/v3/projects/{p}", "project", **disabled), back=patch("/v3/projects/{p}", "project", **enabled)),
    Story(
        "project disabled where nobody told Keystone",
        sql("UPDATE project SET enabled = false WHERE id = %s", "{p}"),
        back=sql("UPDATE project SET enabled = true WHERE id = %s", "{p}"),
    ),
    Story("project renamed", patch("/v3/projects/{p}", "project", name="renamed {n}")),
    Story("project deleted", remove("/v3/projects/{p}")),
    Story(
        "parent project disabled",
        steps(patch("/v3/projects/{project.c{n}}", "project", **disabled), patch("/v3/projects/{p}", "project", **disabled)),
        before=steps(
            child_project,
            grant("member"),
            grant("member", target="/projects/{project.c{n}}"),
            usual,
            login("child", {"project": {"id": "{project.c{n}}"}}),
        ),
    ),
    Story("domain disabled", patch("/v3/domains/{d}", "domain", **disabled), back=patch("/v3/domains/{d}", "domain", **enabled)),
    Story(
        "domain disabled where nobody told Keystone",
        sql("UPDATE project SET enabled = false WHERE id = %s", "{d}"),
        before=steps(grant("member"), grant("member", target="/domains/{d}"), usual, login("domain", DOMAIN)),
        back=sql("UPDATE project SET enabled = true WHERE id = %s", "{d}"),
    ),
    Story(
        "domain renamed",
        patch("/v3/domains/{d}", "domain", name="domain renamed {n}"),
        before=steps(grant("member"), grant("member", target="/domains/{d}"), usual, login("domain", DOMAIN)),
    ),
    Story("domain deleted", steps(patch("/v3/domains/{d}", "domain", **disabled), remove("/v3/domains/{d}"))),
    Story("trust deleted", remove("/v3/OS-TRUST/trusts/{trust.t{n}}"), before=with_trust),
    Story(
        "trust's role taken from the trustor", grant("member", method="DELETE"), before=steps(grant("member"), grant("tea"), usual, trust)
    ),
    Story("trustor disabled", steps(sql('UPDATE "user" SET enabled = false WHERE id = %s', "{u}"), look), before=with_trust),
    Story("trustor deleted", remove("/v3/users/{u}"), before=with_trust),
    Story("trustor's password changed", patch("/v3/users/{u}", "user", password="changed 2 Much"), before=with_trust),
    Story(
        "trust expired",
        sql(
            "UPDATE trust SET expires_at = now() - interval '1 minute', expires_at_int = (extract(epoch FROM now())::bigint - 60) * 1000000 WHERE trustor_user_id = %s",
            "{u}",
        ),
        before=with_trust,
    ),
    Story("trust's project disabled", patch("/v3/projects/{p}", "project", **disabled), before=with_trust),
    Story(
        "application credential deleted",
        lambda stage: stage.call(
            "DELETE", "/v3/users/{u}/application_credentials/{application_credential.a{n}}", token=stage.tokens["project"]
        ),
        before=with_credential,
    ),
    Story(
        "application credential gone from the table",
        sql("DELETE FROM application_credential WHERE user_id = %s", "{u}"),
        before=with_credential,
    ),
    Story(
        "application credential expired",
        sql("UPDATE application_credential SET expires_at = (extract(epoch FROM now())::bigint - 60) * 1000000 WHERE user_id = %s", "{u}"),
        before=with_credential,
    ),
    Story(
        "application credential's user disabled",
        steps(sql('UPDATE "user" SET enabled = false WHERE id = %s', "{u}"), look),
        before=with_credential,
    ),
    Story("application credential's role taken", grant("member", method="DELETE"), before=with_credential),
    Story(
        "application credential's role taken where nobody told Keystone",
        sql("DELETE FROM assignment WHERE actor_id = %s", "{u}"),
        before=with_credential,
    ),
    Story("application credential's user has a role more", grant("manager"), before=with_credential),
    Story(
        "application credential's owner changes the password",
        patch("/v3/users/{u}", "user", password="changed 2 Much"),
        before=with_credential,
    ),
]


def tell(story: Story, pair: Pair, world: World) -> str:
    """Plays one story and answers the differences; a story that cannot be played is one too."""
    stage = Stage(world, pair)
    try:
        story.before(stage)
        story.change(stage)
        problems = stage.compare("after")
        if story.back is not None:
            story.back(stage)
            problems += stage.compare("changed back")
    except Exception:
        return f"{story.name} broke off:\n{traceback.format_exc()}"
    return "\n".join(problems)


@pytest.fixture(scope="module")
def told(pair: Pair, world: World) -> dict[str, str]:
    """All stories, several at a time: nothing of one is another's."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        reports = pool.map(lambda story: tell(story, pair, world), STORIES)
        return {story.name: report for story, report in zip(STORIES, reports, strict=True)}


@pytest.mark.parametrize("name", [story.name for story in STORIES])
def test_both_notice(told: dict[str, str], name: str) -> None:
    if told[name]:
        pytest.fail(told[name], pytrace=False)


def test_a_disabled_user_is_written_down(pair: Pair, world: World) -> None:
    """Looking at a disabled user's token leaves a revocation event, the same one from either server."""
    written = {}
    for side in ("fernstone", "keystone"):
        stage = Stage(world, pair)
        stage.grant("member")
        stage.usual_logins()
        stage.sql('UPDATE "user" SET enabled = false WHERE id = %s', "{u}")
        headers = {"X-Auth-Token": "{token.admin}", "X-Subject-Token": stage.tokens["project"]}
        answers = [send(getattr(pair, side), pair.fill(Request("GET", TOKENS, headers=headers))) for _ in range(2)]
        rows = world.sql(
            "SELECT domain_id, project_id, role_id, trust_id, consumer_id, access_token_id, expires_at, audit_id, audit_chain_id, "
            "issued_before = revoked_at, issued_before <= now() at time zone 'utc' FROM revocation_event WHERE user_id = %s",
            stage.name("{u}"),
        )
        said = [
            (answer.status, answer.body.decode().replace(stage.tokens["project"], "{token}").replace(" ", "").strip()) for answer in answers
        ]
        written[side] = (said, rows)
    assert written["fernstone"] == written["keystone"]


CATALOG = [
    (
        "an endpoint more",
        "POST",
        "/v3/endpoints",
        {"endpoint": {"service_id": "{service.nova}", "interface": "admin", "url": "http://new.example/", "region_id": "RegionTwo"}},
    ),
    ("an endpoint switched off", "PATCH", "/v3/endpoints/{endpoint.nova-two}", {"endpoint": {"enabled": False}}),
    ("an endpoint switched on", "PATCH", "/v3/endpoints/{endpoint.nova-two}", {"endpoint": {"enabled": True}}),
    ("a service switched off", "PATCH", "/v3/services/{service.cinder}", {"service": {"enabled": False}}),
    ("a service switched on", "PATCH", "/v3/services/{service.cinder}", {"service": {"enabled": True}}),
    ("a service renamed", "PATCH", "/v3/services/{service.cinder}", {"service": {"name": "block"}}),
    ("a service of another type", "PATCH", "/v3/services/{service.cinder}", {"service": {"type": "block-storage", "name": "cinder"}}),
    ("an endpoint moved", "PATCH", "/v3/endpoints/{endpoint.nova-two}", {"endpoint": {"url": "http://moved.example/$(project_id)s"}}),
]


def test_the_catalog_is_today_s(pair: Pair, world: World) -> None:
    """A token's catalog is never older than the last change to it."""
    problems = []
    for name, method, path, body in CATALOG:
        world.call(method, path, body)
        for ask in (
            Request("GET", TOKENS, headers={"X-Auth-Token": "{token.admin}", "X-Subject-Token": "{token.alice}"}),
            Request("GET", "/v3/auth/catalog", headers={"X-Auth-Token": "{token.alice}"}),
            Request("GET", "/v3/endpoints", headers={"X-Auth-Token": "{token.admin}"}),
            Request("GET", "/v3/services", headers={"X-Auth-Token": "{token.admin}"}),
        ):
            outcome = pair.each(f"{name}: {ask.path}", lambda side, asked=ask: asked, first="fernstone")
            if outcome.problems:
                problems.append(outcome.report())
    assert not problems, "\n".join(problems)
