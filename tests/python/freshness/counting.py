"""Numbers written one after the other while others read them: how old an answer was shows in the number."""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, count, cycle
from typing import Any

from harness.exchange import Answer, Request, send
from harness.oracle import ADMIN_TOKEN

from .stage import CHANGES, ITSELF, SQL, Scene
from .watching import AT_ONCE, PROMISE, House

# What has a number: the user's name, and the address of an endpoint. A token that is read shows both.
NAME, URL = 0, 1
READERS = 2


@dataclass
class Count:
    """A token that is read without a pause while its user's name and an endpoint are given higher and higher numbers."""

    house: House
    scene: Scene
    # From when on every request has to see at least the number.
    due: tuple[list[tuple[float, int]], ...] = field(default_factory=lambda: ([(0.0, 0)], [(0.0, 0)]))
    # When the request started, and the numbers in the answer.
    read: list[tuple[float, tuple[int, int]]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def text(self, what: int, number: int) -> str:
        """How the number is written."""
        return f"{('name', 'http://url')[what]}-{self.scene.number}.example/{number}"

    def numbers(self, answer: Answer) -> tuple[int, int]:
        """What a token says."""
        starts = [re.escape(self.text(what, 0).removesuffix("0")) for what in (NAME, URL)]
        name, url = (re.findall(f'"{start}([0-9]+)"', answer.body.decode()) for start in starts)
        return int(name[0]), int(url[0])

    def work(self, kind: Callable[..., None], *about: Any) -> None:
        """One of those who write or read; when one of them fails, all is over."""
        try:
            kind(*about)
        finally:
            self.is_over.set()

    def write(self, what: int, writers: tuple[str, ...]) -> None:
        """Writes 1, 2, 3 and so on, each writer in turn."""
        for writer, number in zip(cycle(writers), count(1), strict=False):
            if self.is_over.is_set():
                return
            acknowledged = self.sql(what, number) if writer == SQL else self.house.ask(writer, self.request(what, number))
            self.due[what].append((acknowledged + (AT_ONCE if writer == ITSELF else PROMISE), number))

    def sql(self, what: int, number: int) -> float:
        """Writes it past every server."""
        if what == NAME:
            return self.house.sql("UPDATE local_user SET name = %s WHERE user_id = %s", (self.text(what, number), self.scene.user))
        return self.house.sql("UPDATE endpoint SET url = %s WHERE id = %s", (self.text(what, number), self.scene.endpoint))

    def request(self, what: int, number: int) -> Request:
        """Asks one of the servers to write it."""
        if what == NAME:
            path, body = f"/v3/users/{self.scene.user}", {"user": {"name": self.text(what, number)}}
        else:
            path, body = f"/v3/endpoints/{self.scene.endpoint}", {"endpoint": {"url": self.text(what, number)}}
        return Request("PATCH", path, body, {"X-Auth-Token": ADMIN_TOKEN})

    def reading(self) -> None:
        """Reads again and again."""
        while not self.is_over.is_set():
            started = time.monotonic()
            answer = send(self.house.reader.url, self.scene.reading)
            assert answer.status == 200, answer
            self.read.append((started, self.numbers(answer)))

    def check(self) -> None:
        """Every request that was sent in time has seen every number that was due."""
        for what in (NAME, URL):
            due = sorted(self.due[what])
            times, highest = [time for time, _ in due], list(accumulate((number for _, number in due), max))
            for started, numbers in self.read:
                least = highest[bisect_right(times, started) - 1]
                assert numbers[what] >= least, (
                    f"a request answered with number {numbers[what]} of {('names', 'urls')[what]}, {least} was due"
                )


@contextmanager
def counting(house: House, writers: tuple[str, ...]) -> Iterator[Count]:
    """Writers and readers at work for as long as this goes on; checked at its end."""
    made = Count(house, Scene(house.stage, CHANGES[-1], ITSELF))
    # Nobody reads what has no number.
    for what in (NAME, URL):
        acknowledged = house.ask(ITSELF, made.request(what, 0))
        made.due[what].append((acknowledged, 0))
    with ThreadPoolExecutor(max_workers=2 + READERS) as pool:
        working = [pool.submit(made.work, made.write, what, writers) for what in (NAME, URL)]
        working += [pool.submit(made.work, made.reading) for _ in range(READERS)]
        try:
            yield made
        finally:
            made.is_over.set()
    for each in working:
        each.result()
    made.check()
