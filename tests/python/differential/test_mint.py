"""`POST /v3/auth/tokens`: every scope, every way to name things, and every refusal."""

from __future__ import annotations

from typing import Any

from harness.exchange import Request, post
from harness.oracle import ADMIN_PASSWORD
from harness.pair import Case, table

from .logins import PASSWORD, SYSTEM, UNSCOPED, domain, identity, of_user, password, project, token

TOKENS = "/v3/auth/tokens"
DEMO = project("demo")
ALICE = {"id": "{user.alice}", "password": PASSWORD}
IN_DEFAULT = {"domain": {"id": "default"}}

JSON = {"Content-Type": "application/json"}
LATER = "logging in with application credentials is not there yet"


def case(name: str, body: Any, path: str = TOKENS, **headers: str) -> Case:
    """A login; refusals have no times or audit ids, so one way of comparing fits both."""
    return Case(name, post(path, body, **headers), minted=True)


def raw(name: str, body: bytes | None, **headers: str | None) -> Case:
    """A login whose body is sent as it stands."""
    sent = {**JSON, **{key.replace("_", "-"): value for key, value in headers.items()}}
    return Case(name, Request("POST", TOKENS, body, sent), minted=True)


def user(name: str, block: Any, scope: Any = DEMO) -> Case:
    """A login with this user block."""
    return case(name, of_user(block, scope))


def scoped(name: str, scope: Any, who: str = "alice") -> Case:
    """A login of one user with this scope."""
    return case(name, password(who, scope))


