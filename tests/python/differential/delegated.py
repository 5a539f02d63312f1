"""Tokens that only the real Keystone hands out so far: of trusts, application credentials, OAuth 1 and 2, EC2 credentials
and federation. Each is got the way a user would get it; Fernstone then has to read them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess
from urllib.parse import parse_qs, quote

from oauthlib import oauth1

from harness.exchange import Request, post, send
from harness.oracle import ADMIN_TOKEN, virtualenv

from .logins import UNSCOPED, domain, identity, password, project, token
from .world import World

# Names of the tokens that `build` adds to the world.
KINDS = (
    "trust",
    "trust-impersonating",
    "trust-of-inherited",
    "app-cred",
    "app-cred-unrestricted",
    "app-cred-rules",
    "app-cred-by-name",
    "app-cred-system-user",
    "oauth2",
    "oauth2-mtls",
    "oauth1",
    "ec2",
    "federated",
    "federated-project",
    "federated-domain",
    "federated-ephemeral",
)

CERTIFICATE = """
import datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "alice")])
start = datetime.datetime(2020, 1, 1)
made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
made = made.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36500)).sign(key, hashes.SHA256())
print(made.public_bytes(serialization.Encoding.PEM).decode(), end="")
"""


def build(world: World) -> None:
    """Makes the credentials and gets a token with each."""
    _trusts(world)
    _application_credentials(world)
    _oauth2_mtls(world)
    _oauth1(world)
    _ec2(world)
    _federation(world)


def _trusts(world: World) -> None:
    def one(name: str, trustor: str, on: str, role: str, impersonation: bool) -> None:
        world.logins[f"{name}-trustor"] = password(trustor, project(on))
        body = {
            "trustor_user_id": f"{{user.{trustor}}}",
            "trustee_user_id": "{user.bob}",
            "project_id": f"{{project.{on}}}",
            "roles": [{"id": f"{{role.{role}}}"}],
            "impersonation": impersonation,
        }
        made = world.call("POST", "/v3/OS-TRUST/trusts", {"trust": body}, token=f"{{token.{name}-trustor}}")
        world.ids[f"trust.{name}"] = made["trust"]["id"]
        world.logins[name] = password("bob", {"OS-TRUST:trust": {"id": f"{{trust.{name}}}"}})

    one("trust", "alice", "demo", "member", False)
    one("trust-impersonating", "alice", "demo", "member", True)
    one("trust-of-inherited", "many", "alpha-deep", "chief", True)


def _application_credentials(world: World) -> None:
    def one(name: str, user: str, **more: object) -> None:
        body = {"application_credential": {"name": name, "secret": "open", **more}}
        made = world.call("POST", f"/v3/users/{{user.{user}}}/application_credentials", body, token=f"{{token.{user}}}")
        world.ids[f"application_credential.{name}"] = made["application_credential"]["id"]
        by_id = {"id": f"{{application_credential.{name}}}", "secret": "open"}
        world.logins[name] = identity({"methods": ["application_credential"], "application_credential": by_id})

    one("app-cred", "alice")
    one("app-cred-unrestricted", "alice", unrestricted=True, expires_at="2999-01-01T00:00:00")
    rules = [{"service": "compute", "method": "GET", "path": "/v2/servers"}, {"service": "identity", "method": "GET", "path": "/v3/**"}]
    one("app-cred-rules", "alice", access_rules=rules)
    one("app-cred-system-user", "many", roles=[{"id": "{role.tea}"}])
    by_name = {"name": "app-cred", "user": {"name": "alice", "domain": {"id": "default"}}, "secret": "open"}
    world.logins["app-cred-by-name"] = identity({"methods": ["application_credential"], "application_credential": by_name})
    form = f"grant_type=client_credentials&client_id={world['application_credential.app-cred']}&client_secret=open"
    answer = send(
        world.keystone,
        Request("POST", "/v3/OS-OAUTH2/token", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"}),
    )
    world.ids["token.oauth2"] = answer.json()["access_token"]


def _oauth2_mtls(world: World) -> None:
    rules = [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "SSL_CLIENT_SUBJECT_DN_CN"}]}]
    _put(world, "mappings/oauth2_mapping", {"mapping": {"rules": rules}})
    python = str(virtualenv() / "bin" / "python")
    pem = subprocess.run([python, "-c", CERTIFICATE], capture_output=True, text=True, check=True).stdout
    form = f"grant_type=client_credentials&client_id={world['user.alice']}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Test-Client-Certificate": quote(pem)}
    answer = send(world.keystone, Request("POST", "/v3/OS-OAUTH2/token", form.encode(), headers))
    world.ids["token.oauth2-mtls"] = answer.json()["access_token"]


def _put(world: World, path: str, body: dict) -> None:
    """Past the names of the world: Keystone's mapping language has braces of its own."""
    answer = send(world.keystone, Request("PUT", f"/v3/OS-FEDERATION/{path}", body, {"X-Auth-Token": ADMIN_TOKEN}))
    if answer.status >= 300:
        raise AssertionError(f"{path}: {answer.status} {answer.body!r}")


