"""keystoneauth1 and python-keystoneclient: sessions, catalogs, filters and re-authentication."""

from __future__ import annotations

import pytest
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3
from keystoneclient.v3 import client

from .conftest import Dev


def open_session(dev: Dev, user: str, **scope: object) -> session.Session:
    """A session of one of the users of clouds.yaml; `scope` replaces the project."""
    auth = dev.auth(user)
    if scope:
        auth = {name: value for name, value in auth.items() if not name.startswith("project_")}
    known = {
        "auth_url",
        "username",
        "password",
        "user_domain_name",
        "user_domain_id",
        "project_name",
        "project_domain_name",
        "project_domain_id",
    }
    return session.Session(v3.Password(**{name: value for name, value in auth.items() if name in known}, **scope))


@pytest.fixture(scope="module")
def admin(dev: Dev) -> client.Client:
    return client.Client(session=open_session(dev, "admin"))


def test_services_by_type(admin: client.Client) -> None:
    assert [service.name for service in admin.services.list(type="identity")] == ["keystone"]
    assert admin.services.list(type="compute-of-nobody") == []
    assert [service.type for service in admin.services.list(name="keystone")] == ["identity"]


def test_endpoints_of_a_service(dev: Dev, admin: client.Client) -> None:
    (keystone,) = admin.services.list(type="identity")
    (public,) = admin.endpoints.list(service=keystone, interface="public", enabled=True)
    assert public.url.rstrip("/") == dev.url
    assert admin.endpoints.list(service="unknown", interface="public") == []
    assert len(admin.endpoints.list(service=keystone)) >= 1
    assert admin.endpoints.get(public.id).service_id == keystone.id


def test_single_reads(admin: client.Client) -> None:
    demo = next(project for project in admin.projects.list() if project.name == "demo")
    assert admin.projects.get(demo.id).name == "demo"
    region = admin.regions.list()[0]
    assert admin.regions.get(region.id).id == region.id
    with pytest.raises(exceptions.NotFound):
        admin.services.get("not-there")


def test_projects_by_filter(admin: client.Client) -> None:
    assert [project.name for project in admin.projects.list(name="demo")] == ["demo"]
    assert "demo" in {project.name for project in admin.projects.list(domain="default")}


def test_discovery_finds_the_endpoint(dev: Dev) -> None:
    """With an unversioned address the client reads the version documents, as it does with a real cloud."""
    root = open_session(dev, "admin")
    root.auth.auth_url = dev.url.removesuffix("/v3")
    found = root.get_endpoint_data(service_type="identity", interface="public", min_version=(3, 0), max_version=(3, "latest"))
    assert found.api_version == (3, 14)
    assert root.get("/auth/projects", endpoint_filter={"service_type": "identity", "interface": "public"}).status_code == 200


@pytest.mark.parametrize("scope", [{"system_scope": "all"}, {"unscoped": True}])
def test_other_scopes(dev: Dev, scope: dict) -> None:
    access = open_session(dev, "admin", **scope).auth
    found = access.get_access(session.Session())
    assert found.project_scoped is False
    assert bool(found.system) is ("system_scope" in scope)


def test_token_is_validated_and_revoked(dev: Dev, admin: client.Client) -> None:
    token = open_session(dev, "demo").get_token()
    validated = admin.tokens.validate(token)
    assert validated.username == "demo"
    assert "reader" in validated.role_names
    assert validated.service_catalog.url_for(service_type="identity", endpoint_type="public").rstrip("/") == dev.url
    admin.tokens.revoke_token(token)
    with pytest.raises(exceptions.NotFound):
        admin.tokens.validate(token)


def test_session_logs_in_again_when_its_token_is_gone(dev: Dev, admin: client.Client) -> None:
    """The 401 of a revoked token makes keystoneauth1 get a new one and repeat the request."""
    demo = open_session(dev, "demo")
    first = demo.get_token()
    admin.tokens.revoke_token(first)
    assert demo.get(f"{dev.url}/auth/projects").status_code == 200
    assert demo.get_token() != first


def test_token_method(dev: Dev) -> None:
    first = open_session(dev, "demo", unscoped=True).get_token()
    project = dev.auth("demo")["project_name"]
    rescoped = session.Session(v3.Token(dev.url, first, project_name=project, project_domain_id="default"))
    assert rescoped.auth.get_access(rescoped).project_name == project


def test_wrong_password(dev: Dev) -> None:
    auth = v3.Password(auth_url=dev.url, username="admin", password="not it", user_domain_id="default")
    with pytest.raises(exceptions.Unauthorized):
        auth.get_token(session.Session())
