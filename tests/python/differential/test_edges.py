"""Discovery, odd paths, odd methods, odd headers: what the HTTP layer alone decides."""

from __future__ import annotations

from harness.exchange import Request
from harness.pair import Case, table

from .logins import password, project

# What Keystone also creates, changes and deletes; Fernstone only reads them so far, and its `Allow` says so.
WRITABLE = ("/v3/projects", "/v3/services", "/v3/endpoints", "/v3/regions")


def ask(method: str, path: str, body: object = None, **headers: str) -> Case:
    """Any request."""
    ignored = ("headers.allow",) if path.startswith(WRITABLE) else ()
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    label = " ".join([method, path, *(f"{key}: {value}" for key, value in sent.items())])
    return Case(label, Request(method, path, body, sent), ignore=ignored)


ADMIN = {"X_Auth_Token": "{token.admin}"}
# Host decides the links; both servers are given the same one.
HOSTS = [
    ask("GET", path, Host=host)
    for path in ("/", "/v3")
    for host in ("cloud.example", "cloud.example:5000", "cloud.example:80", "[::1]:5000", "CLOUD.example")
]
HOSTS += [ask("GET", "/v3/projects?name=demo", Host="cloud.example", **ADMIN), ask("GET", "/v3/projects", Host="cloud.example")]
HOSTS += [
    ask("GET", "/v3", Host="cloud.example", X_Forwarded_Proto="https", X_Forwarded_Host="other.example", X_Forwarded_Prefix="/identity"),
    ask("GET", "/v3", Host="cloud.example", Forwarded="for=1.2.3.4;host=other.example;proto=https"),
]

METHODS = [
    ask(method, path, **headers)
    for path in (
        "/",
        "/v3",
        "/v3/",
        "/v3/auth/tokens",
        "/v3/auth/catalog",
        "/v3/auth/projects",
        "/v3/auth/domains",
        "/v3/auth/system",
        "/v3/projects",
        "/v3/services",
        "/v3/endpoints",
        "/v3/regions",
        "/v3/regions/RegionTwo",
        "/v3/OS-REVOKE/events",
        "/healthcheck",
    )
    for method, headers in (
        ("GET", {}),
        ("HEAD", {}),
        ("OPTIONS", {}),
        ("TRACE", {}),
        ("BREW", {}),
        ("BREW", ADMIN),
        # These exist on some of the nouns and write; without a token nothing is written.
        ("PUT", {}),
        ("PATCH", {}),
    )
    if (method, path) != ("GET", "/v3/auth/tokens") and not (method in ("PUT", "PATCH") and path == "/v3/regions/RegionTwo")
]

PATHS = [
    ask(method, path, **headers)
    for path in (
        "",
        "//",
        "/v2.0",
        "/v2.0/tokens",
        "/v4",
        "/V3",
        "/v3.14",
        "/v3//",
        "/v3//projects",
        "//v3/projects",
        "/v3/projects/",
        "/v3/projects//",
        "/v3/projects/{project.demo}/",
        "/v3/projects/{project.demo}/nothing",
        "/v3/projects/a/b/c",
        "/v3/./projects",
        "/v3/../v3/projects",
        "/v3/%70rojects",
        "/v3/projects%2F",
        "/v3/projects;a=b",
        "/v3/projects?",
        "/v3/projects?%zz",
        "/v3/projects?name=%ff",
        "/v3/projects#fragment",
        "/v3/nothing",
        "/v3/auth",
        "/v3/auth/",
        "/v3/auth/tokens/",
        "/v3/auth/tokens/abc",
        "/v3/auth/nothing",
        "/v3/auth/catalog/",
        "/v3/users/{user.alice}/projects/",
        "/v3/OS-REVOKE",
        "/v3/OS-REVOKE/events/",
        "/v3/os-revoke/events",
        "/nothing",
        "/v3?a=b",
        "/?a=b",
        "/healthcheck/",
        "/healthcheck?detailed=true",
    )
    for method, headers in (("GET", {}), ("GET", ADMIN))
]

VALUES = [
    ask("GET", "/", Accept="application/json"),
    ask("GET", "/", Accept="text/html"),
    ask("GET", "/v3", Accept="text/html"),
    ask("GET", "/healthcheck", Accept="text/html"),
    ask("GET", "/healthcheck", Accept="application/json"),
    ask("GET", "/v3/projects?name=demo", Accept="application/xml", **ADMIN),
    ask("GET", "/v3/projects?name=demo", X_Openstack_Request_Id="req-11111111-2222-3333-4444-555555555555", **ADMIN),
    ask("GET", "/v3/projects?name=demo", X_Openstack_Request_Id="nonsense", **ADMIN),
    ask("GET", "/v3/projects?name=demo", Origin="http://elsewhere.example", **ADMIN),
    ask("OPTIONS", "/v3/projects", Origin="http://elsewhere.example", Access_Control_Request_Method="GET"),
    ask("GET", "/v3/projects?name=demo", {"a": "body"}, **ADMIN),
    ask("GET", "/v3/projects?name=demo", b"not json", Content_Type="application/json", **ADMIN),
    ask("GET", "/v3/projects?name=demo", b"text", Content_Type="text/plain", **ADMIN),
    ask("GET", "/v3/projects", b"not json", Content_Type="application/json"),
    ask("DELETE", "/v3/auth/tokens", X_Subject_Token="nonsense"),
    ask("POST", "/v3/auth/tokens/", password("alice", project("demo"), "wrong")),
    ask("POST", "/v3//auth/tokens", password("alice", project("demo"), "wrong")),
    ask("POST", "/v3", {}),
    ask("POST", "/", {}),
    ask("POST", "/v3/auth/catalog", {}),
    ask("DELETE", "/v3/auth/projects"),
    ask("GET", "/v3/projects?name=" + "x" * 3000, **ADMIN),
    ask("GET", "/v3/projects/" + "x" * 65, **ADMIN),
    ask("GET", "/v3/projects/" + "x" * 300, **ADMIN),
    ask("GET", "/v3/projects", X_Auth_Token=""),
    ask("GET", "/v3/projects", X_Auth_Token="nonsense"),
    ask("GET", "/v3/projects", X_Auth_Token="nonsense", X_Service_Token="nonsense"),
    ask("GET", "/v3/projects?name=demo", X_Service_Token="nonsense", **ADMIN),
    ask("GET", "/v3/projects?name=demo", X_Service_Token="{token.service}", **ADMIN),
    # Names that the middleware itself sets: a client may not smuggle them in.
    ask("GET", "/v3/projects", X_User_Id="{user.admin}", X_Roles="admin", X_Identity_Status="Confirmed"),
]
LARGE = [
    Case("a body over the limit", Request("POST", "/v3/auth/tokens", b" " * 114689, {"Content-Type": "application/json"})),
    Case("a body at the limit", Request("POST", "/v3/auth/tokens", b" " * 114688, {"Content-Type": "application/json"})),
]

outcomes, test_same_answer = table(HOSTS + METHODS + PATHS + VALUES + LARGE)
