"""Tokens that are well sealed but odd: expired, or about things that are not there."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from harness.exchange import Request, post
from harness.oracle import REPOSITORY, virtualenv
from harness.pair import Case, Outcome, Pair
from harness.servers import Cloud

from .logins import UNSCOPED, project, token
from .world import World

TOKENS = "/v3/auth/tokens"
SCRIPT = REPOSITORY / "tests" / "python" / "harness" / "craft.py"
NOWHERE = "0123456789abcdef0123456789abcdef"
MINUTE, HOUR = 60, 3600


def wanted(kind: str, expires_in: int = HOUR, user: str = "{user.alice}", **fields: Any) -> dict[str, Any]:
    """What the script is to craft."""
    audit_ids = ["AAAAAAAAAAAAAAAAAAAAAA"]
    return {"class": kind, "expires_in": expires_in, "user_id": user, "methods": ["password"], "audit_ids": audit_ids, **fields}


DEMO = {"project_id": "{project.demo}"}
CRAFTED = {
    "good": wanted("project", **DEMO),
    "expired a minute ago": wanted("project", -MINUTE, **DEMO),
    "expired within the window": wanted("project", -47 * HOUR, **DEMO),
    "expired beyond the window": wanted("project", -49 * HOUR, **DEMO),
    "expired unscoped": wanted("unscoped", -MINUTE),
    "expired, of an admin": wanted("project", -MINUTE, "{user.admin}", project_id="{project.admin}"),
    "expired, of a service": wanted("project", -MINUTE, "{user.service}", project_id="{project.service}"),
    "expired, user unknown": wanted("project", -MINUTE, NOWHERE, **DEMO),
    "user unknown": wanted("project", user=NOWHERE, **DEMO),
    "user unknown, unscoped": wanted("unscoped", user=NOWHERE),
    "user id that is no UUID": wanted("unscoped", user="{user.foreign-id}"),
    "user in a disabled domain": wanted("project", user="{user.in-closed}", **DEMO),
    "user with an expired password": wanted("project", user="{user.expired}", **DEMO),
    "user without the methods that are required": wanted("project", user="{user.mfa-unmet}", **DEMO),
    "project unknown": wanted("project", project_id=NOWHERE),
    "project unknown and no UUID": wanted("project", project_id="no-such-project"),
    "project disabled": wanted("project", project_id="{project.sleeping}"),
    "project in a disabled domain": wanted("project", project_id="{project.shut}"),
    "project without a role": wanted("project", project_id="{project.no-roles-here}"),
    "project that is a domain": wanted("project", project_id="{domain.acme}"),
    "domain unknown": wanted("domain", domain_id=NOWHERE),
    "domain disabled": wanted("domain", domain_id="{domain.closed}"),
    "domain without a role": wanted("domain", domain_id="{domain.default}"),
    "domain that is a project": wanted("domain", domain_id="{project.demo}"),
    "system": wanted("system", user="{user.system-reader}", system="all"),
    "system without a role": wanted("system", system="all"),
    "system of another name": wanted("system", user="{user.system-reader}", system="some"),
    "method token alone": wanted("project", **DEMO, methods=["token"]),
    "every method": wanted(
        "project", **DEMO, methods=["external", "password", "token", "oauth1", "mapped", "application_credential", "ec2credential"]
    ),
    "no method": wanted("project", **DEMO, methods=[]),
    "no audit id": wanted("project", **DEMO, audit_ids=[]),
    "three audit ids": wanted("project", **DEMO, audit_ids=["AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBA", "CCCCCCCCCCCCCCCCCCCCCA"]),
    "trust unknown": wanted("trust", **DEMO, trust_id=NOWHERE),
    "application credential unknown": wanted("application_credential", **DEMO, app_cred_id=NOWHERE, methods=["application_credential"]),
    "application credential's method on a plain token": wanted("project", **DEMO, methods=["application_credential"]),
    "access token unknown": wanted("oauth", **DEMO, access_token_id=NOWHERE, methods=["oauth1"]),
    "thumbprint": wanted("oauth2", **DEMO, thumbprint="JWp_gzYrqzrsmwCR7Xcszd9ibfCfbuBhDMOGUdyKDDU", methods=["oauth1"]),
    "federated, provider unknown": wanted(
        "federated", federated_group_ids=[], identity_provider_id="nobody", protocol_id="mapped", methods=["mapped"]
    ),
    "federated, a local user": wanted(
        "federated", federated_group_ids=[{"id": "{group.staff}"}], identity_provider_id="sun", protocol_id="mapped", methods=["mapped"]
    ),
    "federated, a group unknown": wanted(
        "federated", federated_group_ids=[{"id": NOWHERE}], identity_provider_id="sun", protocol_id="mapped", methods=["mapped"]
    ),
    "federated project through a group": wanted(
        "federated_project",
        user="{user.loner}",
        project_id="{project.alpha}",
        federated_group_ids=[{"id": "{group.staff}"}],
        identity_provider_id="sun",
        protocol_id="mapped",
        methods=["mapped"],
    ),
    "federated project, no group has a role": wanted(
        "federated_project",
        user="{user.loner}",
        project_id="{project.beta}",
        federated_group_ids=[{"id": "{group.staff}"}],
        identity_provider_id="sun",
        protocol_id="mapped",
        methods=["mapped"],
    ),
    "federated project, twenty groups": wanted(
        "federated_project",
        user="{user.loner}",
        project_id="{project.alpha}",
        federated_group_ids=[{"id": "{group.staff}"}] * 20,
        identity_provider_id="sun",
        protocol_id="mapped",
        methods=["mapped"],
    ),
    "federated domain through a group": wanted(
        "federated_domain",
        user="{user.loner}",
        domain_id="{domain.acme}",
        federated_group_ids=[{"id": "{group.staff}"}],
        identity_provider_id="sun",
        protocol_id="mapped",
        methods=["mapped"],
    ),
}


def read(name: str, subject: str, caller: str = "{token.admin}", query: str = "", method: str = "GET", **more: str) -> Case:
    headers = {"X-Auth-Token": caller, "X-Subject-Token": subject, **{key.replace("_", "-"): value for key, value in more.items()}}
    return Case(name, Request(method, TOKENS + query, headers=headers))


def text(name: str) -> str:
    return f"{{crafted.{name}}}"


CASES = [read(f"read: {name}", text(name), OpenStack_Identity_Access_Rules="1") for name in CRAFTED]
CASES += [Case(f"used: {name}", Request("GET", "/v3/auth/projects", headers={"X-Auth-Token": text(name)})) for name in CRAFTED]
CASES += [Case(f"traded: {name}", post(TOKENS, token(text(name), UNSCOPED)), minted=True) for name in CRAFTED if "federated" not in name]
EXPIRED = [name for name in CRAFTED if name.startswith("expired")]
CASES += [
    read(f"{method} {name} {query}", text(name), query=f"?{query}", method=method)
    for name in EXPIRED
    for query in ("allow_expired=1", "allow_expired=true", "allow_expired", "allow_expired=0")
    for method in ("GET", "HEAD")
    if method == "GET" or query == "allow_expired=1"
]
CASES += [
    read("expired, asked by a service", text("expired a minute ago"), "{token.service}", "?allow_expired=1"),
    read(
        "expired, asked by itself with a service's token",
        text("expired a minute ago"),
        text("expired a minute ago"),
        "?allow_expired=1",
        X_Service_Token="{token.service}",
    ),
    read("expired caller with a service's token", "{token.alice}", text("expired, of an admin"), X_Service_Token="{token.service}"),
    read("expired caller", "{token.alice}", text("expired, of an admin")),
    read("expired service's token beside", "{token.alice}", "{token.admin}", X_Service_Token=text("expired, of a service")),
    Case(
        "expired caller's own list with a service's token",
        Request("GET", "/v3/auth/projects", headers={"X-Auth-Token": text("expired a minute ago"), "X-Service-Token": "{token.service}"}),
    ),
    read("delete an expired token", text("expired a minute ago"), method="DELETE"),
    read("delete an expired token, allowed", text("expired a minute ago"), method="DELETE", query="?allow_expired=1"),
    Case("an expired token traded for a project", post(TOKENS, token(text("expired a minute ago"), project("demo")))),
]


@pytest.fixture(scope="module")
def outcomes(pair: Pair, world: World, cloud: Cloud) -> dict[str, Outcome]:
    filled = pair.value(list(CRAFTED.values()))
    python = str(virtualenv() / "bin" / "python")
    done = subprocess.run(
        [python, "-I", str(SCRIPT), str(cloud.config("craft"))], input=json.dumps(filled), capture_output=True, text=True, check=True
    )
    for name, made in zip(CRAFTED, json.loads(done.stdout), strict=True):
        world.ids[f"crafted.{name}"] = made
    return pair.run(CASES)


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_same_answer(name: str, outcomes: dict[str, Outcome]) -> None:
    outcomes[name].check()
