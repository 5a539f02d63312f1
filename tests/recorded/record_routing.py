#!/usr/bin/env python3
"""Records how a real Keystone answers requests that never reach an endpoint's own code.

    record_routing.py plain  http://127.0.0.1:5000  > routing-plain.json
    record_routing.py proxied http://127.0.0.1:5001 > routing-proxied.json

`plain`: a Keystone with default settings. `proxied`: one with

    [DEFAULT]
    insecure_debug = true
    [oslo_middleware]
    enable_proxy_headers_parsing = true
    max_request_body_size = 1000
    [cors]
    allowed_origin = https://horizon.example,http://b:8080

Requests go out over a bare socket, because HTTP clients tidy paths up. `Host` is `keystone.test:5000` unless given.
"""

import json
import socket
import sys
from urllib.parse import urlsplit

PLAIN = [
    # (method, path, headers, body)
    ("GET", "/", {}, None),
    ("GET", "", {}, None),
    ("GET", "//", {}, None),
    ("GET", "/?x=1", {}, None),
    ("HEAD", "/", {}, None),
    ("HEAD", "/v3", {}, None),
    ("GET", "/v3", {}, None),
    ("GET", "/v3/", {}, None),
    ("GET", "/v3//", {}, None),
    ("GET", "/v3?a=b", {}, None),
    ("GET", "/v3", {"Host": "other"}, None),
    ("GET", "/v3", {"Host": "other:80"}, None),
    ("GET", "/v3", {"Host": "other:443", "X-Forwarded-Proto": "https"}, None),
    ("GET", "/v3", {"X-Forwarded-Proto": "http, https"}, None),
    ("GET", "/v3", {"X-Forwarded-Host": "cloud", "X-Forwarded-Prefix": "/identity"}, None),
    ("GET", "/v3", {"Forwarded": "proto=https;host=cloud"}, None),
    ("GET", "/v3", {"Accept": "text/html"}, None),
    ("GET", "/v3", {"Accept": "application/xml"}, None),
    ("GET", "/v3", {"X-Auth-Token": "garbage"}, None),
    ("GET", "/V3", {}, None),
    ("GET", "/v2.0", {}, None),
    ("GET", "/v3.0", {}, None),
    ("GET", "/v3/nope", {}, None),
    ("HEAD", "/v3/nope", {}, None),
    ("GET", "/v3/nope/", {}, None),
    ("GET", "/v3//nope", {}, None),
    ("GET", "/v3/Projects", {}, None),
    ("GET", "/v3/projects", {}, None),
    ("HEAD", "/v3/projects", {}, None),
    ("GET", "/v3/projects/", {}, None),
    ("GET", "/v3/projects//", {}, None),
    ("GET", "/v3/projects/abc", {}, None),
    ("GET", "/v3/projects/abc/", {}, None),
    ("GET", "/v3/projects/abc/nope", {}, None),
    ("GET", "/v3/projects/a%20b", {}, None),
    ("GET", "/v3/projects/a%2Fb", {}, None),
    ("GET", "/v3/projects/%ff", {}, None),
    ("GET", "/v3/projects%20", {}, None),
    ("GET", "/v3/projects;x=1", {}, None),
    ("GET", "/v3/%70rojects", {}, None),
    ("GET", "/v3/auth%2Ftokens", {}, None),
    ("GET", "//v3/projects", {}, None),
    ("GET", "/v3//projects", {}, None),
    ("GET", "/v3///projects", {}, None),
    ("HEAD", "/v3//projects", {}, None),
    ("GET", "/v3//projects/", {}, None),
    ("GET", "/v3//projects?name=a%20b&x=%22'&y", {}, None),
    ("GET", "/v3//projects//abc", {}, None),
    ("GET", "/v3/projects//a%20b", {}, None),
    ("GET", "/v3/auth//tokens", {"Host": "other:80"}, None),
    ("POST", "/v3/auth//tokens", {}, None),
    ("GET", "/v3//auth//tokens", {"X-Forwarded-Proto": "https"}, None),
    ("OPTIONS", "/v3//projects", {}, None),
    ("GET", "/v3/./projects", {}, None),
    ("GET", "/v3/nope/../projects", {}, None),
    ("GET", "/v3/auth", {}, None),
    ("GET", "/v3/auth/tokens", {}, None),
    ("GET", "/v3/auth/tokens/x", {}, None),
    ("GET", "/v3/auth/tokens/OS-PKI/revoked", {}, None),
    ("GET", "/v3/auth/catalog", {}, None),
    ("GET", "/v3/auth/projects", {}, None),
    ("GET", "/v3/auth/domains", {}, None),
    ("GET", "/v3/auth/system", {}, None),
    ("GET", "/v3/OS-FEDERATION/projects", {}, None),
    ("GET", "/v3/OS-FEDERATION/domains", {}, None),
    ("GET", "/v3/OS-REVOKE/events", {}, None),
    ("GET", "/v3/users/abc/projects", {}, None),
    ("GET", "/v3/services", {}, None),
    ("GET", "/v3/services/abc", {}, None),
    ("GET", "/v3/endpoints", {}, None),
    ("GET", "/v3/endpoints/abc", {}, None),
    ("GET", "/v3/regions", {}, None),
    ("GET", "/v3/regions/abc", {}, None),
    ("POST", "/", {}, None),
    ("DELETE", "/v3", {}, None),
    ("TRACE", "/v3", {}, None),
    ("PUT", "/v3/auth/tokens", {}, None),
    ("POST", "/v3/auth/catalog", {}, None),
    ("PATCH", "/v3/projects", {}, None),
    ("DELETE", "/v3/services", {}, None),
    ("FOO", "/v3/auth/projects", {}, None),
    ("FOO", "/v3/nope", {}, None),
    ("get", "/v3", {}, None),
    ("OPTIONS", "/", {}, None),
    ("OPTIONS", "/v3", {}, None),
    ("OPTIONS", "/v3/", {}, None),
    ("OPTIONS", "/v3/auth/tokens", {}, None),
    ("OPTIONS", "/v3/auth/catalog", {}, None),
    ("OPTIONS", "/v3/nope", {}, None),
    ("OPTIONS", "/v3/nope", {"Origin": "https://horizon.example", "Access-Control-Request-Method": "GET"}, None),
    ("GET", "/healthcheck", {}, None),
    ("HEAD", "/healthcheck", {}, None),
    ("GET", "/healthcheck/", {}, None),
    ("GET", "/healthcheck/x/y", {}, None),
    ("GET", "/healthcheckx", {}, None),
    ("GET", "//healthcheck", {}, None),
    ("GET", "/healthcheck?detailed=true", {"Accept": "text/html"}, None),
    ("GET", "/healthcheck", {"Accept": "application/json"}, None),
    ("GET", "/healthcheck", {"Accept": "image/png"}, None),
    ("GET", "/healthcheck", {"Accept": "text/html;q=0.3, application/json;q=0.4"}, None),
    ("POST", "/healthcheck", {}, "x"),
    ("OPTIONS", "/healthcheck", {}, None),
    ("GET", "/healthcheck", {"X-Auth-Token": "garbage"}, None),
    # bodies are looked at before anything else
    ("POST", "/v3/nope", {}, "{"),
    ("POST", "/v3/nope", {"Content-Type": "text/plain"}, "{}"),
    ("GET", "/v3", {"Content-Type": "application/json"}, "[]"),
    ("GET", "/v3", {"Content-Type": "application/json"}, "{}"),
    ("GET", "/v3//projects", {"Content-Type": "text/plain"}, "{}"),
    ("OPTIONS", "/v3/projects", {"Content-Type": "text/plain"}, "{}"),
    ("PUT", "/v3/auth/tokens", {}, "nope"),
    ("GET", "/v3/projects", {}, "nope"),
    ("GET", "/v3/projects", {"Content-Type": ""}, "{}"),
    ("GET", "/v3/projects", {"Content-Type": "application/json;charset=latin1"}, "{}"),
    ("GET", "/v3/projects", {"Content-Type": "application/vnd.x+json"}, "{}"),
    ("GET", "/v3/projects", {"Content-Type": "application/jsonx"}, "{}"),
    ("GET", "/v3/projects", {"Content-Type": "application/json"}, "null"),
    ("GET", "/v3/projects", {"Content-Type": "application/json"}, " "),
    ("GET", "/v3/projects", {"Content-Type": "application/json"}, "{} x"),
    ("GET", "/v3/projects", {"Content-Type": "application/json"}, '{"a": 1, "a": 2}'),
    ("POST", "/v3/auth/tokens", {"Content-Type": "application/json"}, "x" * 114689),
    ("GET", "/v3", {"Content-Type": "application/json", "Accept": "application/json"}, "x" * 114689),
    ("GET", "/nope", {"Content-Type": "application/json", "Accept": "image/png"}, "x" * 114689),
]

