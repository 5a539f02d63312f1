"""One cloud (database, key repositories, configuration) and the servers that serve it."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import conf, oracle
from .fernstone import Fernstone
from .oracle import Keystone
from .pair import Pair
from .postgres import Postgres

# What `bootstrap` writes into the catalog; nobody listens there.
PUBLIC_URL = "http://identity.example/v3"


class Cloud:
    """A database and key repositories made by the real Keystone."""

    def __init__(self, directory: Path, postgres: Postgres, database: str = "keystone", *, prepared: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.postgres, self.database = directory, postgres, database
        self.keys, self.credential_keys = directory / "fernet-keys", directory / "credential-keys"
        if not prepared:
            postgres.create(database)
            oracle.prepare(self.config("prepare"), self.keys, self.credential_keys, PUBLIC_URL)

    def copy(self, directory: Path, database: str) -> Cloud:
        """Another cloud that starts where this one is; nobody may be connected to this one's database."""
        self.postgres.create(database, self.database)
        made = Cloud(directory, self.postgres, database, prepared=True)
        for source, target in ((self.keys, made.keys), (self.credential_keys, made.credential_keys)):
            shutil.copytree(source, target)
        return made

    def config(self, name: str, options: conf.Options | None = None) -> Path:
        """A `keystone.conf` for this cloud with some options of its own."""
        base = oracle.base_options(self.postgres.sqlalchemy_url(self.database), self.keys, self.credential_keys)
        return conf.write(self.directory / f"{name}.conf", conf.merged(base, options or {}))


class Servers:
    """A real Keystone and its counterpart on the same configuration file."""

    def __init__(
        self,
        cloud: Cloud,
        name: str,
        options: conf.Options | None = None,
        *,
        counterpart: str = "fernstone",
        keystone_url: str | None = None,
    ) -> None:
        config = cloud.config(name, options)
        self.keystone = Keystone(config, cloud.directory, name=f"keystone-{name}", url=keystone_url)
        try:
            self.fernstone: Fernstone | Keystone = (
                Fernstone.serve(config, cloud.directory, name=f"fernstone-{name}")
                if counterpart == "fernstone"
                else Keystone(config, cloud.directory, name=f"counterpart-{name}")
            )
            self.keystone.wait()
            self.fernstone.wait()
        except BaseException:
            self.stop()
            raise

    def pair(self, names) -> Pair:
        """The two, ready for comparing, with the names of a world."""
        return Pair(self.keystone.url, self.fernstone.url, names)

    def stop(self) -> None:
        """Ends both."""
        self.keystone.stop()
        if hasattr(self, "fernstone"):
            self.fernstone.stop()
