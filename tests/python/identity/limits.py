"""Registered limits, limits, and the model that they are enforced by."""

from __future__ import annotations

from typing import Any

from harness.twins import Step

from .telling import change, drop, fall, get, make, patch, post, show


def register(*names: str, step: dict[str, Any] | None = None, **more: Any) -> Step:
    """One registered limit for each name, in one request."""
    body = [{"service_id": "{service.s}", "resource_name": name, "default_limit": 10, **more} for name in names]
    return post(
        "/v3/registered_limits", {"registered_limits": body}, keep=tuple(f"registered_limit.{name}" for name in names), **(step or {})
    )


def limit(*names: str, keep: str | None = None, **more: Any) -> Step:
    """One limit for each name, for the project unless told otherwise."""
    where = {} if "domain_id" in more else {"project_id": "{project.p}"}
    body = [{"service_id": "{service.s}", "resource_name": name, "resource_limit": 5, **where, **more} for name in names]
    return post("/v3/limits", {"limits": body}, keep=(keep,) if keep else tuple(f"limit.{name}" for name in names))


def bad(which: str, base: dict[str, Any], *changes: dict[str, Any]) -> list[Step]:
    """Requests that differ from a good one in one way each."""
    bodies = [{key: value for key, value in {**base, **change}.items() if value != "leave out"} for change in changes]
    return [post(f"/v3/{which}", {which: [body]}) for body in bodies]


