"""Keeps a real Keystone and the tests' world running, for working on Fernstone without waiting for them each time.

python -m differential.stay FILE     (until it is interrupted; FILE then names what runs)
pytest --attach FILE ...
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

from harness.oracle import Keystone
from harness.postgres import Postgres
from harness.servers import Cloud
from harness.sqlite import SqliteCloud

from . import delegated
from .world import World, build


def main(file: Path) -> None:
    """Starts everything, writes the file, waits for SIGINT or SIGTERM, and clears up."""
    finished = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finished.set())
    directory = Path(tempfile.mkdtemp(prefix="fernstone-stay-"))
    postgres = Postgres(directory / "postgres")
    bootstrapped = Cloud(directory / "bootstrapped", postgres, "bootstrapped")
    sqlite = SqliteCloud.bootstrapped(directory / "sqlite-bootstrapped")
    cloud = bootstrapped.copy(directory / "cloud", "keystone")
    keystone = Keystone(cloud.config("plain"), cloud.directory, name="keystone-plain")
    try:
        keystone.wait()
        world = World(keystone.url, postgres, cloud.database)
        build(world)
        delegated.build(world)
        found = {
            "keystone_url": keystone.url,
            "postgres_port": postgres.port,
            "directory": str(cloud.directory),
            "bootstrapped": str(bootstrapped.directory),
            "sqlite_bootstrapped": str(sqlite.directory),
            "logins": world.logins,
            # Tokens that a login gives out again are left out: they would expire.
            "ids": {name: value for name, value in world.ids.items() if name.removeprefix("token.") not in world.logins},
        }
        file.write_text(json.dumps(found))
        print(f"{keystone.url} is ready; {file} says where everything is", flush=True)
        finished.wait()
    finally:
        keystone.stop()
        postgres.stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
