"""Users whom a Fernstone has at hand in memory and was never asked about: what changes for them is seen like everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace

import pytest
from psycopg2 import connect

from .listener import silence
from .observed import Observed
from .stage import CHANGES, KEYSTONE, OTHER, SQL, Scene
from .watching import PROMISE, House, together


# What says something about a user. A catalog that changes would show in the answers about all the others, too.
OF_USERS = [change for change in CHANGES if change.name != "endpoint changed"]


@pytest.fixture(scope="module")
def scenes(house: House) -> dict[str, list[Scene]]:
    """All of them by everybody else, twice; nobody but the other Fernstone has seen the users."""
    return {
        how: [Scene(house.stage, change, writer) for change in OF_USERS for writer in (OTHER, KEYSTONE, SQL)]
        for how in ("heard", "not heard")
    }


@pytest.fixture(scope="module")
def newcomer(house: House, scenes: dict[str, list[Scene]]) -> Iterator[House]:
    """The house with a reader that was started after all that, and has every user at hand."""
    reader = Observed.start(house.cloud, "freshness-newcomer")
    try:
        reader.wait()
        reader.wait_to_hear()
        reader.child.wait_until(lambda: reader.metrics()['fernstone_cache_entries{cache="users"}'] >= users(house))
        yield replace(house, reader=reader)
    finally:
        reader.stop()


def users(house: House) -> int:
    """How many there are, but for those whose tokens were revoked: these are asked for each time."""
    with closing(connect(house.cloud.postgres.dsn(house.cloud.database))) as connection, connection.cursor() as cursor:
        cursor.execute(
            'SELECT count(*) FROM "user" WHERE id NOT IN ('
            "SELECT user_id FROM revocation_event WHERE user_id IS NOT NULL"
            " AND audit_id IS NULL AND audit_chain_id IS NULL AND trust_id IS NULL)"
        )
        return cursor.fetchone()[0]


def no_silence(house: House, server: Observed) -> AbstractContextManager:
    """Everything is as ever."""
    return nullcontext()


@pytest.mark.parametrize(("how", "around"), [("heard", no_silence), ("not heard", silence)])
def test_seen(
    newcomer: House,
    scenes: dict[str, list[Scene]],
    how: str,
    around: Callable[[House, Observed], AbstractContextManager],
) -> None:
    """The first question about each of them comes after the change, whether the reader is told of it or not."""
    # What is read at the first question anyway is read now: the project, its group, the catalog.
    [familiar] = newcomer.scenes(SQL, CHANGES[:1])
    newcomer.warm([familiar])
    with around(newcomer, newcomer.reader):
        together(lambda scene: newcomer.see(scene, newcomer.write(scene), PROMISE), scenes[how])
    newcomer.reader.wait_to_hear()
