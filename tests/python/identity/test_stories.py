"""Every endpoint, with its filters and its refusals, told as stories: the same answers, and the same rows afterwards."""

from __future__ import annotations

import pytest

from harness.twins import Twins

from . import catalog, domains, gophercloud, grants, limits, projects, roles, users

STORIES = {
    name: steps
    for module in (domains, projects, users, roles, grants, catalog, limits, gophercloud)
    for name, steps in module.STORIES.items()
}


@pytest.mark.parametrize("story", STORIES)
def test_story(twins: Twins, story: str) -> None:
    twins.tell(story, STORIES[story], each=True)
