"""Many clients at the same moment: one of them makes the thing, the others are told that it is there, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from harness.twins import Side, Step, Told, Twins

from .limits import limit, register
from .roles import implies
from .telling import change, delete, drop, grant, join, leave, make, post, put, ungrant

CLIENTS, ROUNDS = 4, 6
WORLD: list[Told] = [
    make("domain.d"),
    make("project.p", domain_id="{domain.d}"),
    make("user.u", domain_id="{domain.d}", password="x"),
    make("group.g", domain_id="{domain.d}"),
    *(make(f"role.{name}") for name in "rs"),
    make("service.s", type="{me}"),
    make("endpoint.e", service_id="{service.s}", interface="public", url="http://e"),
    register("cores"),
]
IN_D = {"domain_id": "{domain.d}"}
# One makes it, and the others find it made. `{round}` is another number each time.
NAMES = {
    "domain": post("/v3/domains", {"domain": {"name": "{me}-{round}"}}),
    "domain by id": post("/v3/domains", {"domain": {"name": "{me}-{round}-id", "explicit_domain_id": "{round}" * 32}}),
    "project": post("/v3/projects", {"project": {"name": "{me}-{round}", **IN_D}}),
    "user": post("/v3/users", {"user": {"name": "{me}-{round}", "password": "x", **IN_D}}),
    "group": post("/v3/groups", {"group": {"name": "{me}-{round}", **IN_D}}),
    "role": post("/v3/roles", {"role": {"name": "{me}-{round}"}}),
    "role of a domain": post("/v3/roles", {"role": {"name": "{me}-{round}", **IN_D}}),
    "region": post("/v3/regions", {"region": {"id": "{me}-{round}"}}),
    "registered limit": post(
        "/v3/registered_limits", {"registered_limits": [{"service_id": "{service.s}", "resource_name": "{me}-{round}", "default_limit": 1}]}
    ),
}
# What may be asked for again and again.
REPEATED = {
    "grant": grant("role.r", "user.u", "project.p"),
    "grant to a group": grant("role.r", "group.g", "domain.d", inherited=True),
    "grant on the system": grant("role.r", "user.u", "system"),
    "ungrant": ungrant("role.r", "user.u", "project.p"),
    "membership": join("user.u", "group.g"),
    "end of membership": leave("user.u", "group.g"),
    "tag": put("/v3/projects/{project.p}/tags/t"),
    "tags": put("/v3/projects/{project.p}/tags", {"tags": ["a", "b"]}),
    "implied role": put(implies("r", "s")),
    "end of implied role": delete(implies("r", "s")),
    "endpoint filter": put("/v3/OS-EP-FILTER/projects/{project.p}/endpoints/{endpoint.e}"),
    "end of endpoint filter": delete("/v3/OS-EP-FILTER/projects/{project.p}/endpoints/{endpoint.e}"),
    "domain configuration": put("/v3/domains/{domain.d}/config", {"config": {"ldap": {"url": "x"}}}),
    "limit": limit("cores"),
    "password": change("user.u", password="y"),
    "name": change("user.u", name="{me}-again"),
    "options": change("user.u", options={"lock_password": True}),
    "options of a project": change("project.p", options={"immutable": False}),
}
# One ends what another builds on.
AGAINST: dict[str, tuple[Step, list[Step]]] = {
    "user and membership": (
        make("user.x", name="{me}-{round}-x", **IN_D),
        [drop("user.x"), join("user.x", "group.g"), grant("role.r", "user.x", "project.p"), change("user.x", name="{me}-{round}-y")],
    ),
    "project and child": (
        make("project.x", name="{me}-{round}-x", **IN_D),
        [
            drop("project.x"),
            make("project.below", name="{me}-{round}-below", **IN_D, parent_id="{project.x}"),
            put("/v3/projects/{project.x}/tags/t"),
            grant("role.r", "user.u", "project.x"),
        ],
    ),
    "role and grant": (
        make("role.x", name="{me}-{round}-x"),
        [
            drop("role.x"),
            grant("role.x", "user.u", "project.p"),
            put("/v3/roles/{role.x}/implies/{role.s}"),
            grant("role.x", "group.g", "system"),
        ],
    ),
    "group and member": (
        make("group.x", name="{me}-{round}-x", **IN_D),
        [drop("group.x"), join("user.u", "group.x"), grant("role.r", "group.x", "domain.d"), change("group.x", description="d")],
    ),
    "service and endpoint": (
        make("service.x", type="{me}"),
        [
            drop("service.x"),
            make("endpoint.x", service_id="{service.x}", interface="public", url="http://x"),
            change("service.x", name="n"),
            drop("service.x"),
        ],
    ),
}


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def side(request: pytest.FixtureRequest, twins: Twins) -> Iterator[Side]:
    """One of Fernstone's databases; the real Keystone is not in these races."""
    found = next(side for side in twins.others if side.label == request.param)
    for told in WORLD:
        assert isinstance(told, Step)
        answer = found.ask(told, "race")
        assert answer.status < 300, (told, answer)
        found.keep(told, answer, "race")
    yield found
    # The races leave different things behind on each side.
    for each in twins.sides:
        each.database.effects()


def at_once(side: Side, steps: list[Step], number: int) -> list[int]:
    """Sends the steps at the same moment and answers the statuses."""
    together = Barrier(len(steps))

    def one(step: Step) -> int:
        together.wait()
        return side.ask(step, "race").status

    side.names.ids["round"] = f"{number:x}"
    with ThreadPoolExecutor(max_workers=len(steps)) as pool:
        return list(pool.map(one, steps))


@pytest.mark.parametrize("noun", NAMES)
def test_one_of_many_makes_it(side: Side, noun: str) -> None:
    for number in range(ROUNDS):
        assert sorted(at_once(side, [NAMES[noun]] * CLIENTS, number)) == [201] + [409] * (CLIENTS - 1)


@pytest.mark.parametrize("noun", REPEATED)
def test_repeated_at_once(side: Side, noun: str) -> None:
    for number in range(ROUNDS):
        assert all(200 <= status < 500 for status in at_once(side, [REPEATED[noun]] * CLIENTS, number))


@pytest.mark.parametrize("noun", AGAINST)
def test_against_each_other(side: Side, noun: str) -> None:
    first, steps = AGAINST[noun]
    for number in range(ROUNDS):
        side.names.ids["round"] = f"{number:x}"
        side.keep(first, made := side.ask(first, "race"), "race")
        assert made.status == 201
        assert all(200 <= status < 500 for status in at_once(side, steps, number))
