"""The App's manifest asks for what the code calls and handles, and for nothing else."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app import clerk, desk
from app.deliveries import jobs_of
from app.examine import OPTIONAL_PERMISSIONS, PERMISSIONS
from app.payload import Delivery
from tests.app import github_job, payloads
from tests.github import openapi
from tests.github.server import Entry
from tests.readme import README, ROOT

MANIFEST: dict[str, Any] = YAML(typ="safe").load(ROOT / "app.yml")
UNASKED = {"installation", "installation_repositories"}
"""Every App gets these; GitHub refuses a manifest that lists them."""
FOR_EVENTS = {"issues": "read", "merge_queues": "read"}
"""GitHub refuses a manifest with the events `issue_comment` and `merge_group` that does not ask for these, although
a comment on a pull request is read and answered with `pull_requests`, and a merge group's head with `checks`."""
APP = 1
GRAPHQL = "contents:read"
"""What our one query, for contents of files, needs; the fake's routes say it of the others."""


def test_the_events_are_those_that_become_work() -> None:
    handled = {event for event in payloads.events() if any(map(asks_for_work, each_example(event)))}
    assert set(MANIFEST["default_events"]) == handled - UNASKED
    assert not UNASKED & set(MANIFEST["default_events"])


def each_example(event: str) -> list[Delivery]:
    """GitHub's examples; of those that only matter with something of ours in them, one with that too."""
    now = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
    ours = {
        "check_run": payloads.check_run(app_id=APP),
        "check_suite": payloads.check_suite(app_id=APP),
        "issue_comment": payloads.issue_comment("/recheck"),
    }
    made = [ours[event]] if event in ours else []
    return [Delivery("0", event, payload, now) for payload in (*payloads.examples(event), *made)]


def asks_for_work(delivery: Delivery) -> bool:
    return bool(jobs_of(delivery, APP))


def test_the_permissions_are_those_that_a_job_asks_for() -> None:
    asked = {"metadata": "read", **PERMISSIONS, **OPTIONAL_PERMISSIONS, **FOR_EVENTS}
    assert MANIFEST["default_permissions"] == asked


@pytest.mark.parametrize("permissions", [desk.TO_FIND, clerk.TO_ANSWER])
def test_what_comes_before_a_review_asks_for_no_more(permissions: dict[str, str]) -> None:
    for name, level in permissions.items():
        assert level in {"read", MANIFEST["default_permissions"][name]}


def test_every_permission_is_needed_by_a_call(tmp_path: Path) -> None:
    with github_job.ground(tmp_path) as ground:
        stage = ground.stage({github_job.PATH: github_job.WORKFLOW}, {github_job.PATH: github_job.loud(1)})
        asyncio.run(stage.job())
        needed = {need(ground, entry) for entry in ground.fake.log if entry.bearer == "installation"}
    asked = {f"{name}:{level}" for name, level in MANIFEST["default_permissions"].items()}
    assert needed <= asked | {"checks:read", "pull_requests:read", "installation"}
    assert asked - needed == {"metadata:read", "issues:read", "merge_queues:read"}, (
        "asked for, and no call of a review needs it"
    )


def need(ground: github_job.Ground, entry: Entry) -> str:
    """The permission that the fake wanted for a request."""
    if entry.path == "/graphql":
        return GRAPHQL
    for route in ground.fake.dispatcher.routes:
        if route.method == entry.method and openapi.pattern(route.template).fullmatch(entry.path):
            return route.needs
    raise AssertionError(entry)


@pytest.mark.parametrize(("permission", "access"), list(MANIFEST["default_permissions"].items()))
def test_the_readme_says_what_each_permission_is_for(permission: str, access: str) -> None:
    assert f"\n| `{permission}` | {access} | " in README.read_text(encoding="utf-8")


def test_it_is_a_manifest() -> None:
    """https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest"""
    known = {"name", "description", "url", "hook_attributes", "redirect_url", "public"}
    assert set(MANIFEST) == known | {"default_permissions", "default_events"}
    assert MANIFEST["public"] is False
    assert MANIFEST["hook_attributes"]["url"].endswith("/webhook")
    assert MANIFEST["redirect_url"].endswith("/setup")
