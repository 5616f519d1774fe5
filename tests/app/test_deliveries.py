"""Which deliveries become jobs, and what of hostile or half-empty payloads."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deliveries import Delivery, Malformed, jobs_of
from app.jobs import Asked, Job
from tests.app import payloads

APP = 1
NOW = datetime.datetime(2026, 5, 4, 12, 30, tzinfo=datetime.UTC)


def delivered(event: str, payload: dict[str, Any]) -> tuple[Job, ...]:
    return jobs_of(Delivery("72d3162e-cc78-11e3-81ab-4c9367dc0958", event, payload, NOW), APP)


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


# Re-runs


def reruns(event: str, payload: dict[str, Any]) -> list[tuple[int, str]]:
    jobs = delivered(event, payload)
    assert all(
        (job.event, job.action, job.as_of, job.asked) == (event, "rerequested", None, None) for job in jobs
    )
    return [(job.pull_number, job.head_sha) for job in jobs]


RUN_SHA = "d6fde92930d4715a2b49857d24b940956b26d2d3"
SUITE_SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"


def test_a_run_that_is_requested_again_names_its_pull_request() -> None:
    assert reruns("check_run", payloads.check_run("12:guid/70/12/abc")) == [(12, RUN_SHA)]


@pytest.mark.parametrize("named", ["", "someone else's", "0:x", "x:12", None, 12])
def test_without_a_name_of_ours_the_payload_tells_else_the_head(named: Any) -> None:
    """GitHub's example is of a head without pull requests, as a fork's is."""
    payload = payloads.check_run(named)
    assert reruns("check_run", payload) == [(0, RUN_SHA)]
    payload["check_run"]["pull_requests"] = listed(payload, 3, 4)
    assert reruns("check_run", payload) == [(3, RUN_SHA), (4, RUN_SHA)]


def listed(payload: dict[str, Any], *numbers: int) -> list[dict[str, Any]]:
    base = {"repo": {"id": payload["repository"]["id"]}}
    return [{"number": number, "base": base} for number in numbers]


def test_a_suite_that_is_requested_again_is_each_pull_request_of_the_repository() -> None:
    payload = payloads.check_suite()
    assert reruns("check_suite", payload) == [(2, SUITE_SHA)]
    elsewhere = {"number": 9, "base": {"repo": {"id": 1}}}
    payload["check_suite"]["pull_requests"] = [elsewhere, *listed(payload, 5, 6, 5)]
    assert reruns("check_suite", payload) == [(5, SUITE_SHA), (6, SUITE_SHA)]


def test_a_suite_of_a_fork_is_found_by_its_head() -> None:
    payload = payloads.check_suite()
    payload["check_suite"] |= {"pull_requests": [], "head_branch": None}
    (job,) = delivered("check_suite", payload)
    assert (job.pull_number, job.head_sha) == (0, SUITE_SHA)
    assert job.subject == f"{payload['repository']['id']}/{SUITE_SHA}"


def test_what_other_apps_ran_is_not_ours() -> None:
    assert delivered("check_run", payloads.check_run("12:x", app_id=2)) == ()
    assert delivered("check_suite", payloads.check_suite(app_id=2)) == ()
    payload = payloads.check_run("12:x")
    payload["check_run"]["app"] = None
    assert delivered("check_run", payload) == ()


@pytest.mark.parametrize("action", ["created", "completed", "requested", "requested_action"])
def test_other_actions_on_checks_ask_for_nothing(action: str) -> None:
    assert delivered("check_run", payloads.check_run("12:x") | {"action": action}) == ()
    assert delivered("check_suite", payloads.check_suite() | {"action": action}) == ()


# Comments


def test_a_command_is_a_job_on_whatever_the_head_will_be() -> None:
    (job,) = delivered("issue_comment", payloads.issue_comment("/recheck"))
    assert (job.pull_number, job.head_sha, job.as_of) == (1, "", None)
    assert job.asked == Asked("recheck", 492700400, "Codertocat")
    assert Job.from_json(job.to_json()) == job


def test_a_comment_without_a_command_asks_for_nothing() -> None:
    assert delivered("issue_comment", payloads.issue_comment("Would `/recheck` help?")) == ()
    payload = payloads.issue_comment("")
    payload["comment"]["body"] = None
    assert delivered("issue_comment", payload) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("action", "edited"),
        ("action", "deleted"),
        ("issue.pull_request", None),
        ("issue.state", "closed"),
        ("comment.user.type", "Bot"),
        ("comment.user.type", "Organization"),
        ("comment.user", None),
        ("comment.performed_via_github_app", {"id": APP}),
    ],
)
def test_only_what_a_person_has_just_written_on_an_open_pull_request_counts(path: str, value: object) -> None:
    payload = payloads.issue_comment("/recheck")
    assert len(delivered("issue_comment", payload)) == 1
    *parents, last = path.split(".")
    parent: Any = payload
    for name in parents:
        parent = parent[name]
    parent[last] = value
    assert delivered("issue_comment", payload) == ()


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


EARLIER = """{"action": "opened", "as_of": "2026-05-04T12:00:00+00:00", "delivery": "guid", "event": "pull_request",
"head_sha": "abcd", "installation_id": 7, "owner": "acme", "pull_number": 3, "received_at":
"2026-05-04T12:00:01+00:00", "repository": "ship", "repository_id": 70}"""
"""A job as the first release stored it."""


def test_a_job_of_an_earlier_release_is_read() -> None:
    job = Job.from_json(EARLIER)
    assert (job.id, job.subject, job.asked) == ("guid/70/3/abcd", "70/3", None)


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
BUILT: dict[str, Callable[[], dict[str, Any]]] = {
    "pull_request": payloads.pull_request,
    "check_run": lambda: payloads.check_run("12:x"),
    "check_suite": payloads.check_suite,
    "issue_comment": lambda: payloads.issue_comment("/recheck"),
}
PLACES: dict[str, list[tuple[str | int, ...]]] = {
    "pull_request": [
        ("action",), ("pull_request",), ("repository",), ("installation",), ("changes",),
        ("pull_request", "head"), ("pull_request", "number"), ("pull_request", "updated_at"),
        ("pull_request", "state"), ("pull_request", "head", "sha"), ("repository", "owner"),
        ("repository", "id"), ("repository", "name"),
    ],
    "check_run": [
        ("action",), ("check_run",), ("check_run", "app"), ("check_run", "external_id"),
        ("check_run", "head_sha"), ("check_run", "pull_requests"),
    ],
    "check_suite": [
        ("check_suite",), ("check_suite", "head_sha"), ("check_suite", "pull_requests"),
        ("check_suite", "pull_requests", 0), ("check_suite", "pull_requests", 0, "base"),
        ("check_suite", "pull_requests", 0, "number"),
    ],
    "issue_comment": [
        ("issue",), ("comment",), ("issue", "pull_request"), ("issue", "number"), ("comment", "user"),
        ("comment", "user", "login"), ("comment", "body"), ("comment", "id"),
        ("comment", "performed_via_github_app"),
    ],
}  # fmt: skip


@given(
    where=st.sampled_from([(event, place) for event, places in PLACES.items() for place in places]),
    value=hostile,
)
def test_hostile_values_are_refused_or_understood(
    where: tuple[str, tuple[str | int, ...]], value: object
) -> None:
    event, place = where
    payload = BUILT[event]()
    parent: Any = payload
    for name in place[:-1]:
        parent = parent[name]
    parent[place[-1]] = value
    jobs: tuple[Job, ...] = ()
    with contextlib.suppress(Malformed):
        jobs = delivered(event, payload)
    assert all(Job.from_json(job.to_json()) == job for job in jobs)


@given(
    payload=st.dictionaries(st.text(max_size=10), hostile, max_size=4),
    event=st.sampled_from(payloads.events()),
)
def test_payloads_of_anything_never_crash(payload: dict[str, object], event: str) -> None:
    assert delivered(event, payload) == ()
