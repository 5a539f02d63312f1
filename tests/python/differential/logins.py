"""Bodies of `POST /v3/auth/tokens`, with the names of the world left for the pair to fill in."""

from __future__ import annotations

from typing import Any

PASSWORD = "open sesame 1"

SYSTEM = {"system": {"all": True}}
UNSCOPED = "unscoped"


def project(name: str) -> dict[str, Any]:
    """Scope: a project by id."""
    return {"project": {"id": f"{{project.{name}}}"}}


def domain(name: str) -> dict[str, Any]:
    """Scope: a domain by id."""
    return {"domain": {"id": f"{{domain.{name}}}"}}


def password(user: str, scope: Any = None, secret: str = PASSWORD) -> dict[str, Any]:
    """Method password, the user by id."""
    return of_user({"id": f"{{user.{user}}}", "password": secret}, scope)


def of_user(user: Any, scope: Any = None) -> dict[str, Any]:
    """Method password with the user block as it stands."""
    return identity({"methods": ["password"], "password": {"user": user}}, scope)


def token(text: str, scope: Any = None) -> dict[str, Any]:
    """Method token."""
    return identity({"methods": ["token"], "token": {"id": text}}, scope)


def identity(block: Any, scope: Any = None) -> dict[str, Any]:
    """Any identity block."""
    auth: dict[str, Any] = {"identity": block}
    if scope is not None:
        auth["scope"] = scope
    return {"auth": auth}
