"""Stored credentials that Keystone encrypted, migrated by Fernstone, and read by Keystone again, on both databases."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import fernstone
from harness.postgres import Postgres

from .conftest import KeystoneKeys

Execute = Callable[[str], list[tuple]]
OWNER = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]


def on_sqlite(file: Path) -> Execute:
    """Runs one statement."""

    def execute(statement: str) -> list[tuple]:
        with sqlite3.connect(file) as connection:
            return connection.execute(statement).fetchall()

    return execute


@pytest.fixture(params=["sqlite", "postgres"])
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Execute]:
    """A `keystone.conf` with an empty database and no keys, and a way to its tables."""
    if request.param == "sqlite":
        url, execute = f"sqlite:///{tmp_path / 'keystone.db'}", on_sqlite(tmp_path / "keystone.db")
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        name = re.sub(r"\W", "_", request.node.name)
        postgres.create(name)
        url = postgres.sqlalchemy_url(name)

        def execute(statement: str) -> list[tuple]:
            return postgres.execute(statement, database=name)

    config = tmp_path / "keystone.conf"
    config.write_text(f"[database]\nconnection = {url}\n[credential]\nkey_repository = {tmp_path / 'credential-keys'}\n")
    fernstone.command(config, "db_sync")
    return config, execute


def test_long_work_shows_how_far_it_is(cloud: tuple[Path, Execute], keystone: KeystoneKeys) -> None:
    """On a terminal, and nowhere else."""
    config, execute = cloud
    fernstone.command(config, "credential_setup", *OWNER)
    argv = [str(fernstone.binary()), "--config-file", str(config), "credential_migrate", *OWNER]
    sealed = keystone.ask({"seal": "secret", "keys": str(config.with_name("no-keys"))})
    changing = "INSERT INTO credential (id, user_id, type, key_hash, encrypted_blob) VALUES "
    for start, on_terminal in ((0, True), (120, False)):
        rows = ", ".join(f"('{number}', 'user', 'cert', '{sealed['key_hash']}', '{sealed['blob']}')" for number in range(start, start + 120))
        execute(f"{changing}{rows} RETURNING id")
        ours, its = pty.openpty()
        done = subprocess.run(argv, stderr=its if on_terminal else subprocess.PIPE, check=True)
        os.close(its)
        said = os.read(ours, 65536) if on_terminal else done.stderr
        os.close(ours)
        assert b"120 credentials were encrypted with the primary key" in said
        assert (b"\r50 of 120 credentials\r100 of 120 credentials\r120 of 120 credentials\r\n" in said) == on_terminal, said


def test_null_key_migration_rotation(cloud: tuple[Path, Execute], keystone: KeystoneKeys) -> None:
    """From the null key to the primary, and through rotations; at every moment Keystone reads every secret."""
    config, execute = cloud
    keys = str(config.with_name("credential-keys"))

    def insert(name: str) -> str:
        sealed = keystone.ask({"seal": f"secret of {name}", "keys": keys})
        values = f"'{name}', 'user', 'cert', '{sealed['key_hash']}', '{sealed['blob']}'"
        changing = f"INSERT INTO credential (id, user_id, type, key_hash, encrypted_blob) VALUES ({values}) RETURNING id"
        execute(changing)
        return sealed["key_hash"]

    def all_are_read() -> None:
        for name, blob in execute("SELECT id, encrypted_blob FROM credential ORDER BY id"):
            assert keystone.ask({"unseal": blob, "keys": keys}) == {"secret": f"secret of {name}"}

    def hashes() -> set[str]:
        return {row[0] for row in execute("SELECT key_hash FROM credential")}

    null_hash = insert("before-setup")
    fernstone.command(config, "credential_setup", *OWNER)
    primary_hash = insert("after-setup")
    assert hashes() == {null_hash, primary_hash} and null_hash != primary_hash
    all_are_read()
    argv = [str(fernstone.binary()), "--config-file", str(config), "credential_rotate", *OWNER]
    refused = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert refused.returncode == 3 and "1 of 2 are not" in refused.stderr, refused
    fernstone.command(config, "credential_migrate", *OWNER)
    assert hashes() == {primary_hash}
    all_are_read()
    for _ in range(4):
        fernstone.command(config, "credential_rotate", *OWNER)
        all_are_read()
        fernstone.command(config, "credential_migrate", *OWNER)
        assert hashes() == {keystone.ask({"seal": "anything", "keys": keys})["key_hash"]}
        all_are_read()
    assert sorted(path.name for path in Path(keys).iterdir()) == ["0", "4", "5"]
