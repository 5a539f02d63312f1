"""A Fernstone that says how it is doing: from memory or not, and whether it hears of changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.exchange import get, send
from harness.fernstone import Fernstone
from harness.servers import Cloud

# What the log says whenever nothing may be served from memory any more.
LOST = "the change feed does not work: everything is read from the database"


@dataclass(frozen=True)
class Lookups:
    """How often tokens were looked for among those that are kept, since the process started."""

    hits: float
    misses: float
    bypasses: float

    def since(self, before: Lookups) -> Lookups:
        """How many there were after `before`."""
        return Lookups(self.hits - before.hits, self.misses - before.misses, self.bypasses - before.bypasses)


class Observed(Fernstone):
    """`fernstone serve` with metrics, whose connections to the database bear its name."""

    @classmethod
    def start(cls, cloud: Cloud, name: str) -> Observed:
        """One more server of this cloud."""
        connection = f"{cloud.postgres.sqlalchemy_url(cloud.database)}?application_name={name}"
        options = {"database": {"connection": connection}, "fernstone": {"metrics_listen": "127.0.0.1:0"}}
        return cls.serve(cloud.config(name, options), cloud.directory, name=name)

    @property
    def name(self) -> str:
        """By which its connections are known in `pg_stat_activity`."""
        return self.child.name

    @property
    def log(self) -> Path:
        """What it says to its operator."""
        return self.child.log

    def metrics(self) -> dict[str, float]:
        """All of them, by name and labels."""
        page = send(self.ready["metrics_url"].removesuffix("/metrics"), get("/metrics"))
        assert page.status == 200, page
        lines = [line for line in page.body.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def lookups(self) -> Lookups:
        """As the metrics have it now."""
        shown = self.metrics()
        return Lookups(*(shown[f'fernstone_token_cache_lookups_total{{result="{result}"}}'] for result in ("hit", "miss", "bypass")))

    def hears(self) -> bool:
        """Whether the metrics say that changes are known as they happen."""
        working = self.metrics()["fernstone_change_feed_working"]
        assert working in (0, 1)
        return working == 1

    def confirmations(self) -> float:
        """How often it was confirmed to it that it knows of all changes."""
        return self.metrics()["fernstone_change_feed_confirmations_total"]

    def losses(self) -> float:
        """How often the metrics say that it ceased to hear of changes."""
        return self.metrics()["fernstone_change_feed_losses_total"]

    def laments(self) -> int:
        """How often the log says so."""
        return self.log.read_text().count(LOST)

    def wait_to_hear(self) -> None:
        """Returns when changes are known as they happen."""
        self.child.wait_until(self.hears)
