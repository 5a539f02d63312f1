"""What each of tempest's tests is expected to do, and what to make of a test that does otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

EXPECTED = Path(__file__).with_name("expected.txt")
# unittest reports what goes wrong around a class' tests under a name of this form.
FIXTURE = re.compile(r"^(?:setUp|tearDown)Class \((?P<owner>[\w.]+)\)$")


@dataclass(frozen=True)
class Outcome:
    """What one test did: `pass`, `fail` or `skip`, the traceback or the reason, and the requests it had sent."""

    status: str
    text: str = ""
    requests: str = ""


@dataclass(frozen=True)
class Problem:
    """A test that did not do what the list says."""

    test: str
    what: str
    outcome: Outcome | None = None


@dataclass
class Verdict:
    """A run beside the list: green where `problems` is empty."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)


def read(path: Path = EXPECTED) -> dict[str, str]:
    """Test ids and `pass` or `fail`, in the order of the file."""
    expected: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if len(words) != 2 or words[0] not in ("pass", "fail") or words[1] in expected:
            raise ValueError(f"{path}:{number}: not `pass TEST` or `fail TEST` with a test of its own: {line}")
        expected[words[1]] = words[0]
    return expected


def selected(expected: Mapping[str, str], pattern: str) -> dict[str, str]:
    """The part of the list that stestr runs when it is given this regular expression."""
    return {test: what for test, what in expected.items() if re.search(pattern, test)}


def judge(expected: Mapping[str, str], outcomes: Mapping[str, Outcome]) -> Verdict:
    """Compares a run with the list. A test must be named to count, and an expected failure that passes has to leave the list."""
    verdict = Verdict()
    around = {match["owner"]: outcome for test, outcome in outcomes.items() if (match := FIXTURE.match(test)) and outcome.status != "pass"}
    for test, what in expected.items():
        outcome = outcomes.get(test) or around.get(test.rsplit(".", 1)[0])
        passes = outcome is not None and outcome.status == "pass"
        if what == "fail":
            if passes:
                verdict.problems.append(Problem(test, "passes and is listed as failing: change the list", outcome))
            else:
                verdict.failed += 1
        elif passes:
            verdict.passed += 1
        else:
            did = {None: "did not run", "skip": "was skipped"}.get(outcome and outcome.status, "failed")
            verdict.problems.append(Problem(test, did, outcome))
    verdict.problems.extend(_beside_the_list(expected, outcomes))
    verdict.skipped = sum(outcome.status == "skip" and test not in expected for test, outcome in outcomes.items())
    return verdict


def _beside_the_list(expected: Mapping[str, str], outcomes: Mapping[str, Outcome]) -> Iterator[Problem]:
    """Tests that the list does not name, unless they are skipped, and failed tear-downs of classes with tests that passed."""
    for test, outcome in outcomes.items():
        if outcome.status == "skip" or test in expected:
            continue
        fixture = FIXTURE.match(test)
        if fixture is None:
            yield Problem(test, f"{outcome.status}: not in the list", outcome)
        elif outcome.status == "fail":
            # Where the set-up failed, each test of the class is already reported with it.
            own = [what for name, what in expected.items() if name.startswith(f"{fixture['owner']}.")]
            if not own or (test.startswith("tearDown") and "pass" in own):
                yield Problem(test, "failed", outcome)
