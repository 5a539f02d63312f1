"""Revoking tokens: what DELETE writes, what it reaches, and how rows of `revocation_event` are matched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.exchange import Request, post, send
from harness.pair import Case, Pair

from .logins import UNSCOPED, domain, password, project, token
from .world import World

TOKENS = "/v3/auth/tokens"
SIDES = ("keystone", "fernstone")
COLUMNS = (
    "domain_id project_id user_id role_id trust_id consumer_id access_token_id issued_before expires_at revoked_at audit_id audit_chain_id"
).split()


def mint(pair: Pair, side: str, body: dict[str, Any]) -> str:
    """A token of one of the two servers."""
    return send(getattr(pair, side), pair.fill(post(TOKENS, body))).token


def read(subject: str, caller: str = "{token.admin}") -> Request:
    return Request("GET", TOKENS, headers={"X-Auth-Token": caller, "X-Subject-Token": subject})


def delete(subject: str, caller: str, query: str = "") -> Request:
    return Request("DELETE", TOKENS + query, headers={"X-Auth-Token": caller, "X-Subject-Token": subject})


def events(world: World) -> dict[int, dict[str, object]]:
    """The rows of `revocation_event` by number."""
    rows = world.sql(f"SELECT id, {', '.join(COLUMNS)} FROM revocation_event")
    return {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in rows}  # type: ignore[misc]


def shape(row: dict[str, object]) -> dict[str, str]:
    """Which columns of an event are set; the ids themselves belong to this one token."""
    return {name: "set" for name, value in row.items() if value is not None}


@pytest.mark.parametrize(
    ("which", "query"),
    [
        ("root", ""),
        ("child", ""),
        ("root", "?cascade=false"),
        ("child", "?cascade=false"),
        ("root", "?cascade=0"),
        ("child", "?cascade"),
        ("child", "?cascade=nonsense"),
    ],
)
def test_delete_reaches_the_same_tokens(pair: Pair, world: World, which: str, query: str) -> None:
    """A token, one got with it, one got with that, and a sibling: the same ones fall, whoever was asked to revoke."""
    seen, written = {}, {}
    for side, other in (SIDES, reversed(SIDES)):
        family = {"root": mint(pair, side, password("alice", project("demo")))}
        family["child"] = mint(pair, other, token(family["root"], project("größe")))
        family["grandchild"] = mint(pair, side, token(family["child"], domain("acme")))
        family["sibling"] = mint(pair, other, token(family["root"], UNSCOPED))
        family["stranger"] = mint(pair, side, password("alice", project("demo")))
        before = events(world)
        answer = send(getattr(pair, side), pair.fill(delete(family[which], "{token.admin}", query)))
        assert (answer.status, answer.body) == (204, b""), f"{side}: {answer.status} {answer.body!r}"
        written[side] = [shape(row) for number, row in events(world).items() if number not in before]
        seen[side] = {name: pair.same(f"{name} of {side}'s family", read(text)).expected.status for name, text in family.items()}
        pair.same("used", Request("GET", "/v3/auth/projects", headers={"X-Auth-Token": family[which]}))
        pair.same("traded", post(TOKENS, token(family[which])), minted=True)
    assert written["fernstone"] == written["keystone"]
    assert seen["fernstone"] == seen["keystone"]


@pytest.mark.parametrize(
    "who",
    [
        "itself",
        "{token.admin}",
        "{token.admin-system}",
        "{token.alice-unscoped}",
        "{token.alice}",
        "{token.bob}",
        "{token.system-reader}",
        "{token.service}",
        "known-to-the-tests-only",
    ],
)
def test_who_may_revoke(pair: Pair, who: str) -> None:
    """Each server is asked to revoke a token of its own; both must answer alike, and leave the token alike."""
    subjects = {side: mint(pair, side, password("alice", project("demo"))) for side in SIDES}
    callers = {side: subjects[side] if who == "itself" else who for side in SIDES}
    pair.each("delete", lambda side: delete(subjects[side], callers[side])).check()
    results = [pair.same(f"{side}'s token afterwards", read(subjects[side])).expected.status for side in SIDES]
    assert results[0] == results[1]
    # Twice is refused: the token is no longer one.
    pair.each("delete again", lambda side: delete(subjects[side], "{token.admin}")).check()


@pytest.mark.parametrize("scope", [UNSCOPED, domain("acme"), None])
def test_what_a_revocation_says(pair: Pair, world: World, scope: Any) -> None:
    """The rows that both servers write for the same kind of token have the same columns, and the list shows them alike."""
    subjects = {side: mint(pair, side, password("alice", scope)) for side in SIDES}
    written = {}
    for side in SIDES:
        before = events(world)
        answer = send(getattr(pair, side), pair.fill(delete(subjects[side], subjects[side])))
        assert (answer.status, answer.body) == (204, b"")
        written[side] = [shape(row) for number, row in events(world).items() if number not in before]
    assert written["fernstone"] == written["keystone"]
    pair.same("the list", Request("GET", "/v3/OS-REVOKE/events", headers={"X-Auth-Token": "{token.service}"}))
    pair.same("the list for the admin", Request("GET", "/v3/OS-REVOKE/events", headers={"X-Auth-Token": "{token.admin}"}))


SUBJECTS = ("alice", "alice-unscoped", "alice-domain", "rescoped", "many-system", "chief", "trust", "oauth1", "app-cred", "foreign-id")
# column -> value; a name in braces is the world's. `issued_before` is now unless given.
EVENTS: dict[str, dict[str, Any]] = {
    "user": {"user_id": "{user.alice}"},
    "another user": {"user_id": "{user.bob}"},
    "user that is no UUID": {"user_id": "{user.foreign-id}"},
    "project": {"project_id": "{project.demo}"},
    "user and project": {"user_id": "{user.alice}", "project_id": "{project.demo}"},
    "user and another project": {"user_id": "{user.alice}", "project_id": "{project.alpha}"},
    "domain of the user": {"domain_id": "{domain.default}"},
    "domain of the project": {"domain_id": "{domain.acme}"},
    "user and domain": {"user_id": "{user.alice}", "domain_id": "{domain.acme}"},
    "role": {"role_id": "{role.member}"},
    "role that is implied": {"role_id": "{role.reader}"},
    "role and project": {"role_id": "{role.member}", "project_id": "{project.demo}"},
    "trust": {"trust_id": "{trust.trust}"},
    "access token": {"access_token_id": "0123"},
    "consumer": {"consumer_id": "0123"},
    "nothing but the time": {},
    "issued before long ago": {"user_id": "{user.alice}", "issued_before": "2000-01-01T00:00:00"},
    "expires at another time": {"user_id": "{user.alice}", "expires_at": "2000-01-01T00:00:00"},
    "audit id unknown": {"audit_id": "0123456789012345678901"},
    "chain unknown": {"audit_chain_id": "0123456789012345678901"},
    "audit id and user": {"audit_id": "0123456789012345678901", "user_id": "{user.alice}"},
}


@pytest.fixture
def one_event(world: World) -> Iterator[Any]:
    """Writes one row of `revocation_event`, which goes again with the test."""
    numbers: list[object] = []

    def write(columns: dict[str, Any]) -> None:
        # A second later than any token that was minted before.
        set_ = {"issued_before": "now() at time zone 'utc' + interval '1 second'", **columns}
        names = [*set_, "revoked_at"]
        raw = "issued_before" not in columns
        places = [set_[name] if name == "issued_before" and raw else "%s" for name in set_]
        values = [value for name, value in set_.items() if not (name == "issued_before" and raw)]
        statement = f"INSERT INTO revocation_event ({', '.join(names)}) VALUES ({', '.join(places)}, now() at time zone 'utc') RETURNING id"
        numbers.append(world.sql(statement, *values)[0][0])

    yield write
    for number in numbers:
        world.sql("DELETE FROM revocation_event WHERE id = %s", number)


@pytest.mark.parametrize("name", EVENTS)
def test_how_events_match(pair: Pair, world: World, delegations: None, one_event: Any, name: str) -> None:
    """One event of each kind, against tokens of each kind: the admin's own token may fall too."""
    for subject in SUBJECTS:
        world[f"token.{subject}"]
    one_event(EVENTS[name])
    cases = [
        Case(
            subject,
            Request(
                "GET",
                TOKENS,
                headers={
                    "X-Auth-Token": f"{{token.{subject}}}",
                    "X-Subject-Token": f"{{token.{subject}}}",
                    "OpenStack-Identity-Access-Rules": "1",
                },
            ),
        )
        for subject in SUBJECTS
    ]
    report = "\n".join(outcome.report() for outcome in pair.run(cases).values() if outcome.problems)
    assert not report, report


