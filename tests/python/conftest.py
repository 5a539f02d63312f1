"""What every Python test stands on, started once for the whole run."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.postgres import Postgres
from harness.servers import Cloud, Servers
from harness.sqlite import SqliteCloud


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Races leave different things behind on each side: nothing is compared after them."""
    items.sort(key=lambda item: item.path.stem == "test_races")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--counterpart",
        choices=("fernstone", "keystone"),
        default="fernstone",
        help="what is compared with the real Keystone; `keystone` compares it with itself, which shows what the comparison would wrongly report",
    )
    parser.addoption("--attach", type=Path, metavar="FILE", help="use the cloud that `python -m differential.stay FILE` keeps running")
    parser.addoption("--keep", action="store_true", help="leave databases, configuration and logs behind, and say where")


@pytest.fixture(scope="session")
def workshop(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A directory for everything that this run makes."""
    directory = Path(tempfile.mkdtemp(prefix="fernstone-tests-"))
    yield directory
    if request.config.getoption("--keep"):
        print(f"\nkept: {directory}")
    else:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def attached(request: pytest.FixtureRequest) -> dict | None:
    """What `--attach` points at, if it was given."""
    path = request.config.getoption("--attach")
    return None if path is None else json.loads(path.read_text())


@pytest.fixture(scope="session")
def postgres(workshop: Path, attached: dict | None) -> Iterator[Postgres]:
    """A Postgres cluster of our own."""
    cluster = Postgres(workshop / "postgres", port=attached and attached["postgres_port"])
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def bootstrapped(workshop: Path, postgres: Postgres, attached: dict | None) -> Cloud:
    """What the real Keystone's `db_sync` and `bootstrap` make, for copying."""
    if attached is not None:
        return Cloud(Path(attached["bootstrapped"]), postgres, "bootstrapped", prepared=True)
    return Cloud(workshop / "bootstrapped", postgres, "bootstrapped")


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
def sqlite_empty(workshop: Path) -> SqliteCloud:
    """`keystone-manage db_sync` and nothing else, with keys."""
    return SqliteCloud.empty(workshop / "sqlite-empty")


@pytest.fixture(scope="session")
def sqlite_bootstrapped(request: pytest.FixtureRequest, workshop: Path, attached: dict | None) -> SqliteCloud:
    """The same after `keystone-manage bootstrap`."""
    if attached is not None:
        return SqliteCloud(Path(attached["sqlite_bootstrapped"]))
    return SqliteCloud.bootstrapped(workshop / "sqlite-bootstrapped", request.getfixturevalue("sqlite_empty"))