WORLD = [
    make("domain.d"),
    make("domain.e"),
    make("project.p", domain_id="{domain.d}"),
    make("project.child", domain_id="{domain.d}", parent_id="{project.p}"),
    make("service.s", type="{me}-s"),
    make("service.t", type="{me}-t"),
    post("/v3/regions", {"region": {"id": "{me}"}}, keep="region.r"),
]
END = [drop("region.r"), drop("service.s"), drop("service.t"), *fall("domain.d"), *fall("domain.e")]
REGISTERED = [
    *WORLD,
    register("cores"),
    show("registered_limit.cores"),
    register("cores"),
    register("ram", "disk", description="two at once"),
    register("with-region", region_id="{region.r}", description=None),
    post(
        "/v3/registered_limits",
        {"registered_limits": [{"service_id": "{service.s}", "resource_name": "cores", "default_limit": 1, "region_id": "{region.r}"}]},
        keep=("registered_limit.cores-there",),
    ),
    post(
        "/v3/registered_limits",
        {"registered_limits": [{"service_id": "{service.s}", "resource_name": n, "default_limit": 1} for n in ("new", "ram")]},
    ),
    *bad(
        "registered_limits",
        {"service_id": "{service.s}", "resource_name": "x", "default_limit": 1},
        {"service_id": "unknown"},
        {"service_id": "0" * 32},
        {"service_id": None},
        {"service_id": "leave out"},
        {"region_id": "unknown"},
        {"region_id": 7},
        {"resource_name": ""},
        {"resource_name": "n" * 256},
        {"resource_name": "leave out"},
        {"resource_name": 7},
        {"default_limit": -1},
        {"default_limit": -2},
        {"default_limit": 2**31},
        {"default_limit": 2**31 - 1, "resource_name": "largest"},
        {"default_limit": "7"},
        {"default_limit": 1.5},
        {"default_limit": 2.0, "resource_name": "round"},
        {"default_limit": None},
        {"default_limit": "leave out"},
        {"default_limit": True},
        {"description": 7},
        {"colour": "blue"},
        {"domain_id": "{domain.d}"},
    ),
    *(
        post("/v3/registered_limits", body)
        for body in ({}, {"registered_limits": []}, {"registered_limits": {}}, {"registered_limit": {}}, {"registered_limits": [{}]})
    ),
    *(
        get(f"/v3/registered_limits?{query}")
        for query in (
            "service_id={service.s}",
            "service_id={service.s}&resource_name=cores",
            "service_id={service.s}&region_id={region.r}",
            "service_id={service.t}",
            "service_id={service.s}&default_limit=10",
            "service_id=unknown",
            "service_id={service.s}&resource_name__contains=co",
            "service_id={service.s}&sort_key=resource_name",
            "service_id={service.s}&limit=1000",
            "resource_name=",
        )
    ),
    *(
        change("registered_limit.cores", **attributes)
        for attributes in (
            {"default_limit": 20},
            {"description": "new"},
            {"description": None},
            {"resource_name": "ram"},
            {"resource_name": "renamed"},
            {"service_id": "{service.t}"},
            {"service_id": "0" * 32},
            {"region_id": "unknown"},
            {"region_id": "{region.r}"},
            {"region_id": None},
            {"id": "x"},
            {"colour": "x"},
            {"default_limit": -2},
            {},
        )
    ),
    show("registered_limit.cores"),
    change("registered_limit.unknown", default_limit=1),
    get("/v3/registered_limits/unknown"),
    drop("service.t"),
    drop("region.r"),
    drop("registered_limit.cores"),
    drop("registered_limit.cores"),
    show("registered_limit.cores"),
    drop("registered_limit.with-region"),
    drop("registered_limit.cores-there"),
    get("/v3/registered_limits?service_id={service.s}"),
    drop("service.s"),
    get("/v3/registered_limits?service_id={service.s}"),
    *END,
]
LIMITS = [
    *WORLD,
    register("cores", "ram", "disk"),
    register("there", region_id="{region.r}"),
    limit("cores"),
    show("limit.cores"),
    limit("cores"),
    limit("ram", "disk", description="two at once"),
    limit("there", region_id="{region.r}", description=None),
    limit("there"),
    limit("cores", region_id="{region.r}"),
    limit("cores", keep="limit.of-domain", domain_id="{domain.d}"),
    limit("cores", domain_id="{domain.d}"),
    limit("cores", keep="limit.of-other", domain_id="{domain.e}", resource_limit=-1),
    limit("cores", keep="limit.of-child", project_id="{project.child}"),
    show("limit.of-domain"),
    *bad(
        "limits",
        {"service_id": "{service.s}", "resource_name": "ram", "resource_limit": 1, "project_id": "{project.child}"},
        {"service_id": "0" * 32},
        {"service_id": "unknown"},
        {"service_id": "leave out"},
        {"region_id": "unknown"},
        {"resource_name": "unknown"},
        {"resource_name": "leave out"},
        {"resource_limit": -2},
        {"resource_limit": "1"},
        {"resource_limit": 2**31},
        {"resource_limit": "leave out"},
        {"project_id": "0" * 32},
        {"project_id": "unknown"},
        {"project_id": "{domain.d}"},
        {"project_id": "leave out"},
        {"project_id": None},
        {"domain_id": "{domain.d}"},
        {"domain_id": None},
        {"project_id": None, "domain_id": "{domain.d}"},
        {"project_id": "leave out", "domain_id": "unknown"},
        {"project_id": "leave out", "domain_id": "{project.p}"},
        {"description": 7},
        {"colour": "blue"},
    ),
    *(post("/v3/limits", body) for body in ({}, {"limits": []}, {"limits": {}}, {"limit": {}}, {"limits": [{}]})),
    *(
        get(f"/v3/limits?{query}")
        for query in (
            "service_id={service.s}",
            "service_id={service.s}&resource_name=cores",
            "service_id={service.s}&region_id={region.r}",
            "service_id={service.s}&project_id={project.p}",
            "service_id={service.s}&domain_id={domain.d}",
            "project_id={project.child}",
            "domain_id={domain.e}",
            "service_id={service.t}",
            "service_id={service.s}&resource_limit=5",
            "service_id={service.s}&resource_name__contains=co",
            "service_id={service.s}&limit=1000",
            "project_id=unknown",
        )
    ),
    get("/v3/limits", who="admin"),
    *(
        change("limit.cores", **attributes)
        for attributes in (
            {"resource_limit": 7},
            {"description": "new"},
            {"description": None},
            {"resource_name": "ram"},
            {"project_id": "{project.child}"},
            {"id": "x"},
            {"colour": "x"},
            {"resource_limit": -2},
            {"resource_limit": "7"},
            {},
        )
    ),
    patch("/v3/limits/{limit.cores}", {}),
    show("limit.cores"),
    change("limit.unknown", resource_limit=1),
    get("/v3/limits/unknown"),
    get("/v3/limits/model"),
    get("/v3/limits/model", who=None),
    get("/v3/projects/{project.p}?include_limits&subtree_as_list"),
    get("/v3/projects/{project.child}?include_limits&parents_as_list", who="admin"),
    change("registered_limit.cores", default_limit=1),
    change("registered_limit.cores", resource_name="renamed"),
    drop("registered_limit.cores"),
    drop("registered_limit.disk"),
    drop("limit.disk"),
    drop("limit.disk"),
    show("limit.disk"),
    drop("registered_limit.disk"),
    drop("project.child"),
    get("/v3/limits?service_id={service.s}"),
    drop("region.r"),
    drop("service.s"),
    get("/v3/limits?service_id={service.s}"),
    *END,
    get("/v3/limits?domain_id={domain.d}"),
    drop("service.s"),
]

STORIES = {"registered limits": REGISTERED, "limits": LIMITS}