def test_audit_ids_in_events(pair: Pair, world: World, one_event: Any) -> None:
    """The audit id reaches one token, the chain id all that descend from one login."""
    root = mint(pair, "keystone", password("alice", project("demo")))
    child = mint(pair, "fernstone", token(root, project("größe")))
    ids = send(pair.keystone, pair.fill(read(child))).json()["token"]["audit_ids"]
    assert len(ids) == 2
    for columns in ({"audit_id": ids[0]}, {"audit_id": ids[1]}, {"audit_chain_id": ids[0]}, {"audit_chain_id": ids[1]}):
        one_event(columns)
        for name, text in (("root", root), ("child", child)):
            pair.same(f"{name} under {columns}", read(text))
        world.sql("DELETE FROM revocation_event WHERE audit_id = ANY(%s) OR audit_chain_id = ANY(%s)", ids, ids)


def test_old_events_are_pruned(pair: Pair, world: World) -> None:
    """A revocation clears away events so old that every token they could concern has expired, and no others."""
    left = {}
    for side in SIDES:
        for age in ("89 minutes", "91 minutes", "1 day"):
            world.sql(
                "INSERT INTO revocation_event (audit_id, issued_before, revoked_at) "
                f"VALUES (%s, now() at time zone 'utc' - interval '{age}', now() at time zone 'utc' - interval '{age}')",
                f"old {age}"[:22],
            )
        text = mint(pair, side, password("alice", project("demo")))
        assert send(getattr(pair, side), pair.fill(delete(text, "{token.admin}"))).status == 204
        left[side] = sorted(str(row[0]) for row in world.sql("SELECT audit_id FROM revocation_event WHERE audit_id LIKE 'old %%'"))
        world.sql("DELETE FROM revocation_event WHERE audit_id LIKE 'old %%'")
    assert left["fernstone"] == left["keystone"]
