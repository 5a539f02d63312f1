"""Postgres and keys made by Fernstone's own commands, with Keystone's flags; a real Keystone then runs on them."""

from __future__ import annotations

import base64
import hmac
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import conf, oracle
from harness.exchange import get, send
from harness.fernstone import Fernstone, command
from harness.postgres import Postgres

from .conftest import login, read

Serve = Callable[..., Fernstone]
PASSWORD = "an operator's own"


def options(postgres: Postgres, database: str, directory: Path) -> conf.Options:
    return oracle.base_options(postgres.sqlalchemy_url(database), directory / "fernet-keys", directory / "credential-keys")


@pytest.fixture(scope="module")
def made(workshop: Path, postgres: Postgres) -> Path:
    """A directory with a `keystone.conf` whose database and keys Fernstone made."""
    directory = workshop / "operator"
    directory.mkdir()
    postgres.create("operator")
    config = conf.write(directory / "keystone.conf", options(postgres, "operator", directory))
    owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
    command(config, "db_sync")
    command(config, "fernet_setup", *owner)
    urls = [f"--bootstrap-{interface}-url=http://identity.example/v3" for interface in ("admin", "internal", "public")]
    command(config, "bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-region-id", "RegionOne", *urls)
    return directory


def test_serves_what_it_made(made: Path, serve: Serve) -> None:
    server = serve(made / "keystone.conf", made)
    answer = login(server.url, password=PASSWORD)
    assert answer.status == 201, answer.body
    token = answer.json()["token"]
    assert {role["name"] for role in token["roles"]} == {"admin", "manager", "member", "reader"}
    assert [entry["type"] for entry in token["catalog"]] == ["identity"]
    assert sorted(endpoint["interface"] for endpoint in token["catalog"][0]["endpoints"]) == ["admin", "internal", "public"]
    assert login(server.url, password=PASSWORD, scope={"system": {"all": True}}).status == 201


