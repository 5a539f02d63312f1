"""Short words for the steps of a story.

A thing has a name of two parts, its noun and what the story calls it: `make("user.alice")` makes a user whose name begins
with the story's, `{user.alice}` is its id from then on.
"""

from __future__ import annotations

from typing import Any

from harness.twins import Step

# noun -> where its collection is
COLLECTIONS = {
    "policy": "/v3/policies",
    "endpoint_group": "/v3/OS-EP-FILTER/endpoint_groups",
}
NAMELESS = ("endpoint", "region", "policy", "limit", "registered_limit")


def collection(noun: str) -> str:
    """Where things of a noun are made and listed."""
    return COLLECTIONS.get(noun, f"/v3/{noun}s")


def path_of(thing: str) -> str:
    """Where a thing is."""
    return f"{collection(thing.split('.')[0])}/{{{thing}}}"


def make(thing: str, *, step: dict[str, Any] | None = None, **attributes: Any) -> Step:
    """Creates a thing and keeps its id; `name` is the story's and the thing's own unless given."""
    noun, name = thing.split(".", 1)
    named = {} if noun in NAMELESS else {"name": f"{{me}}-{name}"}
    return Step("POST", collection(noun), {noun: {**named, **attributes}}, keep=thing, **(step or {}))


def change(thing: str, **attributes: Any) -> Step:
    """Updates a thing."""
    return Step("PATCH", path_of(thing), {thing.split(".")[0]: attributes})


def show(thing: str) -> Step:
    """Reads a thing."""
    return Step("GET", path_of(thing))


def drop(thing: str) -> Step:
    """Deletes a thing."""
    return Step("DELETE", path_of(thing))


def get(path: str, **more: Any) -> Step:
    """Reads any path."""
    return Step("GET", path, **more)


def put(path: str, body: Any = None, **more: Any) -> Step:
    """A PUT."""
    return Step("PUT", path, body, **more)


def post(path: str, body: Any = None, **more: Any) -> Step:
    """A POST."""
    return Step("POST", path, body, **more)


def patch(path: str, body: Any = None, **more: Any) -> Step:
    """A PATCH."""
    return Step("PATCH", path, body, **more)


def delete(path: str, body: Any = None, **more: Any) -> Step:
    """A DELETE."""
    return Step("DELETE", path, body, **more)


def grant_path(role: str, actor: str, target: str, *, inherited: bool = False) -> str:
    """`grant_path("role.r", "user.u", "project.p")`; the target may be `system`."""
    where = "/system" if target == "system" else f"/{target.split('.')[0]}s/{{{target}}}"
    path = f"{where}/{actor.split('.')[0]}s/{{{actor}}}/roles/{{{role}}}"
    return f"/v3/OS-INHERIT{path}/inherited_to_projects" if inherited else f"/v3{path}"


def grant(role: str, actor: str, target: str, **more: Any) -> Step:
    """Gives a role."""
    return Step("PUT", grant_path(role, actor, target, **more))


def ungrant(role: str, actor: str, target: str, **more: Any) -> Step:
    """Takes it back."""
    return Step("DELETE", grant_path(role, actor, target, **more))


def join(user: str, group: str) -> Step:
    """Makes a user a member of a group."""
    return Step("PUT", f"/v3/groups/{{{group}}}/users/{{{user}}}")


def leave(user: str, group: str) -> Step:
    """Takes a user out of a group."""
    return Step("DELETE", f"/v3/groups/{{{group}}}/users/{{{user}}}")


def fall(domain: str) -> list[Step]:
    """Takes a domain down, which has to be disabled first."""
    return [change(domain, enabled=False), drop(domain)]
