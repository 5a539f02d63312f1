"""Deployments that came a long way: old policy defaults, debugging answers, strict passwords, other methods, a list limit.

`enforce_scope` cannot be compared: the oslo.policy of the pinned Keystone no longer has that option, and always enforces.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.exchange import Request
from harness.pair import Case, Outcome, Pair, table
from harness.servers import Cloud, Servers

from . import test_mint, test_reads
from .world import World

OPTIONS = {
    "DEFAULT": {"insecure_debug": True, "strict_password_check": True, "list_limit": 3},
    "oslo_policy": {"enforce_new_defaults": False},
    "auth": {"methods": "token,password,totp,application_credential"},
    "identity": {"max_password_length": 80},
    "revoke": {"expiration_buffer": 60},
}


@pytest.fixture(scope="module")
def old_pair(request: pytest.FixtureRequest, cloud: Cloud, world: World) -> Iterator[Pair]:
    both = Servers(cloud, "old", OPTIONS, counterpart=request.config.getoption("--counterpart"))
    # Tokens say their methods by position in `[auth] methods`: those of the plain configuration say something else here.
    again = World(
        both.keystone.url, cloud.postgres, cloud.database, {name: id for name, id in world.ids.items() if not name.startswith("token.")}
    )
    yield both.pair(again)
    both.stop()


# Every login again: with insecure_debug the refusals give their reasons.
LOGINS = [
    case
    for case in test_mint.SCOPES + test_mint.USERS + test_mint.METHODS + test_mint.RESCOPING
    if "method" not in case.name or "token" in case.name
]
READS = [case for case in test_reads.WHO if case.request.method == "GET" and not case.request.path.endswith("projects/unknown")]
PERSONAS = ("admin", "alice", "acme-admin", "alpha-admin", "system-reader", "service", "loner", "None")
READS = [case for case in READS if case.name.split(" ")[0] in PERSONAS]
# A list that was cut is any three of its items: what counts is how many, and that it says so.
CUT = ("/v3/projects", "/v3/services", "/v3/endpoints", "/v3/regions", "/v3/auth/projects")
outcomes, test_same_answer = table(LOGINS + [case for case in READS if case.request.path not in CUT], "old_pair")


@pytest.fixture(scope="module")
def lists(old_pair: Pair) -> list[Outcome]:
    asked = [
        Case(f"{who} {path}{query}", Request("GET", path + query, headers={"X-Auth-Token": f"{{token.{who}}}"}))
        for who in ("admin", "alice", "many", "loner")
        for path in CUT
        for query in ("", "?limit=1", "?limit=100", "?limit=2")
    ]
    return list(old_pair.run(asked).values())


def test_cut_lists(lists: list[Outcome]) -> None:
    """Statuses, counts, the `truncated` flag and the links of lists that the limit cuts."""
    problems = []
    for outcome in lists:
        both = []
        for answer in (outcome.expected, outcome.found):
            body = answer.json()
            items = next((value for value in body.values() if isinstance(value, list)), [])
            links = {name: value and value.split("/v3", 1)[1].split("marker=")[0] for name, value in body.get("links", {}).items()}
            both.append((answer.status, len(items), body.get("truncated"), links))
        if both[0] != both[1]:
            problems.append(f"{outcome.case.name}: Keystone {both[0]}, Fernstone {both[1]}")
    assert not problems, "\n".join(problems)
