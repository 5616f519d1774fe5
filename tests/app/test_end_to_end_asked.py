"""What people ask for, by the real server: re-runs and commands, from a delivery to what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from app import answers as answers_
from app import commands
from app.report.comment import marked
from tests.app import serving
from tests.app.cargo import README, WARNED
from tests.app.serving import Played, Proposal, World
from tests.github import faults
from tests.github.state import IssueComment


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with serving.played(tmp_path_factory.mktemp("asked"), SCENES[::2], SCENES[1::2]) as made:
        yield made


def told(it: Proposal, event: str, payload: dict[str, Any]) -> str:
    """A delivery and all that comes of it; nothing where it asks for nothing."""
    delivery = it.fake.deliver(event, payload)
    assert delivery.status_code == 202, delivery
    it.deliveries.append(delivery)
    return it.ended(delivery) if it.state(delivery) else ""


def reviewed_again(it: Proposal) -> None:
    """A second run says what the first one said, and nothing was commented twice."""
    first, second = it.runs(it.pull.head_sha)
    assert (second.name, second.status, second.conclusion) == ("Tidewaiter", "completed", "success")
    assert (second.title, second.annotations) == (first.title, first.annotations)
    commented_once(it)


def reviewed_once(it: Proposal) -> None:
    assert (it.run().status, it.run().conclusion) == ("completed", "success")
    commented_once(it)


def commented_once(it: Proposal) -> None:
    identities = [marked(one.body) for one in it.comments()]
    assert len(set(identities)) == len(identities) > 0
    assert all(commands.read(one.body) is None for one in it.comments())


# Re-runs


def reviewed(world: World) -> Proposal:
    it = world.proposal(README, WARNED)
    it.review()
    return it


def from_fork(world: World, author: str = "octocat") -> Proposal:
    """Pull request 8, of a fork, reviewed."""
    it = world.proposal(README, {})
    fork, built = world.repository(
        f"{it.owner}-fork", "web", README, WARNED, visibility="public", fork=True, installed=False
    )
    it.pull = it.fake.open_pull_request(it.repository, 8, head_sha=built.head, fork=fork, author=author)
    it.review()
    return it


def rerun(world: World, *, fork: bool = False, deleted: bool = False) -> Proposal:
    it = from_fork(world) if fork else reviewed(world)
    if deleted:
        it.fake.delete_fork(it.pull)
    payload = it.fake.payloads.check_run(it.run())
    assert bool(payload["check_run"]["pull_requests"]) is not fork
    assert told(it, "check_run", payload) == "done"
    return it


def rerun_all(world: World, *, fork: bool = False, nameless: bool = False) -> Proposal:
    it = from_fork(world) if fork else reviewed(world)
    if nameless:
        it.fake.hub.check_runs[it.run().id] = replace(it.run(), external_id="")
    payload = it.fake.payloads.check_suite(it.repository, it.pull.head_sha)
    assert (payload["check_suite"]["head_branch"] is None) is fork
    assert told(it, "check_suite", payload) == "done"
    return it


def name(scene: object) -> str:
    """What tells a scene from others of its function."""
    given = scene.keywords if isinstance(scene, partial) else {}
    return "-".join(str(value) for item in given.items() for value in item) or "plain"


RERUNS: list[serving.Scene[Proposal]] = [
    rerun,
    partial(rerun, fork=True),
    partial(rerun, fork=True, deleted=True),
    rerun_all,
    partial(rerun_all, fork=True),
    partial(rerun_all, fork=True, nameless=True),
]


@pytest.mark.parametrize("scene", RERUNS, ids=name)
def test_a_rerun_is_a_new_run_and_repeats_no_comment(played: Played, scene: serving.Scene[Proposal]) -> None:
    reviewed_again(played(scene))


def rerun_of_another_app(world: World) -> Proposal:
    it = reviewed(world)
    payload = it.fake.payloads.check_run(it.run())
    payload["check_run"]["app"] = {**payload["check_run"]["app"], "id": it.fake.app_id + 1}
    assert told(it, "check_run", payload) == ""
    return it


def test_what_another_app_ran_is_not_ours(played: Played) -> None:
    reviewed_once(played(rerun_of_another_app))


def rerun_of_an_older_head(world: World) -> tuple[Proposal, str]:
    it = reviewed(world)
    payload = it.fake.payloads.check_run(it.run())
    old = it.pull.head_sha
    it.push({"README.md": "Hello there\n"})
    it.review("synchronize")
    assert told(it, "check_run", payload) == "superseded"
    return it, old


def test_a_rerun_of_an_older_head_says_that_there_is_a_newer_one(played: Played) -> None:
    it, old = played(rerun_of_an_older_head)
    assert [run.conclusion for run in it.runs(old)] == ["success", "cancelled"]
    assert it.run(it.pull.head_sha).conclusion == "success"
    commented_once(it)


# Commands


def comment(it: Proposal, login: str, body: str, action: str = "created") -> tuple[IssueComment, str]:
    """Somebody comments. How the delivery ended, and the comment as it stands there then."""
    made = it.fake.comment(it.pull, login, body)
    state = told(it, "issue_comment", it.fake.payloads.issue_comment(made, action))
    return it.fake.hub.issue_comments[made.id], state


def reactions(one: IssueComment) -> list[str]:
    assert all(login == "tidewaiter[bot]" for _, login, _ in one.reactions)
    return [content for *_, content in one.reactions]


def recheck(
    world: World, *, role: str = "", fork: bool = False, body: str = "/recheck"
) -> tuple[Proposal, list[str]]:
    it = from_fork(world) if fork else reviewed(world)
    if role:
        it.fake.set_permission(it.repository, "rosa", role)
    one, state = comment(it, "rosa" if role else it.pull.author.login, body)
    assert state == "done"
    return it, reactions(one)


Rechecked = serving.Scene[tuple[Proposal, list[str]]]
ALLOWED: list[Rechecked] = [
    *(partial(recheck, role=role) for role in ("write", "maintain", "admin")),
    partial(recheck, role="write", body="The base is mended.\r\n/recheck \r\n"),
    partial(recheck, fork=True),
]
REFUSED: list[Rechecked] = [
    *(partial(recheck, role=role) for role in ("read", "triage")),
    recheck,
    partial(recheck, fork=True, role="read"),
]
"""The third: the author of a pull request between two branches, who may only read."""


@pytest.mark.parametrize("scene", ALLOWED, ids=name)
def test_recheck_reviews_again(played: Played, scene: Rechecked) -> None:
    it, reacted = played(scene)
    assert reacted == ["eyes"]
    reviewed_again(it)


@pytest.mark.parametrize("scene", REFUSED, ids=name)
def test_recheck_is_refused_to_who_only_reads(played: Played, scene: Rechecked) -> None:
    it, reacted = played(scene)
    assert reacted == ["confused"]
    reviewed_once(it)


def unanswered_permission(world: World) -> tuple[Proposal, list[str]]:
    it = reviewed(world)
    it.fake.set_permission(it.repository, "rosa", "admin")
    it.on("GET", "collaborators/rosa/permission", faults.missing())
    one, _ = comment(it, "rosa", "/recheck")
    return it, reactions(one)


def test_an_error_is_no_permission(played: Played) -> None:
    it, reacted = played(unanswered_permission)
    assert reacted == ["confused"]
    reviewed_once(it)


def hindered(world: World) -> tuple[Proposal, list[str]]:
    it = reviewed(world)
    it.fake.set_permission(it.repository, "rosa", "write")
    it.on("GET", "collaborators/rosa/permission", faults.secondary_limit(1))
    it.on("GET", "collaborators/rosa/permission", faults.bad_gateway(), nth=2, times=3)
    it.on("POST", "issues/comments/*/reactions", faults.answer_lost())
    one, state = comment(it, "rosa", "/recheck")
    assert state == "done"
    return it, reactions(one)


def test_a_github_that_fails_for_a_while_only_delays_a_command(played: Played) -> None:
    it, reacted = played(hindered)
    assert reacted == ["eyes"]
    assert len(it.fake.requests("GET", f"/repos/{it.owner}/web/collaborators/*")) > 4
    reviewed_again(it)


def rechecked_twice(world: World) -> tuple[Proposal, list[list[str]]]:
    it = reviewed(world)
    it.fake.set_permission(it.repository, "rosa", "write")
    return it, [reactions(comment(it, "rosa", "/recheck")[0]) for _ in range(2)]


def test_recheck_has_a_limit(played: Played) -> None:
    it, reacted = played(rechecked_twice)
    assert reacted == [["eyes"], ["confused"]]
    reviewed_again(it)


def not_for_us(world: World) -> tuple[Proposal, list[tuple[list[str], str]]]:
    """What is no command, of somebody who may write."""
    it = reviewed(world)
    for login in ("rosa", "dependabot[bot]"):
        it.fake.hub.user(login, "Bot" if login.endswith("[bot]") else "User")
        it.fake.set_permission(it.repository, login, "admin")
    asked = [
        ("rosa", "Was a `/recheck` needed?", "created"),
        ("rosa", "```\n/recheck\n```", "created"),
        ("rosa", "> /recheck", "created"),
        ("rosa", "/deploy production", "created"),
        ("rosa", "/recheck", "edited"),
        ("rosa", "/recheck", "deleted"),
        ("dependabot[bot]", "/recheck", "created"),
    ]
    ended = [comment(it, *one) for one in asked]
    on_an_issue = it.fake.payloads.issue_comment(it.fake.comment(it.pull, "rosa", "/recheck"))
    del on_an_issue["issue"]["pull_request"]
    assert told(it, "issue_comment", on_an_issue) == ""
    it.fake.close_pull_request(it.pull)
    ended.append(comment(it, "rosa", "/recheck"))
    return it, [(reactions(one), state) for one, state in ended]


def test_what_is_no_command_gets_no_answer(played: Played) -> None:
    it, answers = played(not_for_us)
    assert answers == [([], "")] * 8
    reviewed_once(it)


def closed_meanwhile(world: World) -> tuple[Proposal, tuple[list[str], str]]:
    it = reviewed(world)
    it.fake.set_permission(it.repository, "rosa", "write")
    payload = it.fake.payloads.issue_comment(made := it.fake.comment(it.pull, "rosa", "/recheck"))
    it.fake.close_pull_request(it.pull)
    state = told(it, "issue_comment", payload)
    return it, (reactions(it.fake.hub.issue_comments[made.id]), state)


def test_a_pull_request_that_is_closed_by_then_is_left_alone(played: Played) -> None:
    it, ended = played(closed_meanwhile)
    assert ended == ([], "done")
    reviewed_once(it)


def helped(world: World) -> tuple[Proposal, list[IssueComment]]:
    """By who may only read; in between somebody with the rights to do so spoils the answer."""
    it = reviewed(world)
    it.on("POST", f"issues/{it.pull.number}/comments", faults.answer_lost())
    first, _ = comment(it, "mallory", "/help")
    (answer,) = answers(it)
    it.fake.hub.issue_comments[answer.id] = replace(answer, body=f"Old.\r\n\r\n{answers_.HELP_MARKER}")
    second, _ = comment(it, "mallory", "/help")
    third, _ = comment(it, "mallory", "/help\n/recheck")
    return it, [first, second, third]


def answers(it: Proposal) -> list[IssueComment]:
    return [one for one in it.fake.issue_comments(it.pull) if one.author.login == "tidewaiter[bot]"]


def test_help_is_answered_once_and_kept_right(played: Played) -> None:
    it, asked = played(helped)
    (answer,) = answers(it)
    assert answer.body == answers_.help_().body
    assert [reactions(one) for one in asked] == [["eyes"]] * 3
    edits = [path for method, path in it.writes() if method == "PATCH" and path.startswith("issues/")]
    assert edits == [f"issues/comments/{answer.id}"]
    reviewed_once(it)


def locked(world: World) -> tuple[Proposal, str]:
    it = reviewed(world)
    it.fake.set_permission(it.repository, "rosa", "write")
    it.pull.locked = True
    return it, comment(it, "rosa", "/help")[1]


def test_in_a_locked_conversation_nothing_is_said(played: Played) -> None:
    it, state = played(locked)
    assert (state, answers(it)) == ("done", [])


def redelivered(world: World) -> tuple[Proposal, list[str]]:
    it = reviewed(world)
    it.fake.set_permission(it.repository, "rosa", "write")
    one, _ = comment(it, "rosa", "/recheck")
    it.redeliver(it.deliveries[-1])
    assert it.state(it.deliveries[-1]) == "done"
    return it, reactions(it.fake.hub.issue_comments[one.id])


def test_a_command_that_is_delivered_again_is_not_carried_out_again(played: Played) -> None:
    it, reacted = played(redelivered)
    assert reacted == ["eyes"]
    reviewed_again(it)


SCENES: tuple[serving.Scene[object], ...] = (
    *RERUNS, rerun_of_another_app, rerun_of_an_older_head, *ALLOWED, *REFUSED, unanswered_permission, hindered,
    rechecked_twice, not_for_us, closed_meanwhile, helped, locked, redelivered,
)  # fmt: skip
