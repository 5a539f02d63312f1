"""Two Fernstones beside the run's real Keystone, on its database and keys.

Nothing of this stays: the database announces its changes only while these tests run, and is Keystone's own again
afterwards, as the other tests expect it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.fernstone import command
from harness.servers import Cloud, Servers

from .observed import Observed
from .stage import Stage
from .watching import House


@pytest.fixture(scope="package")
def announced(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud, whose database a Keystone made, with what makes it announce its changes."""
    config = cloud.config("freshness-commands")
    command(config, "change_feed", "install")
    yield cloud
    command(config, "change_feed", "remove")


@pytest.fixture(scope="package")
def house(announced: Cloud, servers: Servers) -> Iterator[House]:
    """Everybody who reads and writes; both Fernstones hear of changes."""
    running: list[Observed] = []
    try:
        running += [Observed.start(announced, f"freshness-{name}") for name in ("reader", "other")]
        for server in running:
            server.wait()
            server.wait_to_hear()
        reader, other = running
        stage = Stage(other.url)
        yield House(announced, reader, other, servers.keystone.url, stage)
        stage.clear()
    finally:
        for server in running:
            server.stop()
