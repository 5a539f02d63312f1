"""The changes that the promise names, each with users, tokens and endpoints of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import time_ns
from typing import Any

from harness.exchange import Answer, Request, post, send
from harness.oracle import ADMIN_PASSWORD, ADMIN_TOKEN

TOKENS = "/v3/auth/tokens"
PASSWORD = "open sesame 1"
# Far from those of an earlier run against a cloud that stays.
numbers = count(time_ns() % 10**12)

# Who writes: the Fernstone that reads, and everybody else.
ITSELF, OTHER, KEYSTONE, SQL = WRITERS = ("itself", "the other Fernstone", "Keystone", "SQL")

Is = Callable[[Answer], bool]


@dataclass(frozen=True)
class Question:
    """A request, and the answers to it before and after the change."""

    name: str
    request: Request
    before: Is
    after: Is
    minted: bool = False


def status(expected: int) -> Is:
    return lambda answer: answer.status == expected


def roles(*expected: str) -> Is:
    """A token with just these roles."""
    return lambda answer: answer.status < 300 and {role["name"] for role in answer.json()["token"]["roles"]} == set(expected)


def endpoint(url: str) -> Is:
    """A catalog, alone or in a token, with this endpoint."""

    def has(answer: Answer) -> bool:
        if answer.status >= 300:
            return False
        catalog = answer.json().get("catalog") or answer.json()["token"]["catalog"]
        return url in [each["url"] for service in catalog for each in service["endpoints"]]

    return has


good, refused = status(200), status(401)


class Stage:
    """A domain with a project, where everything of these tests happens; made through the server at `base`."""

    def __init__(self, base: str) -> None:
        self.base, self.number = base, next(numbers)
        self.domain = self.create("domain", "domain")
        self.project = self.create("project", "project", domain_id=self.domain)
        self.group = self.create("group", "group", domain_id=self.domain)
        self.roles = {role["name"]: role["id"] for role in self.call("GET", "/v3/roles")["roles"]}
        self.call("PUT", f"/v3/projects/{self.project}/groups/{self.group}/roles/{self.roles['manager']}")
        self.services: list[str] = []
        admin = {"name": "admin", "domain": {"id": "default"}, "password": ADMIN_PASSWORD}
        self.admin = send(base, login(admin, {"name": "admin", "domain": {"id": "default"}})).token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A request that has to succeed."""
        answer = send(self.base, Request(method, path, body, {"X-Auth-Token": ADMIN_TOKEN}))
        assert 200 <= answer.status < 300, f"{method} {path} {body}: {answer.status} {answer.body[:500]!r}"
        return answer.json() if answer.body else None

    def create(self, noun: str, name: str, **attributes: Any) -> str:
        """Makes one object and answers its id."""
        return self.call("POST", f"/v3/{noun}s", {noun: {"name": f"freshness {self.number} {name}", **attributes}})[noun]["id"]

    def service(self, kind: str) -> str:
        """A service that goes with the stage."""
        self.services.append(self.create("service", kind, type=kind))
        return self.services[-1]

    def endpoint(self, service: str, url: str) -> str:
        """A public endpoint."""
        body = {"service_id": service, "interface": "public", "url": url}
        return self.call("POST", "/v3/endpoints", {"endpoint": body})["endpoint"]["id"]

    def clear(self) -> None:
        """Leaves the cloud as it was."""
        for service in self.services:
            self.call("DELETE", f"/v3/services/{service}")
        self.call("PATCH", f"/v3/domains/{self.domain}", {"domain": {"enabled": False}})
        self.call("DELETE", f"/v3/domains/{self.domain}")


def login(user: dict[str, Any], project: dict[str, Any]) -> Request:
    """A password login to a project."""
    identity = {"methods": ["password"], "password": {"user": user}}
    return post(TOKENS, {"auth": {"identity": identity, "scope": {"project": project}}})