def _oauth1(world: World) -> None:
    consumer = world.call("POST", "/v3/OS-OAUTH1/consumers", {"consumer": {}})["consumer"]

    def signed(path: str, body: dict | None = None, headers: dict | None = None, **more: str):
        client = oauth1.Client(consumer["id"], client_secret=consumer["secret"], signature_method=oauth1.SIGNATURE_HMAC_SHA1, **more)
        _, signature, _ = client.sign(f"{world.keystone}{path}", http_method="POST")
        return send(world.keystone, Request("POST", path, body, {**signature, **(headers or {})}))

    asked = signed("/v3/OS-OAUTH1/request_token", headers={"Requested-Project-Id": world["project.alpha"]}, callback_uri="oob")
    request_token = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    roles = {"roles": [{"id": "{role.manager}"}]}
    path = f"/v3/OS-OAUTH1/authorize/{request_token['oauth_token']}"
    verifier = world.call("PUT", path, roles, token="{token.alpha-admin}")["token"]["oauth_verifier"]
    owner = {"resource_owner_key": request_token["oauth_token"], "resource_owner_secret": request_token["oauth_token_secret"]}
    granted = signed("/v3/OS-OAUTH1/access_token", **owner, verifier=verifier)
    access = {name: values[0] for name, values in parse_qs(granted.body.decode()).items()}
    owner = {"resource_owner_key": access["oauth_token"], "resource_owner_secret": access["oauth_token_secret"]}
    answer = signed("/v3/auth/tokens", identity({"methods": ["oauth1"], "oauth1": {}}), **owner)
    world.ids["token.oauth1"] = answer.token


def _ec2(world: World) -> None:
    made = world.call("POST", "/v3/users/{user.alice}/credentials/OS-EC2", {"tenant_id": "{project.demo}"}, token="{token.alice}")
    credential = made["credential"]
    # Signature version 2: the parameters, sorted, under the host and the path.
    parameters = {"Action": "Test", "SignatureVersion": "2", "SignatureMethod": "HmacSHA256", "AWSAccessKeyId": credential["access"]}
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in sorted(parameters.items()))
    text = f"POST\nec2.example\n/services\n{query}"
    signature = base64.b64encode(hmac.new(credential["secret"].encode(), text.encode(), hashlib.sha256).digest()).decode()
    body = {
        "credentials": {
            "access": credential["access"],
            "signature": signature,
            "host": "ec2.example",
            "verb": "POST",
            "path": "/services",
            "params": parameters,
        }
    }
    answer = send(world.keystone, world.pair_fill(post("/v3/ec2tokens", body, "{token.service}")))
    world.ids["token.ec2"] = answer.token


def _federation(world: World) -> None:
    world.create("group", "moon-people", domain_id="{domain.acme}")
    world.grant("reader", "group.moon-people", "project.alpha")
    world.grant("tea", "group.moon-people", "domain.acme")
    world.call("PUT", "/v3/OS-FEDERATION/identity_providers/moon", {"identity_provider": {"domain_id": "{domain.acme}", "enabled": True}})

    def protocol(name: str, kind: str) -> None:
        user = {"name": "{0}", "type": kind} if kind == "ephemeral" else {"name": "{0}"}
        local = [{"user": user}, {"group": {"id": world["group.moon-people"]}}]
        rules = [{"local": local, "remote": [{"type": "HTTP_X_TEST_REMOTE_USER"}]}]
        _put(world, f"mappings/{name}", {"mapping": {"rules": rules}})
        _put(world, f"identity_providers/moon/protocols/{name}", {"protocol": {"mapping_id": name}})

    def enter(name: str, who: str) -> str:
        path = f"/v3/OS-FEDERATION/identity_providers/moon/protocols/{name}/auth"
        return send(world.keystone, Request("POST", path, headers={"X-Test-Remote-User": who})).token

    protocol("mapped", "ephemeral")
    world.ids["token.federated"] = enter("mapped", "selene@moon.example")
    world.ids["token.federated-ephemeral"] = enter("mapped", "ångström")
    world.logins["federated-project"] = token("{token.federated}", project("alpha"))
    world.logins["federated-domain"] = token("{token.federated}", domain("acme"))
    world.logins["federated-unscoped-again"] = token("{token.federated}", UNSCOPED)
