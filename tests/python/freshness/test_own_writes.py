"""Many writes of one process in a row, while others ask it: no request that starts after one of them is answered as before it."""

from __future__ import annotations

from .counting import counting
from .stage import ITSELF
from .watching import House

WRITES = 100


def test_one_after_the_other(house: House) -> None:
    before = house.reader.lookups()
    with counting(house, (ITSELF,)) as count:
        house.reader.child.wait_until(lambda: count.is_over.is_set() or all(len(due) > WRITES for due in count.due))
    assert house.reader.lookups().since(before).hits > 0, "nothing was served from memory"