SCOPES = [
    scoped("project by id", DEMO),
    scoped("project by name and domain id", {"project": {"name": "demo", "domain": {"id": "default"}}}),
    scoped("project by name and domain name", {"project": {"name": "demo", "domain": {"name": "Default"}}}),
    scoped("project of the same name elsewhere", {"project": {"name": "demo", "domain": {"name": "acme"}}}),
    scoped("project by id beside a wrong domain", {"project": {"id": "{project.demo}", "domain": {"id": "nowhere"}}}),
    scoped("project by id and name that disagree", {"project": {"id": "{project.demo}", "name": "alpha", "domain": {"name": "acme"}}}),
    scoped("project by a name in another case", {"project": {"name": "DEMO", "domain": {"id": "default"}}}),
    scoped("project by a name beyond ASCII", {"project": {"name": "größe", "domain": {"name": "acme"}}}),
    scoped("project by domain id and name that disagree", {"project": {"name": "demo", "domain": {"id": "default", "name": "acme"}}}),
    scoped("project that is a domain", {"project": {"id": "{domain.acme}"}}),
    scoped("project by name that is a domain", {"project": {"name": "acme", "domain": {"id": "default"}}}),
    scoped("project by name alone of a domain", {"project": {"name": "acme"}}),
    scoped("domain by id", domain("acme")),
    scoped("domain by name", {"domain": {"name": "acme"}}),
    scoped("domain by a name with a space", {"domain": {"name": "Other Words"}}),
    scoped("domain that is a project", {"domain": {"id": "{project.demo}"}}),
    scoped("domain without a role", domain("default")),
    scoped("domain by id and name that disagree", {"domain": {"id": "{domain.acme}", "name": "Default"}}),
    scoped("the root domain", {"domain": {"id": "<<keystone.domain.root>>"}}),
    scoped("system", SYSTEM, "system-reader"),
    scoped("system through a group", SYSTEM, "grouped"),
    scoped("system without a role", SYSTEM),
    scoped("system false", {"system": {"all": False}}, "system-reader"),
    scoped("system empty", {"system": {}}, "system-reader"),
    scoped("system by text", {"system": "all"}, "system-reader"),
    scoped("system one region", {"system": {"region": "one"}}, "system-reader"),
    scoped("unscoped by text", UNSCOPED),
    scoped("unscoped by object", {"unscoped": {}}),
    scoped("unscoped by another text", "Unscoped"),
    scoped("unscoped object with content", {"unscoped": {"a": 1}}),
    scoped("no scope: default project", None),
    scoped("no scope and no default project", None, "bob"),
    scoped("no scope: default project disabled", None, "default-sleeping"),
    scoped("no scope: default project without a role", None, "default-no-role"),
    scoped("no scope: default project gone", None, "default-missing"),
    scoped("no scope: default project is a domain", None, "default-domain"),
    scoped("no scope: default project in another domain", None, "lookalike"),
    scoped("user without any role, unscoped", UNSCOPED, "loner"),
    scoped("user without any role, no scope", None, "loner"),
    scoped("null scope", "unscoped"),
    case("scope null", {"auth": {"identity": {"methods": ["password"], "password": {"user": ALICE}}, "scope": None}}),
    scoped("scope empty", {}),
    scoped("scope as list", []),
    scoped("scope of two kinds", {**DEMO, **domain("acme")}),
    scoped("scope of an unknown kind", {"galaxy": {"id": "milky"}}),
    scoped("scope project beside an unknown kind", {**DEMO, "galaxy": {"id": "milky"}}),
    scoped("project empty", {"project": {}}),
    scoped("project as text", {"project": "demo"}),
    scoped("project by name without domain", {"project": {"name": "demo"}}),
    scoped("project by name with an empty domain", {"project": {"name": "demo", "domain": {}}}),
    scoped("project by name with an unknown domain", {"project": {"name": "demo", "domain": {"name": "nowhere"}}}),
    scoped("project by name with an unknown domain id", {"project": {"name": "demo", "domain": {"id": "nowhere"}}}),
    scoped("project by domain alone", {"project": {"domain": {"id": "default"}}}),
    scoped("project id as number", {"project": {"id": 7}}),
    scoped("project id null", {"project": {"id": None}}),
    scoped("project id empty", {"project": {"id": ""}}),
    scoped("project of an unknown id", {"project": {"id": "0123456789abcdef0123456789abcdef"}}),
    scoped("project of an unknown name", {"project": {"name": "nobody", "domain": {"id": "default"}}}),
    scoped("project without a role", project("no-roles-here")),
    scoped("project disabled", project("sleeping")),
    scoped("project disabled, by name", {"project": {"name": "sleeping", "domain": {"id": "default"}}}),
    scoped("project in a disabled domain", project("shut")),
    scoped("project in a disabled domain, by name", {"project": {"name": "shut", "domain": {"name": "closed"}}}),
    scoped("domain disabled", domain("closed")),
    scoped("domain disabled, by name", {"domain": {"name": "closed"}}),
    scoped("domain unknown", {"domain": {"id": "nowhere"}}),
    scoped("domain unknown by name", {"domain": {"name": "nowhere"}}),
    scoped("domain empty", {"domain": {}}),
    scoped("domain as text", {"domain": "acme"}),
    scoped("domain id as number", {"domain": {"id": 7}}),
    scoped("trust unknown", {"OS-TRUST:trust": {"id": "0123456789abcdef0123456789abcdef"}}),
    scoped("trust empty", {"OS-TRUST:trust": {}}),
    scoped("trust beside a project", {"OS-TRUST:trust": {"id": "0123456789abcdef0123456789abcdef"}, **DEMO}),
    case("no catalog", password("alice", DEMO), f"{TOKENS}?nocatalog"),
    case("no catalog by any value", password("alice", DEMO), f"{TOKENS}?nocatalog=false"),
    case("no catalog in a domain", password("alice", domain("acme")), f"{TOKENS}?nocatalog"),
    case("no catalog in the system", password("system-reader", SYSTEM), f"{TOKENS}?nocatalog"),
    case("no catalog unscoped", password("alice", UNSCOPED), f"{TOKENS}?nocatalog"),
    case("an unknown query parameter", password("alice", DEMO), f"{TOKENS}?whatever=1"),
]

