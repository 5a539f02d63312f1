"""Services that let keystonemiddleware ask Fernstone who is calling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from keystoneauth1 import session
from keystoneclient.v3 import client

from harness.processes import Child

from .conftest import Dev
from .test_keystoneclient import open_session

Start = Callable[[str, Path, str], tuple[str, Child]]
# Without it a service believes a revoked token for five minutes, by its own choice.
FRESH = "token_cache_time = -1\n"


@pytest.fixture(scope="module")
def service(start_service: Start, own_virtualenv: Path, authtoken: str) -> str:
    """A service that decides late, with the section that `dev` wrote."""
    options = "".join(line for line in ("delay_auth_decision = true\n", FRESH) if line.split(" ")[0] not in authtoken)
    return start_service("plain_service.py", own_virtualenv, f"{authtoken}\n{options}")[0]


@pytest.fixture(scope="module")
def older(start_service: Start, older_virtualenv: Path, authtoken: str) -> tuple[str, Child]:
    """The same with flask_keystone, flask_oslolog and oslo.policy."""
    options = "".join(line for line in ("delay_auth_decision = true\n", FRESH) if line.split(" ")[0] not in authtoken)
    own = "[flask_keystone]\nroles = admin:boss\n[oslo_policy]\nenforce_scope = false\n"
    return start_service("older_service.py", older_virtualenv, f"{authtoken}\n{options}{own}")


@pytest.fixture(scope="module")
def demo(dev: Dev) -> session.Session:
    return open_session(dev, "demo")


@pytest.fixture(scope="module")
def admin(dev: Dev) -> session.Session:
    return open_session(dev, "admin")


def ask(url: str, token: str | None = None, **headers: str) -> requests.Response:
    named = {} if token is None else {"X-Auth-Token": token}
    return requests.get(url, headers={**named, **{name.replace("_", "-"): value for name, value in headers.items()}}, timeout=30)


def test_caller_is_known(service: str, demo: session.Session) -> None:
    seen = ask(f"{service}/whoami", demo.get_token()).json()
    assert seen["X-Identity-Status"] == "Confirmed"
    assert seen["X-User-Name"] == "demo"
    assert seen["X-Project-Name"] == "demo"
    assert "reader" in seen["X-Roles"].split(",")
    # No admin project is configured: clients then take every project for it.
    assert seen["X-Is-Admin-Project"] == "True"
    assert "identity" in seen["X-Service-Catalog"]


def test_admin_s_implied_roles(service: str, admin: session.Session) -> None:
    assert {"admin", "manager", "member", "reader"} <= set(ask(f"{service}/widgets", admin.get_token()).json()["roles"])


@pytest.mark.parametrize("token", [None, "garbage", "gAAAAABgarbage", ""])
def test_strangers_reach_a_service_that_decides_late(service: str, token: str | None) -> None:
    assert ask(f"{service}/whoami", token).json()["X-Identity-Status"] == "Invalid"
    assert ask(f"{service}/widgets", token).status_code == 401


def test_strangers_are_stopped_where_nothing_is_delayed(
    dev: Dev, start_service: Start, own_virtualenv: Path, authtoken: str, demo: session.Session
) -> None:
    strict = "\n".join(line for line in authtoken.splitlines() if not line.startswith("delay_auth_decision"))
    url, _ = start_service("plain_service.py", own_virtualenv, strict)
    refused = ask(f"{url}/whoami", "garbage")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Keystone uri=")
    assert ask(f"{url}/whoami", demo.get_token()).status_code == 200


def test_a_revoked_token_is_a_stranger_s(dev: Dev, service: str, admin: session.Session) -> None:
    token = open_session(dev, "demo").get_token()
    assert ask(f"{service}/widgets", token).status_code == 200
    client.Client(session=admin).tokens.revoke_token(token)
    assert ask(f"{service}/widgets", token).status_code == 401


def test_scopes_arrive(dev: Dev, service: str) -> None:
    system = ask(f"{service}/whoami", open_session(dev, "admin", system_scope="all").get_token()).json()
    assert system["X-Identity-Status"] == "Confirmed"
    assert system.get("X-Project-Id") is None
    unscoped = ask(f"{service}/whoami", open_session(dev, "demo", unscoped=True).get_token()).json()
    assert unscoped["X-Identity-Status"] == "Confirmed"
    assert unscoped.get("X-Project-Id") is None


def test_policy_decides_by_role(older: tuple[str, Child], demo: session.Session, admin: session.Session) -> None:
    url, _ = older
    member, boss = demo.get_token(), admin.get_token()
    assert ask(f"{url}/widgets/read", member).status_code == 200
    assert ask(f"{url}/widgets/write", member).status_code == 200
    assert ask(f"{url}/widgets/write?project_id=another", member).status_code == 403
    assert ask(f"{url}/widgets/purge", member).status_code == 403
    assert ask(f"{url}/widgets/write", boss).status_code == 200
    assert ask(f"{url}/widgets/write?project_id=another", boss).status_code == 403
    assert ask(f"{url}/widgets/purge", boss).status_code == 200
    assert ask(f"{url}/widgets/read", boss).json()["boss"] is True
    assert ask(f"{url}/widgets/read", member).json()["boss"] is False


def test_flask_keystone_s_own_roles(older: tuple[str, Child], demo: session.Session, admin: session.Session) -> None:
    url, _ = older
    assert ask(f"{url}/boss", admin.get_token()).json() == {"user": "admin"}
    assert ask(f"{url}/boss", demo.get_token()).status_code == 403
    assert ask(f"{url}/boss", "garbage").status_code == 401
    assert ask(f"{url}/boss").status_code == 401


def test_flask_oslolog_names_the_caller(older: tuple[str, Child], demo: session.Session) -> None:
    url, child = older
    user = demo.get_user_id()
    assert ask(f"{url}/widgets/read?seen=1", demo.get_token()).status_code == 200
    line = next(line for line in child.log.read_text().splitlines() if "seen=1" in line and "flask_oslolog" in line)
    assert user in line and "Confirmed" in line and "status: 200" in line
