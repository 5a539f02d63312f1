"""The program under test: the `fernstone` binary that cargo built."""

from __future__ import annotations

import json
import os
from pathlib import Path

from .oracle import REPOSITORY
from .processes import Child, run


def binary() -> Path:
    """`FERNSTONE_BIN`, or what `cargo build` left in the target directory."""
    named = os.environ.get("FERNSTONE_BIN")
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    path = Path(named) if named else target / "debug" / "fernstone"
    if not path.exists():
        raise RuntimeError(f"no fernstone binary at {path}; `cargo build` makes it")
    return path


def command(config: Path, *arguments: str, seconds: float = 120.0) -> str:
    """Runs one command to its end and answers what it printed; raises when it fails."""
    return run([str(binary()), "--config-file", str(config), *arguments], seconds=seconds)


class Fernstone:
    """A running Fernstone, found by the ready file that it writes."""

    def __init__(self, argv: list[str], directory: Path, name: str, env: dict[str, str] | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.ready_file = directory / f"{name}.ready.json"
        self.ready_file.unlink(missing_ok=True)
        self.child = Child(
            name,
            [str(binary()), *argv, "--listen", "127.0.0.1:0", "--ready-file", str(self.ready_file)],
            directory / f"{name}.log",
            env={**os.environ, **(env or {})},
            cwd=directory,
        )

    @classmethod
    def serve(cls, config: Path, directory: Path, *, name: str = "fernstone") -> Fernstone:
        """`fernstone serve` on a `keystone.conf`."""
        return cls(["serve", "--config-file", str(config)], directory, name)

    @classmethod
    def dev(cls, directory: Path, *arguments: str, name: str = "dev") -> Fernstone:
        """`fernstone dev`, its data below `directory`."""
        return cls(["dev", *arguments], directory, name)

    def wait(self) -> None:
        """Returns when the ready file is there."""
        self.child.wait_until(self.ready_file.exists)

    @property
    def ready(self) -> dict[str, str]:
        """What the ready file says."""
        return json.loads(self.ready_file.read_text())

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.ready["url"].removesuffix("/v3")

    def stop(self) -> int:
        """Asks for a graceful shutdown and answers the exit status."""
        return self.child.stop()
