"""A throw-away Postgres cluster on 127.0.0.1, made from Debian's own binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
from pathlib import Path

import psycopg2

from .processes import Child, free_port, run

# Nothing here needs to survive a power cut, and the tests wait for every commit.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def binaries() -> Path:
    """The newest directory with `initdb` in it, in Debian's layout or on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("no Postgres server found; `make deps` installs it")
    return Path(on_path).resolve().parent


def _unprivileged_user() -> str | None:
    """Postgres refuses to run as root, so root lends it the account that Debian's package made."""
    if os.geteuid() != 0:
        return None
    pwd.getpwnam("postgres")
    return "postgres"


class Postgres:
    """One cluster with the superuser `postgres` and no passwords, reachable from this machine only."""

    def __init__(self, directory: Path, port: int | None = None) -> None:
        """A new cluster below `directory`; with `port`, one that is already running."""
        self.child: Child | None = None
        if port is not None:
            self.port = port
            return
        directory.mkdir(parents=True, exist_ok=True)
        user = _unprivileged_user()
        if user is not None:
            shutil.chown(directory, user, user)
            _let_in(directory)
        data, tools = directory / "data", binaries()
        become = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]
        initdb = [str(tools / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        run([*become, *initdb], cwd="/")
        self.port = free_port()
        settings = {**SETTINGS, "port": str(self.port), "unix_socket_directories": str(directory)}
        arguments = [item for name, value in settings.items() for item in ("-c", f"{name}={value}")]
        log = directory / "postgres.log"
        log.touch()
        # SIGINT is Postgres' fast shutdown: it does not wait for clients.
        self.child = Child(
            "postgres", [str(tools / "postgres"), "-D", str(data), *arguments], log, stop_signal=signal.SIGINT, user=user, cwd="/"
        )
        self.child.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            psycopg2.connect(self.dsn("postgres")).close()
        except (OSError, psycopg2.OperationalError):
            return False
        return True

    def dsn(self, database: str) -> str:
        """A libpq URL."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def sqlalchemy_url(self, database: str) -> str:
        """The same as Keystone's `[database] connection` spells it."""
        return f"postgresql+psycopg2://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """Makes a database, empty or as a copy of another that nobody is connected to."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"', database="postgres")

    def execute(self, statement: str, values: tuple[object, ...] = (), *, database: str) -> list[tuple[object, ...]]:
        """Runs one statement in its own transaction and answers its rows, if any."""
        connection = psycopg2.connect(self.dsn(database))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def stop(self) -> None:
        """Shuts the cluster down; its files stay for whoever made the directory to remove."""
        if self.child is not None:
            self.child.stop()


def _let_in(directory: Path) -> None:
    """Lets other accounts pass through the private temporary directories above `directory`."""
    for parent in directory.parents:
        if parent.stat().st_uid != os.geteuid() or parent == Path("/"):
            continue
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o011)
