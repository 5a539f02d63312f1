"""The triggers are taken away while both Fernstones serve, and put back: in between, everything is read from the database."""

from __future__ import annotations

from harness.exchange import send
from harness.fernstone import command

from .stage import SQL, WRITERS
from .watching import AT_ONCE, House

TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
READS = 20


def test_taken_away_and_put_back(house: House) -> None:
    config, database, reader = house.cloud.config("freshness-commands"), house.cloud.database, house.reader
    scenes, laments = house.warm_scenes(SQL), reader.laments()
    try:
        command(config, "change_feed", "remove")
        # Nobody is told of these, and they are in memory.
        house.play(scenes)
        assert house.cloud.postgres.execute(TRIGGERS, database=database) == [(0,)]
        for server in (reader, house.other):
            server.child.wait_until(lambda server=server: not server.hears())

        before = reader.lookups()
        for writer in WRITERS:
            house.play(house.scenes(writer), AT_ONCE)
        [scene, *_] = house.scenes(SQL)
        for _ in range(READS):
            assert send(reader.url, scene.reading).status == 200
        looked = reader.lookups().since(before)
        assert looked.hits == looked.misses == 0, "nothing may even be looked for"
        # Of two tokens each, the one that is asked about and the one that asks.
        assert looked.bypasses >= 2 * READS
        assert not reader.hears()
        assert reader.laments() > laments
        assert "`change_feed install`" in reader.log.read_text()
    finally:
        command(config, "change_feed", "install")
    for server in (reader, house.other):
        server.wait_to_hear()
    house.warm([scene])
