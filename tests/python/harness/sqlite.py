"""SQLite files that a real Keystone made."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from . import conf, oracle


class SqliteCloud:
    """A SQLite file, key repositories and a `keystone.conf` for both servers."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.file = directory, directory / "keystone.db"
        self.keys, self.credential_keys = directory / "fernet-keys", directory / "credential-keys"
        self.config = conf.write(
            directory / "keystone.conf", oracle.base_options(f"sqlite:///{self.file}", self.keys, self.credential_keys)
        )

    @classmethod
    def empty(cls, directory: Path) -> SqliteCloud:
        """What the real Keystone's `db_sync` makes, with keys."""
        cloud = cls(directory)
        owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
        for repository in (cloud.keys, cloud.credential_keys):
            repository.mkdir(mode=0o700)
        oracle.manage(cloud.config, ["db_sync"], ["fernet_setup", *owner], ["credential_setup", *owner])
        return cloud

    @classmethod
    def bootstrapped(cls, directory: Path, empty: SqliteCloud | None = None) -> SqliteCloud:
        """The same after `bootstrap`."""
        cloud = cls.empty(directory) if empty is None else empty.copy(directory)
        oracle.manage(cloud.config, oracle.bootstrap_command("http://identity.example/v3"))
        return cloud

    def copy(self, directory: Path) -> SqliteCloud:
        """Another cloud with copies of the file and the keys."""
        made = SqliteCloud(directory)
        shutil.copy(self.file, made.file)
        for source, target in ((self.keys, made.keys), (self.credential_keys, made.credential_keys)):
            shutil.copytree(source, target, dirs_exist_ok=True)
        return made

    def execute(self, statement: str, values: tuple = ()) -> list[tuple]:
        """One statement from this process, committed at once, foreign keys on."""
        with closing(sqlite3.connect(self.file, timeout=10)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            with connection:
                return connection.execute(statement, values).fetchall()

    def schema(self) -> list[tuple]:
        """Every table, index and trigger as SQLite remembers their making."""
        return self.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
