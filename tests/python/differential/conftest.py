"""The world that a real Keystone and Fernstone both look at, on one database."""

from __future__ import annotations

import pytest

from harness.pair import Pair
from harness.servers import Cloud, Servers

from . import delegated
from .world import World, build


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
