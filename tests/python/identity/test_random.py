"""Random lives of a domain, from fixed seeds: who effectively has which role is the same on all sides, and what a token says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from harness.twins import Side, Step, Told, Twins

from .logins import PASSWORD, login
from .roles import implies
from .telling import change, drop, fall, get, grant_path, join, leave, make

SEEDS = range(6)
CHANGES, LOOKS = 60, 3
USERS, GROUPS, ROLES = ("a", "b", "c"), ("g", "h"), ("r0", "r1", "r2", "r3", "own")


def effective(query: str) -> Step:
    """Who has which role where. In circles of implied roles Keystone names one role once or several times, each time with
    the links of another way to it, as its database happens to order them: once is what counts.
    """

    def once(body: Any) -> Any:
        if not isinstance(body, dict) or "role_assignments" not in body:
            return body
        plain = [{key: value for key, value in item.items() if key != "links"} for item in body["role_assignments"]]
        return {**body, "role_assignments": [item for index, item in enumerate(plain) if item not in plain[:index]]}

    return replace(get(f"/v3/role_assignments?effective&{query}"), seen_as=once)


class Life:
    """Draws what happens next; remembers which projects there are."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.projects: dict[str, str | None] = {"p0": None, "p1": "p0", "p2": "p1", "p3": None}
        self.made = 3

    def birth(self) -> list[Told]:
        """The world before anything happens."""
        return [
            make("domain.d"),
            make("domain.e"),
            *(self._project(name, parent) for name, parent in self.projects.items()),
            *(make(f"user.{name}", domain_id=f"{{domain.{'e' if name == 'c' else 'd'}}}", password=PASSWORD) for name in USERS),
            *(make(f"group.{name}", domain_id="{domain.d}") for name in GROUPS),
            *(make(f"role.{name}", **({"domain_id": "{domain.d}"} if name == "own" else {})) for name in ROLES),
        ]

    def death(self) -> list[Told]:
        """Afterwards nothing is left for the next life to see."""
        return [*fall("domain.d"), *fall("domain.e"), *(drop(f"role.{name}") for name in ROLES if name != "own")]

    def _project(self, name: str, parent: str | None) -> Step:
        return make(f"project.{name}", domain_id="{domain.d}", **({"parent_id": f"{{project.{parent}}}"} if parent else {}))

    def _pick(self, among: object) -> str:
        return self.random.choice(sorted(among))  # type: ignore[call-overload]

    def next(self) -> Step:
        """One change; some of them are refused."""
        kind = self.random.choices(
            ("grant", "ungrant", "join", "leave", "imply", "unimply", "born", "gone", "switch"), (30, 10, 8, 5, 8, 4, 4, 2, 4)
        )[0]
        if kind in ("grant", "ungrant"):
            actor = f"user.{self._pick(USERS)}" if self.random.random() < 0.6 else f"group.{self._pick(GROUPS)}"
            target = self._pick([f"project.{name}" for name in self.projects] + ["domain.d", "domain.e", "system"])
            inherited = target != "system" and self.random.random() < 0.4
            path = grant_path(f"role.{self._pick(ROLES)}", actor, target, inherited=inherited)
            return Step("PUT" if kind == "grant" else "DELETE", path)
        if kind in ("join", "leave"):
            return (join if kind == "join" else leave)(f"user.{self._pick(USERS)}", f"group.{self._pick(GROUPS)}")
        if kind in ("imply", "unimply"):
            return Step("PUT" if kind == "imply" else "DELETE", implies(self._pick(ROLES), self._pick(ROLES)))
        if kind == "born":
            self.made += 1
            name, parent = f"p{self.made}", self._pick(self.projects)
            self.projects[name] = parent
            return self._project(name, parent)
        name = self._pick(self.projects)
        if kind == "switch":
            return change(f"project.{name}", enabled=self.random.random() < 0.7)
        if name not in self.projects.values() and len(self.projects) > 2:
            del self.projects[name]
        return drop(f"project.{name}")

    def look(self) -> list[Step]:
        """Everything that says who has which role."""
        return [
            *(effective(f"include_names&user.id={{user.{name}}}") for name in USERS),
            *(get(f"/v3/role_assignments?user.id={{user.{name}}}") for name in USERS),
            *(get(f"/v3/role_assignments?group.id={{group.{name}}}") for name in GROUPS),
            *(effective(f"scope.project.id={{project.{name}}}") for name in self.projects),
            effective("scope.domain.id={domain.d}"),
            effective(f"include_subtree&scope.project.id={{project.{self._pick(self.projects)}}}"),
            effective("role.id={role.r1}&include_names"),
            *(get(f"/v3/users/{{user.{name}}}/projects") for name in USERS),
            *(get(f"/v3/roles/{{role.{name}}}/implies") for name in ROLES),
        ]


def in_token(side: Side, user: str, scope: str, me: str) -> set[str] | None:
    """The names of the roles in a token, or None where there is none to be had."""
    answer = side.login("random", login("random", f"user.{user}", scope).body, me)
    return {role["name"] for role in answer.json()["token"]["roles"]} if answer.status == 201 else None


def in_assignments(side: Side, user: str, scope: str, me: str) -> set[str]:
    """The names of the roles that the effective assignments say; roles of a domain are not for tokens."""
    where = "scope.system=all" if scope == "system" else f"scope.{scope.split('.')[0]}.id={{{scope}}}"
    answer = side.ask(get(f"/v3/role_assignments?effective&include_names&user.id={{user.{user}}}&{where}"), me)
    # Nobody has a role on a project that was refused when it was to be made.
    listed = answer.json()["role_assignments"] if answer.status == 200 else []
    roles = [assignment["role"] for assignment in listed]
    return {role["name"] for role in roles if "domain" not in role}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_life(twins: Twins, seed: int) -> None:
    life, me = Life(seed), f"life-{seed}"
    problems = [problem for told in life.birth() for problem in twins.one(told, me)]
    for turn in range(CHANGES):
        problems += twins.one(life.next(), me)
        if (turn + 1) % (CHANGES // LOOKS) == 0:
            problems += [problem for step in life.look() for problem in twins.step(step, me)]
    problems += twins.effects("this life")
    for user in USERS:
        for scope in (*(f"project.{name}" for name in life.projects), "domain.d", "domain.e", "system"):
            said = [in_token(side, user, scope, me) for side in twins.sides]
            problems += [f"{user} on {scope}: {said[1:]}, Keystone's token has {said[0]}"] * (said != said[:1] * len(said))
            assigned = [in_assignments(side, user, scope, me) for side in twins.sides]
            problems += [f"{user} on {scope}: {assigned[1:]}, Keystone's list has {assigned[0]}"] * (assigned != assigned[:1] * len(assigned))
            if scope == "system":
                # An effective list is not narrowed by this scope: it has what the user has anywhere.
                continue
            problems += [
                f"{user} on {scope} on {side.label}: assignments {listed}, token {token}"
                for side, token, listed in zip(twins.sides, said, assigned, strict=True)
                if listed != token and token is not None
            ]
    for told in life.death():
        twins.one(told, me)
    twins.effects("its end")
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
