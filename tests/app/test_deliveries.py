"""Which deliveries become jobs, and what of hostile or half-empty payloads."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deliveries import jobs_of
from app.jobs import Asked, Branch, Job, Kind
from app.payload import Delivery, Malformed
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
    "action", ["labeled", "assigned", "locked", "converted_to_draft", "", None, 5, "brand_new"]
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
        assert bool(jobs) == asks(event, payload), payload.get("action")
        assert all(Job.from_json(job.to_json()) == job for job in jobs)


@pytest.mark.parametrize("event", payloads.events())
def test_fields_that_github_adds_change_nothing(event: str) -> None:
    for payload in payloads.examples(event):
        assert delivered(event, with_news(payload)) == delivered(event, payload)


def with_news(value: Any) -> Any:
    """With a field more in each object."""
    if isinstance(value, dict):
        return {
            **{key: with_news(one) for key, one in value.items()},
            "brand_new": {"type": "new", "id": "x"},
        }
    return [with_news(one) for one in value] if isinstance(value, list) else value


def test_fields_that_a_job_does_not_need_may_be_missing() -> None:
    payload = payloads.pull_request()
    pull, repository = payload["pull_request"], payload["repository"]
    bare = {
        "action": "opened",
        "installation": {"id": 7},
        "repository": {
            "id": repository["id"],
            "name": repository["name"],
            "owner": {"login": repository["owner"]["login"]},
        },
        "pull_request": {
            "number": pull["number"],
            "updated_at": pull["updated_at"],
            "head": {"sha": pull["head"]["sha"]},
        },
    }
    assert delivered("pull_request", bare) == delivered("pull_request", payload)


def asks(event: str, payload: dict[str, Any]) -> bool:
    """Whether GitHub's example is one that something is to be done about."""
    action = payload.get("action")
    if event == "push":
        return bool(payload["ref"] == f"refs/heads/{payload['repository']['default_branch']}")
    if event == "pull_request" and action != "closed":
        is_open = payload["pull_request"]["state"] == "open"
        return is_open and action in {"opened", "synchronize", "reopened", "ready_for_review"}
    return (event, action) in {
        ("pull_request", "closed"), ("merge_group", "checks_requested"), ("installation", "deleted"),
        ("installation_repositories", "removed"),
    }  # fmt: skip


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


@pytest.mark.parametrize("action", ["created", "completed", "requested"])
def test_other_actions_on_checks_ask_for_nothing(action: str) -> None:
    assert delivered("check_run", payloads.check_run("12:x") | {"action": action}) == ()
    assert delivered("check_suite", payloads.check_suite() | {"action": action}) == ()


# Merge groups


def test_a_merge_group_is_its_head_against_its_base() -> None:
    (payload, _) = payloads.examples("merge_group")
    (job,) = delivered("merge_group", payload)
    assert (job.kind, job.pull_number, job.head_sha) == (Kind.GROUP, 0, payload["merge_group"]["head_sha"])
    assert job.branch == Branch(
        "refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64",
        "refs/heads/main",
        payload["merge_group"]["base_sha"],
        104,
    )
    assert job.subject == f"{payload['repository']['id']}/{job.head_sha}"
    assert delivered("merge_group", payload | {"action": "destroyed"}) == ()


@pytest.mark.parametrize("ref", ["refs/heads/my-queue", "refs/heads/gh-readonly-queue/main/pr-x-abc"])
def test_a_queue_that_names_its_branches_otherwise_is_served_too(ref: str) -> None:
    payload = payloads.examples("merge_group")[0]
    payload["merge_group"]["head_ref"] = ref
    (job,) = delivered("merge_group", payload)
    assert job.branch is not None
    assert (job.branch.ref, job.branch.pull_number) == (ref, 0)


QUEUE = f"gh-readonly-queue/release/1.x/pr-12-{'c' * 40}"