def test_commands_again_change_nothing(made: Path, postgres: Postgres) -> None:
    """Both of Keystone's commands may be repeated; so may these, in either spelling."""
    config = made / "keystone.conf"
    tables = (
        "project",
        '"user"',
        "local_user",
        "password",
        "role",
        "assignment",
        "system_assignment",
        "implied_role",
        "region",
        "service",
        "endpoint",
    )
    before = {table: sorted(map(str, postgres.execute(f"SELECT * FROM {table}", database="operator"))) for table in tables}
    keys = {path.name: path.read_bytes() for path in (made / "fernet-keys").iterdir()}
    command(config, "db-sync")
    command(config, "fernet-setup", "--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid()))
    command(config, "bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-region-id", "RegionOne")
    after = {table: sorted(map(str, postgres.execute(f"SELECT * FROM {table}", database="operator"))) for table in tables}
    assert after == before
    assert {path.name: path.read_bytes() for path in (made / "fernet-keys").iterdir()} == keys


def test_a_real_keystone_runs_on_it(made: Path, serve: Serve, tmp_path: Path) -> None:
    """Its db_sync finds nothing to do, its bootstrap repeats quietly, and tokens cross over both ways."""
    config = made / "keystone.conf"
    oracle.manage(config, ["db_sync", "--check"], ["db_version"])
    (made / "credential-keys").mkdir(mode=0o700, exist_ok=True)
    keystone = oracle.Keystone(config, tmp_path / "keystone", processes=1)
    server = serve(config, made)
    try:
        keystone.wait()
        tokens = {url: login(url, password=PASSWORD).token for url in (keystone.url, server.url)}
        for subject in tokens.values():
            bodies = [read(url, subject, subject).json()["token"] for url in (keystone.url, server.url)]
            for body in bodies:
                body["roles"].sort(key=lambda role: role["id"])
                for entry in body["catalog"]:
                    entry["endpoints"].sort(key=lambda endpoint: endpoint["id"])
            assert bodies[0] == bodies[1]
    finally:
        keystone.stop()


def test_schema_is_keystone_s(made: Path, postgres: Postgres, workshop: Path) -> None:
    """Table by table and column by column what `keystone-manage db_sync` makes, with no table of our own; beside it nothing but
    indexes, by which a user is found among a million and a revocation among all."""
    postgres.create("by_keystone")
    directory = workshop / "by-keystone"
    directory.mkdir()
    oracle.manage(conf.write(directory / "keystone.conf", options(postgres, "by_keystone", directory)), ["db_sync"])
    columns = (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    constraints = (
        "SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
    )
    indexes = (
        "SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public' AND NOT starts_with(indexname, 'fernstone_') ORDER BY 1, 2"
    )
    types = "SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid ORDER BY 1, enumsortorder"
    versions = "SELECT version_num FROM alembic_version ORDER BY 1"
    for query in (columns, constraints, indexes, types, versions):
        assert postgres.execute(query, database="operator") == postgres.execute(query, database="by_keystone")
    ours = "SELECT indexname FROM pg_indexes WHERE starts_with(indexname, 'fernstone_') ORDER BY 1"
    assert [name for (name,) in postgres.execute(ours, database="operator")] == [
        "fernstone_federated_user_user_id",
        "fernstone_password_local_user_id",
        "fernstone_revocation_event_audit_chain_id",
        "fernstone_revocation_event_of_nobody",
    ]


def sealed_by(token: str, key_file: Path) -> bool:
    """Whether a token was made with this key: its last 32 bytes sign the others with the key's first half."""
    sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    signing = base64.urlsafe_b64decode(key_file.read_bytes())[:16]
    return hmac.digest(signing, sealed[:-32], "sha256") == sealed[-32:]


def minted_with(url: str, key_file: Path) -> str:
    """A token of the new primary's; the directory is followed, so the first may come a moment early."""
    deadline = time.monotonic() + 1
    while not sealed_by(token := login(url, password=PASSWORD).token, key_file):
        assert time.monotonic() < deadline, f"a second later {key_file.name} is still not what tokens are made with"
    return token


def test_keys_are_rotated_by_either(made: Path, serve: Serve) -> None:
    """Tokens outlive rotations by either program, and new ones are minted with the new primary, with no restart."""
    config, keys = made / "keystone.conf", made / "fernet-keys"
    owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
    server = serve(config, made)
    first = minted_with(server.url, keys / "1")
    command(config, "fernet_rotate", *owner)
    second = minted_with(server.url, keys / "2")
    assert read(server.url, first, second).status == 200
    oracle.manage(config, ["fernet_rotate", *owner])
    third = minted_with(server.url, keys / "3")
    # Three keys are kept: the staged one, the primary, and the one that was primary before it.
    assert sorted(path.name for path in keys.iterdir()) == ["0", "2", "3"]
    assert read(server.url, second, third).status == 200
    assert read(server.url, first, third).status == 404


def test_refusals(made: Path, postgres: Postgres, tmp_path: Path) -> None:
    """What must not be served is refused by name: a MySQL address, an LDAP driver, an empty database, a bad value."""
    base = options(postgres, "operator", made)
    for extra, *words in (
        ({"database": {"connection": "mysql+pymysql://u:verysecret@h/db"}}, "mysql"),
        ({"identity": {"driver": "ldap"}}, "identity", "driver", "ldap"),
        ({"catalog": {"driver": "templated"}}, "catalog", "driver", "templated"),
        ({"token": {"expiration": "soon"}}, "token", "expiration", "soon"),
    ):
        config = conf.write(tmp_path / "refused.conf", conf.merged(base, extra))
        with pytest.raises(RuntimeError) as refusal:
            command(config, "serve", "--listen", "127.0.0.1:0", seconds=20)
        text = str(refusal.value).lower()
        assert all(word in text for word in words), text
        assert "verysecret" not in text
    postgres.create("nothing_in_it")
    config = conf.write(tmp_path / "refused.conf", options(postgres, "nothing_in_it", made))
    with pytest.raises(RuntimeError, match="db_sync"):
        command(config, "serve", "--listen", "127.0.0.1:0", seconds=20)


def test_unreachable_database(made: Path, postgres: Postgres, serve: Serve, tmp_path: Path) -> None:
    """An outage is 503, not a wrong answer; nothing about the database is told."""
    base = options(postgres, "operator", made)
    away = {"database": {"connection": "postgresql+psycopg2://keystone:verysecret@127.0.0.1:9/keystone"}}
    server = serve(conf.write(tmp_path / "away.conf", conf.merged(base, away)), tmp_path)
    for answer in (login(server.url, password=PASSWORD), send(server.url, get("/v3/projects", "gAAAAABnonsense"))):
        assert answer.status in (401, 503)
    assert login(server.url, password=PASSWORD).status == 503
    assert b"verysecret" not in login(server.url, password=PASSWORD).body
    assert send(server.url, get("/v3")).status == 200
    assert "verysecret" not in server.child.log.read_text()


def as_prometheus_reads(page: bytes) -> dict[str, str]:
    """The families of a page of metrics and their types, as Prometheus' own client for Python understands it."""
    program = """
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
assert all(family.documentation and family.samples for family in families)
print(json.dumps({family.name: family.type for family in families}))
"""
    python = oracle.virtualenv() / "bin" / "python"
    read = subprocess.run([python, "-c", program], input=page.decode(), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(read.stdout)


def test_shows_how_it_is_doing(made: Path, postgres: Postgres, serve: Serve, tmp_path: Path) -> None:
    """Metrics are on a port of their own, which the ready file names, and nowhere where none is configured."""
    base = options(postgres, "operator", made)
    assert "metrics_url" not in serve(made / "keystone.conf", made).ready
    shown = {"fernstone": {"metrics_listen": "127.0.0.1:0"}}
    server = serve(conf.write(tmp_path / "metrics.conf", conf.merged(base, shown)), tmp_path)
    metrics_url = server.ready["metrics_url"]
    assert metrics_url.endswith("/metrics")
    assert login(server.url, password=PASSWORD).status == 201
    assert send(server.url, get("/metrics")).status == 404
    origin = metrics_url.removesuffix("/metrics")
    page = send(origin, get("/metrics"))
    assert page.status == 200
    assert send(origin, get("/v3")).status == 404
    families = as_prometheus_reads(page.body)
    assert families["fernstone_http_requests"] == "counter"
    assert families["fernstone_http_request_duration_seconds"] == "histogram"
    assert "untyped" not in families.values() and "unknown" not in families.values()
    lines = page.body.decode().splitlines()
    assert 'fernstone_http_requests_total{method="POST",route="/v3/auth/tokens",status="201"} 1' in lines
    # The keys are of this minute.
    ages = [line for line in lines if line.startswith("fernstone_token_primary_key_age_seconds ")]
    assert len(ages) == 1 and 0 <= float(ages[0].split()[1]) < 3600
