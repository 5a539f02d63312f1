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

    def send(steps: list[Step]) -> list[str]:
        return [problem for step in steps for problem in twins.step(step, ME)]

    with ThreadPoolExecutor(max_workers=3) as pool:
        return {MADE: made, **dict(zip(STEPS, pool.map(send, STEPS.values()), strict=True))}


@pytest.mark.parametrize("request_", [MADE, *STEPS])
def test_refused_alike(found: dict[str, list[str]], request_: str) -> None:
    if found[request_]:
        pytest.fail("\n".join(found[request_]), pytrace=False)


def test_rows_afterwards(twins: Twins, found: dict[str, list[str]]) -> None:
    problems = twins.effects("all that was spoilt")
    assert not problems, "\n".join(problems)