def test_the_run_of_a_group_says_what_it_is_based_on() -> None:
    payload = payloads.check_run(f"{'b' * 40}:guid/70/x")
    payload["check_run"]["check_suite"]["head_branch"] = QUEUE
    (job,) = delivered("check_run", payload)
    assert (job.kind, job.head_sha) == (Kind.GROUP, RUN_SHA)
    assert job.branch == Branch(f"refs/heads/{QUEUE}", "refs/heads/release/1.x", "b" * 40, 12)


def test_the_suite_of_a_group_does_not() -> None:
    payload = payloads.check_suite()
    payload["check_suite"] |= {"head_branch": QUEUE, "pull_requests": []}
    (job,) = delivered("check_suite", payload)
    assert job.branch == Branch(f"refs/heads/{QUEUE}", "refs/heads/release/1.x", "", 12)


# Pushes


def a_push(**changes: Any) -> dict[str, Any]:
    payload = next(each for each in payloads.examples("push") if each["ref"] == "refs/heads/master")
    return {**payload, **changes}


def test_a_branch_that_no_database_takes_is_refused() -> None:
    """JSON can have half a character, UTF-8 can't."""
    payload = a_push(ref="refs/heads/\ud800")
    payload["repository"] = {**payload["repository"], "default_branch": "\ud800"}
    with pytest.raises(Malformed, match="ref: expected a branch in full"):
        delivered("push", payload)


def test_a_push_to_the_default_branch_is_a_baseline() -> None:
    payload = a_push()
    (job,) = delivered("push", payload)
    assert (job.kind, job.head_sha, job.branch) == (
        Kind.BASELINE,
        payload["after"],
        Branch("refs/heads/master"),
    )
    assert job.as_of == datetime.datetime.fromtimestamp(payload["repository"]["pushed_at"], datetime.UTC)
    assert job.subject == f"{payload['repository']['id']}/refs/heads/master"


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": "refs/heads/other"},
        {"ref": "refs/tags/master"},
        {"ref": None},
        {"deleted": True, "after": "0" * 40},
    ],
)
def test_other_pushes_ask_for_nothing(changes: dict[str, Any]) -> None:
    assert delivered("push", a_push(**changes)) == ()


@pytest.mark.parametrize("pushed_at", ["2026-05-04T12:00:00Z", None, True, -1, 10**20])
def test_a_time_that_we_do_not_understand_is_no_reason_to_refuse_a_push(pushed_at: object) -> None:
    payload = a_push()
    payload["repository"]["pushed_at"] = pushed_at
    assert [job.as_of for job in delivered("push", payload)] == [None]


# Buttons


def pressed(identifier: object, external_id: str = "12:guid/70/12/abc") -> tuple[Job, ...]:
    payload = next(each for each in payloads.examples("check_run") if each["action"] == "requested_action")
    payload["check_run"] |= {"external_id": external_id, "app": {"id": APP}}
    payload["requested_action"] = {"identifier": identifier}
    return delivered("check_run", payload)


def test_a_button_is_the_command_of_who_pressed_it() -> None:
    (job,) = pressed("apply-fixes")
    assert (job.pull_number, job.head_sha, job.as_of) == (12, "", None)
    assert job.asked is not None
    assert (job.asked.command, job.asked.comment_id, job.asked.author) == ("fix", 0, "codebytere")
    assert len(job.asked.seen) == 40
    (other,) = pressed("recheck")
    assert other.asked is not None
    assert other.asked.command == "recheck"


@pytest.mark.parametrize("identifier", ["lgtm|26764", "", None, 5, ["recheck"]])
def test_a_button_that_is_not_ours_does_nothing(identifier: object) -> None:
    assert pressed(identifier) == ()


@pytest.mark.parametrize("external_id", ["", "x", f"{'b' * 40}:job"])
def test_a_button_of_a_run_that_names_no_pull_request_does_nothing(external_id: str) -> None:
    assert pressed("recheck", external_id) == ()


