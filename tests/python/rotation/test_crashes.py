"""Set-up, rotation and import are killed at every call that changes the disk, and the power fails after each.

What is left is loaded by Keystone's own code and by Fernstone, and opens every token that the directory opened before.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import fernstone, power_cut, strace

from .conftest import KeystoneKeys

HOUR = 3600


@pytest.fixture(scope="module")
def program(workshop: Path) -> Path:
    """The binary, where nobody may execute it."""
    workshop.chmod(0o755)
    copy = workshop / "fernstone-for-everybody"
    shutil.copy(fernstone.binary(), copy)
    copy.chmod(0o755)
    return copy


@pytest.fixture
def space(workshop: Path) -> Path:
    """A directory for one test that everybody may enter, which `tmp_path` is not."""
    path = workshop / "rotation" / str(len(list((workshop / "rotation").glob("*"))))
    path.mkdir(parents=True)
    return path


def give(path: Path) -> None:
    """Gives a tree to whom the program runs as."""
    if os.geteuid() == 0:
        for each in [path, *path.rglob("*")]:
            os.chown(each, strace.NOBODY, strace.NOBODY, follow_symlinks=False)


def rotate_at(program: Path, keys: Path, hours_ago: float) -> None:
    """A rotation that was so long ago."""
    subprocess.run([program, "fernet", "rotate", "--force", "--key-repository", keys], check=True, capture_output=True, cwd="/")
    then = time.time() - hours_ago * HOUR
    os.utime(keys / "0", (then, then))


def set_up(program: Path, keys: Path, *hours_ago: float) -> None:
    """A directory that was set up and then rotated, so long ago each."""
    config = keys.with_name("keystone.conf")
    config.write_text(f"[fernet_tokens]\nkey_repository = {keys}\n[fernet_receipts]\nkey_repository = {keys}\n")
    owner = [] if os.geteuid() != 0 else ["--keystone-user", "0", "--keystone-group", "0"]
    subprocess.run([program, "--config-file", config, "fernet_setup", *owner], check=True, capture_output=True, cwd="/")
    first = time.time() - (hours_ago[0] + 24) * HOUR
    for name in ("0", "1"):
        os.utime(keys / name, (first, first))
    for hours in hours_ago:
        rotate_at(program, keys, hours)


@dataclass
class Case:
    """A command on a directory below `top`."""

    name: str
    top: Path
    argv: list[str]
    stdin: bytes = b""
    # Key files, before, whose tokens the command may drop: nobody needs them any more.
    may_drop: tuple[str, ...] = ()

    @property
    def keys(self) -> Path:
        """The key directory."""
        return self.top / "keys"


CASES = ("setup", "rotate", "rotate-dropping", "fernet_rotate", "import", "import-in-place", "import-first")


def case(name: str, program: Path, room: Path, owner: list[str] | None = None) -> Case:
    """Prepares a case below `room`. `owner`: how root says to whom keys shall belong."""
    room.mkdir()
    room.chmod(0o777)
    top = room / "top"
    top.mkdir()
    keys = top / "keys"
    rotate = [str(program), "fernet", "rotate", "--key-repository", str(keys)]
    bring = [str(program), "fernet", "import", "--key-repository", str(keys)]
    config = room / "keystone.conf"
    config.write_text(f"[fernet_tokens]\nkey_repository = {keys}\n[fernet_receipts]\nkey_repository = {keys}\n")
    config.chmod(0o644)
    if name == "setup":
        return Case(name, top, [str(program), "--config-file", str(config), "fernet_setup", *(owner or [])])
    set_up(program, keys, 100, 60)
    (top / "keystone.conf").unlink()
    if name == "rotate":
        return Case(name, top, [*rotate, "--max-active-keys", "9"])
    if name == "rotate-dropping":
        return Case(name, top, [*rotate, "--max-active-keys", "3"], may_drop=("1", "2"))
    if name == "fernet_rotate":
        return Case(name, top, [str(program), "--config-file", str(config), "fernet_rotate", *(owner or [])], may_drop=("1", "2"))
    other = room / "other"
    shutil.copytree(keys, other)
    subprocess.run(
        [program, "fernet", "rotate", "--key-repository", other, "--max-active-keys", "4"], check=True, capture_output=True, cwd="/"
    )
    exported = subprocess.run([program, "fernet", "export", "--key-repository", other], check=True, capture_output=True, cwd="/").stdout
    if name == "import-in-place":
        (keys / "README").write_text("not a key")
    if name == "import-first":
        shutil.rmtree(keys)
        return Case(name, top, bring, exported)
    return Case(name, top, bring, exported, may_drop=("1",))


def must_open(before: dict[str, str], may_drop: tuple[str, ...]) -> list[str]:
    """The tokens that have to be opened afterwards."""
    return [token for name, token in before.items() if name not in may_drop]


def judge(keystone: KeystoneKeys, program: Path, keys: Path, tokens: list[str]) -> None:
    """Keystone and Fernstone load the directory, and open the tokens."""
    answer = keystone.ask({"open": str(keys), "tokens": tokens})
    listing = sorted(path.name for path in keys.iterdir()) if keys.is_dir() else None
    assert "error" not in answer, f"{answer} on {listing}"
    assert all(answer["opens"]), f"Keystone does not open {answer['opens']} on {listing}"
    if tokens:
        ours = subprocess.run(
            [program, "fernet", "identify", "--json", "--key-repository", keys],
            input="\n".join(tokens),
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        assert ours.returncode == 0, f"{ours.stdout}{ours.stderr} on {listing}"


# The keys are the service's and root rotates them: the usual thing on a controller. Who runs the tests as somebody else tests
# that user twice.
ROOTS_CHOICE = ["--keystone-user", str(strace.NOBODY), "--keystone-group", str(strace.NOBODY)] if os.geteuid() == 0 else []


def completes(program: Path, room: Path, keys: Path) -> None:
    """What was left can be set up again and rotated."""
    config = room / "after.conf"
    config.write_text(f"[fernet_tokens]\nkey_repository = {keys}\nmax_active_keys = 99\n[fernet_receipts]\nkey_repository = {keys}\n")
    owner = [] if os.geteuid() != 0 else ["--keystone-user", "0", "--keystone-group", "0"]
    for verb in ("fernet_setup", "fernet_rotate"):
        done = subprocess.run([program, "--config-file", config, verb, *owner], capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, f"{verb}: {done.stderr}"


@pytest.mark.parametrize("name", CASES)
def test_killed_at_each_call(name: str, keystone: KeystoneKeys, program: Path, space: Path) -> None:
    """Killed before each call that changes something, the directory opens what it opened, and the command can be repeated."""
    model = case(name, program, space / "model")
    before = keystone.ask({"mint": str(model.keys)}) if model.keys.is_dir() else {}
    tokens = must_open(before, model.may_drop)
    kept = space / "kept"
    shutil.copytree(model.top, kept)
    give(model.top)
    _, calls = strace.record(model.argv, space / "model" / "log", stdin=model.stdin)
    changing = [call for call in calls if call.name != "openat" or "O_CREAT" in call.arguments]
    assert sum(str(model.top) in call.arguments for call in changing) > 5, "the calls were not recorded"
    kills = 0
    for call in changing:
        shutil.rmtree(model.top)
        shutil.copytree(kept, model.top)
        give(model.top)
        kills += strace.killed_at(model.argv, call, stdin=model.stdin)
        judge(keystone, program, model.keys, tokens)
        if call.name in ("renameat2", "fsync"):
            completes(program, space, model.keys)
            judge(keystone, program, model.keys, tokens)
    assert kills >= len(changing) - 2, f"{kills} of {len(changing)} kills struck"


@pytest.mark.parametrize("name", CASES)
def test_root_killed_after_each_call(name: str, keystone: KeystoneKeys, program: Path, space: Path) -> None:
    """The same for root, who writes keys with the rights of their owner."""
    model = case(name, program, space / "model", ROOTS_CHOICE)
    before = keystone.ask({"mint": str(model.keys)}) if model.keys.is_dir() else {}
    tokens = must_open(before, model.may_drop)
    kept = space / "kept"
    shutil.copytree(model.top, kept)
    states: set[tuple[str, ...]] = set()
    for count in itertools.count(1):
        shutil.rmtree(model.top)
        shutil.copytree(kept, model.top)
        give(model.top)
        struck = strace.killed_after(model.argv, count, model.top, stdin=model.stdin)
        judge(keystone, program, model.keys, tokens)
        if not struck:
            break
        states.add(tuple(sorted(str(path.relative_to(model.top)) for path in model.top.rglob("*"))))
        completes(program, space, model.keys)
        judge(keystone, program, model.keys, tokens)
    assert count > 9, f"killed {count - 1} times"
    assert len(states) > 3, f"the directory was seen in these states: {states}"
    if os.geteuid() == 0 and name != "import-first":
        assert {path.stat().st_uid for path in [model.keys, *model.keys.iterdir()]} == {strace.NOBODY}


@pytest.mark.parametrize("as_ourselves", [False, True], ids=["nobody", "root"])
@pytest.mark.parametrize("name", CASES)
def test_power_cut_after_each_call(name: str, as_ourselves: bool, keystone: KeystoneKeys, program: Path, space: Path) -> None:
    """Whatever of the unsynced changes reached the disk, the directory opens what it opened."""
    model = case(name, program, space / "model", ROOTS_CHOICE if as_ourselves else None)
    before = keystone.ask({"mint": str(model.keys)}) if model.keys.is_dir() else {}
    tokens = must_open(before, model.may_drop)
    give(model.top)
    disk = power_cut.Disk.of(model.top)
    _, calls = strace.record(model.argv, space / "model" / "log", stdin=model.stdin, as_ourselves=as_ourselves)
    states = power_cut.after_each(model.top, disk, calls)
    assert len(states) > 3, "nothing was recorded"
    complete = {path.name for path in model.keys.iterdir()}
    assert any(complete == {Path(path).name for path in state if path.startswith("keys/")} for state in states), "the replay got nowhere"
    for place, state in enumerate(states):
        top = space / f"state-{place}"
        power_cut.lay_out(state, top)
        judge(keystone, program, top / "keys", tokens)
        shutil.rmtree(top)


def copy_as_rsync_does(source: Path, target: Path) -> None:
    """File by file, each renamed into place, with times; then what is not in the source is deleted."""
    for path in sorted(source.iterdir()):
        temporary = target / f".{path.name}.Xq3z"
        shutil.copy2(path, temporary)
        if os.geteuid() == 0:
            os.chown(temporary, strace.NOBODY, strace.NOBODY)
        temporary.rename(target / path.name)
    for path in target.iterdir():
        if path.name.isdigit() and not (source / path.name).exists():
            path.unlink()


def test_another_node_s_copy_lands_in_the_middle(keystone: KeystoneKeys, program: Path, space: Path) -> None:
    """Two nodes rotate against all advice, and the other one's keys arrive between two calls of ours: none that mints is lost."""
    model = case("rotate-dropping", program, space / "model")
    kept, other = space / "kept", space / "other"
    shutil.copytree(model.top, kept)
    shutil.copytree(model.keys, other)
    rotate = [program, "fernet", "rotate", "--key-repository", other, "--max-active-keys", "3"]
    subprocess.run(rotate, check=True, capture_output=True, cwd="/")
    before, arriving = keystone.ask({"mint": str(model.keys)}), keystone.ask({"mint": str(other)})
    # The primary of before, the staged key of before that is the other node's primary, and its secondary.
    needed = [before["3"], before["0"], arriving["4"], arriving["3"]]
    give(model.top)
    _, calls = strace.record(model.argv, space / "model" / "log")
    mine = [call for call in calls if str(model.keys) in call.arguments and call.name != "write"]
    assert len(mine) > 8
    statuses = set()
    for call in mine:
        shutil.rmtree(model.top)
        shutil.copytree(kept, model.top)
        give(model.top)
        stopped = strace.Stopped(model.argv, call, space / "model" / "log")
        assert stopped.pid is not None, f"it did not stop at {call}"
        copy_as_rsync_does(other, model.keys)
        status, errors = stopped.go_on()
        statuses.add(status)
        assert status == 0 or "changed by somebody else" in errors or "No such file" in errors or "refused" in errors, errors
        judge(keystone, program, model.keys, needed)
    assert {0, 1} <= statuses


def test_the_replay_would_notice_a_missing_sync(keystone: KeystoneKeys, program: Path, space: Path) -> None:
    """The same rotation with no call for durability among its calls leaves something that loses a token."""
    model = case("rotate", program, space / "model")
    tokens = list(keystone.ask({"mint": str(model.keys)}).values())
    give(model.top)
    disk = power_cut.Disk.of(model.top)
    _, calls = strace.record(model.argv, space / "model" / "log")
    lost = 0
    for place, state in enumerate(power_cut.after_each(model.top, disk, [call for call in calls if "sync" not in call.name])):
        top = space / f"state-{place}"
        power_cut.lay_out(state, top)
        answer = keystone.ask({"open": str(top / "keys"), "tokens": tokens})
        lost += "error" in answer or not all(answer["opens"])
    assert lost > 0
