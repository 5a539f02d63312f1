"""`fernstone dev`: ready files, a second start, and going away without a trace."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.exchange import get, send
from harness.fernstone import Fernstone

from .conftest import login, read


def start(directory: Path, *arguments: str, name: str = "dev") -> Fernstone:
    server = Fernstone.dev(directory, *arguments, name=name)
    try:
        server.wait()
    except BaseException:
        server.stop()
        raise
    return server


def admin(server: Fernstone) -> str:
    """The admin's token, with the credentials of the ready file."""
    return login(server.url, password=server.ready["admin_password"], user=server.ready["admin_user"]).token


def test_ready_file_says_what_is_promised(tmp_path: Path) -> None:
    server = start(tmp_path)
    try:
        ready = server.ready
        assert {"url", "admin_user", "admin_password", "admin_project", "clouds_yaml", "openrc"} <= ready.keys()
        assert ready["url"].endswith("/v3")
        # It is written when the first request can be served: no waiting, no retrying.
        assert send(server.url, get("/v3")).status == 200
        assert stat.S_IMODE(server.ready_file.stat().st_mode) == 0o600
        for name in ("clouds_yaml", "openrc"):
            assert stat.S_IMODE(Path(ready[name]).stat().st_mode) & 0o077 == 0
    finally:
        server.stop()


def test_second_start_finds_everything(tmp_path: Path) -> None:
    """The same credentials, the same ids, and a token of the first run is still one."""
    first = start(tmp_path, name="first")
    token = admin(first)
    projects = send(first.url, get("/v3/projects", token)).json()["projects"]
    password = first.ready["admin_password"]
    assert first.stop() == 0
    assert not first.ready_file.exists(), "a ready file outlived its server"
    second = start(tmp_path, name="second")
    try:
        assert second.ready["admin_password"] == password
        assert read(second.url, token, token).status == 200
        again = send(second.url, get("/v3/projects", admin(second))).json()["projects"]
        key = lambda project: project["id"]  # noqa: E731
        strip = lambda found: [{name: value for name, value in item.items() if name != "links"} for item in sorted(found, key=key)]  # noqa: E731
        assert strip(again) == strip(projects)
    finally:
        second.stop()


def test_ephemeral_leaves_nothing(tmp_path: Path) -> None:
    server = start(tmp_path, "--ephemeral")
    places = [Path(server.ready[name]) for name in ("clouds_yaml", "openrc")]
    assert admin(server)
    own = {server.ready_file.name, server.child.log.name}
    assert {path.name for path in tmp_path.iterdir()} == own, "something was left beside the ready file"
    assert server.stop() == 0
    assert not any(place.exists() for place in places)


def test_two_at_once(tmp_path: Path) -> None:
    """Two ephemeral servers know nothing of each other."""
    servers = [start(tmp_path, "--ephemeral", name=f"dev-{number}") for number in range(2)]
    try:
        token = admin(servers[0])
        assert servers[0].url != servers[1].url
        assert send(servers[1].url, get("/v3/projects", token)).status == 401
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_graceful_shutdown(tmp_path: Path, number: signal.Signals) -> None:
    """A request under way is answered, a kept connection does not hold the process, and the exit status is 0."""
    server = start(tmp_path, "--ephemeral")
    address = urlsplit(server.url)
    idle = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    idle.request("GET", "/v3")
    assert idle.getresponse().read()
    body = json.dumps(
        {
            "auth": {
                "identity": {
                    "methods": ["password"],
                    "password": {
                        "user": {
                            "name": server.ready["admin_user"],
                            "domain": {"id": "default"},
                            "password": server.ready["admin_password"],
                        }
                    },
                }
            }
        }
    ).encode()
    head = f"POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection((address.hostname, address.port), timeout=10) as under_way:
        under_way.sendall(head + body[:-1])
        # The server has the head once it has answered a later request on another connection.
        assert send(server.url, get("/v3")).status == 200
        server.child.send(number)
        under_way.sendall(body[-1:])
        assert under_way.recv(100).startswith(b"HTTP/1.1 201")
    started = time.monotonic()
    assert server.child.process.wait(timeout=10) == 0
    assert time.monotonic() - started < 5
    idle.close()
    with socket.socket() as probe:
        assert probe.connect_ex((address.hostname, address.port)) != 0