ROLE_PATHS = [
    scoped("direct and implied roles of an admin", project("alpha"), "alpha-admin"),
    scoped("manager of a domain", domain("acme"), "acme-manager"),
    scoped("group on a project", project("alpha"), "grouped"),
    scoped("group on a domain", domain("acme"), "grouped"),
    scoped("group inherited from the domain", project("beta"), "inherits-domain-group"),
    scoped("group inherited from the domain does not hold on it", domain("acme"), "inherits-domain-group"),
    scoped("inherited from the domain, first level", project("alpha"), "inherits-domain"),
    scoped("inherited from the domain, third level", project("alpha-deep"), "inherits-domain"),
    scoped("inherited from the domain does not hold on it", domain("acme"), "inherits-domain"),
    scoped("inherited from the domain does not reach another", DEMO, "inherits-domain"),
    scoped("inherited from a project, child", project("alpha-one"), "inherits-project"),
    scoped("inherited from a project, grandchild", project("alpha-deep"), "inherits-project"),
    scoped("inherited from a project does not hold on it", project("alpha"), "inherits-project"),
    scoped("inherited from a project does not reach its neighbour", project("beta"), "inherits-project"),
    scoped("a project role does not reach its children", project("alpha-one"), "alpha-admin"),
    scoped("a domain role does not reach its projects", project("alpha"), "acme-admin"),
    scoped("implied transitively, in a circle", project("alpha"), "chief"),
    scoped("domain-specific role stripped, what it implies kept", project("beta"), "local"),
    scoped("by every way at once", project("alpha"), "many"),
    scoped("by every way at once, below", project("alpha-deep"), "many"),
    scoped("by every way at once, beside", project("beta"), "many"),
    scoped("by every way at once, domain", domain("acme"), "many"),
    scoped("by every way at once, system", SYSTEM, "many"),
    scoped("through a group membership that has not expired", project("alpha"), "expiring"),
    scoped("endpoint filter by endpoints", project("filtered"), "filtered"),
    scoped("endpoint filter by groups of endpoints", project("filtered-by-group"), "filtered"),
    scoped("a user whose id is no UUID", project("foreign-id"), "foreign-id"),
    scoped("a user whose id is no UUID, unscoped", UNSCOPED, "foreign-id"),
]

