"""A real Keystone and Fernstone on one database, and the world that both look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.pair import Pair
from harness.postgres import Postgres
from harness.servers import Cloud, Servers

from . import delegated
from .world import World, build


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest, workshop: Path, postgres: Postgres, attached: dict | None) -> Cloud:
    """A database and keys made by the real Keystone."""
    if attached is not None:
        return Cloud(Path(attached["directory"]), postgres, prepared=True)
    return request.getfixturevalue("bootstrapped").copy(workshop / "cloud", "keystone")


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, cloud: Cloud, attached: dict | None) -> Iterator[Servers]:
    """Both servers with Keystone's own defaults."""
    url = attached and attached["keystone_url"]
    both = Servers(cloud, "plain", counterpart=request.config.getoption("--counterpart"), keystone_url=url)
    yield both
    both.stop()


@pytest.fixture(scope="session")
def world(servers: Servers, cloud: Cloud, attached: dict | None) -> World:
    """The cloud filled with everything that the cases name."""
    made = World(servers.keystone.url, cloud.postgres, cloud.database, attached and attached["ids"])
    if attached is None:
        build(made)
    else:
        made.logins |= attached["logins"]
    return made


@pytest.fixture(scope="session")
def pair(servers: Servers, world: World) -> Pair:
    """Both servers with Keystone's own defaults, and the names of the world."""
    return servers.pair(world)


@pytest.fixture(scope="session")
def delegations(world: World) -> None:
    """Tokens of trusts, application credentials, OAuth and federation, by name in the world."""
    if "trust.trust" not in world.ids:
        delegated.build(world)
