"""A SQLite file of a real Keystone's, served as it is while others write to it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from harness import oracle
from harness.exchange import Request, get, send
from harness.fernstone import Fernstone
from harness.sqlite import SqliteCloud

from .conftest import login, read

Serve = Callable[..., Fernstone]


@pytest.fixture
def own(tmp_path: Path, sqlite_bootstrapped: SqliteCloud) -> SqliteCloud:
    """A bootstrapped file that a test may change."""
    return sqlite_bootstrapped.copy(tmp_path / "cloud")


def projects(url: str) -> set[str]:
    token = login(url).token
    return {project["name"] for project in send(url, get("/v3/projects", token)).json()["projects"]}


def add_project(cloud: SqliteCloud, name: str) -> None:
    cloud.execute(
        "INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain) "
        "VALUES (?, ?, '{}', '', 1, 'default', 'default', 0)",
        (name * 4, name),
    )


@pytest.mark.parametrize("table", ["kept", "dropped"])
def test_with_and_without_alembic_s_table(own: SqliteCloud, serve: Serve, table: str) -> None:
    """Served either way, and nothing in the file's schema changes."""
    if table == "dropped":
        own.execute("DROP TABLE alembic_version")
    before = own.schema()
    server = serve(own.config, own.directory)
    answer = login(server.url)
    assert answer.status == 201
    assert read(server.url, answer.token, answer.token).status == 200
    server.stop()
    assert own.schema() == before


def test_committed_elsewhere_seen(own: SqliteCloud, serve: Serve) -> None:
    """Each change of another process is there for the very next request that reads it; what is kept in memory of a token is
    forgotten within a second."""
    server = serve(own.config, own.directory)
    for number in range(5):
        add_project(own, f"later-{number}")
        assert f"later-{number}" in projects(server.url)
    token = login(server.url).token
    assert read(server.url, token, token).status == 200
    own.execute("UPDATE user SET enabled = 0 WHERE id = (SELECT user_id FROM local_user WHERE name = 'admin')")
    assert login(server.url).status == 401
    server.child.wait_until(lambda: send(server.url, get("/v3/projects", token)).status == 401, seconds=1)


def test_bootstrap_while_serving(tmp_path: Path, sqlite_empty: SqliteCloud, serve: Serve) -> None:
    """An empty file is served too; what `keystone-manage bootstrap` then writes is seen without a restart."""
    cloud = sqlite_empty.copy(tmp_path / "cloud")
    server = serve(cloud.config, cloud.directory)
    assert send(server.url, get("/v3")).status == 200
    assert login(server.url).status == 401
    oracle.manage(cloud.config, oracle.bootstrap_command("http://identity.example/v3"))
    answer = login(server.url)
    assert answer.status == 201
    assert {role["name"] for role in answer.json()["token"]["roles"]} >= {"admin", "manager", "member", "reader"}


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_journal_mode_is_left_alone(own: SqliteCloud, serve: Serve, mode: str) -> None:
    own.execute(f"PRAGMA journal_mode = {mode}")
    server = serve(own.config, own.directory)
    token = login(server.url).token
    revoked = send(server.url, Request("DELETE", "/v3/auth/tokens", headers={"X-Auth-Token": token, "X-Subject-Token": token}))
    assert revoked.status == 204
    assert own.execute("PRAGMA journal_mode") == [(mode,)]
    # The token itself, and the chain of those got with it.
    assert len(own.execute("SELECT id FROM revocation_event")) == 2


def test_waits_for_another_s_lock(own: SqliteCloud, serve: Serve) -> None:
    """A revocation that meets another process' write transaction waits for it, and then succeeds."""
    server = serve(own.config, own.directory)
    token = login(server.url).token
    with closing(sqlite3.connect(own.file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.7, lambda: other.execute("COMMIT"))
        release.start()
        revoked = send(server.url, Request("DELETE", "/v3/auth/tokens", headers={"X-Auth-Token": token, "X-Subject-Token": token}))
        release.join()
    assert revoked.status == 204, revoked.body


def test_tokens_cross_over(own: SqliteCloud, serve: Serve, tmp_path: Path) -> None:
    """A real Keystone on the same file and keys reads Fernstone's tokens, and the other way round."""
    server = serve(own.config, own.directory)
    keystone = oracle.Keystone(own.config, tmp_path / "keystone", processes=1)
    try:
        keystone.wait()
        tokens = {"fernstone": login(server.url).token, "keystone": login(keystone.url).token}
        for subject in tokens.values():
            answers = [read(url, subject, tokens["keystone"]) for url in (server.url, keystone.url)]
            assert [answer.status for answer in answers] == [200, 200]
            assert answers[0].json()["token"]["audit_ids"] == answers[1].json()["token"]["audit_ids"]
    finally:
        keystone.stop()