USERS = [
    user("user by id", ALICE),
    user("user by name and domain id", {"name": "alice", **IN_DEFAULT, "password": PASSWORD}),
    user("user by name and domain name", {"name": "alice", "domain": {"name": "Default"}, "password": PASSWORD}),
    user("user by name in another case", {"name": "ALICE", **IN_DEFAULT, "password": PASSWORD}),
    user("user by name beyond ASCII", {"name": "ünïcode", "domain": {"name": "acme"}, "password": PASSWORD}, project("größe")),
    user("user by id and a wrong name", {**ALICE, "name": "bob", **IN_DEFAULT}),
    user("user by id and a wrong domain", {**ALICE, "domain": {"id": "nowhere"}}),
    user("user by id, an extra property", {**ALICE, "shoe": 42}),
    user("user by name without domain", {"name": "alice", "password": PASSWORD}),
    user("user by name with an empty domain", {"name": "alice", "domain": {}, "password": PASSWORD}),
    user("user by name in the wrong domain", {"name": "alice", "domain": {"name": "acme"}, "password": PASSWORD}),
    user("user by name in an unknown domain", {"name": "alice", "domain": {"name": "nowhere"}, "password": PASSWORD}),
    user("user by name in an unknown domain id", {"name": "alice", "domain": {"id": "nowhere"}, "password": PASSWORD}),
    user(
        "user by name, domain id and name that disagree",
        {"name": "alice", "domain": {"id": "default", "name": "acme"}, "password": PASSWORD},
    ),
    user("user by domain alone", {**IN_DEFAULT, "password": PASSWORD}),
    user("user empty", {}),
    user("user as text", "alice"),
    user("user null", None),
    user("user unknown by id", {"id": "0123456789abcdef0123456789abcdef", "password": PASSWORD}),
    user("user unknown by name", {"name": "nobody", **IN_DEFAULT, "password": PASSWORD}),
    user("user id as number", {"id": 7, "password": PASSWORD}),
    user("user id null", {"id": None, "password": PASSWORD}),
    user("user id empty", {"id": "", "password": PASSWORD}),
    user("user name empty", {"name": "", **IN_DEFAULT, "password": PASSWORD}),
    user("user name null", {"name": None, **IN_DEFAULT, "password": PASSWORD}),
    user("user name as number", {"name": 7, **IN_DEFAULT, "password": PASSWORD}),
    user("user domain as text", {"name": "alice", "domain": "default", "password": PASSWORD}),
    user("user domain null", {"name": "alice", "domain": None, "password": PASSWORD}),
    user("password wrong", {**ALICE, "password": "not it"}),
    user("password wrong by name", {"name": "alice", **IN_DEFAULT, "password": "not it"}),
    user("password empty", {**ALICE, "password": ""}),
    user("password missing", {"id": "{user.alice}"}),
    user("password null", {**ALICE, "password": None}),
    user("password as number", {**ALICE, "password": 7}),
    user("password as list", {**ALICE, "password": ["x"]}),
    user("password very long", {**ALICE, "password": "x" * 5000}),
    user("password with a NUL", {**ALICE, "password": "open\0sesame"}),
    user("password beyond 72 bytes counts up to there", {"id": "{user.long}", "password": "x" * 90}),
    user("password beyond 72 bytes, tail different", {"id": "{user.long}", "password": "x" * 72 + "y" * 18}),
    user("password of exactly 72 bytes", {"id": "{user.long}", "password": "x" * 72}),
    user("password of 71 bytes", {"id": "{user.long}", "password": "x" * 71}),
    user("user without a password", {"id": "{user.no-password}", "password": PASSWORD}),
    user("user disabled", {"id": "{user.disabled}", "password": PASSWORD}),
    user("user disabled, password wrong", {"id": "{user.disabled}", "password": "not it"}),
    user("user disabled, by name", {"name": "disabled", **IN_DEFAULT, "password": PASSWORD}),
    user("user in a disabled domain", {"id": "{user.in-closed}", "password": PASSWORD}),
    user("user in a disabled domain, by name", {"name": "in-closed", "domain": {"name": "closed"}, "password": PASSWORD}),
    user("user in a disabled domain, password wrong", {"id": "{user.in-closed}", "password": "not it"}),
    user("password expired", {"id": "{user.expired}", "password": PASSWORD}),
    user("password expired and wrong", {"id": "{user.expired}", "password": "not it"}),
    user("hash bcrypt_sha256", {"id": "{user.hash-bcrypt-sha256}", "password": PASSWORD}),
    user("hash bcrypt_sha256, wrong", {"id": "{user.hash-bcrypt-sha256}", "password": "not it"}),
    Case(
        "hash bcrypt_sha256 of few rounds",
        post(TOKENS, of_user({"id": "{user.hash-bcrypt-sha256-few-rounds}", "password": PASSWORD}, DEMO)),
        minted=True,
        differs="a hash of fewer than ten rounds is verified, though Keystone cannot read what it wrote",
    ),
    user("hash scrypt", {"id": "{user.hash-scrypt}", "password": PASSWORD}),
    user("hash scrypt, wrong", {"id": "{user.hash-scrypt}", "password": "not it"}),
    user("hash pbkdf2_sha512", {"id": "{user.hash-pbkdf2}", "password": PASSWORD}),
    user("hash pbkdf2_sha512, wrong", {"id": "{user.hash-pbkdf2}", "password": "not it"}),
    user("hash of an unknown kind", {"id": "{user.hash-unknown}", "password": PASSWORD}),
    user("hash empty", {"id": "{user.hash-empty}", "password": PASSWORD}),
    user("several methods required, met by a later rule", {"id": "{user.mfa-met}", "password": PASSWORD}),
    user("several methods required, one of them not enabled", {"id": "{user.mfa-unusable}", "password": PASSWORD}),
    case(
        "several methods required, met",
        identity(
            {
                "methods": ["password", "token"],
                "password": {"user": {"id": "{user.mfa-unmet}", "password": PASSWORD}},
                "token": {"id": "{token.mfa}"},
            },
            DEMO,
        ),
    ),
    user("several methods required, switched off", {"id": "{user.mfa-off}", "password": PASSWORD}),
    Case("several methods required, not met", post(TOKENS, password("mfa-unmet", DEMO)), minted=True),
    Case("several methods required, not met, password wrong", post(TOKENS, password("mfa-unmet", DEMO, "not it")), minted=True),
]

