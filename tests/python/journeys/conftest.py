"""Clouds for the journeys, and what both servers are asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import oracle
from harness.exchange import Answer, Request, post, send
from harness.fernstone import Fernstone
from harness.sqlite import SqliteCloud


def login_body(password: str = oracle.ADMIN_PASSWORD, user: str = "admin", scope: object = None) -> dict:
    """A login of a user of the default domain, to the project admin unless said otherwise."""
    default = {"id": "default"}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": {"name": user, "domain": default, "password": password}}},
            "scope": scope or {"project": {"name": "admin", "domain": default}},
        }
    }


def login(url: str, **more: object) -> Answer:
    """Asks a server for a token."""
    return send(url, post("/v3/auth/tokens", login_body(**more)))


def read(url: str, subject: str, caller: str) -> Answer:
    """Asks a server about a token."""
    return send(url, Request("GET", "/v3/auth/tokens", headers={"X-Auth-Token": caller, "X-Subject-Token": subject}))


@pytest.fixture(scope="session")
def sqlite_empty(workshop: Path) -> SqliteCloud:
    """`keystone-manage db_sync` and nothing else, with keys."""
    cloud = SqliteCloud(workshop / "sqlite-empty")
    owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
    for directory in (cloud.keys, cloud.credential_keys):
        directory.mkdir(mode=0o700)
    oracle.manage(cloud.config, ["db_sync"], ["fernet_setup", *owner], ["credential_setup", *owner])
    return cloud


@pytest.fixture(scope="session")
def sqlite_bootstrapped(workshop: Path, sqlite_empty: SqliteCloud) -> SqliteCloud:
    """The same after `keystone-manage bootstrap`."""
    cloud = sqlite_empty.copy(workshop / "sqlite-bootstrapped")
    oracle.manage(cloud.config, oracle.bootstrap_command("http://identity.example/v3"))
    return cloud


@pytest.fixture
def serve() -> Iterator[Callable[..., Fernstone]]:
    """Starts `fernstone serve`, any number of times; all of them end with the test."""
    running: list[Fernstone] = []

    def start(config: Path, directory: Path, name: str = "fernstone") -> Fernstone:
        server = Fernstone.serve(config, directory, name=f"{name}-{len(running)}")
        running.append(server)
        server.wait()
        return server

    yield start
    for server in running:
        server.stop()
