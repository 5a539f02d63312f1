"""Every change is seen at once by who made it, and within a second by everybody else, whoever made it."""

from __future__ import annotations

import pytest

from .stage import CHANGES, SQL, WRITERS, Change
from .watching import House


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("writer", WRITERS)
def test_seen(house: House, writer: str, change: Change) -> None:
    """The change, and that it was undone."""
    scenes = house.warm_scenes(writer, [change])
    house.play(scenes)
    if change.back is not None and writer != SQL:
        house.undo(scenes[0])