METHODS = [
    case("methods empty", identity({"methods": [], "password": {"user": ALICE}}, DEMO)),
    case("methods empty, nothing else", identity({"methods": []})),
    case("methods missing", identity({"password": {"user": ALICE}}, DEMO)),
    case("methods as text", identity({"methods": "password", "password": {"user": ALICE}}, DEMO)),
    case("methods null", identity({"methods": None, "password": {"user": ALICE}}, DEMO)),
    case("methods of numbers", identity({"methods": [1], "password": {"user": ALICE}}, DEMO)),
    case("method named twice", identity({"methods": ["password", "password"], "password": {"user": ALICE}}, DEMO)),
    case("method unknown", identity({"methods": ["telepathy"], "telepathy": {}}, DEMO)),
    case(
        "method unknown beside password",
        identity({"methods": ["password", "telepathy"], "password": {"user": ALICE}, "telepathy": {}}, DEMO),
    ),
    case("method unknown without its block", identity({"methods": ["telepathy"]}, DEMO)),
    case("method not enabled", identity({"methods": ["totp"], "totp": {"user": {"id": "{user.alice}", "passcode": "123456"}}}, DEMO)),
    case("method in capitals", identity({"methods": ["Password"], "Password": {"user": ALICE}}, DEMO)),
    case("method without its block", identity({"methods": ["password"]}, DEMO)),
    case("method with an empty block", identity({"methods": ["password"], "password": {}}, DEMO)),
    case("method with a null block", identity({"methods": ["password"], "password": None}, DEMO)),
    case("method with a text block", identity({"methods": ["password"], "password": "secret"}, DEMO)),
    case("block of a method not named", identity({"methods": ["password"], "password": {"user": ALICE}, "token": {"id": "x"}}, DEMO)),
    case("an extra property in identity", identity({"methods": ["password"], "password": {"user": ALICE}, "mood": "good"}, DEMO)),
    case("an extra property in auth", {"auth": {**password("alice", DEMO)["auth"], "mood": "good"}}),
    case("an extra property beside auth", {**password("alice", DEMO), "mood": "good"}),
    case("token", token("{token.alice}")),
    case("token without id", identity({"methods": ["token"], "token": {}})),
    case("token id null", token(None)),  # type: ignore[arg-type]
    case("token id empty", token("")),
    case("token id as number", token(7)),  # type: ignore[arg-type]
    case("token unknown", token("gAAAAABnotatoken")),
    case("token of another kind", token("0123456789abcdef0123456789abcdef")),
    case(
        "token and password together",
        identity({"methods": ["token", "password"], "token": {"id": "{token.alice}"}, "password": {"user": ALICE}}, DEMO),
    ),
    case(
        "password and token together",
        identity({"methods": ["password", "token"], "token": {"id": "{token.alice}"}, "password": {"user": ALICE}}, DEMO),
    ),
    case(
        "token and password of different users",
        identity({"methods": ["token", "password"], "token": {"id": "{token.bob}"}, "password": {"user": ALICE}}, DEMO),
    ),
    case(
        "token good and password wrong",
        identity(
            {"methods": ["token", "password"], "token": {"id": "{token.alice}"}, "password": {"user": {**ALICE, "password": "no"}}}, DEMO
        ),
    ),
    case(
        "token bad and password good",
        identity({"methods": ["token", "password"], "token": {"id": "nonsense"}, "password": {"user": ALICE}}, DEMO),
    ),
    case("external without a remote user", identity({"methods": ["external"], "external": {}}, DEMO)),
    Case(
        "application credential unknown",
        post(TOKENS, identity({"methods": ["application_credential"], "application_credential": {"id": "0123", "secret": "x"}})),
        differs=LATER,
    ),
    Case(
        "application credential empty",
        post(TOKENS, identity({"methods": ["application_credential"], "application_credential": {}})),
        differs=LATER,
    ),
]

RESCOPING = [
    case("project token to no scope", token("{token.alice}")),
    case("project token to the same project", token("{token.alice}", DEMO)),
    case("project token to another project", token("{token.alice}", project("größe"))),
    case("project token to a domain", token("{token.alice}", domain("acme"))),
    case("project token to unscoped", token("{token.alice}", UNSCOPED)),
    case("project token to a project without a role", token("{token.alice}", project("no-roles-here"))),
    case("project token to a disabled project", token("{token.alice}", project("sleeping"))),
    case("project token to an unknown project", token("{token.alice}", {"project": {"id": "0123"}})),
    case("project token to the system, no role", token("{token.alice}", SYSTEM)),
    case("project token to the system", token("{token.many}", SYSTEM)),
    case("domain token to a project", token("{token.alice-domain}", DEMO)),
    case("domain token to no scope", token("{token.alice-domain}")),
    case("system token to a project", token("{token.many-system}", project("alpha"))),
    case("system token to no scope", token("{token.system-reader}")),
    case("unscoped token to a project", token("{token.alice-unscoped}", DEMO)),
    case("unscoped token to no scope", token("{token.alice-unscoped}")),
    case("unscoped token to unscoped", token("{token.alice-unscoped}", UNSCOPED)),
    case("unscoped token to a domain", token("{token.alice-unscoped}", domain("acme"))),
    case("a rescoped token rescoped", token("{token.rescoped}", DEMO)),
    case("token without the catalog", token("{token.alice}", DEMO), f"{TOKENS}?nocatalog"),
]