HORIZON = {"Origin": "https://horizon.example"}

PROXIED = [
    ("GET", "/v3", {}, None),
    ("GET", "/v3", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cloud"}, None),
    ("GET", "/v3", {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "cloud"}, None),
    ("GET", "/v3", {"X-Forwarded-Prefix": "/identity"}, None),
    ("GET", "/v3", {"X-Forwarded-Prefix": "/identity/"}, None),
    ("GET", "/v3", {"X-Forwarded-Prefix": "/identity/v3"}, None),
    ("GET", "/v3", {"X-Forwarded-Prefix": "identity"}, None),
    ("GET", "/v3", {"X-Forwarded-Prefix": "/a b"}, None),
    ("GET", "/v3", {"Forwarded": "for=1.2.3.4;proto=https;host=cloud, for=5.6.7.8;host=inner"}, None),
    ("GET", "/v3", {"Forwarded": "FOR=1.2.3.4; Proto = https ;Host=cloud", "X-Forwarded-Host": "no"}, None),
    ("GET", "/v3", {"Forwarded": 'host="cloud:99"'}, None),
    ("GET", "/v3/projects", {"X-Forwarded-Prefix": "/identity", "X-Forwarded-Host": "cloud:443", "X-Forwarded-Proto": "https"}, None),
    ("GET", "/v3//projects", {"X-Forwarded-Prefix": "/identity", "X-Forwarded-Host": "cloud"}, None),
    ("GET", "/v3//projects?a=b", {"X-Forwarded-Prefix": "/iden tity/", "X-Forwarded-Host": "cloud:80"}, None),
    ("GET", "/", {"X-Forwarded-Prefix": "/identity", "X-Forwarded-Host": "cloud"}, None),
    ("GET", "/identity/v3", {"X-Forwarded-Prefix": "/identity"}, None),
    ("GET", "/v3/projects", {}, None),
    ("GET", "/v3/auth/tokens", {"X-Subject-Token": "garbage"}, None),
    ("GET", "/v3", HORIZON, None),
    ("GET", "/v3", {"Origin": "http://b:8080"}, None),
    ("GET", "/v3", {"Origin": "https://evil"}, None),
    ("GET", "/v3/projects", HORIZON, None),
    ("GET", "/nope", HORIZON, None),
    ("GET", "/healthcheck", HORIZON, None),
    ("OPTIONS", "/v3/projects", HORIZON, None),
    ("OPTIONS", "/v3/projects", {**HORIZON, "Access-Control-Request-Method": "GET"}, None),
    ("OPTIONS", "/nope", {**HORIZON, "Access-Control-Request-Method": "PATCH"}, None),
    ("OPTIONS", "/v3/projects", {**HORIZON, "Access-Control-Request-Method": "HEAD"}, None),
    ("OPTIONS", "/v3/projects", {**HORIZON, "Access-Control-Request-Method": "get"}, None),
    ("OPTIONS", "/v3/projects", {**HORIZON, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-auth-token, Accept,,content-type"}, None),
    ("OPTIONS", "/v3/projects", {**HORIZON, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-evil"}, None),
    ("OPTIONS", "/v3/projects", {"Origin": "https://evil", "Access-Control-Request-Method": "GET"}, None),
    ("OPTIONS", "/v3/projects", {"Access-Control-Request-Method": "GET"}, None),
    ("POST", "/v3/auth/tokens", {"Content-Type": "application/json", **HORIZON}, "x" * 1001),
    ("POST", "/v3/auth/tokens", {"Content-Type": "application/json", **HORIZON}, "x" * 1000),
]


def ask(address, method, path, headers, body):
    head = {"Host": "keystone.test:5000", **headers, "Connection": "close"}
    data = b"" if body is None else body.encode()
    if body is not None:
        head["Content-Length"] = str(len(data))
    lines = [f"{method} {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in head.items()]
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        answer = b""
        while True:
            try:
                part = connection.recv(65536)
            except ConnectionResetError:
                break
            if not part:
                break
            answer += part
    if not answer:
        return None
    head, _, text = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    pairs = [field.split(": ", 1) if ": " in field else [field.rstrip(":"), ""] for field in fields]
    kept = []
    for name, value in pairs:
        if name.lower() in ("connection", "server", "date"):
            continue  # the WSGI server's own
        if name.lower() == "x-openstack-request-id":
            value = "<req>"
        kept.append([name.lower(), value])
    return {"status": int(status.split()[1]), "headers": kept, "body": text.decode()}


def main():
    requests = {"plain": PLAIN, "proxied": PROXIED}[sys.argv[1]]
    url = urlsplit(sys.argv[2])
    exchanges = []
    for method, path, headers, body in requests:
        if path == "":
            continue  # not a valid request line
        answer = ask((url.hostname, url.port or 80), method, path, headers, body)
        shown = body
        if body is not None and len(body) > 100:
            shown = {"repeat": body[0], "times": len(body)}
        exchanges.append(
            {"request": {"method": method, "path": path, "headers": headers, "body": shown}, "answer": answer}
        )
    json.dump(exchanges, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
