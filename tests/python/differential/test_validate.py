"""`GET` and `HEAD /v3/auth/tokens`: tokens of the real Keystone's, read by both."""

from __future__ import annotations

from harness.exchange import Request
from harness.pair import Case, table

TOKENS = "/v3/auth/tokens"


def validate(
    name: str, subject: str | None, caller: str | None = "{token.admin}", path: str = TOKENS, method: str = "GET", **more: str
) -> Case:
    """A validation; the two headers are left out when None."""
    headers = {"X-Auth-Token": caller, "X-Subject-Token": subject, **{key.replace("_", "-"): value for key, value in more.items()}}
    return Case(name, Request(method, path, headers=headers))


# Every scope and every way to a role.
SUBJECTS = [
    "admin",
    "admin-system",
    "alice",
    "alice-unscoped",
    "alice-domain",
    "acme-admin",
    "acme-reader",
    "alpha-admin",
    "system-reader",
    "system-grouped",
    "service",
    "grouped-alpha",
    "grouped-acme",
    "inherits-domain",
    "inherits-domain-group",
    "inherits-project",
    "chief",
    "local",
    "many",
    "many-beta",
    "many-acme",
    "many-system",
    "filtered",
    "grouped-filter",
    "loner",
    "expiring",
    "lookalike",
    "foreign-id",
    "rescoped",
    "rescoped-twice",
]

READING = [validate(f"GET {subject}", f"{{token.{subject}}}") for subject in SUBJECTS]
READING += [validate(f"HEAD {subject}", f"{{token.{subject}}}", method="HEAD") for subject in ("admin", "alice-unscoped", "many-system")]
READING += [
    validate(f"GET {subject} {query}", f"{{token.{subject}}}", path=f"{TOKENS}?{query}")
    for subject in ("alice", "alice-unscoped", "alice-domain", "system-reader")
    for query in ("nocatalog", "nocatalog=0", "allow_expired", "allow_expired=1", "allow_expired=false")
]
READING += [
    validate("access rules announced", "{token.alice}", OpenStack_Identity_Access_Rules="1.0"),
    validate("unknown query", "{token.alice}", path=f"{TOKENS}?colour=blue"),
    validate("padding kept", "{token.alice}=="),
]

# Who may ask: the owner, admins, services and readers of the system.
CALLERS = [
    validate(f"{caller} asks for {subject}", f"{{token.{subject}}}", f"{{token.{caller}}}")
    for caller in (
        "alice",
        "alice-unscoped",
        "alice-domain",
        "bob",
        "acme-admin",
        "acme-manager",
        "acme-reader",
        "alpha-admin",
        "alpha-reader",
        "system-reader",
        "system-member",
        "service",
        "loner",
        "admin-system",
        "chief",
    )
    for subject in ("alice", "alice-unscoped", "system-reader")
]
CALLERS += [
    validate(f"{caller} heads bob", "{token.bob}", f"{{token.{caller}}}", method="HEAD")
    for caller in ("alice", "service", "system-reader", "loner")
]
CALLERS += [
    validate(f"{caller} deletes nothing that is a token", "nonsense", f"{{token.{caller}}}", method="DELETE")
    for caller in ("admin", "alice", "service", "system-reader", "loner")
]
CALLERS += [
    validate(f"{caller} may not delete bob's token", "{token.bob}", f"{{token.{caller}}}", method="DELETE")
    for caller in ("alice", "alice-unscoped", "alpha-reader", "system-reader", "service", "loner")
]

BAD = {
    "missing": None,
    "empty": "",
    "nonsense": "nonsense",
    "a UUID": "0123456789abcdef0123456789abcdef",
    "base64 of nothing known": "gAAAAABnonsense",
    "cut short": "gAAAAABqYQ",
    "very long": "gAAAAAB" + "A" * 3000,
    "not ASCII": "gAAAAABÿ",
    "a JWT": "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
    "two tokens": "{token.alice},{token.bob}",
    "one bit wrong": "{token.alice}x",
    "a space before": " {token.alice}",
    "in quotes": '"{token.alice}"',
}
REFUSALS = [
    validate(f"{part} token {name} ({method})", *(pair if part == "subject" else reversed(pair)), method=method)
    for name, text in BAD.items()
    for part, pair in (("subject", (text, "{token.admin}")), ("caller's", (text, "{token.alice}")))
    for method in ("GET", "HEAD", "DELETE")
    if method != "DELETE" or name not in ("a space before", "two tokens", "one bit wrong", "in quotes") and part == "subject"
]
REFUSALS += [
    validate("both the same nonsense", "nonsense", "nonsense"),
    validate("neither", None, None),
    validate("the admin token of the configuration", "{token.alice}", "known-to-the-tests-only"),
    validate("the admin token as subject", "known-to-the-tests-only", "{token.admin}"),
    validate("the admin token as both", "known-to-the-tests-only", "known-to-the-tests-only"),
    validate("a service token beside", "{token.alice}", "{token.alice}", X_Service_Token="{token.service}"),
    validate("a garbage service token beside", "{token.alice}", "{token.alice}", X_Service_Token="garbage"),
    validate("another method", "{token.alice}", method="PUT"),
    validate("another method without a token", None, None, method="PATCH"),
    validate("options", "{token.alice}", method="OPTIONS"),
    validate("options without a token", None, None, method="OPTIONS"),
]

outcomes, test_same_answer = table(READING + CALLERS + REFUSALS)
