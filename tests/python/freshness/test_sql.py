"""SQL that is not one row in a transaction of its own: whatever way a row was changed, it is announced."""

from __future__ import annotations

from .stage import CHANGES, SQL
from .watching import PROMISE, House, together


def test_a_transaction_that_was_open(house: House) -> None:
    """What was read while it was open is kept, and falls with the commit."""
    scenes = house.scenes(SQL)
    with house.transaction(scenes) as commit:
        house.warm(scenes)
        acknowledged = commit()
        together(lambda scene: house.see(scene, acknowledged, PROMISE), scenes)


def test_a_replica_s_session(house: House) -> None:
    """Postgres passes over ordinary triggers in what replication and restoring write."""
    scenes = house.warm_scenes(SQL)
    with house.transaction(scenes, "SET LOCAL session_replication_role = replica") as commit:
        acknowledged = commit()
        together(lambda scene: house.see(scene, acknowledged, PROMISE), scenes)


def test_many_at_once(house: House) -> None:
    """More users in one statement than can be announced one by one."""
    many = f"freshness-{house.stage.number}-"
    [scene] = house.scenes(SQL, CHANGES[:1])
    house.sql(
        'INSERT INTO "user" (id, enabled, domain_id) SELECT %s || number, true, %s FROM generate_series(1, 150) AS number',
        (many, house.stage.domain),
    )
    house.warm([scene])
    acknowledged = house.sql('UPDATE "user" SET enabled = false WHERE id = %s OR starts_with(id, %s)', (scene.user, many))
    house.see(scene, acknowledged, PROMISE)
    house.sql('DELETE FROM "user" WHERE starts_with(id, %s)', (many,))