def test_a_button_of_another_app_does_nothing() -> None:
    payload = next(each for each in payloads.examples("check_run") if each["action"] == "requested_action")
    payload["requested_action"] = {"identifier": "recheck"}
    payload["check_run"]["external_id"] = "12:x"
    assert delivered("check_run", payload) == ()


# What is to be forgotten


def test_a_closed_pull_request_is_forgotten() -> None:
    (job,) = delivered("pull_request", payloads.pull_request("closed", number=3))
    assert (job.kind, job.pull_number, job.head_sha, job.as_of) == (Kind.FORGET, 3, "", None)
    assert job.subject == f"{job.repository_id}/3"


def test_an_uninstalled_app_forgets_the_installation() -> None:
    payload = next(each for each in payloads.examples("installation") if each["action"] == "deleted")
    (job,) = delivered("installation", payload)
    assert (job.kind, job.installation_id, job.repository_id, job.pull_number) == (Kind.FORGET, 7, 0, 0)
    assert job.subject == "installation/7"


def test_an_enterprise_is_called_by_its_slug() -> None:
    payload = payloads.examples("installation_repositories")[2]
    payload["installation"] = {"id": 7, "account": {"id": 1, "slug": "acme-inc"}}
    assert {job.owner for job in delivered("installation_repositories", payload)} == {"acme-inc"}


@pytest.mark.parametrize("action", ["created", "suspend", "unsuspend", "new_permissions_accepted"])
def test_other_news_of_an_installation_ask_for_nothing(action: str) -> None:
    payload = next(each for each in payloads.examples("installation") if each["action"] == action)
    assert delivered("installation", payload) == ()


def test_repositories_that_are_taken_out_are_forgotten_one_by_one() -> None:
    payload = next(
        each for each in payloads.examples("installation_repositories") if each["action"] == "removed"
    )
    payload["installation"] = {"id": 7, "account": {"login": "acme"}}
    payload["repositories_removed"] = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    jobs = delivered("installation_repositories", payload)
    assert [(job.kind, job.repository_id, job.slug) for job in jobs] == [
        (Kind.FORGET, 1, "acme/a"),
        (Kind.FORGET, 2, "acme/b"),
    ]
    assert len({job.id for job in jobs}) == 2


# Comments


def test_a_command_is_a_job_on_whatever_the_head_will_be() -> None:
    (job,) = delivered("issue_comment", payloads.issue_comment("/recheck"))
    assert (job.pull_number, job.head_sha, job.as_of) == (1, "", None)
    assert job.asked == Asked("recheck", 492700400, "Codertocat")
    assert Job.from_json(job.to_json()) == job


def test_a_command_comes_with_what_it_takes() -> None:
    (job,) = delivered("issue_comment", payloads.issue_comment("/ignore user-not-numeric it runs nowhere"))
    assert job.asked == Asked(
        "ignore", 492700400, "Codertocat", check="user-not-numeric", reason="it runs nowhere"
    )
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
    assert (job.kind, job.branch) == (Kind.REVIEW, None)


def test_a_command_of_an_earlier_release_is_read() -> None:
    stored = EARLIER.replace("{", '{"asked": {"command": "recheck", "comment_id": 5, "author": "rosa"}, ', 1)
    assert Job.from_json(stored).asked == Asked("recheck", 5, "rosa")


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
    "merge_group": lambda: payloads.examples("merge_group")[0],
    "push": a_push,
    "installation_repositories": lambda: payloads.examples("installation_repositories")[2],
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
    "merge_group": [
        ("merge_group",), ("merge_group", "head_sha"), ("merge_group", "head_ref"), ("merge_group", "base_sha"),
        ("merge_group", "base_ref"), ("action",),
    ],
    "push": [("ref",), ("after",), ("deleted",), ("repository", "default_branch"), ("repository", "pushed_at")],
    "installation_repositories": [
        ("repositories_removed",), ("repositories_removed", 0), ("repositories_removed", 0, "id"),
        ("repositories_removed", 0, "name"), ("installation", "id"),
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
    with contextlib.suppress(Malformed):
        assert delivered(event, payload) == ()
