"""What Keystone's own doctor finds in a configuration, ours finds too."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from harness import conf, fernstone, oracle

# Keystone's symptoms, and the codes by which ours says the same.
SAME = {
    "unique_key_repositories": {"key-repositories-shared"},
    "usability_of_credential_fernet_key_repository": {"directory-unusable"},
    "keys_in_credential_fernet_key_repository": {"directory-unusable", "no-keys"},
    "database_connection_is_not_SQLite": {"database-sqlite"},
    "debug_mode_is_enabled": {"debug-on"},
    "minimum_password_age_greater_than_expires_days": {"minimum-password-age"},
    "invalid_password_regular_expression": {"password-regex"},
    "password_regular_expression_description_not_set": {"password-regex-description"},
    "unreasonable_max_token_size": {"max-token-size"},
    "usability_of_Fernet_key_repository": {"directory-unusable"},
    "keys_in_Fernet_key_repository": {"directory-unusable", "no-keys"},
}
# Those of parts that are not here: no caches to configure, no LDAP (whose driver is refused), no SAML.
OF_OTHER_PARTS = ("caching_", "connection_to_memcached", "LDAP_", "comma_in_SAML_")


@pytest.fixture(scope="module")
def clinic(workshop: Path) -> dict[str, Path]:
    """Configurations, each with troubles of its own."""
    room = workshop / "doctor"
    room.mkdir()
    # Tables that both can look at.
    database = conf.write(room / "database.conf", {"database": {"connection": f"sqlite:///{room / 'keystone.db'}"}})
    fernstone.command(database, "db_sync")
    for name, keys in (("keys", ["0", "1"]), ("credential-keys", ["0", "1"]), ("empty", []), ("other-empty", [])):
        (room / name).mkdir(mode=0o700)
        for index, key in enumerate(keys):
            path = room / name / key
            path.write_text("A" * (40 + index) + "B" * (3 - index) + "=")
            path.chmod(0o600)

    def config(name: str, keys: str, credential_keys: str, more: conf.Options) -> Path:
        base = oracle.base_options(f"sqlite:///{room / 'keystone.db'}", room / keys, room / credential_keys)
        return conf.write(room / f"{name}.conf", conf.merged(base, more))

    ages = {"minimum_password_age": 7, "password_expires_days": 7}
    return {
        "well": config("well", "keys", "credential-keys", {"DEFAULT": {"admin_token": None}}),
        "missing": config("missing", "gone", "also-gone", {"DEFAULT": {"debug": True, "max_token_size": 256}}),
        "empty": config("empty", "empty", "other-empty", {"security_compliance": {"password_regex": "(", **ages}}),
        "shared": config("shared", "keys", "keys", {"security_compliance": {"password_regex": "^.{8,}$"}}),
    }


@pytest.fixture(scope="module")
def keystones(clinic: dict[str, Path]) -> dict[str, dict[str, bool]]:
    """What Keystone's doctor says of each."""
    script = Path(oracle.__file__).with_name("keystone_symptoms.py")
    argv = [str(oracle.virtualenv() / "bin" / "python"), "-W", "ignore", str(script), *map(str, clinic.values())]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return dict(zip(clinic, json.loads(said.splitlines()[-1]), strict=True))


def findings(config: Path) -> list[dict]:
    """What ours says that something has to be done about."""
    argv = [str(fernstone.binary()), "--config-file", str(config), "doctor", "--json"]
    answer = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert answer.returncode == 4, answer
    found = json.loads(answer.stdout)["findings"]
    assert all(finding["advice"] for finding in found if finding["severity"] != "note")
    return [finding for finding in found if finding["severity"] != "note"]


def test_every_symptom_of_keystones_is_known(keystones: dict[str, dict[str, bool]]) -> None:
    for name in keystones["well"]:
        assert (name in SAME) != name.startswith(OF_OTHER_PARTS), name
    shown = {name for symptoms in keystones.values() for name, there in symptoms.items() if there}
    assert set(SAME) <= shown, "each is shown by one of the configurations"


@pytest.mark.parametrize("name", ["well", "missing", "empty", "shared"])
def test_same_symptoms(name: str, clinic: dict[str, Path], keystones: dict[str, dict[str, bool]]) -> None:
    codes = {finding["code"] for finding in findings(clinic[name])}
    for symptom, there in keystones[name].items():
        if symptom in SAME:
            assert bool(codes & SAME[symptom]) == there, f"{symptom}: {there}, and ours {codes}"


def test_a_catalog_that_is_not_complete(workshop: Path) -> None:
    """Endpoints that no token shows, and services that clients do not find."""
    room = workshop / "doctor-catalog"
    room.mkdir()
    config = conf.write(room / "keystone.conf", {"database": {"connection": f"sqlite:///{room / 'keystone.db'}"}})
    fernstone.command(config, "db_sync")
    services = ("compute", "image", "metering", "volume", "object-store")
    endpoints = (
        ("compute", "public", "http://compute/%(nothing)s"),
        ("image", "internal", "http://image"),
        ("volume", "public", "http://volume/v3/$(project_id)s"),
        ("object-store", "public", "object-store/v1"),
    )
    with sqlite3.connect(room / "keystone.db") as database:
        for kind in services:
            database.execute("INSERT INTO service (id, type, enabled, extra) VALUES (?, ?, 1, '{}')", (kind, kind))
        for kind, interface, url in endpoints:
            values = (f"{kind}-{interface}", kind, interface, url)
            database.execute("INSERT INTO endpoint (id, service_id, interface, url, enabled, extra) VALUES (?, ?, ?, ?, 1, '{}')", values)
    argv = [str(fernstone.binary()), "--config-file", str(config), "doctor", "--json"]
    found = json.loads(subprocess.run(argv, capture_output=True, text=True, check=False).stdout)["findings"]
    told = {(finding["code"], finding["message"].split(" of ")[-1].split()[0]) for finding in found if finding["code"] == "catalog-url"}
    assert told == {("catalog-url", "compute"), ("catalog-url", "object-store")}
    for code, service in (("catalog-no-identity", "identity"), ("catalog-no-endpoint", "metering"), ("catalog-no-public", "image")):
        messages = [finding["message"] for finding in found if finding["code"] == code]
        assert len(messages) == 1 and service in messages[0], f"{code}: {messages}"
