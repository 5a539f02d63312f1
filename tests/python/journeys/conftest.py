"""Clouds for the journeys, and what both servers are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import oracle
from harness.exchange import Answer, Request, post, send
from harness.fernstone import Fernstone


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
