"""Requests sent byte for byte as a test wrote them: no client of ours adds a header or tidies a path."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """One request; `body` that is not bytes is sent as JSON with its content type, unless `headers` names another."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str | None] = field(default_factory=dict)

    def wire(self) -> tuple[bytes | None, dict[str, str]]:
        """The body's bytes and the headers as they are sent; a header given as None is left out."""
        if self.body is None or isinstance(self.body, bytes):
            payload, headers = self.body, {}
        else:
            payload, headers = json.dumps(self.body).encode(), {"Content-Type": "application/json"}
        return payload, {name: value for name, value in {**headers, **self.headers}.items() if value is not None}


@dataclass(frozen=True)
class Answer:
    """What came back: header names in lower case, the body undecoded."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def token(self) -> str:
        """The token of a successful login; any other answer is a failure of the test's own preparation."""
        if "x-subject-token" not in self.headers:
            raise AssertionError(f"no token in the answer: {self.status} {self.body[:500]!r}")
        return self.headers["x-subject-token"]


def send(base: str, request: Request, *, timeout: float = 60.0) -> Answer:
    """Sends the request to the server at `base` (scheme, host and port) on a connection of its own."""
    address = urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    # Odd paths (spaces, control characters) are what some tests are about.
    connection._validate_path = lambda url: None  # type: ignore[attr-defined]
    try:
        payload, headers = request.wire()
        connection.request(request.method, request.path, body=payload, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    except (OSError, http.client.HTTPException) as problem:
        # A dropped connection is an answer too: one that the other server has to match, or a report has to show.
        return Answer(0, {}, repr(problem).encode())
    finally:
        connection.close()


def get(path: str, token: str | None = None, **headers: str) -> Request:
    """A GET, with `X-Auth-Token` when a token is given; underscores in further header names become hyphens."""
    return Request("GET", path, headers=_headers(token, headers))


def post(path: str, body: Any, token: str | None = None, **headers: str) -> Request:
    """A POST of JSON."""
    return Request("POST", path, body, _headers(token, headers))


def _headers(token: str | None, more: Mapping[str, str]) -> dict[str, str]:
    named = {} if token is None else {"X-Auth-Token": token}
    return {**named, **{name.replace("_", "-"): value for name, value in more.items()}}
