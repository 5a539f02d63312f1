"""A program seen, stopped and killed at its system calls, with strace."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
# Everything by which a file system is changed, and made durable.
CHANGES = (
    "openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "rmdir", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat",
)  # fmt: skip
LINE = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?)")


@dataclass(frozen=True)
class Call:
    """One system call that succeeded, and its place among those of its name in its thread."""

    name: str
    arguments: str
    result: int
    ordinal: int


def program() -> str:
    """Where strace is; without it nothing here can be tested, so that is a failure."""
    path = shutil.which("strace")
    if path is None:
        raise RuntimeError("strace is not installed; `make deps` installs it")
    return path


def unprivileged() -> list[str]:
    """What to put before a command so that it runs as nobody, where the tests run as root: its calls are then all in one thread."""
    return [] if os.geteuid() != 0 else ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _run(options: list[str], argv: list[str], *, stdin: bytes = b"", as_ourselves: bool = False) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    command = [*([] if as_ourselves else unprivileged()), program(), "-f", "-qq", *options, "--", *argv]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, env=environment, cwd="/", check=False)


def record(argv: list[str], log: Path, *, stdin: bytes = b"", as_ourselves: bool = False) -> tuple[int, list[Call]]:
    """Runs a program to its end; its exit status, and its calls that change file systems."""
    options = ["-y", "-s", "65536", "-e", f"trace={','.join(CHANGES)}", "-o", str(log)]
    done = _run(options, argv, stdin=stdin, as_ourselves=as_ourselves)
    counts: dict[tuple[str, str], int] = {}
    calls = []
    for line in log.read_text().splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        pid, name = match["pid"], match["name"]
        counts[pid, name] = counts.get((pid, name), 0) + 1
        if match["result"] != "?" and int(match["result"]) >= 0:
            calls.append(Call(name, match["arguments"], int(match["result"]), counts[pid, name]))
    if done.returncode != 0:
        raise RuntimeError(f"{argv} ended with {done.returncode}: {done.stderr.decode()}")
    return done.returncode, calls


def killed_at(argv: list[str], call: Call, *, stdin: bytes = b"") -> bool:
    """Runs a program and kills it when it is about to make a call; false if it never did."""
    inject = f"inject={call.name}:signal=KILL:when={call.ordinal}"
    done = _run(["-e", f"trace={call.name}", "-e", inject, "-o", "/dev/null"], argv, stdin=stdin)
    return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


def killed_after(argv: list[str], count: int, below: Path, *, stdin: bytes = b"") -> bool:
    """Runs a program as ourselves and kills it after so many of its changes below a directory; false if it ended before.

    As root, keys are written by threads of their own, and strace counts the calls of each thread apart. So the program stands
    still after each call, whichever thread makes it, and is counted here. Not after `openat`, of which most are of libraries: what
    it makes is still empty after the `fchmod` that follows.

    What strace ends with says nothing: once in a while it cannot speak to what was killed just now, and fails.
    """
    calls = ",".join(name for name in CHANGES if name != "openat")
    with tempfile.TemporaryDirectory() as room:
        said = Path(room) / "strace"
        os.mkfifo(said)
        options = ["-f", "-qq", "-y", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=STOP", "-o", str(said)]
        process = subprocess.Popen(
            [program(), *options, "--", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
            cwd="/",
        )
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
        seen, latest, waiting, killed = 0, "", False, None
        with said.open() as lines:
            for line in lines:
                if "--- SIGSTOP {" in line:
                    seen += str(below) in latest
                    waiting = seen < count
                    if not waiting:
                        killed = _kill(int(line.split()[0]))
                        break
                elif "--- stopped by SIGSTOP" in line and waiting:
                    waiting = False
                    os.kill(int(line.split()[0]), signal.SIGCONT)
                elif LINE.match(line):
                    latest = line
            process.wait(timeout=60)
    if killed is None:
        return False
    ended, _, _ = select.select([killed], [], [], 60)
    os.close(killed)
    assert ended, "what was killed lives on"
    return True


def _kill(thread: int) -> int:
    """Kills the process of a thread; a file that can be read from once it has ended, whoever traces it."""
    status = Path(f"/proc/{thread}/status").read_text()
    process = os.pidfd_open(int(re.search(r"^Tgid:\s*(\d+)", status, re.MULTILINE)[1]))
    signal.pidfd_send_signal(process, signal.SIGKILL)
    return process


class Stopped:
    """A program that stands still just after one of its calls."""

    def __init__(self, argv: list[str], call: Call, log: Path) -> None:
        """Starts it, and returns when it stands still or has ended."""
        log.unlink(missing_ok=True)
        inject = f"inject={call.name}:signal=STOP:when={call.ordinal}"
        options = ["-f", "-e", f"trace={call.name}", "-e", inject, "-o", str(log)]
        self.process = subprocess.Popen(
            [*unprivileged(), program(), *options, "--", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
            cwd="/",
        )
        self.pid: int | None = None
        while self.process.poll() is None and self.pid is None:
            text = log.read_text() if log.exists() else ""
            stopped = re.search(r"^(\d+) +--- stopped by SIGSTOP", text, re.MULTILINE)
            self.pid = int(stopped[1]) if stopped else None

    def go_on(self) -> tuple[int, str]:
        """Lets it go on to its end; its exit status and what it wrote to standard error."""
        if self.pid is not None and self.process.poll() is None:
            os.kill(self.pid, signal.SIGCONT)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors.decode()
