"""Compares two answers to the same request.

Both servers work on one database with one set of keys, so nearly everything must be equal as it stands: ids, times,
audit ids and links (each server's own address apart). Only an answer that mints something (`minted=True`) has its own
times, audit id and token, and even there the shapes are checked before they are masked.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from .exchange import Answer

# What clients act on. Everything else (Date, Server, Connection, lengths) belongs to the HTTP server, not to the API.
HEADERS = (
    "content-type",
    "vary",
    "www-authenticate",
    "location",
    "allow",
    "x-subject-token",
    "retry-after",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
)
REQUEST_ID = re.compile(r"^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
AUDIT_ID = re.compile(r"^[A-Za-z0-9_-]{22}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
TOKEN = re.compile(r"^gAAAAA[A-Za-z0-9_-]+$")
SECONDS_APART = 20.0
# What Python and SQLAlchemy say of a mistake of the program, where Keystone makes a 400 of it.
EXCEPTION = re.compile(rb"'NoneType' object is not|Can't upgrade a READER transaction to a WRITER")


def is_broken(answer: Answer) -> bool:
    """Whether an exception got out of Keystone: 500, with uWSGI no answer at all, or a 400 that no client could mend."""
    return answer.status in (0, 500) or (answer.status == 400 and EXCEPTION.search(answer.body) is not None)


def view(answer: Answer, base: str, *, minted: bool = False) -> dict[str, Any]:
    """The comparable part of an answer from the server at `base`."""
    headers = {name: answer.headers[name].replace(base, "{base}") for name in HEADERS if name in answer.headers}
    for name in headers.keys() & {"vary", "allow", *(name for name in HEADERS if name.endswith("s") and "control" in name)}:
        headers[name] = sorted(part.strip() for part in headers[name].split(","))  # type: ignore[assignment]
    if minted and "x-subject-token" in headers:
        headers["x-subject-token"] = "{token}" if TOKEN.match(headers["x-subject-token"]) else headers["x-subject-token"]
    request_id = answer.headers.get("x-openstack-request-id", "")
    if not REQUEST_ID.match(request_id):
        headers["x-openstack-request-id"] = request_id or "(missing)"
    text = answer.body.decode("utf-8", "surrogateescape").replace(base, "{base}")
    try:
        body: Any = json.loads(text) if text else None
    except ValueError:
        body = text
    if isinstance(body, dict) and isinstance(error := body.get("error"), dict) and isinstance(error.get("message"), str):
        # jsonschema goes on to print the schema as Python source; the sentence before it is what tells the client.
        error["message"] = error["message"].split("\n\nFailed validating", 1)[0]
    return {"status": answer.status, "headers": headers, "body": body}


def differences(expected: Any, found: Any, *, minted: bool = False) -> list[str]:
    """Where two views differ, one line each; empty when they are equal."""
    return list(_walk("", expected, found, minted))


def _walk(where: str, left: Any, right: Any, minted: bool):
    if minted and isinstance(left, str) and isinstance(right, str) and _both_new(where, left, right):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if key not in right:
                yield f"{where}.{key}: missing, Keystone has {_short(left[key])}"
            elif key not in left:
                yield f"{where}.{key}: {_short(right[key])}, not in Keystone's answer"
            else:
                yield from _walk(f"{where}.{key}", left[key], right[key], minted)
    elif isinstance(left, list) and isinstance(right, list):
        # Only audit ids have an order that means something; none of the SQL lists is ordered.
        ordered = where.endswith("audit_ids")
        # Keystone lists a system role twice when a user and a group bring it: what counts is which roles there are.
        if where.endswith((".roles", ".methods")):
            left, right = _once(left), _once(right)
        ours, theirs = (right, left) if ordered else (sorted(right, key=_key), sorted(left, key=_key))
        if len(ours) != len(theirs):
            extra = [item for item in ours if item not in theirs]
            missing = [item for item in theirs if item not in ours]
            yield f"{where}: {len(ours)} items, Keystone has {len(theirs)}; extra {_short(extra)}; missing {_short(missing)}"
            return
        for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from _walk(f"{where}[{index}]", one, other, minted)
    elif left != right or type(left) is not type(right):
        yield f"{where}: {_short(right)}, Keystone has {_short(left)}"


def _once(items: list[Any]) -> list[Any]:
    return [item for index, item in enumerate(items) if item not in items[:index]]


def _both_new(where: str, left: str, right: str) -> bool:
    """Whether these are two values that each login makes afresh, alike in shape."""
    if where.endswith("audit_ids[0]"):
        return bool(AUDIT_ID.match(left) and AUDIT_ID.match(right))
    if where.endswith((".issued_at", ".expires_at")) and TIME.match(left) and TIME.match(right):
        return abs((_instant(left) - _instant(right)).total_seconds()) <= SECONDS_APART
    return False


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


def _key(item: Any) -> str:
    """Sorts list items by identity first, so that two versions of one object meet."""
    if isinstance(item, dict) and "id" in item:
        return json.dumps([item["id"], item], sort_keys=True)
    return json.dumps(item, sort_keys=True)


def _short(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"
