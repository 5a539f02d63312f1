"""The binary under the name of keystone-manage, beside what keystone-manage's own parser takes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from harness import fernstone, oracle

HERE = {
    "bootstrap", "credential_migrate", "credential_rotate", "credential_setup", "db_sync", "db_version", "doctor", "fernet_rotate",
    "fernet_setup", "receipt_rotate", "receipt_setup",
}  # fmt: skip


@pytest.fixture(scope="module")
def taken() -> dict:
    """What keystone-manage takes: `global` options and `verbs` with theirs."""
    script = Path(oracle.__file__).with_name("keystone_verbs.py")
    argv = [str(oracle.virtualenv() / "bin" / "python"), "-W", "ignore", str(script)]
    return json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def manage(workshop: Path) -> Path:
    """A link to the binary."""
    link = workshop / "keystone-manage"
    link.symlink_to(fernstone.binary())
    return link


def run(manage: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """One call with no configuration of this machine's."""
    return subprocess.run([str(manage), *line], capture_output=True, text=True, cwd="/", check=False)


def test_each_verb_is_here_with_its_options_or_says_that_it_is_not(taken: dict, manage: Path) -> None:
    assert HERE < set(taken["verbs"])
    for verb, options in taken["verbs"].items():
        answer = run(manage, verb, "--help")
        if verb not in HERE:
            assert answer.returncode != 0 and f"{verb} is not here" in answer.stderr, answer
            continue
        assert answer.returncode == 0, answer
        for option in options:
            assert any(name in answer.stdout.split() for name in option["names"]), f"{verb} {option}"


def test_each_option_before_the_verb_is_taken(taken: dict, manage: Path) -> None:
    names = {name for option in taken["global"] for name in option["names"]}
    assert {"--config-file", "--debug", "-d", "--log-config", "--logdir", "--version"} <= names
    for option in taken["global"]:
        for name in option["names"]:
            # The verb's help is shown only if all that stands before it could be parsed.
            value = [] if not option["value"] else ["bash"] if "completion" in name else ["/dev/null"]
            line = [name] if name == "--version" else [name, *value, "db_version", "--help"]
            answer = run(manage, *line)
            assert answer.returncode == 0 and answer.stdout, f"{name}: {answer}"
