"""A change takes with it all that hangs from what it changes, and nothing else: the same rows go and come on all sides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.twins import Twins

from .hanging import AFTER, CHANGES, hung


@pytest.fixture(scope="module")
def worlds(twins: Twins) -> Twins:
    """A world for each change. What they are made of is for the stories to compare."""

    def build(change: str) -> None:
        for told in hung(change):
            twins.one(told, change.replace(" ", "-"))

    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(build, CHANGES))
    twins.effects("the making of the worlds")
    return twins


@pytest.mark.parametrize("change", CHANGES)
def test_rows_after(worlds: Twins, change: str) -> None:
    worlds.tell(change, [*CHANGES[change], *AFTER], each=True)
