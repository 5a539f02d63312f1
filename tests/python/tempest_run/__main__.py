"""The command line: which servers, which tests, and the report."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from . import cloud, expectations, suite
from .expectations import Outcome, Problem


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tempest_run", description="tempest.api.identity beside the list of what is expected")
    parser.add_argument(
        "--store", choices=cloud.STORES, action="append", help="what Fernstone stands on; may be repeated (default: each in turn)"
    )
    parser.add_argument("--url", help="a running server instead, http://.../v3, that listens where its catalog says")
    parser.add_argument("--user", default="admin", help="its administrator, on the project and on the system (default: %(default)s)")
    parser.add_argument("--password", default="secret", help="of that user (default: %(default)s)")
    parser.add_argument("--project", default="admin", help="of that user (default: %(default)s)")
    parser.add_argument("--all-pass", action="store_true", help="expect every test in the list to pass, as on a real Keystone")
    parser.add_argument("--only", default="", metavar="REGEX", help="those tests whose ids match")
    parser.add_argument("--concurrency", type=int, default=2, metavar="N", help="test processes side by side (default: %(default)s)")
    parser.add_argument(
        "--longest",
        type=float,
        default=suite.LONGEST_SECONDS,
        metavar="SECONDS",
        help="end a run that takes longer (default: %(default).0f)",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave configuration, databases and logs in this new directory")
    return parser.parse_args()


def check(name: str, target: suite.Cloud, directory: Path, chosen: argparse.Namespace) -> bool:
    """Runs the tests against one server, reports, and answers whether everything was as expected."""
    expected = expectations.selected(expectations.read(), chosen.only)
    if chosen.all_pass:
        expected = dict.fromkeys(expected, "pass")
    started = time.monotonic()
    outcomes = suite.run_tests(target, directory, only=chosen.only, concurrency=chosen.concurrency, seconds=chosen.longest)
    verdict = expectations.judge(expected, outcomes)
    for outcome, problems in together(verdict.problems):
        report(outcome, problems)
    print(
        f"tempest.api.identity on {name}: {len(verdict.problems)} not as expected; "
        f"{verdict.passed} passed, {verdict.failed} failed as expected, {verdict.skipped} skipped, "
        f"in {time.monotonic() - started:.0f} s"
    )
    for problem in verdict.problems:
        print(f"  {problem.test}: {problem.what}")
    sys.stdout.flush()
    return not verdict.problems


def together(problems: list[Problem]) -> list[tuple[Outcome | None, list[Problem]]]:
    """Problems by what happened: a set-up that failed is told once for all the tests that needed it."""
    groups: dict[Outcome | None, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(problem.outcome, []).append(problem)
    return list(groups.items())


def report(outcome: Outcome | None, problems: list[Problem]) -> None:
    """The tests and, below them, the traceback or the reason, and the requests."""
    print("\n".join(f"--- {problem.test}: {problem.what}" for problem in problems))
    if outcome is not None:
        for text in (outcome.text, outcome.requests):
            print(textwrap.indent(text, "    "))


def main() -> int:
    chosen = arguments()
    directory = chosen.keep or Path(tempfile.mkdtemp(prefix="fernstone-tempest-"))
    try:
        if chosen.url is not None:
            target = suite.Cloud(chosen.url, chosen.password, user=chosen.user, project=chosen.project)
            return 0 if check(chosen.url, target, directory / "tempest", chosen) else 1
        good = True
        for store in chosen.store or cloud.STORES:
            with cloud.fernstone(store, directory / store) as target:
                good = check(store, target, directory / store / "tempest", chosen) and good
        return 0 if good else 1
    finally:
        if chosen.keep is None:
            shutil.rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
