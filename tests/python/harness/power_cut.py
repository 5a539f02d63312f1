"""What a power cut may leave of a directory tree: recorded system calls, replayed with what was not synced left out.

The model is the pessimist's: a change of a directory (a name made, renamed, exchanged or deleted) is durable when that
directory is synced, and the bytes of a file when the file is. Until then each such change may have reached the disk or
not, in any combination; bytes that were not synced may be there or not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .strace import Call

TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
OPEN_FILE = re.compile(r"^(\d+)<([^>]*)>")


@dataclass
class Node:
    """A file or a directory."""

    is_directory: bool
    content: bytes = b""
    synced: bytes = b""


@dataclass(frozen=True)
class Change:
    """A change of one directory's names."""

    kind: str
    directory: int
    name: str
    other: str = ""
    node: int = -1


@dataclass
class Disk:
    """A tree below `top`, what of it is durable, and what is on its way."""

    top: Path
    nodes: list[Node] = field(default_factory=list)
    durable: dict[int, dict[str, int]] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)

    @classmethod
    def of(cls, top: Path) -> Disk:
        """The tree as it is now, all of it durable."""
        disk = cls(top)
        disk._read(top)
        return disk

    def _read(self, path: Path) -> int:
        place = len(self.nodes)
        if path.is_dir():
            self.nodes.append(Node(True))
            self.durable[place] = {}
            self.durable[place] = {entry.name: self._read(entry) for entry in sorted(path.iterdir())}
        else:
            content = path.read_bytes()
            self.nodes.append(Node(False, content, content))
        return place

    def names(self, changes: list[Change]) -> dict[int, dict[str, int]]:
        """The directories after some of the changes; one that has nothing to change any more changes nothing."""
        names = {directory: dict(entries) for directory, entries in self.durable.items()}
        for change in changes:
            entries = names.setdefault(change.directory, {})
            if change.kind == "make":
                entries[change.name] = change.node
            elif change.kind == "delete":
                entries.pop(change.name, None)
            elif change.kind == "rename" and change.name in entries:
                entries[change.other] = entries.pop(change.name)
            elif change.kind == "exchange" and change.name in entries and change.other in entries:
                entries[change.name], entries[change.other] = entries[change.other], entries[change.name]
        return names

    def find(self, path: str) -> tuple[int, str, int | None] | None:
        """Directory, name and node of a path below the top, as the program sees it now; None elsewhere."""
        try:
            parts = Path(path).relative_to(self.top).parts
        except ValueError:
            return None
        names, directory, node = self.names(self.pending), -1, 0
        for part in parts:
            directory, node = node, names.get(node, {}).get(part, -1)
        return directory, parts[-1] if parts else "", None if node < 0 else node

    def apply(self, call: Call) -> None:
        """Takes note of one recorded call."""
        texts = [text.encode().decode("unicode_escape") for text in TEXT.findall(call.arguments)]
        opened = OPEN_FILE.match(call.arguments)
        if call.name == "openat" and "O_CREAT" in call.arguments:
            self._make(texts[0], Node(False))
        elif call.name in ("mkdir", "mkdirat"):
            self._make(texts[0], Node(True))
        elif call.name in ("write", "pwrite64") and opened and (found := self.find(opened[2])) and found[2] is not None:
            self.nodes[found[2]].content += texts[0].encode("latin-1")
        elif call.name in ("fsync", "fdatasync") and opened and (found := self.find(opened[2])) and found[2] is not None:
            self._sync(found[2])
        elif call.name in ("rename", "renameat", "renameat2") and (found := self.find(texts[0])):
            kind = "exchange" if "RENAME_EXCHANGE" in call.arguments else "rename"
            assert Path(texts[0]).parent == Path(texts[1]).parent, "one directory is enough for all that is tested"
            self.pending.append(Change(kind, found[0], found[1], other=Path(texts[1]).name))
        elif call.name in ("unlink", "rmdir", "unlinkat"):
            self._delete(call, opened, texts[0])

    def _delete(self, call: Call, opened: re.Match[str] | None, name: str) -> None:
        path = f"{opened[2]}/{name}" if call.name == "unlinkat" and opened and not name.startswith("/") else name
        if found := self.find(path):
            self.pending.append(Change("delete", found[0], found[1]))

    def _make(self, path: str, node: Node) -> None:
        found = self.find(path)
        if found and found[2] is None:
            self.nodes.append(node)
            place = len(self.nodes) - 1
            if node.is_directory:
                self.durable[place] = {}
            self.pending.append(Change("make", found[0], found[1], node=place))

    def _sync(self, place: int) -> None:
        node = self.nodes[place]
        if not node.is_directory:
            node.synced = node.content
            return
        mine = [change for change in self.pending if change.directory == place]
        self.durable[place] = self.names(mine)[place]
        self.pending = [change for change in self.pending if change.directory != place]

    def states(self) -> Iterator[dict[str, bytes | None]]:
        """Every tree that a power cut now may leave: paths to contents, None for a directory."""
        assert len(self.pending) <= 8, f"too much is on its way to try every combination: {self.pending}"
        for chosen in itertools.product((False, True), repeat=len(self.pending)):
            names = self.names(list(itertools.compress(self.pending, chosen)))
            for lucky in (False, True):
                yield dict(self._walk(names, 0, Path(), lucky))

    def _walk(self, names: dict[int, dict[str, int]], place: int, path: Path, lucky: bool) -> Iterator[tuple[str, bytes | None]]:
        for name, child in names.get(place, {}).items():
            node = self.nodes[child]
            if node.is_directory:
                yield str(path / name), None
                yield from self._walk(names, child, path / name, lucky)
            else:
                yield str(path / name), node.content if lucky else node.synced


def after_each(top: Path, before: Disk, calls: list[Call]) -> list[dict[str, bytes | None]]:
    """Every different tree that a power cut before, between or after the calls may leave."""
    assert before.top == top
    seen: dict[tuple, dict[str, bytes | None]] = {}
    for state in before.states():
        seen[tuple(sorted(state.items(), key=lambda item: item[0]))] = state
    for call in calls:
        before.apply(call)
        for state in before.states():
            seen[tuple(sorted(state.items(), key=lambda item: item[0]))] = state
    return list(seen.values())


def lay_out(state: dict[str, bytes | None], top: Path) -> None:
    """Makes a tree on disk."""
    top.mkdir(mode=0o777)
    top.chmod(0o777)
    for name, content in sorted(state.items()):
        path = top / name
        if content is None:
            path.mkdir(mode=0o700)
        else:
            path.write_bytes(content)
            path.chmod(0o600)
