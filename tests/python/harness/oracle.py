"""The real Keystone that Fernstone is compared with, from the pinned packages of `.venv-keystone`.

It runs under uWSGI, the server whose answers were recorded: gunicorn's and waitress' own readings of odd paths and
methods would be mistaken for Keystone's.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import requests

from . import conf
from .processes import Child, free_port

REPOSITORY = Path(__file__).resolve().parents[3]
ADMIN_PASSWORD = "secret"
# Builds the tests' world: Keystone asks it no questions, so each call costs a fraction of one with a real token.
ADMIN_TOKEN = "known-to-the-tests-only"
REGION = "RegionOne"


def virtualenv() -> Path:
    """Where the pinned Keystone is installed (`make venvs` does it)."""
    path = Path(os.environ.get("FERNSTONE_KEYSTONE_VENV", REPOSITORY / ".venv-keystone"))
    if not (path / "bin" / "keystone-manage").exists():
        raise RuntimeError(f"no Keystone in {path}; `make venvs` installs it")
    return path


def base_options(connection: str, keys: Path, credential_keys: Path) -> conf.Options:
    """What both servers read: no caching, so that every answer is from the database, and hashes that cost nothing."""
    return {
        "DEFAULT": {"debug": False, "admin_token": ADMIN_TOKEN},
        "database": {"connection": connection, "max_pool_size": 5},
        "token": {"provider": "fernet"},
        "fernet_tokens": {"key_repository": keys},
        "fernet_receipts": {"key_repository": keys},
        "credential": {"key_repository": credential_keys},
        "identity": {"password_hash_rounds": 4},
        # Within one request only: see oracle_app.py.
        "cache": {"enabled": True, "backend": "dogpile.cache.null"},
    }


def manage(config: Path, *commands: list[str]) -> None:
    """Runs keystone-manage commands side by side; each costs seconds, nearly all of them spent on imports."""
    program = str(virtualenv() / "bin" / "keystone-manage")
    running = [
        subprocess.Popen(
            [program, "--config-file", str(config), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    outputs = [process.communicate(timeout=180)[0] for process in running]
    for command, process, output in zip(commands, running, outputs, strict=True):
        if process.returncode != 0:
            raise RuntimeError(f"keystone-manage {' '.join(command)} ended with {process.returncode}:\n{output}")


def prepare(config: Path, keys: Path, credential_keys: Path, public_url: str) -> None:
    """Schema, both key repositories and the first admin, all made by the real Keystone."""
    owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
    for directory in (keys, credential_keys):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    manage(config, ["db_sync"], ["fernet_setup", *owner], ["credential_setup", *owner])
    manage(config, bootstrap_command(public_url))


def bootstrap_command(public_url: str) -> list[str]:
    """`keystone-manage bootstrap` with the password and the endpoints of these tests."""
    urls = [item for interface in ("admin", "public", "internal") for item in (f"--bootstrap-{interface}-url", public_url)]
    return ["bootstrap", "--bootstrap-password", ADMIN_PASSWORD, "--bootstrap-region-id", REGION, *urls]


class Keystone:
    """One real Keystone server."""

    def __init__(self, config: Path, directory: Path, *, name: str = "keystone", processes: int = 2, url: str | None = None) -> None:
        """Starts one; with `url`, names one that already runs."""
        self.child: Child | None = None
        if url is not None:
            self.url = url
            return
        directory.mkdir(parents=True, exist_ok=True)
        self.name, self.port = name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "wsgi-file": Path(__file__).with_name("oracle_app.py"),
            "http-socket": f"127.0.0.1:{self.port}",
            "processes": processes,
            "threads": 1,
            "enable-threads": "true",
            "master": "true",
            "lazy-apps": "true",
            "die-on-term": "true",
            "no-orphans": "true",
            "need-app": "true",
            "buffer-size": 65535,
            # uWSGI drops kept connections without a word; clients that are told open a new one each time.
            "add-header": "Connection: close",
            "virtualenv": virtualenv(),
        }
        ini = directory / f"{name}.ini"
        ini.write_text("[uwsgi]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
        # The CORS middleware reads the files of the project `keystone` itself, wherever the server was pointed: they are
        # looked for below the home directory, among other places.
        home = directory / f"{name}-home" / ".keystone"
        home.mkdir(parents=True, exist_ok=True)
        (home / "keystone.conf").unlink(missing_ok=True)
        (home / "keystone.conf").symlink_to(config)
        self.child = Child(
            name,
            [str(virtualenv() / "bin" / "uwsgi"), "--ini", str(ini)],
            directory / f"{name}.log",
            env={**os.environ, "OS_KEYSTONE_CONFIG_FILES": str(config), "HOME": str(home.parent)},
        )

    def wait(self) -> None:
        """Returns when the first request can be served; several servers may start side by side before this."""
        if self.child is not None:
            self.child.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/v3", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def stop(self) -> None:
        """Ends the master and its workers; uWSGI's own ways of stopping take seconds."""
        if self.child is not None:
            self.child.kill()
