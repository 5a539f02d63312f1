"""Whatever is sent, the answer is Keystone's refusal, never an error of the server's, and what is refused changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.twins import Step, Twins

from .bad_input import BODIES, BODILESS, GOOD, ODD, WORLD, spoilt

ME, MADE = "spoilt", "the making of the world"
STEPS: dict[str, list[Step]] = {
    **{str(good): [step for _, step in spoilt(good)] for good in GOOD},
    **{
        f"{method} {path} and a body": [Step(method, path, body, headers={"Content-Type": kind}) for _, body, kind in BODIES]
        for method, path in BODILESS
    },
    "odd methods and paths": ODD,
}


@pytest.fixture(scope="module")
def found(twins: Twins) -> dict[str, list[str]]:
    made = [problem for told in WORLD for problem in twins.one(told, ME)] + twins.effects(MADE)

    def send(names: list[str]) -> dict[str, list[str]]:
        return {name: [problem for step in STEPS[name] for problem in twins.step(step, ME)] for name in names}

    # What changes one thing is sent one after the other, and what only looks after everything else.
    together = [[str(good) for good in GOOD if "/config" in good.path], *([str(good)] for good in GOOD if "/config" not in good.path)]
    rest = [name for name in STEPS if not any(name in names for names in together)]
    with ThreadPoolExecutor(max_workers=3) as pool:
        done = list(pool.map(send, together))
    return {MADE: made} | {name: problems for part in (*done, send(rest)) for name, problems in part.items()}


@pytest.mark.parametrize("request_", [MADE, *STEPS])
def test_refused_alike(found: dict[str, list[str]], request_: str) -> None:
    if found[request_]:
        pytest.fail("\n".join(found[request_]), pytrace=False)


def test_rows_afterwards(twins: Twins, found: dict[str, list[str]]) -> None:
    problems = twins.effects("all that was spoilt")
    assert not problems, "\n".join(problems)
