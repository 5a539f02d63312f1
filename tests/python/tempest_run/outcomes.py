"""Reads a subunit stream from standard input and writes what each test did as one JSON object.

Runs inside `.venv-tempest`, where subunit and testtools are.
"""

import json
import sys

import subunit
import testtools

# How much of a test's log goes into a report: the last requests are the ones that matter.
LOG_CHARACTERS = 6000
STATUSES = {"success": "pass", "skip": "skip", "xfail": "pass"}


def main() -> None:
    found: dict[str, dict[str, str]] = {}

    def ended(test: dict) -> None:
        # `exists` is an announcement. A test still `inprogress` at the end of the stream was cut off.
        if test["status"] in (None, "exists"):
            return
        details = {name: content.as_text() for name, content in test["details"].items() if content.content_type.type == "text"}
        text = "\n".join(value.strip() for name, value in details.items() if name == "reason" or "traceback" in name)
        log = "\n".join(value for name, value in details.items() if name.startswith("pythonlogging"))
        found[test["id"]] = {
            "status": STATUSES.get(test["status"], "fail"),
            "text": text or ("" if test["status"] == "success" else f"ended as {test['status']}"),
            "requests": log.strip()[-LOG_CHARACTERS:] if test["status"] != "success" else "",
        }

    result = testtools.StreamToDict(ended)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="not subunit").run(result)
    result.stopTestRun()
    found.pop("not subunit", None)
    json.dump(found, sys.stdout)


main()
