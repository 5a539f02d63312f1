"""Tokens of every delegated class, minted by the real Keystone and read by both."""

from __future__ import annotations

import pytest

from harness.exchange import Request, post
from harness.pair import Case, Outcome, Pair

from . import delegated
from .logins import UNSCOPED, domain, project, token

TOKENS = "/v3/auth/tokens"


def read(name: str, subject: str, caller: str, query: str = "", method: str = "GET", **more: str) -> Case:
    headers = {"X-Auth-Token": caller, "X-Subject-Token": subject, **{key.replace("_", "-"): value for key, value in more.items()}}
    return Case(name, Request(method, TOKENS + query, headers=headers))


CASES = [read(f"admin reads {kind}", f"{{token.{kind}}}", "{token.admin}", OpenStack_Identity_Access_Rules="1") for kind in delegated.KINDS]
CASES += [
    read(f"admin reads {kind}, no access rules announced", f"{{token.{kind}}}", "{token.admin}") for kind in ("app-cred", "app-cred-rules")
]
CASES += [read(f"admin reads {kind} without catalog", f"{{token.{kind}}}", "{token.admin}", "?nocatalog") for kind in delegated.KINDS]
CASES += [read(f"{kind} reads itself", f"{{token.{kind}}}", f"{{token.{kind}}}") for kind in delegated.KINDS]
CASES += [read(f"{kind} heads itself", f"{{token.{kind}}}", f"{{token.{kind}}}", method="HEAD") for kind in delegated.KINDS]
CASES += [
    Case(f"{kind} GET {path}", Request("GET", path, headers={"X-Auth-Token": f"{{token.{kind}}}"}))
    for kind in delegated.KINDS
    for path in (
        "/v3/auth/catalog",
        "/v3/auth/projects",
        "/v3/auth/domains",
        "/v3/auth/system",
        "/v3/projects",
        "/v3/users/{user.alice}/projects",
    )
]
# A delegated token must not become more than it is. (What a federated token becomes is for when federation comes.)
CASES += [
    Case(f"{kind} to {name}", post(TOKENS, token(f"{{token.{kind}}}", scope)), minted=True)
    for kind in ("trust", "trust-impersonating", "app-cred", "app-cred-unrestricted", "oauth2", "oauth2-mtls", "oauth1", "ec2")
    for name, scope in (
        ("no scope", None),
        ("unscoped", UNSCOPED),
        ("its own project", project("demo")),
        ("another project", project("größe")),
        ("a domain", domain("acme")),
    )
]


@pytest.fixture(scope="module")
def outcomes(pair: Pair, delegations: None) -> dict[str, Outcome]:
    return pair.run(CASES)


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_same_answer(name: str, outcomes: dict[str, Outcome]) -> None:
    outcomes[name].check()
