"""`fernstone dev`, and services that trust it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from harness.fernstone import Fernstone
from harness.oracle import REPOSITORY
from harness.processes import Child, free_port


class Dev:
    """A running `fernstone dev`, known only by its ready file and by the files that it names."""

    def __init__(self, process: Fernstone, directory: Path) -> None:
        self.process, self.directory = process, directory
        self.url = process.ready["url"]
        self.clouds_yaml = Path(process.ready["clouds_yaml"])
        self.clouds: dict[str, dict] = yaml.safe_load(self.clouds_yaml.read_text())["clouds"]

    def cloud(self, user: str) -> str:
        """The name of the cloud in `clouds.yaml` that logs this user in to a project."""
        names = [name for name, cloud in self.clouds.items() if cloud["auth"]["username"] == user and "project_name" in cloud["auth"]]
        assert len(names) == 1, f"no one cloud of {user} in {self.clouds}"
        return names[0]

    def auth(self, user: str) -> dict[str, str]:
        """What keystoneauth1's password plugin takes, as `clouds.yaml` has it."""
        return dict(self.clouds[self.cloud(user)]["auth"])

    @property
    def printed(self) -> str:
        """What it has said so far."""
        return self.process.child.log.read_text()


@pytest.fixture(scope="session")
def dev(workshop: Path) -> Iterator[Dev]:
    """`fernstone dev` with its data in a directory of its own."""
    directory = workshop / "dev"
    directory.mkdir()
    process = Fernstone.dev(directory)
    process.wait()
    yield Dev(process, directory)
    process.stop()


@pytest.fixture(scope="session")
def authtoken(dev: Dev) -> str:
    """The `[keystone_authtoken]` section that `dev` wrote for services."""
    found = [path for path in dev.directory.rglob("*.conf") if "[keystone_authtoken]" in path.read_text()]
    assert len(found) == 1, f"no one file with [keystone_authtoken] below {dev.directory}: {found}"
    return found[0].read_text()


@pytest.fixture(scope="session")
def start_service(workshop: Path) -> Iterator[Callable[[str, Path, str], tuple[str, Child]]]:
    """Runs one of the services here with a configuration, in some virtual environment."""
    running: list[Child] = []

    def start(script: str, virtualenv: Path, configuration: str) -> tuple[str, Child]:
        port = free_port()
        name = f"{Path(script).stem}-{port}"
        config = workshop / f"{name}.conf"
        config.write_text(configuration)
        program = REPOSITORY / "tests" / "python" / "clients" / script
        child = Child(name, [str(virtualenv / "bin" / "python"), str(program), str(config), str(port)], workshop / f"{name}.log")
        running.append(child)
        child.wait_until(lambda: _listens(port))
        return f"http://127.0.0.1:{port}", child

    yield start
    for child in running:
        child.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def own_virtualenv() -> Path:
    """Where the tests' own packages are."""
    return Path(sys.prefix)


@pytest.fixture(scope="session")
def older_virtualenv() -> Path:
    """Where Flask is old enough for flask_keystone."""
    path = REPOSITORY / ".venv-flask22"
    assert (path / "bin" / "python").exists(), f"{path} is missing; `make venvs` makes it"
    return path
