"""Credentials that a real Keystone stored through its API, through Fernstone's rotations and Keystone's own in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import fernstone, oracle
from harness.exchange import Request, send
from harness.oracle import Keystone
from harness.postgres import Postgres
from harness.servers import Cloud

OWNER = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
DOMAIN = {"id": "default"}
LOGIN = {
    "identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": DOMAIN, "password": oracle.ADMIN_PASSWORD}}},
    "scope": {"project": {"name": "admin", "domain": DOMAIN}},
}


@pytest.fixture(scope="module")
def cloud(workshop: Path, bootstrapped: Cloud) -> Cloud:
    """A cloud that Keystone made."""
    return bootstrapped.copy(workshop / "credentials", "credentials_of_keystone")


@pytest.fixture(scope="module")
def server(cloud: Cloud) -> Iterator[Keystone]:
    """A Keystone on it, for as long as the keys turn below it."""
    keystone = Keystone(cloud.config("keystone"), cloud.directory)
    try:
        keystone.wait()
        yield keystone
    finally:
        keystone.stop()


def test_keystone_reads_all_secrets_all_the_time(cloud: Cloud, server: Keystone, postgres: Postgres) -> None:
    config = cloud.config("keystone")
    login = send(server.url, Request("POST", "/v3/auth/tokens", {"auth": LOGIN}))
    admin, user = {"X-Auth-Token": login.token}, login.json()["token"]["user"]["id"]
    secrets: dict[str, str] = {}

    def store(secret: str) -> None:
        body = {"credential": {"user_id": user, "type": "cert", "blob": secret}}
        answer = send(server.url, Request("POST", "/v3/credentials", body, admin))
        assert answer.status == 201, answer
        secrets[answer.json()["credential"]["id"]] = secret

    def read() -> dict[str, str]:
        answer = send(server.url, Request("GET", "/v3/credentials", headers=admin))
        return {each["id"]: each["blob"] for each in answer.json()["credentials"]}

    def hashes() -> set[str]:
        return {row[0] for row in postgres.execute("SELECT key_hash FROM credential", database=cloud.database)}

    def ours(verb: str) -> None:
        fernstone.command(config, verb, *OWNER)

    store("before any rotation")
    store("{\"of\": \"two lines\\n\", \"and\": \"\u00fcmlauts\"}")
    first = hashes()
    for turn in range(2):
        ours("credential_rotate")
        assert read() == secrets, "a secondary opens them"
        store(f"turn {turn}")
        assert len(hashes()) == 2, "Keystone encrypts with the key that is primary now"
        with pytest.raises(RuntimeError, match=f"{turn + 2} of {turn + 3} are not"):
            ours("credential_rotate")
        ours("credential_migrate")
        assert len(hashes()) == 1 and hashes() != first
        assert read() == secrets
    # Keystone's own commands go on from there.
    oracle.manage(config, ["credential_rotate", *OWNER])
    oracle.manage(config, ["credential_migrate", *OWNER])
    ours("credential_rotate")
    assert read() == secrets
