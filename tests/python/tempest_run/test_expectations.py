"""The comparison of a run with the list: what must be reported is, and what is as expected is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .expectations import Outcome, judge, read, selected

GOOD, BAD, SKIPPED = Outcome("pass"), Outcome("fail", "Traceback"), Outcome("skip", "not here")


def problems(expected: dict[str, str], outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {problem.test: problem.what for problem in judge(expected, outcomes).problems}


@pytest.mark.parametrize("outcome, what", [(BAD, "failed"), (SKIPPED, "was skipped"), (None, "did not run")])
def test_an_expected_pass_has_to_pass(outcome: Outcome | None, what: str) -> None:
    outcomes = {"m.C.other": GOOD} | ({} if outcome is None else {"m.C.test": outcome})
    assert problems({"m.C.other": "pass", "m.C.test": "pass"}, outcomes) == {"m.C.test": what}


def test_an_expected_failure_that_passes_is_reported() -> None:
    assert problems({"m.C.test": "fail"}, {"m.C.test": BAD}) == {}
    assert problems({"m.C.test": "fail"}, {}) == {}
    assert list(problems({"m.C.test": "fail"}, {"m.C.test": GOOD})) == ["m.C.test"]


def test_tests_beside_the_list_may_only_be_skipped() -> None:
    outcomes = {"m.C.good": GOOD, "m.C.bad": BAD, "m.C.skipped": SKIPPED}
    assert problems({}, outcomes).keys() == {"m.C.good", "m.C.bad"}
    assert judge({}, outcomes).skipped == 1


def test_a_failed_set_up_is_told_with_each_of_its_tests() -> None:
    expected = {"m.C.one": "pass", "m.C.two": "pass", "m.Other.three": "pass"}
    verdict = judge(expected, {"setUpClass (m.C)": BAD, "m.Other.three": GOOD})
    assert [(problem.test, problem.what, problem.outcome) for problem in verdict.problems] == [
        ("m.C.one", "failed", BAD),
        ("m.C.two", "failed", BAD),
    ]
    assert problems({"m.C.one": "fail"}, {"setUpClass (m.C)": BAD, "tearDownClass (m.C)": BAD}) == {}
    assert problems({}, {"setUpClass (m.C)": BAD}) == {"setUpClass (m.C)": "failed"}


def test_a_failed_tear_down_is_reported() -> None:
    assert problems({"m.C.one": "pass"}, {"m.C.one": GOOD, "tearDownClass (m.C)": BAD}) == {"tearDownClass (m.C)": "failed"}


def test_the_list_reads(tmp_path: Path) -> None:
    expected = read()
    assert set(expected.values()) <= {"pass", "fail"} and all(test.startswith("tempest.api.identity.") for test in expected)
    assert selected(expected, r"v3\.test_roles\.").keys() < expected.keys()
    assert selected(expected, "") == expected
    broken = tmp_path / "expected.txt"
    for text in ("passes m.C.one", "pass m.C.one m.C.two", "pass m.C.one\nfail m.C.one"):
        broken.write_text(text)
        with pytest.raises(ValueError, match="expected.txt:"):
            read(broken)
