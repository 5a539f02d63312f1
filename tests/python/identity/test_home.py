"""JSON home: an entry for whatever is routed, equal to Keystone's, and none for what is not."""

from __future__ import annotations

import re

import pytest

from harness.compare import differences, view
from harness.twins import Step, Twins

DOCUMENTS = [("/v3", "application/json-home"), ("/", "application/json-home"), ("/v3", "application/json-home;q=0.9, text/html;q=0.1")]


@pytest.mark.parametrize("path, accept", DOCUMENTS)
def test_home(twins: Twins, path: str, accept: str) -> None:
    step = Step("GET", path, who=None, headers={"Accept": accept})
    expected = view(twins.keystone.ask(step), twins.keystone.url)
    for other in twins.others:
        routed = {
            relation: resource for relation, resource in expected["body"]["resources"].items() if is_routed(twins, other.label, resource)
        }
        assert differences({**expected, "body": {"resources": routed}}, view(other.ask(step), other.url)) == []


def is_routed(twins: Twins, label: str, resource: dict) -> bool:
    """Whether the counterpart has anything at the address of an entry; what it has not answers as an unknown path does."""
    path = re.sub(r"{\w+}", "x", resource.get("href") or resource["href-template"])
    side = next(side for side in twins.others if side.label == label)
    answer = side.ask(Step("GET", path if path.startswith("/v3") else f"/v3{path}"))
    return not (answer.status == 404 and answer.headers.get("content-type", "").startswith("text/html"))
