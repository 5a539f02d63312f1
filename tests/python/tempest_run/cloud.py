"""Fernstone from nothing: a database, keys, a server and its first administrator, by the commands an operator gives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import conf
from harness.fernstone import Fernstone, command
from harness.postgres import Postgres

from .suite import Cloud

STORES = ("sqlite", "postgres")
PASSWORD = "an operator's own"
REGION = "RegionOne"


@contextmanager
def fernstone(store: str, directory: Path) -> Iterator[Cloud]:
    """A running Fernstone on an empty database of this kind, below `directory`; gone at the end."""
    directory.mkdir(parents=True)
    with database(store, directory) as connection:
        config = conf.write(
            directory / "keystone.conf",
            {
                "database": {"connection": connection},
                "fernet_tokens": {"key_repository": directory / "fernet-keys"},
                "credential": {"key_repository": directory / "credential-keys"},
                # Each class makes users and logs in as them: hashing at full strength would be most of the run.
                "identity": {"password_hash_rounds": 4},
            },
        )
        command(config, "db_sync")
        command(config, "fernet_setup", "--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid()))
        server = Fernstone.serve(config, directory)
        try:
            server.wait()
            url = f"{server.url}/v3"
            # Last, because only now is the port known that has to be in the catalog.
            urls = [f"--bootstrap-{interface}-url={url}" for interface in ("admin", "internal", "public")]
            command(config, "bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-region-id", REGION, *urls)
            yield Cloud(url, PASSWORD, region=REGION)
        finally:
            status = server.stop()
        if status != 0:
            raise RuntimeError(f"fernstone ended with {status}:\n{server.child.tail()}")


@contextmanager
def database(store: str, directory: Path) -> Iterator[str]:
    """The address of an empty database, as `[database] connection` spells it."""
    if store == "sqlite":
        yield f"sqlite:///{directory / 'keystone.db'}"
        return
    cluster = Postgres(directory / "postgres")
    try:
        cluster.create("keystone")
        yield cluster.sqlalchemy_url("keystone")
    finally:
        cluster.stop()
