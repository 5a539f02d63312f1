"""The connection on which a Fernstone hears of changes, as Postgres has it: cut off, and silent."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .observed import Observed
from .watching import House

# What a listener asks over and over, to see that it still hears; nobody else does.
BACKENDS = """
    SELECT pid, state = 'idle' AND wait_event = 'ClientRead' FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s AND query LIKE 'SELECT installed.count%%'
"""


def backends(house: House, server: Observed) -> dict[int, bool]:
    """The backends that this server listens with, and whether each is waiting to be told something."""
    rows = house.cloud.postgres.execute(BACKENDS, (server.name,), database=house.cloud.database)
    return {int(str(pid)): bool(waits) for pid, waits in rows}


def terminate(house: House, server: Observed) -> bool:
    """Cuts the listener off; says whether there was one."""
    pids = backends(house, server).keys()
    for pid in pids:
        house.cloud.postgres.execute("SELECT pg_terminate_backend(%s)", (pid,), database=house.cloud.database)
    return bool(pids)


@contextmanager
def cut_off(house: House, server: Observed) -> Iterator[Callable[[], bool]]:
    """Cuts the listener off; answers with what does it again when it is back, and says that it is or was gone."""
    assert terminate(house, server)

    def again() -> bool:
        terminate(house, server)
        return True

    yield again


@contextmanager
def silence(house: House, server: Observed) -> Iterator[Callable[[], bool]]:
    """Stops the listener's backend, so that its connection is there and nothing comes.

    Answers with what stops those too with which it has listened anew since, and says whether any is stopped.
    """
    stopped: set[int] = set()

    def hush() -> bool:
        for pid in backends(house, server).keys() - stopped:
            os.kill(pid, signal.SIGSTOP)
            stopped.add(pid)
            # In the middle of a beat it would hold what every other writer waits for: nothing would be acknowledged.
            if not (is_stopped(pid) and backends(house, server).get(pid)):
                os.kill(pid, signal.SIGCONT)
                stopped.remove(pid)
        return bool(stopped)

    try:
        server.child.wait_until(hush)
        yield hush
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def is_stopped(pid: int) -> bool:
    """Whether the kernel has taken it off the processors."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
