"""A real Keystone and its counterparts, each with a database of its own, told the same story.

Every step goes to all of them, under the names that each has given to the things of the story; the answers are compared
as `naming` says, and what the step did to the databases as `rows` says.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg2
import pytest

from .compare import is_broken, view
from .exchange import Answer, Request, post, send
from .naming import Alike, Names
from .oracle import ADMIN_TOKEN
from .rows import Database

TOKENS = "/v3/auth/tokens"
# `{user.u}`, `{me}`, `{round}`
NAME = re.compile(r"\{([a-z_]+\.[^{}]+|me|round)\}")


@dataclass(frozen=True)
class Step:
    """One request. Names in braces are the side's own ids, `{me}` is the story's name.

    `who`: the name of a login, or `root` for the configured admin token, or None for nobody. `keep`: names for the id of
    what the answer holds (several where it holds a list). `ignore`: parts of the answer that are left out. `differs`: why
    the answers are meant to differ, by docs/compatibility.md; it is a failure when they do not. `on`: databases of those who
    are asked, where Keystone's own answer depends on the database. `seen_as`: what of a body counts.
    """

    method: str
    path: str
    body: Any = None
    who: str | None = "root"
    keep: str | tuple[str, ...] = ()
    headers: Mapping[str, str | None] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    differs: str | None = None
    on: tuple[str, ...] = ("postgres", "sqlite")
    seen_as: Callable[[Any], Any] | None = None

    def by(self, who: str | None) -> Step:
        """The same request from somebody else."""
        return replace(self, who=who)

    def __str__(self) -> str:
        return f"{self.method} {self.path} by {self.who}" + ("" if self.body is None else f" with {str(self.body)[:300]}")


@dataclass(frozen=True)
class Login:
    """A login whose token is called `name` from then on."""

    name: str
    body: Any


@dataclass(frozen=True)
class Sql:
    """A change to every database that no server hears of; names in braces in the values."""

    statement: str
    values: tuple[Any, ...] = ()


Told = Step | Login | Sql


class Side:
    """One server, its database and its names."""

    def __init__(self, label: str, url: str, database: Database, *, is_keystone: bool = False) -> None:
        self.label, self.url, self.database, self.is_keystone = label, url, database, is_keystone
        self.names = Names()
        self.names.bind("domain.default", "default")
        self.names.bind("token.root", ADMIN_TOKEN)

    def fill(self, value: Any, me: str) -> Any:
        """A value with the side's own ids in it; braces around anything else stay as they are."""
        if isinstance(value, str):
            return NAME.sub(lambda found: me if found[1] == "me" else self.called(found[1], me), value)
        if isinstance(value, dict):
            return {self.fill(key, me): self.fill(item, me) for key, item in value.items()}
        return [self.fill(item, me) for item in value] if isinstance(value, list) else value

    def called(self, name: str, me: str) -> str:
        """What a name stands for in a story: what the story made itself, or what everybody knows."""
        return self.names.ids.get(f"{me}/{name}") or self.names[name]

    def ask(self, step: Step, me: str = "") -> Answer:
        """Sends a step."""
        headers = {} if step.who is None else {"X-Auth-Token": self.called(f"token.{step.who}", me)}
        headers |= {name: text and self.fill(text, me) for name, text in step.headers.items()}
        return send(self.url, Request(step.method, self.fill(step.path, me), self.fill(step.body, me), headers))

    def login(self, who: str, body: Any, me: str = "") -> Answer:
        """Logs in, and keeps the token under a name if there is one."""
        answer = send(self.url, post(TOKENS, self.fill(body, me)))
        self.names.ids[f"{me}/token.{who}" if me else f"token.{who}"] = answer.headers.get("x-subject-token", "refused")
        return answer

    def keep(self, step: Step, answer: Answer, me: str) -> None:
        """Gives the names that a step has for them, in its story, to the ids in its answer."""
        names = (step.keep,) if isinstance(step.keep, str) else step.keep
        if names and 200 <= answer.status < 300:
            ((_, made),) = [item for item in answer.json().items() if item[0] != "links"]
            for name, one in zip(names, made if isinstance(made, list) else [made], strict=False):
                self.names.bind(f"{me}/{name}", one["id"])


class Twins:
    """The real Keystone first, then those that are compared with it."""

    def __init__(self, keystone: Side, others: list[Side]) -> None:
        self.keystone, self.others = keystone, others

    @property
    def sides(self) -> list[Side]:
        """All of them."""
        return [self.keystone, *self.others]

    def step(self, step: Step, me: str = "") -> list[str]:
        """Sends one step to all sides and answers the differences."""
        return self.compare(
            step, [side.ask(step, me) if side is self.keystone or side.label in step.on else None for side in self.sides], me
        )

    def compare(self, step: Step, answers: list[Answer | None], me: str) -> list[str]:
        """Gives names to what was made, and answers the differences; no answer from those who were not asked."""
        for side, answer in zip(self.sides, answers, strict=True):
            if answer is not None:
                side.keep(step, answer, me)
        asked = [(other, answer) for other, answer in zip(self.others, answers[1:], strict=True) if answer is not None]
        return [line for other, answer in asked for line in self._compare(step, answers[0], other, answer, me)]

    def _compare(self, step: Step, expected: Answer, other: Side, found: Answer, me: str) -> list[str]:
        if is_broken(expected):
            # A Python exception got out of Keystone. The counterpart has to refuse cleanly; a read it may simply answer.
            fine = range(200 if step.method in ("GET", "HEAD") else 400, 500)
            problems = [] if found.status in fine or other.is_keystone else [f".status: {found.status}, where Keystone itself breaks"]
        else:
            views = [view(answer, side.url) for side, answer in ((self.keystone, expected), (other, found))]
            for side, one in zip((self.keystone, other), views, strict=True):
                _forget_others_services(one.get("body"), side.names, me)
            for part in step.ignore:
                for one in views:
                    _drop(one, part.split("."))
            if step.seen_as is not None:
                views = [{**one, "body": step.seen_as(one["body"])} for one in views]
            fresh = step.method == "POST"
            problems = Alike(self.keystone.names, other.names, fresh=fresh).differences(*views)
        if step.differs is not None and expected.status != 0:
            problems = [] if problems or expected.status == 500 else [f"equal, and documented as different: {step.differs}"]
        if not problems:
            return []
        lines = [
            str(step),
            f"  Keystone: {expected.status} {expected.body[:400]!r}",
            f"  on {other.label}: {found.status} {found.body[:400]!r}",
        ]
        return ["\n".join(lines + [f"  - {problem}" for problem in problems[:20]])]

    def effects(self, after: str) -> list[str]:
        """Compares what has happened to the databases since the last time."""
        expected = self.keystone.database.effects()
        reports = []
        for other in self.others:
            problems = Alike(self.keystone.names, other.names, fresh=True).differences(expected, other.database.effects())
            if problems:
                reports.append("\n".join([f"rows on {other.label} after {after}:"] + [f"  - {problem}" for problem in problems[:20]]))
        return reports

    def tell(self, story: str, steps: Iterable[Told], *, each: bool = False) -> None:
        """Tells a whole story and fails with everything that differed; `each`: looks at the rows after every change."""
        me = story.replace(" ", "-")
        problems: list[str] = []
        for told in steps:
            problems += self.one(told, me)
            if each and isinstance(told, Step) and told.method not in ("GET", "HEAD"):
                problems += self.effects(str(told))
        problems += self.effects(f"the story “{story}”")
        if problems:
            pytest.fail("\n".join(problems), pytrace=False)

    def one(self, told: Told, me: str = "") -> list[str]:
        """Any one part of a story; answers the differences."""
        if isinstance(told, Step):
            return self.step(told, me)
        if isinstance(told, Login):
            return self.login(told, me)
        problems: list[str] = []
        for side in self.sides:
            try:
                side.database.execute(told.statement, tuple(side.fill(list(told.values), me)))
            except (psycopg2.Error, sqlite3.Error) as problem:
                # A row that has nothing to hang from, because it was not made before.
                problems.append(f"on {side.label}: {problem}")
        return problems

    def login(self, login: Login, me: str = "") -> list[str]:
        """Logs in everywhere; the tokens' own bodies have to be alike too."""
        answers = [side.login(login.name, login.body, me) for side in self.sides]
        bodies = [_token_body(answer, side.names, me) for side, answer in zip(self.sides, answers, strict=True)]
        return [
            "\n".join([f"login {login.name} {login.body}"] + [f"  - {problem}" for problem in problems])
            for other, body in zip(self.others, bodies[1:], strict=True)
            if (problems := Alike(self.keystone.names, other.names, fresh=False).differences(bodies[0], body))
        ]


def _forget_others_services(body: Any, names: Names, me: str) -> None:
    """Of a catalog the services that a story made, and Keystone itself, are what it may look at."""
    if isinstance(body, dict) and isinstance(body.get("catalog"), list):
        own = {id for name, id in names.ids.items() if name.startswith(f"{me}/service.")}
        body["catalog"] = [service for service in body["catalog"] if service["id"] in own or service["name"] == "keystone"]


def _token_body(answer: Answer, names: Names, me: str) -> Any:
    if answer.status != 201:
        return {"status": answer.status}
    body = answer.json()["token"]
    body.pop("audit_ids")
    _forget_others_services(body, names, me)
    return {"status": 201, **body}


def _drop(side: Any, path: list[str]) -> None:
    for step in path[:-1]:
        if not isinstance(side, dict) or step not in side:
            return
        side = side[step]
    if isinstance(side, dict):
        side.pop(path[-1], None)
