"""Children that never outlive the test run.

Every program is started in the foreground with a parent-death signal (`setpriv --pdeathsig`), so that even a killed
pytest leaves nothing behind, and is stopped by its own process id, never by a name.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now, for programs that cannot take port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Child:
    """A running program whose output goes to `log`; `stop` ends it with `stop_signal`, and with SIGKILL after 10 s.

    With `output`, what it prints on standard output goes there, and only the rest to `log`.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | str | None = None,
        output: Path | None = None,
    ) -> None:
        self.name, self.log, self.stop_signal = name, log, stop_signal
        wrapper = ["setpriv", f"--pdeathsig={stop_signal.name[3:]}"]
        if user is not None:
            wrapper += [f"--reuid={user}", f"--regid={user}", "--init-groups"]
        with log.open("ab") as errors, (output or log).open("ab") as printed:
            self.process = subprocess.Popen(
                [*wrapper, "--", *argv],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=errors,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60.0) -> None:
        """Polls `ready`; raises with the end of the log when the program ends first, or time does."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} was not ready after {seconds} s:\n{self.tail()}")
            time.sleep(0.02)

    def tail(self, lines: int = 40) -> str:
        """The end of what the program printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def send(self, number: signal.Signals) -> None:
        """Sends one signal to the program itself."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Ends the program and its own children at once: for those that have nothing to lose."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """Ends the program and answers its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None, seconds: float = 120.0, cwd: Path | str | None = None) -> str:
    """Runs a program to its end and answers its standard output; raises with everything it printed when it fails."""
    done = subprocess.run(
        list(argv),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=None if env is None else dict(env),
        timeout=seconds,
        cwd=cwd,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout
