"""401, 403, 404 or the thing itself: everybody at every door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.twins import Twins

from .personas import OWN_READS, PERSONAS, READERS, READS, WORLD, WRITERS, WRITES, Door
from .telling import get

ME, MADE = "doors", "the making of the personas' world"


@pytest.fixture(scope="module")
def found(twins: Twins) -> dict[str, list[str]]:
    """What differed, by door. Reads come first, as nothing changes meanwhile; doors for writes have things of their own."""
    made = [problem for told in WORLD for problem in twins.one(told, ME)] + twins.effects(MADE)
    reads = {f"GET {path}": [get(path, who=who) for who in READERS] for path in READS}
    for path in OWN_READS:
        reads[f"GET {path} by themselves"] = [get(path.format(who), who=who) for who in PERSONAS]
    with ThreadPoolExecutor(max_workers=3) as pool:
        asked = {name: [pool.submit(twins.step, step, ME) for step in steps] for name, steps in reads.items()}
        differing = {name: [line for answer in answers for line in answer.result()] for name, answers in asked.items()}
        tried = [pool.submit(_knock_in_turn, twins, doors) for doors in _by_thing(WRITES)]
        return {MADE: made} | differing | {name: lines for answer in tried for name, lines in answer.result().items()}


def _by_thing(doors: list[Door]) -> list[list[Door]]:
    """Doors to one and the same thing together: one makes what the other deletes."""
    things: dict[str, list[Door]] = {}
    for door in doors:
        things.setdefault(door.step.path, []).append(door)
    return list(things.values())


def _knock_in_turn(twins: Twins, doors: list[Door]) -> dict[str, list[str]]:
    return {str(door): _knock(twins, door) for door in doors}


def _knock(twins: Twins, door: Door) -> list[str]:
    problems = [problem for step in door.before for problem in twins.step(step, ME)]
    for who in WRITERS:
        answers = [side.ask(door.step.by(who), ME) for side in twins.sides]
        problems += twins.compare(door.step.by(who), answers, ME)
        for side, answer in zip(twins.sides, answers, strict=True):
            if 200 <= answer.status < 300:
                for step in door.undo:
                    side.keep(step, side.ask(step, ME), ME)
    return problems


DOORS = [MADE] + [f"GET {path}" for path in READS] + [f"GET {path} by themselves" for path in OWN_READS] + [str(door) for door in WRITES]


@pytest.mark.parametrize("door", DOORS)
def test_everybody_at(found: dict[str, list[str]], door: str) -> None:
    if found[door]:
        pytest.fail("\n".join(found[door]), pytrace=False)


def test_rows_afterwards(twins: Twins, found: dict[str, list[str]]) -> None:
    """What was refused has changed nothing, and what was allowed the same."""
    problems = twins.effects("everybody at every door")
    assert not problems, "\n".join(problems)
