"""The `openstack` command, in another terminal, with the files that `fernstone dev` names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Dev

OPENSTACK = str(Path(sys.prefix) / "bin" / "openstack")


def openstack(dev: Dev, user: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One `openstack` command as one of the users of clouds.yaml."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    env |= {"OS_CLIENT_CONFIG_FILE": str(dev.clouds_yaml), "OS_CLOUD": dev.cloud(user)}
    return subprocess.run([OPENSTACK, *arguments], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)


def as_json(done: subprocess.CompletedProcess[str]):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("user", ["admin", "demo"])
def test_token_issue(dev: Dev, user: str) -> None:
    issued = as_json(openstack(dev, user, "token", "issue", "-f", "json"))
    assert issued["id"].startswith("gAAAAA")
    assert set(issued) == {"expires", "id", "project_id", "user_id"}


def test_project_list_as_admin(dev: Dev) -> None:
    names = {project["Name"] for project in as_json(openstack(dev, "admin", "project", "list", "-f", "json"))}
    assert {"admin", "demo", "service"} <= names


def test_project_list_as_reader_falls_back(dev: Dev) -> None:
    """The first request is refused; the client's plan B, the user's own projects, succeeds."""
    done = openstack(dev, "demo", "--debug", "project", "list", "-f", "json")
    assert [project["Name"] for project in as_json(done)] == ["demo"]
    asked = [line for line in done.stderr.splitlines() if '"GET /v3/' in line]
    refused = next(index for index, line in enumerate(asked) if "/v3/projects" in line and " 403 " in line)
    own = next(index for index, line in enumerate(asked) if "/v3/users/" in line and "/projects" in line and " 200 " in line)
    assert refused < own, asked


def test_catalog_list(dev: Dev) -> None:
    services = {entry["Name"]: entry for entry in as_json(openstack(dev, "demo", "catalog", "list", "-f", "json"))}
    assert services["keystone"]["Type"] == "identity"
    assert any(endpoint["url"].rstrip("/") == dev.url for endpoint in services["keystone"]["Endpoints"])


def test_openrc_in_a_shell(dev: Dev) -> None:
    """What `dev` prints for shells is enough, with no other configuration in sight."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    script = f'. "{dev.process.ready["openrc"]}" && "{OPENSTACK}" token issue -f json'
    done = subprocess.run(
        ["sh", "-c", script], env={**env, "HOME": str(dev.directory)}, capture_output=True, text=True, cwd=dev.directory, timeout=120
    )
    assert as_json(done)["id"].startswith("gAAAAA")


def test_what_it_prints_is_enough(dev: Dev) -> None:
    """The address, the credentials and the paths of the three files are among what a person sees."""
    ready = dev.process.ready
    for text in (ready["url"], ready["admin_user"], ready["admin_password"], ready["admin_project"], ready["clouds_yaml"], ready["openrc"]):
        assert text in dev.printed, f"{text!r} was not printed"


def test_token_revoke(dev: Dev) -> None:
    issued = as_json(openstack(dev, "admin", "token", "issue", "-f", "json"))
    revoked = openstack(dev, "admin", "token", "revoke", issued["id"])
    assert revoked.returncode == 0, revoked.stderr
