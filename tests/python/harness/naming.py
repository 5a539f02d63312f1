"""Compares what two servers say about two worlds that were built alike.

Each has made its own ids. An id that stands at the same place in both is one thing from then on, under one name, and
has to be that thing wherever it appears again. An id that neither has given out before, in an answer that makes
nothing, points nowhere and is reported. Times need the same form and must be of about the same moment. Lists have no
order unless the API gives them one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

ID = r"(?<![0-9A-Za-z_-])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9A-Za-z_-])"
TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{6})?Z?"
PIECES = re.compile(f"({ID}|{TIME})")
SECONDS_APART = 120.0
# Hashes and ciphertexts differ by their salts: what is compared is how they were made.
SALTED = re.compile(r"^(\$2b\$\d\d\$|\$\w+\$[a-z0-9=,]+\$|gAAAAA)[A-Za-z0-9./+=_$-]{40,}$")


class Names(Mapping[str, str]):
    """What one server calls the things of the tests' world: names to ids, and back."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def bind(self, name: str, made: str) -> None:
        """From now on `made` is the id of `name`; the id keeps the first name that it was given."""
        self.ids[name] = made
        self.names.setdefault(made, name)

    def __getitem__(self, name: str) -> str:
        # Where a server did not make what it should have, the story goes on, about nothing.
        return self.ids.get(name, f"never-made-{name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


class Alike:
    """One comparison; `fresh`: ids that nobody knows yet may appear, at the same places on both sides."""

    def __init__(self, left: Names, right: Names, *, fresh: bool) -> None:
        self.left, self.right, self.fresh = left, right, fresh

    def differences(self, expected: Any, found: Any) -> list[str]:
        """Where they differ, one line each."""
        return list(self._walk("", expected, found))

    def _walk(self, where: str, left: Any, right: Any) -> Iterator[str]:
        if isinstance(left, dict) and isinstance(right, dict):
            ours = {self._known(key, self.right): (key, value) for key, value in right.items()}
            theirs = {self._known(key, self.left): (key, value) for key, value in left.items()}
            for key in sorted(theirs.keys() | ours.keys()):
                if key not in ours:
                    yield f"{where}.{key}: missing, Keystone has {short(theirs[key][1])}"
                elif key not in theirs:
                    yield f"{where}.{key}: {short(ours[key][1])}, not in Keystone's answer"
                else:
                    yield from self._walk(f"{where}.{key}", theirs[key][1], ours[key][1])
        elif isinstance(left, list) and isinstance(right, list):
            theirs, ours = self._sorted(where, left, self.left), self._sorted(where, right, self.right)
            if len(ours) != len(theirs):
                names = [[self._key(item, names) for item in items] for items, names in ((theirs, self.left), (ours, self.right))]
                extra, missing = _without(names[1], names[0]), _without(names[0], names[1])
                yield f"{where}: {len(ours)} items, Keystone has {len(theirs)}; extra {short(extra)}; missing {short(missing)}"
                return
            for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
                yield from self._walk(f"{where}[{index}]", one, other)
        elif isinstance(left, str) and isinstance(right, str):
            if not self._texts(left, right):
                yield f"{where}: {short(self._known(right, self.right))}, Keystone has {short(self._known(left, self.left))}"
        elif where.endswith("_int") and isinstance(left, int) and isinstance(right, int) and min(left, right) > 10**12:
            if abs(left - right) > SECONDS_APART * 10**6:
                yield f"{where}: {right}, Keystone has {left}"
        elif left != right or type(left) is not type(right):
            yield f"{where}: {short(right)}, Keystone has {short(left)}"

    def _texts(self, left: str, right: str) -> bool:
        theirs, ours = PIECES.split(left), PIECES.split(right)
        if len(theirs) != len(ours):
            return False
        return all(self._pieces(one, other) for one, other in zip(theirs, ours, strict=True))

    def _pieces(self, left: str, right: str) -> bool:
        names = self.left.names.get(left), self.right.names.get(right)
        if names != (None, None) and not self._is_fresh(*names):
            return names[0] == names[1]
        if left == right:
            return True
        if re.fullmatch(TIME, left) and re.fullmatch(TIME, right):
            return len(left) == len(right) and abs((_instant(left) - _instant(right)).total_seconds()) <= SECONDS_APART
        if self.fresh and re.fullmatch(ID, left) and re.fullmatch(ID, right):
            # Keystone's may have got its name when it was compared with another server.
            name = names[0] or f"unnamed.{left}"
            self.left.bind(name, left)
            self.right.bind(name, right)
            return True
        if (salted := SALTED.match(left)) and SALTED.match(right):
            return right.startswith(salted[1]) and (len(left) == len(right) or left.startswith("gAAAAA"))
        return False

    def _is_fresh(self, left: str | None, right: str | None) -> bool:
        return self.fresh and right is None and left is not None and left.startswith("unnamed.") and left not in self.right.ids

    def _known(self, text: str, names: Names) -> str:
        """The text with names in place of the ids that have one."""
        return re.sub(ID, lambda found: f"<{names.names[found[0]]}>" if found[0] in names.names else found[0], text)

    def _sorted(self, where: str, items: list[Any], names: Names) -> list[Any]:
        # Rules of methods are tried in the order in which they were written.
        return items if where.endswith("multi_factor_auth_rules") else sorted(items, key=lambda item: self._key(item, names))

    def _key(self, item: Any, names: Names) -> str:
        def known(found: re.Match[str]) -> str:
            name = names.names.get(found[0])
            return f"<{name}>" if name in self.left.ids and name in self.right.ids else "?"

        return re.sub(rf"{TIME}|(?<=_int\": )\d{{13,}}", "?", re.sub(ID, known, json.dumps(item, sort_keys=True)))


def _without(items: list[str], others: list[str]) -> list[str]:
    left = list(others)
    return [item for item in items if item not in left or left.remove(item)]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.rstrip("Z"))


def short(value: Any) -> str:
    """A value for a report."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"