@dataclass
class Scene:
    """A user of the stage with a role and a token, what else one change is about, and who will make it."""

    stage: Stage
    change: Change
    writer: str
    user: str = field(init=False)
    token: str = field(init=False)
    number: int = field(default_factory=lambda: next(numbers))
    endpoint: str = ""

    def __post_init__(self) -> None:
        stage = self.stage
        self.user = stage.create("user", f"user {self.number}", domain_id=stage.domain, password=PASSWORD)
        stage.call("PUT", self.grant)
        self.change.prepare(self)
        answer = send(stage.base, self.login)
        self.token, self.audit_id = answer.token, answer.json()["token"]["audit_ids"][0]

    @property
    def grant(self) -> str:
        return f"/v3/projects/{self.stage.project}/users/{self.user}/roles/{self.stage.roles[self.change.role]}"

    @property
    def membership(self) -> str:
        return f"/v3/groups/{self.stage.group}/users/{self.user}"

    @property
    def old_url(self) -> str:
        return f"http://before-{self.number}.example/"

    @property
    def new_url(self) -> str:
        return f"http://after-{self.number}.example/"

    @property
    def login(self) -> Request:
        """The user asks for another token."""
        return login({"id": self.user, "password": PASSWORD}, {"id": self.stage.project})

    @property
    def reading(self) -> Request:
        """A service asks what the token is good for."""
        return Request("GET", TOKENS, headers={"X-Auth-Token": self.stage.admin, "X-Subject-Token": self.token})

    @property
    def using(self) -> Request:
        """The user asks with the token."""
        return Request("GET", "/v3/auth/catalog", headers={"X-Auth-Token": self.token})

    def asked(self, reading: tuple[Is, Is], using: tuple[Is, Is], logging_in: tuple[Is, Is]) -> list[Question]:
        """All questions, each with the answers before and after."""
        return [
            Question("the token read", self.reading, *reading),
            Question("the token used", self.using, *using),
            Question("a login", self.login, *logging_in, minted=True),
        ]

    @property
    def questions(self) -> list[Question]:
        return self.change.questions(self)

    @property
    def request(self) -> Request:
        """How the API is asked for the change."""
        return self._as_admin(*self.change.request(self))

    @property
    def undoing(self) -> Request:
        """How the API is asked to undo it, where that can be."""
        assert self.change.back is not None
        return self._as_admin(*self.change.back(self))

    def _as_admin(self, method: str, path: str, body: Any) -> Request:
        about = {"X-Subject-Token": self.token} if path == TOKENS else {}
        return Request(method, path, body, {"X-Auth-Token": ADMIN_TOKEN, **about})


@dataclass(frozen=True)
class Change:
    """What changes for a user: by which request, by which SQL, and what is answered before and after."""

    name: str
    request: Callable[[Scene], tuple[str, str, Any]]
    sql: Callable[[Scene], tuple[str, tuple[object, ...]]]
    questions: Callable[[Scene], list[Question]]
    role: str = "member"
    prepare: Callable[[Scene], object] = lambda scene: None
    # The request after which logins are answered as before the change; the token may be lost for good.
    back: Callable[[Scene], tuple[str, str, Any]] | None = None

    def __str__(self) -> str:
        return self.name


def _prepare_endpoint(scene: Scene) -> None:
    scene.endpoint = scene.stage.endpoint(scene.stage.service(f"freshness-{scene.number}"), scene.old_url)


def _about_membership(scene: Scene) -> list[Question]:
    """The API revokes the tokens of who leaves a group; a row that is gone takes the group's roles from them."""
    all_of_them, left = roles("manager", "member", "reader"), roles("reader")
    if scene.writer == SQL:
        return scene.asked((all_of_them, left), (good, good), (all_of_them, left))
    return scene.asked((all_of_them, status(404)), (good, refused), (all_of_them, left))


NOW = "now() AT TIME ZONE 'utc'"

CHANGES = [
    Change(
        "user disabled",
        request=lambda scene: ("PATCH", f"/v3/users/{scene.user}", {"user": {"enabled": False}}),
        sql=lambda scene: ('UPDATE "user" SET enabled = false WHERE id = %s', (scene.user,)),
        back=lambda scene: ("PATCH", f"/v3/users/{scene.user}", {"user": {"enabled": True}}),
        questions=lambda scene: scene.asked((good, status(404)), (good, refused), (status(201), refused)),
    ),
    Change(
        "role removed",
        request=lambda scene: ("DELETE", scene.grant, None),
        sql=lambda scene: ("DELETE FROM assignment WHERE actor_id = %s AND target_id = %s", (scene.user, scene.stage.project)),
        back=lambda scene: ("PUT", scene.grant, None),
        questions=lambda scene: scene.asked((good, status(404)), (good, refused), (status(201), refused)),
    ),
    Change(
        "membership deleted",
        role="reader",
        prepare=lambda scene: scene.stage.call("PUT", scene.membership),
        request=lambda scene: ("DELETE", scene.membership, None),
        sql=lambda scene: ("DELETE FROM user_group_membership WHERE user_id = %s", (scene.user,)),
        back=lambda scene: ("PUT", scene.membership, None),
        questions=_about_membership,
    ),
    Change(
        "token revoked",
        request=lambda scene: ("DELETE", TOKENS, None),
        sql=lambda scene: (
            f"INSERT INTO revocation_event (audit_id, issued_before, revoked_at) VALUES (%s, {NOW}, {NOW})",
            (scene.audit_id,),
        ),
        questions=lambda scene: scene.asked((good, status(404)), (good, refused), (status(201), status(201))),
    ),
    Change(
        "endpoint changed",
        prepare=_prepare_endpoint,
        request=lambda scene: ("PATCH", f"/v3/endpoints/{scene.endpoint}", {"endpoint": {"url": scene.new_url}}),
        sql=lambda scene: ("UPDATE endpoint SET url = %s WHERE id = %s", (scene.new_url, scene.endpoint)),
        back=lambda scene: ("PATCH", f"/v3/endpoints/{scene.endpoint}", {"endpoint": {"url": scene.old_url}}),
        questions=lambda scene: scene.asked(*[(endpoint(scene.old_url), endpoint(scene.new_url))] * 3),
    ),
]
