"""Which deliveries become jobs, and what of hostile or half-empty payloads."""

from __future__ import annotations

import contextlib
import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deliveries import Delivery, Malformed, jobs_of
from app.jobs import Job
from tests.app import payloads

NOW = datetime.datetime(2026, 5, 4, 12, 30, tzinfo=datetime.UTC)


def delivered(event: str, payload: dict[str, Any]) -> tuple[Job, ...]:
    return jobs_of(Delivery("72d3162e-cc78-11e3-81ab-4c9367dc0958", event, payload, NOW))


def test_an_opened_pull_request_is_a_job() -> None:
    payload = payloads.pull_request(number=12, sha="ab" * 20, minute=9)
    assert delivered("pull_request", payload) == (
        Job(
            installation_id=7,
            owner="Codertocat",
            repository="Hello-World",
            repository_id=payload["repository"]["id"],
            pull_number=12,
            head_sha="ab" * 20,
            delivery="72d3162e-cc78-11e3-81ab-4c9367dc0958",
            event="pull_request",
            action="opened",
            as_of=datetime.datetime(2026, 5, 4, 12, 9, tzinfo=datetime.UTC),
            received_at=NOW,
        ),
    )


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review"])
def test_these_actions_ask_for_a_review(action: str) -> None:
    assert [job.action for job in delivered("pull_request", payloads.pull_request(action))] == [action]


@pytest.mark.parametrize(
    "action", ["closed", "labeled", "assigned", "locked", "converted_to_draft", "", None, 5, "brand_new"]
)
def test_other_actions_ask_for_nothing(action: object) -> None:
    assert delivered("pull_request", {**payloads.pull_request(), "action": action}) == ()


def test_an_edit_counts_only_where_the_base_changed() -> None:
    edited = payloads.pull_request("edited")
    assert delivered("pull_request", {**edited, "changes": {"title": {"from": "x"}}}) == ()
    assert delivered("pull_request", {**edited, "changes": None}) == ()
    moved = {**edited, "changes": {"base": {"ref": {"from": "main"}, "sha": {"from": "a" * 40}}}}
    assert len(delivered("pull_request", moved)) == 1


def test_a_closed_pull_request_asks_for_nothing() -> None:
    payload = payloads.pull_request("synchronize")
    payload["pull_request"]["state"] = "closed"
    assert delivered("pull_request", payload) == ()


@pytest.mark.parametrize("draft", [True, False])
def test_drafts_and_deleted_forks_are_reviewed_too(draft: bool) -> None:
    payload = payloads.pull_request()
    payload["pull_request"]["draft"] = draft
    payload["pull_request"]["head"]["repo"] = None
    payload["pull_request"]["head"]["user"] = None
    assert len(delivered("pull_request", payload)) == 1


@pytest.mark.parametrize("event", payloads.events())
def test_every_published_example_is_understood(event: str) -> None:
    for payload in payloads.examples(event):
        jobs = delivered(event, payload)
        wanted = event == "pull_request" and payload["action"] in {
            "opened", "synchronize", "reopened", "ready_for_review",
        } and payload["pull_request"]["state"] == "open"  # fmt: skip
        assert bool(jobs) == wanted


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("installation", None, "installation: expected an object"),
        ("installation.id", True, "id: expected a positive integer"),
        ("installation.id", 2**63, "id: expected a positive integer"),
        ("pull_request", [], "pull_request: expected an object"),
        ("pull_request.number", 0, "number: expected a positive integer"),
        ("pull_request.number", "1", "number: expected a positive integer"),
        ("pull_request.head.sha", "main", "sha: expected 40 or 64 hexadecimal digits"),
        ("pull_request.head.sha", "a" * 40 + "\n", "sha: expected 40 or 64 hexadecimal digits"),
        ("pull_request.updated_at", "yesterday", "updated_at: expected a time in ISO 8601"),
        ("repository.name", "../x", "name: expected a repository's name"),
        ("repository.owner.login", "a/b", "login: expected a login"),
    ],
)
def test_what_a_job_needs_is_checked(path: str, value: object, said: str) -> None:
    payload = payloads.pull_request()
    *parents, last = path.split(".")
    parent: Any = payload
    for name in parents:
        parent = parent[name]
    parent[last] = value
    with pytest.raises(Malformed) as raised:
        delivered("pull_request", payload)
    assert str(raised.value) == said


def test_a_sha_256_head_is_a_head() -> None:
    assert delivered("pull_request", payloads.pull_request(sha="b" * 64))[0].head_sha == "b" * 64


def test_a_job_survives_being_written_down() -> None:
    (job,) = delivered("pull_request", payloads.pull_request())
    assert Job.from_json(job.to_json()) == job


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    ("action",), ("pull_request",), ("repository",), ("installation",), ("changes",),
    ("pull_request", "head"), ("pull_request", "number"), ("pull_request", "updated_at"),
    ("pull_request", "state"), ("pull_request", "head", "sha"), ("repository", "owner"),
    ("repository", "id"), ("repository", "name"),
]  # fmt: skip


@given(place=st.sampled_from(PLACES), value=hostile)
def test_hostile_values_are_refused_or_understood(place: tuple[str, ...], value: object) -> None:
    payload = payloads.pull_request()
    parent: Any = payload
    for name in place[:-1]:
        parent = parent[name]
    parent[place[-1]] = value
    jobs: tuple[Job, ...] = ()
    with contextlib.suppress(Malformed):
        jobs = delivered("pull_request", payload)
    assert all(Job.from_json(job.to_json()) == job for job in jobs)


@given(
    payload=st.dictionaries(st.text(max_size=10), hostile, max_size=4),
    event=st.sampled_from(payloads.events()),
)
def test_payloads_of_anything_never_crash(payload: dict[str, object], event: str) -> None:
    assert delivered(event, payload) == ()
