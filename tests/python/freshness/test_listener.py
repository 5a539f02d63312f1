"""The connection on which a Fernstone hears of changes is lost, or silent: what it answers stays as fresh."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.exchange import send

from .counting import counting
from .listener import cut_off, silence, terminate
from .observed import Observed
from .stage import CHANGES, SQL, WRITERS
from .watching import House

READS = 5


def tells_of_a_loss(server: Observed) -> Callable[[], bool]:
    """Whether its metrics and its log have said since now that it ceased to hear of changes."""
    losses, laments = server.losses(), server.laments()
    return lambda: server.losses() > losses and server.laments() > laments


@pytest.mark.parametrize("writer", WRITERS)
def test_cut_off(house: House, writer: str) -> None:
    """Whatever is written after that."""
    scenes = house.warm_scenes(writer)
    has_told = tells_of_a_loss(house.reader)
    assert terminate(house, house.reader)
    house.play(scenes)
    house.reader.child.wait_until(lambda: has_told() and house.reader.hears())
    # And what is good is served from memory again.
    house.warm_scenes(writer)


@pytest.mark.parametrize("writer", WRITERS)
def test_silent(house: House, writer: str) -> None:
    """The connection is there, and the changes are made, but nobody is told."""
    scenes = house.warm_scenes(writer)
    has_told = tells_of_a_loss(house.reader)
    with silence(house, house.reader) as hush:
        house.play(scenes)
        # It listens anew, and hears nothing on that connection either.
        house.reader.child.wait_until(lambda: hush() and has_told() and not house.reader.hears())
    house.reader.wait_to_hear()
    house.warm_scenes(writer)


@pytest.mark.parametrize("how", [cut_off, silence])
def test_nothing_from_memory(house: House, how: Callable) -> None:
    """What was kept, and is as good as before, is read from the database until changes are heard of again."""
    [scene] = house.warm_scenes(SQL, CHANGES[:1])
    reader, request = house.reader, scene.reading

    def is_seen() -> bool:
        confirmations, was_deaf, before = reader.confirmations(), not reader.hears(), reader.lookups()
        statuses = {send(reader.url, request).status for _ in range(READS)}
        looked, is_deaf = reader.lookups().since(before), not reader.hears()
        assert statuses == {200}
        if not (was_deaf and is_deaf and reader.confirmations() == confirmations):
            # It listened again in the meantime.
            return False
        assert looked.hits == looked.misses == 0
        # The token that is asked about and the one that asks.
        assert looked.bypasses == 2 * READS
        return True

    with how(house, reader) as again:
        reader.child.wait_until(lambda: again() and is_seen())
    reader.wait_to_hear()
    house.warm([scene])


def test_while_writes_go_on(house: House) -> None:
    """By everybody, without a pause, while one listener after the other is cut off and one is silent."""
    reader = house.reader
    before = reader.lookups()
    with counting(house, WRITERS):
        for _ in range(3):
            has_told = tells_of_a_loss(reader)
            assert terminate(house, reader)
            reader.child.wait_until(lambda has_told=has_told: has_told() and reader.hears())
        with silence(house, reader) as hush:
            reader.child.wait_until(lambda: hush() and not reader.hears())
        reader.wait_to_hear()
    looked = reader.lookups().since(before)
    assert looked.hits > 0 and looked.bypasses > 0, "of both kinds, or nothing was proved"
