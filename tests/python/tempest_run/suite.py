"""Tempest itself: its configuration, and a run of its tests by stestr."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import conf
from harness.oracle import REPOSITORY
from harness.processes import Child

from .expectations import Outcome

# A run on Fernstone takes one to two minutes. This ends one that hangs, in time for CI to say so.
LONGEST_SECONDS = 1800.0


@dataclass(frozen=True)
class Cloud:
    """A server under test, and an administrator of a project and of the system there."""

    url: str
    password: str
    user: str = "admin"
    project: str = "admin"
    domain: str = "Default"
    region: str = "RegionOne"


def virtualenv() -> Path:
    """Where the pinned tempest is installed (`make venvs` does it)."""
    path = Path(os.environ.get("FERNSTONE_TEMPEST_VENV", REPOSITORY / ".venv-tempest"))
    if not (path / "bin" / "stestr").exists():
        raise RuntimeError(f"no tempest in {path}; `make venvs` installs it")
    return path


def options(cloud: Cloud, directory: Path) -> conf.Options:
    """tempest.conf for a cloud that is a Keystone and nothing else, with everything that Keystone 30 has by default."""
    others = ("nova", "neutron", "cinder", "glance", "swift", "horizon")
    return {
        "DEFAULT": {"log_dir": directory, "log_file": "tempest.log"},
        "oslo_concurrency": {"lock_path": directory / "locks"},
        "auth": {
            # Each test class gets users and projects of its own, which only an administrator can make.
            "use_dynamic_credentials": True,
            "create_isolated_networks": False,
            "admin_username": cloud.user,
            "admin_password": cloud.password,
            "admin_project_name": cloud.project,
            "admin_domain_name": cloud.domain,
            "admin_system": "all",
            "default_credentials_domain_name": cloud.domain,
        },
        "identity": {
            "auth_version": "v3",
            "uri_v3": cloud.url,
            # Every request after the login goes to the address in the catalog.
            "v3_endpoint_type": "public",
            "region": cloud.region,
            "admin_role": "admin",
            "admin_domain_scope": False,
            "default_domain_id": "default",
        },
        "identity-feature-enabled": {
            "api_v3": True,
            "trust": True,
            "application_credentials": True,
            "access_rules": True,
            "project_tags": True,
            "enforce_scope": True,
            "security_compliance": False,
            "immutable_user_source": False,
            "domain_specific_drivers": False,
            "federation": False,
            "external_idp": False,
        },
        "enforce_scope": {"keystone": True},
        "service_available": {"keystone": True, **dict.fromkeys(others, False)},
        "validation": {"run_validation": False},
    }


def run_tests(cloud: Cloud, directory: Path, *, only: str, concurrency: int, seconds: float) -> dict[str, Outcome]:
    """Runs the identity tests whose ids match `only`, and answers what each of them did. Logs stay in `directory`.

    After `seconds` the run is ended: what is answered then lacks the tests that had not begun.
    """
    tools = virtualenv() / "bin"
    (directory / "locks").mkdir(parents=True)
    conf.write(directory / "tempest.conf", options(cloud, directory))
    (packages,) = {path.parent for path in virtualenv().glob("lib/python*/site-packages/tempest")}
    # Ids begin at the directory of the packages. Looking through one part of tempest is seconds faster than through all of it.
    conf.write(
        directory / ".stestr.conf",
        # Tests of a class stay together: they share users that the class makes.
        {"DEFAULT": {"test_path": packages / "tempest/api/identity", "top_dir": packages, "group_regex": r"([^\.]*\.)*"}},
    )
    stream, log = directory / "tempest.subunit", directory / "stestr.log"
    environment = {
        **os.environ,
        "TEMPEST_CONFIG_DIR": str(directory),
        "TEMPEST_CONFIG": "tempest.conf",
        "PYTHONWARNINGS": "ignore",
        "PATH": f"{tools}:{os.environ['PATH']}",
    }
    stestr = Child(
        "stestr",
        [str(tools / "stestr"), "run", "--concurrency", str(concurrency), "--subunit", only],
        log,
        output=stream,
        env=environment,
        cwd=directory,
    )
    try:
        status: int | str = stestr.process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        status = f"nothing in {seconds:.0f} s"
        print(f"stestr was ended after {seconds:.0f} s")
    finally:
        stestr.kill()
    if stream.stat().st_size == 0:
        raise RuntimeError(f"stestr ended with {status} and ran nothing:\n{stestr.tail()}")
    with stream.open("rb") as source:
        reader = [str(tools / "python"), str(Path(__file__).with_name("outcomes.py"))]
        found = subprocess.run(reader, stdin=source, capture_output=True, text=True, check=True).stdout
    return {test: Outcome(**outcome) for test, outcome in json.loads(found).items()}
