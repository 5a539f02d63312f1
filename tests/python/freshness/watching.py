"""Who writes, how long the reader's answers may be of before, and whether they end as the real Keystone's.

The only times that are measured are those of the promise. What counts is when a request started: one that starts after
the promised time must be answered as the database is now, however long a busy machine takes to send or to answer it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass

from psycopg2 import connect

from harness.compare import differences, view
from harness.exchange import Answer, Request, send
from harness.servers import Cloud

from .observed import Observed
from .stage import CHANGES, ITSELF, KEYSTONE, OTHER, SQL, Change, Is, Question, Scene, Stage

# In seconds after the write was acknowledged.
PROMISE = 1.0
AT_ONCE = 0.0


@dataclass
class House:
    """Two Fernstones and a real Keystone on one database, and the stage where everything happens."""

    cloud: Cloud
    reader: Observed
    other: Observed
    keystone: str
    stage: Stage

    @property
    def urls(self) -> Mapping[str, str]:
        """The writers that have an API."""
        return {ITSELF: self.reader.url, OTHER: self.other.url, KEYSTONE: self.keystone}

    def scenes(self, writer: str, changes: Iterable[Change] = CHANGES) -> list[Scene]:
        """One of each change, of which the reader has answered all questions."""
        made = [Scene(self.stage, change, writer) for change in changes]
        for scene in made:
            # The other Fernstone made all that: the promise is the reader's here too.
            for question in scene.questions:
                self.reader.child.wait_until(lambda asked=question: asked.before(send(self.reader.url, asked.request)))
        return made

    def warm_scenes(self, writer: str, changes: Iterable[Change] = CHANGES) -> list[Scene]:
        """The same, with everything about their tokens in the reader's memory."""
        made = self.scenes(writer, changes)
        self.warm(made)
        return made

    def warm(self, scenes: list[Scene]) -> None:
        """Returns when the reader answers about all these tokens from memory alone."""
        self.reader.child.wait_until(lambda: self._is_from_memory(scenes))

    def _is_from_memory(self, scenes: list[Scene]) -> bool:
        before = self.reader.lookups()
        for scene in scenes:
            answer = send(self.reader.url, scene.reading)
            assert answer.status == 200, answer
        looked = self.reader.lookups().since(before)
        return looked.hits >= len(scenes) and looked.misses == looked.bypasses == 0

    def write(self, scene: Scene) -> float:
        """Makes the change and answers when that was acknowledged."""
        return self.sql(*scene.change.sql(scene)) if scene.writer == SQL else self.ask(scene.writer, scene.request)

    def ask(self, writer: str, request: Request) -> float:
        """Sends a request that writes to one of the servers, and answers when that was acknowledged."""
        answer = send(self.urls[writer], request)
        acknowledged = time.monotonic()
        assert 200 <= answer.status < 300, (writer, request, answer)
        return acknowledged

    def sql(self, statement: str, values: tuple[object, ...]) -> float:
        """Writes past every server, and answers when that was acknowledged."""
        with closing(connect(self.cloud.postgres.dsn(self.cloud.database))) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(statement, values)
            acknowledged = time.monotonic()
            assert cursor.rowcount >= 1
        return acknowledged

    def play(self, scenes: Iterable[Scene], window: float = PROMISE) -> None:
        """Makes all changes side by side; each has to be seen in its time, which is none after the reader's own writes."""

        def one(scene: Scene) -> None:
            self.see(scene, self.write(scene), AT_ONCE if scene.writer == ITSELF else window)

        together(one, scenes)

    @contextmanager
    def transaction(self, scenes: list[Scene], first: str = "") -> Iterator[Callable[[], float]]:
        """All changes by SQL, in one transaction that is open yet; answers with what commits it, and says when it was."""
        with closing(connect(self.cloud.postgres.dsn(self.cloud.database))) as connection, connection.cursor() as cursor:
            for statement, values in [(first, ())] * bool(first) + [scene.change.sql(scene) for scene in scenes]:
                cursor.execute(statement, values)

            def commit() -> float:
                connection.commit()
                return time.monotonic()

            yield commit

    def see(self, scene: Scene, acknowledged: float, window: float) -> None:
        """Asks until everything is answered as after the change; then the real Keystone has to answer likewise."""
        for question in scene.questions:
            self._poll(scene, question, question.before, question.after, acknowledged + window)
        for question in scene.questions:
            self._agree(scene, question)

    def undo(self, scene: Scene) -> None:
        """The writer undoes the change: logins have to go as before, in its time."""
        acknowledged = self.ask(scene.writer, scene.undoing)
        login = scene.questions[-1]
        self._poll(scene, login, login.after, login.before, acknowledged + (AT_ONCE if scene.writer == ITSELF else PROMISE))

    def _poll(self, scene: Scene, question: Question, old: Is, new: Is, latest: float) -> None:
        """Asks until the answer is new; a request that starts at `latest` is the first that may not be answered otherwise."""
        while True:
            started = time.monotonic()
            answer = send(self.reader.url, question.request)
            if new(answer):
                return
            assert old(answer), told(scene, question, answer)
            assert started < latest, f"asked {started - latest:.3f} s too late for an old answer: {told(scene, question, answer)}"

    def _agree(self, scene: Scene, question: Question) -> None:
        """The reader's answer is the real Keystone's."""
        answers = {base: send(base, question.request) for base in (self.reader.url, self.keystone)}
        found, expected = (view(answer, base, minted=question.minted) for base, answer in answers.items())
        problems = differences(expected, found, minted=question.minted)
        assert question.after(answers[self.reader.url]), told(scene, question, answers[self.reader.url])
        assert not problems, f"{scene.change} by {scene.writer}, {question.name}: {problems}"


def together(work, items: Iterable) -> None:
    """Does this with each item at the same time; raises what went wrong first."""
    listed = list(items)
    with ThreadPoolExecutor(max_workers=len(listed)) as pool:
        for future in [pool.submit(work, item) for item in listed]:
            future.result()


def told(scene: Scene, question: Question, answer: Answer) -> str:
    """What to look at when an answer is wrong."""
    return f"{scene.change} by {scene.writer}, {question.name}: {answer.status} {answer.body[:800]!r}"
