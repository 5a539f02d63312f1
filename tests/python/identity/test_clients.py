"""A working day with the everyday clients, on every side: what they print, and the rows that they leave, are the same.

Somebody builds a cloud for two teams, the people log in, look around and change their passwords, and in the evening
everything is taken down.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack.connection import Connection

from harness import oracle
from harness.naming import Alike, Names
from harness.servers import PUBLIC_URL
from harness.twins import Side, Twins

# The shell splits what it reads from a pipe at every space.
PASSWORD = "open-sesame-1"
REQUEST_ID = re.compile(r"\(Request-ID: req-[0-9a-f-]+\)")
PROGRAM = str(Path(sys.prefix) / "bin" / "openstack")

MORNING = f"""
domain create --description where-it-happens -f json shell-day
domain set --description all-of-it shell-day
domain show shell-day -f json
project create --domain shell-day --tag red --tag blue --property colour=green -f json team
project create --domain shell-day --parent team -f json team-a
project create --domain shell-day --parent team --description b -f json team-b
project create --domain shell-day --parent team --description b -f json team-b
project create --domain shell-day --or-show -f json team-b
project set --domain shell-day --disable team-b
project set --domain shell-day --enable --name team-bee team-b
project show --domain shell-day --parents -f json team-a
project show --domain shell-day --children -f json team
project list --domain shell-day --tags red -f json
project list --parent team --domain shell-day -f json
user create --domain shell-day --password {PASSWORD} --email ann@example.org --project team-a --project-domain shell-day -f json ann
user create --domain shell-day --password {PASSWORD} --description the-other-one --ignore-password-expiry -f json ben
user create --domain shell-day --disable -f json cem
user set --domain shell-day --enable --email cem@example.org cem
user set --domain shell-day --name jem cem
user show --domain shell-day -f json jem
user list --domain shell-day --long -f json
user create --domain shell-day ann
group create --domain shell-day --description those-who-read -f json readers
group add user --group-domain shell-day --user-domain shell-day readers ann ben
group contains user --group-domain shell-day --user-domain shell-day readers ann
group contains user --group-domain shell-day --user-domain shell-day readers jem
group set --domain shell-day --description they-read readers
user list --group readers --domain shell-day -f json
group list --user ann --user-domain shell-day -f json
role create shell-day-builder -f json
role create --domain shell-day --description only-here -f json own
role set --description builds shell-day-builder
implied role create shell-day-builder --implied-role reader -f json
implied role list -f json
role add --user ann --user-domain shell-day --project team-a --project-domain shell-day shell-day-builder
role add --user ben --user-domain shell-day --domain shell-day reader
role add --group readers --group-domain shell-day --project team --project-domain shell-day --inherited reader
role add --user ben --user-domain shell-day --system all reader
role assignment list --project team-a --project-domain shell-day --names -f json
role assignment list --user ann --user-domain shell-day --effective --names -f json
role assignment list --domain shell-day --names -f json
role assignment list --group readers --group-domain shell-day --names --inherited -f json
role list --domain shell-day -f json
region create --description over-there -f json shell-day-region
region set --description over-here shell-day-region
service create --name shell-day-service --description does -f json shell-day-type
endpoint create --region shell-day-region -f json shell-day-service public http://shell-day.example/
endpoint create --region shell-day-region --disable -f json shell-day-service internal http://shell-day.internal/
service set --disable shell-day-service
service set --enable shell-day-service
service show -f json shell-day-service
endpoint list --service shell-day-service -f json
endpoint list --region shell-day-region --interface public -f json
registered limit create --service shell-day-service --default-limit 10 -f json cores
registered limit list --service shell-day-service -f json
limit create --service shell-day-service --project team-a --resource-limit 5 -f json cores
limit list --service shell-day-service -f json
policy list -f json
catalog show -f json shell-day-service
project show -f json nowhere
"""
NOON = """
token issue -f json -c project_id -c user_id
project list -f json
role assignment list --user ann --user-domain shell-day --names -f json
catalog show -f json shell-day-service
user show --domain shell-day -f json ann
user list -f json
project create --domain shell-day mine
"""
EVENING = """
role remove --user ann --user-domain shell-day --project team-a --project-domain shell-day shell-day-builder
role remove --group readers --group-domain shell-day --project team --project-domain shell-day --inherited reader
role remove --user ben --user-domain shell-day --system all reader
role assignment list --user ben --user-domain shell-day --names -f json
implied role delete shell-day-builder --implied-role reader
role delete shell-day-builder
role delete --domain shell-day own
group remove user --group-domain shell-day --user-domain shell-day readers ann
group delete --domain shell-day readers
user delete --domain shell-day ann ben jem
user delete --domain shell-day ann
project delete --domain shell-day team
project delete --domain shell-day team-a team-bee team
service delete shell-day-service
endpoint list --region shell-day-region -f json
region delete shell-day-region
domain delete shell-day
domain set --disable shell-day
domain delete shell-day
domain list -f json
"""


@pytest.fixture
def reachable(twins: Twins) -> Iterator[Twins]:
    """Clients go where the catalog sends them: for the day, to each side's own address."""
    yield _moved(twins, {side.label: f"{side.url}/v3" for side in twins.sides})
    _moved(twins, {side.label: PUBLIC_URL for side in twins.sides})


