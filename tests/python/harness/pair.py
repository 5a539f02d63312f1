"""The two servers side by side: every request goes to both, and every difference is collected before a test fails."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from .compare import differences, is_broken, view
from .exchange import Answer, Request, send


@dataclass(frozen=True)
class Case:
    """A request with a name. `{name}` in its path, headers and body stands for an id or a token of the test's world.

    `minted`: the answer carries a token of its own. `ignore`: parts of the view, by dotted path, that are left out.
    `differs`: why the answers are meant to be different, as docs/compatibility.md says; it is a failure when they are not.
    """

    name: str
    request: Request
    minted: bool = False
    ignore: tuple[str, ...] = ()
    differs: str | None = None


@dataclass
class Outcome:
    """Both answers to one case, and where they differ."""

    case: Case
    expected: Answer
    found: Answer
    problems: list[str]

    def check(self) -> None:
        """Fails with the request, both answers and every difference."""
        if self.problems:
            pytest.fail(self.report(), pytrace=False)

    def report(self) -> str:
        """What to look at when the answers differ."""
        request = self.case.request
        lines = [f"{self.case.name}: {request.method} {request.path}"]
        if request.body is not None:
            lines.append(f"  request body: {str(request.body)[:600]}")
        lines += [f"  Keystone:  {self.expected.status} {self.expected.body[:500]!r}"]
        lines += [f"  Fernstone: {self.found.status} {self.found.body[:500]!r}"]
        return "\n".join(lines + [f"  - {problem}" for problem in self.problems])


@dataclass
class Pair:
    """A real Keystone and the server that is compared with it, by their base URLs."""

    keystone: str
    fernstone: str
    names: Mapping[str, str] = field(default_factory=dict)

    def run(self, cases: Iterable[Case]) -> dict[str, Outcome]:
        """Sends independent cases, several at a time, and answers their outcomes by name."""
        listed = list(cases)
        names = [case.name for case in listed]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"two cases of one name: {sorted(doubled)}")
        with ThreadPoolExecutor(max_workers=3) as pool:
            return dict(zip(names, pool.map(self.outcome, listed), strict=True))

    def outcome(self, case: Case) -> Outcome:
        """Sends one case to both."""
        filled = self.fill(case.request)
        return self._compare(case, send(self.keystone, filled), send(self.fernstone, filled))

    def each(
        self, name: str, request: Callable[[str], Request], *, minted: bool = False, ignore: tuple[str, ...] = (), first: str = "keystone"
    ) -> Outcome:
        """Sends a request that each side may need in its own form (its own token to revoke), to the `first` side first."""
        asked = {side: self.fill(request(side)) for side in ("keystone", "fernstone")}
        answers = {side: send(getattr(self, side), asked[side]) for side in sorted(asked, key=lambda side: side != first)}
        case = Case(name, asked["keystone"], minted=minted, ignore=ignore)
        return self._compare(case, answers["keystone"], answers["fernstone"])

    def same(self, name: str, request: Request, *, minted: bool = False, ignore: tuple[str, ...] = ()) -> Outcome:
        """Sends one request to both and fails at once when the answers differ: for the steps of a story."""
        result = self.outcome(Case(name, request, minted=minted, ignore=ignore))
        result.check()
        return result

    def fill(self, request: Request) -> Request:
        """The request with the names of the world replaced."""
        return Request(
            request.method,
            self._text(request.path),
            self.value(request.body),
            {key: None if value is None else self._text(value) for key, value in request.headers.items()},
        )

    def _compare(self, case: Case, expected: Answer, found: Answer) -> Outcome:
        if is_broken(expected):
            # Fernstone has to refuse cleanly.
            problems = [] if 200 <= found.status < 500 else [f"{found.status}, where Keystone itself breaks"]
            return Outcome(case, expected, found, [] if found == expected else problems)
        if expected.status == 401 and b'"required_auth_methods"' in expected.body:
            # More methods are needed. The receipt that Keystone gives for those so far is a later piece of work.
            return Outcome(case, expected, found, [] if found.status == 401 else [f".status: {found.status}, Keystone has 401"])
        left = view(expected, self.keystone, minted=case.minted)
        right = view(found, self.fernstone, minted=case.minted)
        for name in case.ignore:
            for side in (left, right):
                _drop(side, name.split("."))
        problems = differences(left, right, minted=case.minted)
        if case.differs is not None:
            problems = [] if problems else [f"equal, and documented as different: {case.differs}"]
        return Outcome(case, expected, found, problems)

    def value(self, value: Any) -> Any:
        """A value with the names of the world replaced, however deep they are."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value

    def _text(self, text: str) -> str:
        return _Names(self.names).format(text) if "{" in text else text


class _Names(string.Formatter):
    """Fills `{name}` from the world; an unknown name is a mistake in the test."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[str, str]:
        return self.names[field_name], field_name


def _drop(side: Any, path: list[str]) -> None:
    for step in path[:-1]:
        if not isinstance(side, dict) or step not in side:
            return
        side = side[step]
    if isinstance(side, dict):
        side.pop(path[-1], None)


def table(cases: list[Case], pair_fixture: str = "pair"):
    """A fixture that sends a whole table of cases, and a test per case: bind them as `outcomes, test_same_answer`."""

    @pytest.fixture(scope="module")
    def outcomes(request: pytest.FixtureRequest) -> dict[str, Outcome]:
        return request.getfixturevalue(pair_fixture).run(cases)

    @pytest.mark.parametrize("name", [case.name for case in cases])
    def test_same_answer(name: str, outcomes: dict[str, Outcome]) -> None:
        outcomes[name].check()

    return outcomes, test_same_answer
