"""The same world under another `keystone.conf`: an admin project, no rescoping, lockout, a policy file, limits, a proxy."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator

import pytest

from harness.exchange import Request, get, post, send
from harness.pair import Case, Pair, table
from harness.servers import Cloud, Servers

from .logins import PASSWORD, SYSTEM, UNSCOPED, domain, password, project, token
from .world import World

TOKENS = "/v3/auth/tokens"
OPTIONS = {
    "DEFAULT": {"public_endpoint": "https://public.example/identity/", "admin_token": None},
    "resource": {"admin_project_name": "admin", "admin_project_domain_name": "Default"},
    "token": {"allow_rescope_scoped_token": False, "expiration": 7200},
    "security_compliance": {"lockout_failure_attempts": 3, "lockout_duration": 1800},
    "endpoint_filter": {"return_all_endpoints_if_no_filter": False},
    "oslo_middleware": {"enable_proxy_headers_parsing": True, "max_request_body_size": 1000},
    "cors": {"allowed_origin": "http://trusted.example,https://also.example", "allow_credentials": True, "max_age": 60},
}
POLICY = """
"identity:validate_token": "rule:admin_required or role:validator or (role:service and not user_id:%(target.token.user_id)s) or rule:token_subject"
"identity:list_regions": "!"
"identity:list_services": "role:validator or rule:admin_required"
"identity:get_service": "role:tea and (domain_id:%(target.domain.id)s or user_domain_id:default) and not project_id:None"
"identity:list_projects": "rule:one_of_ours or is_admin_project:True"
"one_of_ours": "'Default':%(no.such.thing)s or role:reader and user_id:%(user_id)s"
"identity:list_endpoints": ""
"identity:get_endpoint": "@"
"""


@pytest.fixture(scope="module")
def other_servers(request: pytest.FixtureRequest, cloud: Cloud, world: World) -> Iterator[Servers]:
    policy = cloud.directory / "policy.yaml"
    policy.write_text(POLICY)
    options = {**OPTIONS, "oslo_policy": {"policy_file": policy}}
    both = Servers(cloud, "other", options, counterpart=request.config.getoption("--counterpart"))
    yield both
    both.stop()


@pytest.fixture(scope="module")
def other_pair(other_servers: Servers, world: World) -> Pair:
    return other_servers.pair(world)


def ask(name: str, path: str, who: str | None = None, method: str = "GET", body: object = None, **headers: str) -> Case:
    sent = {} if who is None else {"X-Auth-Token": f"{{token.{who}}}"}
    return Case(name, Request(method, path, body, {**sent, **{key.replace("_", "-"): value for key, value in headers.items()}}))


def login(name: str, body: dict, **headers: str) -> Case:
    return Case(name, post(TOKENS, body, **headers), minted=True)


CASES = [
    login("admin project", password("admin", project("admin"), "secret")),
    login("not the admin project", password("alice", project("demo"))),
    login("admin flag in a domain", password("alice", domain("acme"))),
    login("admin flag in the system", password("system-reader", SYSTEM)),
    login("admin flag unscoped", password("alice", UNSCOPED)),
    login("refused: links of the public endpoint", password("alice", project("demo"), "not it")),
    login("project token is not rescoped", token("{token.alice}", project("größe"))),
    login("project token is not rescoped to itself", token("{token.alice}", project("demo"))),
    login("project token to no scope", token("{token.alice}")),
    login("project token to unscoped", token("{token.alice}", UNSCOPED)),
    login("domain token is not rescoped", token("{token.alice-domain}", project("demo"))),
    login("unscoped token to a project", token("{token.alice-unscoped}", project("demo"))),
    login("unscoped token got with a token to a project", token("{token.rescoped}", project("demo"))),
]
CASES += [
    ask(f"{caller} reads {subject}", TOKENS, caller, X_Subject_Token=f"{{token.{subject}}}")
    for caller in ("admin", "alice", "validator", "validator-unscoped", "validator-domain", "service", "system-reader", "bob")
    for subject in ("alice", "admin", "alice-unscoped", "filtered", "validator", "service")
]
CASES += [
    ask(f"{who} GET {path}", path, who)
    for who in ("admin", "alice", "validator", "system-reader", "grouped-acme", "inherits-project", "chief", "loner", None)
    for path in (
        "/v3/regions",
        "/v3/regions/RegionTwo",
        "/v3/services",
        "/v3/services/{service.nova}",
        "/v3/projects",
        "/v3/endpoints",
        "/v3/endpoints/{endpoint.nova-public}",
        "/v3/OS-REVOKE/events",
        "/v3/auth/catalog",
    )
]
PROXIED = {
    "X_Forwarded_Proto": "https",
    "X_Forwarded_Host": "front.example",
    "X_Forwarded_Prefix": "/identity",
    "X_Forwarded_For": "10.0.0.1",
}
CASES += [
    ask("discovery has the public endpoint", "/"),
    ask("version has the public endpoint", "/v3"),
    ask("version behind a proxy", "/v3", **PROXIED),
    ask("links behind a proxy", "/v3/endpoints/{endpoint.nova-public}", "admin", **PROXIED),
    ask("refusal behind a proxy", "/v3/projects", None, **PROXIED),
    ask("the admin token is not configured here", "/v3/projects", None, X_Auth_Token="known-to-the-tests-only"),
    ask("a body too long", TOKENS, None, "POST", b'{"a": "' + b"x" * 1001 + b'"}', Content_Type="application/json"),
    ask("trusted origin", "/v3", Origin="http://trusted.example"),
    ask("another trusted origin", "/v3/projects", Origin="https://also.example"),
    ask("unknown origin", "/v3", Origin="http://evil.example"),
    ask(
        "preflight",
        "/v3/auth/tokens",
        None,
        "OPTIONS",
        Origin="http://trusted.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="X-Auth-Token",
    ),
    ask(
        "preflight of a method not allowed",
        "/v3/auth/tokens",
        None,
        "OPTIONS",
        Origin="http://trusted.example",
        Access_Control_Request_Method="BREW",
    ),
    ask(
        "preflight of a header not allowed",
        "/v3/auth/tokens",
        None,
        "OPTIONS",
        Origin="http://trusted.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="X-Strange",
    ),
    ask("preflight of a stranger", "/v3/auth/tokens", None, "OPTIONS", Origin="http://evil.example", Access_Control_Request_Method="GET"),
]
outcomes, test_same_answer = table(CASES, "other_pair")


def attempt(pair: Pair, side: str, name: str, secret: str) -> tuple[int, str]:
    body = {"user": {"name": name, "domain": {"id": "default"}, "password": secret}}
    answer = send(getattr(pair, side), post(TOKENS, {"auth": {"identity": {"methods": ["password"], "password": body}}}))
    return answer.status, "" if answer.status == 201 else json.loads(answer.body)["error"]["message"]


LOCAL_USER = "SELECT failed_auth_count, failed_auth_at IS NULL, failed_auth_at > now() at time zone 'utc' - interval '1 minute' FROM local_user WHERE name = %s"
SEQUENCES = {
    "locked after three": ["wrong", "wrong", "wrong", "wrong", PASSWORD, "", "wrong"],
    "a good password clears the count": ["wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD],
    "the lock ends": ["wrong", "wrong", "wrong", "half an hour", PASSWORD, "wrong", PASSWORD],
    "the lock ends, and is earned again at once": ["wrong", "wrong", "wrong", "half an hour", "wrong", "wrong", PASSWORD],
}


@pytest.mark.parametrize("option", [None, "ignore_lockout_failure_attempts"])
@pytest.mark.parametrize("name", SEQUENCES)
def test_lockout(other_pair: Pair, world: World, name: str, option: str | None) -> None:
    """The same attempts on each server, one after the other, with the count set back between them."""
    user = f"lock {name} {option} {uuid.uuid4().hex}"
    world.user(user, options={option: True} if option else {})
    seen = {}
    for side in ("keystone", "fernstone"):
        world.sql("UPDATE local_user SET failed_auth_count = 0, failed_auth_at = NULL WHERE name = %s", user)
        seen[side] = []
        for secret in SEQUENCES[name]:
            if secret == "half an hour":
                world.sql("UPDATE local_user SET failed_auth_at = failed_auth_at - interval '30 minutes' WHERE name = %s", user)
                continue
            seen[side].append((attempt(other_pair, side, user, secret), world.sql(LOCAL_USER, user)))
    assert seen["fernstone"] == seen["keystone"]


@pytest.mark.parametrize("option", [None, "ignore_password_expiry"])
def test_password_expiry(other_pair: Pair, world: World, option: str | None) -> None:
    user = f"expiry {option} {uuid.uuid4().hex}"
    world.user(user, options={option: True} if option else {})
    world.sql(
        "UPDATE password SET expires_at = now() - interval '1 minute', expires_at_int = (extract(epoch FROM now())::bigint - 60) * 1000000 "
        "WHERE local_user_id = (SELECT id FROM local_user WHERE name = %s)",
        user,
    )
    for secret in (PASSWORD, "not it"):
        assert attempt(other_pair, "fernstone", user, secret) == attempt(other_pair, "keystone", user, secret)


def test_policy_file_is_read_again(other_pair: Pair, cloud: Cloud) -> None:
    """A changed rule holds within a second: Keystone looks at the file with each request, Fernstone follows it."""
    policy = cloud.directory / "policy.yaml"

    def settles(rule: str, status: int) -> None:
        policy.write_text(POLICY.replace('"identity:list_regions": "!"', f'"identity:list_regions": "{rule}"'))
        deadline = time.monotonic() + 1
        while send(other_pair.fernstone, other_pair.fill(get("/v3/regions", "{token.alice}"))).status != status:
            assert time.monotonic() < deadline, f"{rule} is not in force after a second"
            time.sleep(0.02)
        assert other_pair.same(rule, get("/v3/regions", "{token.alice}")).expected.status == status

    settles("role:member", 200)
    # What is not a rule allows nobody.
    settles("role:nobody or (((", 403)
    settles("@", 200)
    settles("!", 403)
