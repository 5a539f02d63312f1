"""Bodies of logins, by the names of a story."""

from __future__ import annotations

from typing import Any

from harness import oracle
from harness.twins import Login

PASSWORD = "open sesame 1"


def body(user: dict[str, Any], scope: Any = None) -> dict[str, Any]:
    """Method password, the user block as it stands."""
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, **({"scope": scope} if scope else {})}}


ADMIN = body(
    {"name": "admin", "domain": {"id": "default"}, "password": oracle.ADMIN_PASSWORD},
    {"project": {"name": "admin", "domain": {"id": "default"}}},
)


def login(name: str, user: str, scope: str | None = None, password: str = PASSWORD) -> Login:
    """`login("token's name", "user.alice", "project.p")`; the scope may be `system`, or left out."""
    scopes: dict[str | None, Any] = {None: None, "system": {"system": {"all": True}}}
    if scope in scopes:
        block = scopes[scope]
    else:
        block = {scope.split(".")[0]: {"id": f"{{{scope}}}"}}
    return Login(name, body({"id": f"{{{user}}}", "password": password}, block))
