"""Keystone's own code, and the program, for the tests of key directories."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import oracle, strace


class KeystoneKeys:
    """Keystone's own code, answering in a process of its own."""

    def __init__(self) -> None:
        script = Path(strace.__file__).with_name("keystone_keys.py")
        self.process = subprocess.Popen(
            [str(oracle.virtualenv() / "bin" / "python"), "-W", "ignore", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    def ask(self, question: dict) -> dict:
        """One question, one answer."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="session")
def keystone() -> Iterator[KeystoneKeys]:
    """Keystone's code."""
    keys = KeystoneKeys()
    yield keys
    assert keys.process.stdin
    keys.process.stdin.close()
    keys.process.wait(timeout=10)