def _moved(twins: Twins, urls: dict[str, str]) -> Twins:
    for side in twins.sides:
        side.database.execute("UPDATE endpoint SET url = %s WHERE service_id = %s", (urls[side.label], side.names["service.identity"]))
        side.database.effects()
    return twins


def shell(side: Side, script: str, directory: Path, *, user: str = "admin", domain: str = "Default", project: str = "admin") -> list[Any]:
    """Everything that one `openstack` process says to a list of commands: JSON as it is, words as words."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    env |= {
        "OS_AUTH_URL": f"{side.url}/v3",
        "OS_IDENTITY_API_VERSION": "3",
        "OS_USERNAME": user,
        "OS_PASSWORD": oracle.ADMIN_PASSWORD if user == "admin" else PASSWORD,
        "OS_PROJECT_NAME": project,
        "OS_USER_DOMAIN_NAME": domain,
        "OS_PROJECT_DOMAIN_NAME": domain,
        "HOME": str(directory),
        "COLUMNS": "200",
    }
    done = subprocess.run([PROGRAM], input=script, env=env, capture_output=True, text=True, timeout=600, cwd=directory)
    words = [REQUEST_ID.sub("", text).replace(side.url, "{base}") for text in (done.stdout, done.stderr)]
    return [done.returncode, *_documents(words[0]), *words[1].splitlines()]


def _documents(text: str) -> list[Any]:
    found: list[Any] = []
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        try:
            document, end = decoder.raw_decode(text)
        except ValueError:
            document, _, rest = text.partition("\n")
            end = len(text) - len(rest)
        found.append(document)
        text = text[end:]
    return found


def as_told(sides: dict[str, list[Any]]) -> list[Any]:
    """Lists in order: a day has one."""
    return [{str(number): item for number, item in enumerate(side)} for side in sides.values()]


def test_a_day_in_the_shell(reachable: Twins, tmp_path: Path) -> None:
    def day(side: Side) -> list[Any]:
        team = {"domain": "shell-day", "project": "team-a"}
        return [
            *shell(side, MORNING, tmp_path),
            *shell(side, NOON, tmp_path, user="ann", **team),
            *shell(side, EVENING, tmp_path),
        ]

    problems = _alike(reachable, {side.label: day(side) for side in reachable.sides})
    assert not problems, "\n".join(problems)


def _alike(twins: Twins, days: dict[str, list[Any]]) -> list[str]:
    expected, *others = as_told(days)
    problems = []
    for other, found in zip(twins.others, others, strict=True):
        # A client's words carry ids that no other test knows; they have to agree among themselves.
        left, right = Names(), Names()
        left.ids, left.names = dict(twins.keystone.names.ids), dict(twins.keystone.names.names)
        right.ids, right.names = dict(other.names.ids), dict(other.names.names)
        problems += [f"{other.label}{line}" for line in Alike(left, right, fresh=True).differences(expected, found)]
    return problems + twins.effects("the day")


def sdk_day(side: Side) -> list[Any]:
    """The same kind of day in Python; answers everything that the SDK gave back."""
    said: list[Any] = []

    def note(value: Any) -> Any:
        many = value if isinstance(value, list) else [value]
        plain = [item.to_dict() if hasattr(item, "to_dict") else item for item in many]
        said.append(
            [
                one if not isinstance(one, dict) else {key: item for key, item in one.items() if key not in ("location", "links")}
                for one in plain
            ]
        )
        return value

    with _connect(side, "admin", oracle.ADMIN_PASSWORD, "Default", "admin") as cloud:
        identity = cloud.identity
        domain = note(identity.create_domain(name="sdk-day", description="d"))
        project = note(identity.create_project(name="team", domain_id=domain.id, tags=["a"]))
        child = note(identity.create_project(name="child", domain_id=domain.id, parent_id=project.id))
        user = note(identity.create_user(name="ann", domain_id=domain.id, password=PASSWORD, default_project_id=project.id, email="a@b"))
        group = note(identity.create_group(name="readers", domain_id=domain.id))
        role = note(identity.create_role(name="sdk-day", description="r"))
        identity.add_user_to_group(user, group)
        note(identity.check_user_in_group(user, group))
        identity.assign_project_role_to_user(project, user, role)
        identity.assign_domain_role_to_group(domain, group, role)
        identity.assign_system_role_to_user(user, role, "all")
        note(identity.validate_user_has_project_role(project, user, role))
        note(identity.validate_group_has_domain_role(domain, group, role))
        note(list(identity.role_assignments(user_id=user.id, include_names=True)))
        note(list(identity.role_assignments_filter(project=project.id, user=user.id)))
        note(cloud.grant_role("reader", user=user.id, project=child.id))
        note(cloud.list_role_assignments(filters={"user": user.id, "effective": True}))
        region = note(identity.create_region(id="sdk-day", description="r"))
        service = note(identity.create_service(name="sdk-day", type="sdk-day-type"))
        endpoint = note(identity.create_endpoint(service_id=service.id, interface="public", url="http://e", region_id=region.id))
        note(identity.update_endpoint(endpoint, url="http://f", is_enabled=False))
        note(identity.create_registered_limit(service_id=service.id, resource_name="x", default_limit=3, region_id=region.id))
        registered = next(identity.registered_limits(service_id=service.id))
        note(identity.create_limit(service_id=service.id, resource_name="x", resource_limit=2, project_id=project.id, region_id=region.id))
        limit = note(next(identity.limits(service_id=service.id)))
        note(identity.update_user(user, name="anna", description=None))
        note(identity.update_project(project, tags=["b", "c"]))
        note(identity.find_user("anna", domain_id=domain.id))
        note(identity.find_project("team", domain_id=domain.id))
        note(identity.find_role("nothing of the kind"))
        for things in (identity.users, identity.projects, identity.groups):
            note(list(things(domain_id=domain.id)))
        note(list(identity.user_projects(user)))
        with _connect(side, "anna", PASSWORD, "sdk-day", "team") as anna:
            note(sorted(role["name"] for role in anna.session.auth.get_access(anna.session)._data["token"]["roles"]))
            note(list(anna.identity.user_projects(user)))
            for forbidden in (lambda: list(anna.identity.users()), lambda: anna.identity.create_role(name="no")):
                with pytest.raises(openstack.exceptions.ForbiddenException) as refused:
                    forbidden()
                note(refused.value.details)
        with pytest.raises(openstack.exceptions.ConflictException) as refused:
            identity.create_user(name="anna", domain_id=domain.id)
        note(refused.value.details)
        for remove in (
            lambda: identity.delete_limit(limit),
            lambda: identity.delete_registered_limit(registered),
            lambda: identity.delete_endpoint(endpoint),
            lambda: identity.delete_service(service),
            lambda: identity.delete_region(region),
            lambda: identity.unassign_project_role_from_user(project, user, role),
            lambda: identity.unassign_system_role_from_user(user, role, "all"),
            lambda: identity.remove_user_from_group(user, group),
            lambda: identity.delete_role(role),
            lambda: identity.delete_group(group),
            lambda: identity.delete_user(user),
            lambda: identity.delete_project(child),
            lambda: identity.delete_project(project),
            lambda: identity.update_domain(domain, is_enabled=False),
            lambda: identity.delete_domain(domain),
        ):
            note(remove())
        note(identity.find_domain("sdk-day"))
    return said


def _connect(side: Side, user: str, password: str, domain: str, project: str) -> Connection:
    auth = {"auth_url": f"{side.url}/v3", "username": user, "password": password, "project_name": project}
    auth |= {"user_domain_name": domain, "project_domain_name": domain}
    return Connection(auth=auth, identity_api_version="3")


def test_a_day_in_python(reachable: Twins) -> None:
    problems = _alike(reachable, {side.label: sdk_day(side) for side in reachable.sides})
    assert not problems, "\n".join(problems)
