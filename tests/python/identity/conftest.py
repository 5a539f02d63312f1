"""The twins: a real Keystone on Postgres, and Fernstone on Postgres and on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.fernstone import Fernstone
from harness.oracle import Keystone
from harness.rows import OnPostgres, OnSqlite
from harness.servers import Cloud
from harness.sqlite import SqliteCloud
from harness.twins import Login, Side, Twins

from .logins import ADMIN


@pytest.fixture(scope="session")
def twins(request: pytest.FixtureRequest, workshop: Path, bootstrapped: Cloud, sqlite_bootstrapped: SqliteCloud) -> Iterator[Twins]:
    """All sides fresh from bootstrap, and what it made known by name."""
    # The cluster may outlive the run: `--attach`.
    databases = {label: f"{label}-{workshop.name}" for label in ("twin-keystone", "twin-fernstone")}
    clouds = {label: bootstrapped.copy(workshop / label, database) for label, database in databases.items()}
    lite = sqlite_bootstrapped.copy(workshop / "twin-sqlite")
    counterpart = request.config.getoption("--counterpart")

    def start(name: str, config: Path, directory: Path) -> Keystone | Fernstone:
        return Keystone(config, directory, name=name) if counterpart == "keystone" else Fernstone.serve(config, directory, name=name)

    running: list[Keystone | Fernstone] = []
    try:
        running.append(Keystone(clouds["twin-keystone"].config("twin"), workshop / "twin-keystone", name="keystone-twin"))
        running.append(start("on-postgres", clouds["twin-fernstone"].config("twin"), workshop / "twin-fernstone"))
        running.append(start("on-sqlite", lite.config, lite.directory))
        for server in running:
            server.wait()
        postgres, same = bootstrapped.postgres, counterpart == "keystone"
        made = Twins(
            Side("keystone", running[0].url, OnPostgres(postgres, databases["twin-keystone"])),
            [
                Side("postgres", running[1].url, OnPostgres(postgres, databases["twin-fernstone"]), is_keystone=same),
                Side("sqlite", running[2].url, OnSqlite(lite.file), is_keystone=same),
            ],
        )
        for side in made.sides:
            _know(side)
        assert not made.login(Login("admin", ADMIN))
        assert not made.login(Login("system", {"auth": {**ADMIN["auth"], "scope": {"system": {"all": True}}}}))
        # A login leaves the day of it.
        for side in made.sides:
            side.database.effects()
        yield made
    finally:
        for server in running:
            server.stop()


def _know(side: Side) -> None:
    """Binds the names of what bootstrap made. Fernstone's lists may be what is tested: the database is asked."""
    for noun, statement in {
        "role": "SELECT name, id FROM role",
        "project": "SELECT name, id FROM project WHERE name = 'admin'",
        "user": "SELECT name, user_id FROM local_user",
        "service": "SELECT type, id FROM service",
        "endpoint": "SELECT interface, id FROM endpoint",
    }.items():
        for name, made in side.database.execute(statement):
            side.names.bind(f"{noun}.{name}", made)