BODIES = [
    case("empty object", {}),
    case("auth null", {"auth": None}),
    case("auth as text", {"auth": "please"}),
    case("auth as list", {"auth": []}),
    case("auth empty", {"auth": {}}),
    case("auth without identity", {"auth": {"scope": DEMO}}),
    case("identity null", {"auth": {"identity": None}}),
    case("identity empty", {"auth": {"identity": {}}}),
    case("identity as text", {"auth": {"identity": "alice"}}),
    case("version 2 body", {"auth": {"passwordCredentials": {"username": "alice", "password": PASSWORD}, "tenantName": "demo"}}),
    raw("not JSON", b"{"),
    raw("JSON list", b"[]"),
    raw("JSON text", b'"auth"'),
    raw("JSON number", b"7"),
    raw("JSON null", b"null"),
    raw("JSON true", b"true"),
    raw("JSON with a trailing comma", b'{"auth": {},}'),
    raw("JSON twice", b"{}{}"),
    raw("JSON with a byte order mark", b"\xef\xbb\xbf{}"),
    raw("a key twice", b'{"auth": {}, "auth": {"identity": {"methods": []}}}'),
    raw("bytes that are no UTF-8", b'{"auth": "\xff\xfe"}'),
    raw("an empty body", b""),
    raw("no body", None),
    raw("no body and no content type", None, Content_Type=None),
    raw("white space", b"  \n "),
]

PYTHON_ONLY = "JSON that only Python reads is no JSON"
BODIES += [
    Case("JSON with NaN", Request("POST", TOKENS, b'{"auth": NaN}', JSON), differs=PYTHON_ONLY),
    Case("a lone surrogate", Request("POST", TOKENS, b'{"auth": {"identity": {"methods": ["\\ud800"]}}}', JSON), differs=PYTHON_ONLY),
]

BYTES = (
    b'{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"id": "default"}, '
    b'"password": "' + ADMIN_PASSWORD.encode() + b'"}}}, "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}'
)

HEADERS = [
    raw("content type JSON", BYTES),
    raw("content type missing", BYTES, Content_Type=None),
    raw("content type with a charset", BYTES, Content_Type="application/json; charset=utf-8"),
    raw("content type in capitals", BYTES, Content_Type="APPLICATION/JSON"),
    raw("content type text", BYTES, Content_Type="text/plain"),
    raw("content type form", BYTES, Content_Type="application/x-www-form-urlencoded"),
    raw("content type of a vendor's JSON", BYTES, Content_Type="application/vnd.api+json"),
    raw("content type XML", BYTES, Content_Type="application/xml"),
    raw("content type empty", BYTES, Content_Type=""),
    raw("content type nonsense", BYTES, Content_Type="nonsense"),
    raw("content type form with an empty body", b"", Content_Type="application/x-www-form-urlencoded"),
    raw("accept XML", BYTES, Accept="application/xml"),
    raw("accept nothing known", BYTES, Accept="image/png"),
    raw("accept anything", BYTES, Accept="*/*"),
    raw("a garbage token on a login", BYTES, X_Auth_Token="garbage"),
    raw("an empty token on a login", BYTES, X_Auth_Token=""),
    raw("a subject token on a login", BYTES, X_Subject_Token="garbage"),
    raw("a language", BYTES, Accept_Language="de"),
    raw("a request id of the client's", BYTES, X_Openstack_Request_Id="req-11111111-2222-3333-4444-555555555555"),
    case("a good token on a login", password("alice", DEMO), X_Auth_Token="{token.admin}"),
    case("a good token on a refused login", password("alice", DEMO, "not it"), X_Auth_Token="{token.admin}"),
    case("a disabled project's token on a login", password("alice", DEMO), X_Auth_Token="{token.alice-unscoped}"),
]

outcomes, test_same_answer = table(SCOPES + ROLE_PATHS + USERS + METHODS + RESCOPING + BODIES + HEADERS)
