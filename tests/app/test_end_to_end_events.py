"""Events beside those of pull requests, by the real server: merge groups, pushes, buttons, shared heads, and
repositories and installations that come, go and change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.app import serving
from tests.app.cargo import CONFIG, EXEC, FIRST, PINNED, README, SCAN, SCAN_PATH, SHELL, WARNED
from tests.app.serving import Played, Proposal, World, wait
from tests.github import faults
from tests.github.repositories import commit
from tests.github.state import CheckRun


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with serving.played(tmp_path_factory.mktemp("events"), SCENES) as made:
        yield made


def told(it: Proposal, event: str, payload: Mapping[str, Any]) -> str:
    """A delivery and all that comes of it; nothing where it asks for nothing."""
    delivery = it.fake.deliver(event, payload)
    assert delivery.status_code == 202, delivery
    it.deliveries.append(delivery)
    return it.ended(delivery) if it.state(delivery) else ""


def all_over(it: Proposal) -> None:
    """Also what a job handed on."""
    wait(lambda: not {"queued", "running"} & set(it.world.site.states().values()), "all jobs to end")


# Merge groups


@dataclass(frozen=True)
class Group:
    it: Proposal
    sha: str

    @property
    def runs(self) -> list[CheckRun]:
        return [
            one
            for one in self.it.fake.check_runs(sha=self.sha)
            if one.repository == self.it.repository.full_name
        ]


def grouped(world: World, head: Mapping[str, str] = FIRST, base: Mapping[str, str] = README) -> Group:
    """The merge queue's own commit on top of the base, and nothing else was delivered."""
    it = world.proposal(base, head)
    merged = commit(it.git_dir(), f"queue-{it.owner}", head, parent=it.pull.base_sha, message="Merge")
    assert told(it, "merge_group", it.fake.payloads.merge_group(it.pull, merged)) == "done"
    return Group(it, merged)


def failing_group(world: World) -> Group:
    return grouped(world)


def passing_group(world: World) -> Group:
    return grouped(world, {"Dockerfile": EXEC})


def group_of_nothing(world: World) -> Group:
    return grouped(world, {"README.md": "Hello there\n"})


def test_a_merge_group_gets_a_check_run_and_no_comment(played: Played) -> None:
    group = played(failing_group)
    (run,) = group.runs
    assert (run.name, run.status, run.conclusion) == ("Tidewaiter", "completed", "failure")
    assert run.title == "3 new findings: 1 error, 1 warning, 1 note"
    assert (run.summary or "").startswith("**This merge group brings 3 findings.**")
    assert sorted(one.path for one in run.annotations) == sorted(FIRST)
    assert "`ENTRYPOINT`" in (run.text or "")
    assert run.actions == ()
    it = group.it
    assert (it.comments(), it.fake.issue_comments(it.pull), it.sarifs()) == ([], [], [])


@pytest.mark.parametrize(
    ("scene", "title"), [(passing_group, "Nothing new"), (group_of_nothing, "Nothing to review")]
)
def test_a_merge_group_is_never_left_hanging(played: Played, scene: serving.Scene[Group], title: str) -> None:
    (run,) = played(scene).runs
    assert (run.status, run.conclusion, run.title) == ("completed", "success", title)


def group_with_config(world: World) -> Group:
    """The config of the branch that the group is for, not the group's own."""
    config = {CONFIG: "checks: {action-on-branch: warning}\n"}
    return grouped(world, {**FIRST, CONFIG: "fail-on: note\n"}, {**README, **config})


def test_the_config_of_the_base_counts_for_a_group(played: Played) -> None:
    (run,) = played(group_with_config).runs
    assert (run.conclusion, run.title) == ("success", "3 new findings: 2 warnings, 1 note")


def group_again(world: World) -> Group:
    """*Re-run* at the run, then *Re-run all*: GitHub's suites name the queue's branch and no pull request."""
    group = grouped(world)
    it = group.it
    queue = f"gh-readonly-queue/main/pr-7-{it.pull.base_sha}"
    run = it.fake.payloads.check_run(group.runs[0])
    run["check_run"]["check_suite"]["head_branch"] = queue
    assert run["check_run"]["pull_requests"] == []
    assert told(it, "check_run", run) == "done"
    suite = it.fake.payloads.check_suite(it.repository, group.sha)
    suite["check_suite"]["head_branch"] = queue
    assert told(it, "check_suite", suite) == "done"
    return group


def test_a_group_is_reviewed_again_on_request(played: Played) -> None:
    runs = played(group_again).runs
    assert [(run.conclusion, run.title) for run in runs] == [("failure", runs[0].title)] * 3


def group_taken_apart(world: World) -> tuple[Proposal, str]:
    it = world.proposal(README, FIRST)
    return it, told(it, "merge_group", it.fake.payloads.merge_group(it.pull, "a" * 40))


def test_a_group_that_the_queue_took_apart_is_no_failure(played: Played) -> None:
    it, state = played(group_taken_apart)
    assert (state, it.fake.check_runs(sha="a" * 40)) == ("superseded", [])


def group_unreadable(world: World, incomplete: str = "neutral") -> Group:
    it = world.proposal(README, FIRST)
    it.add(".github", {CONFIG: f"incomplete: {incomplete}\n"})
    merged = commit(it.git_dir(), f"queue-{it.owner}", FIRST, parent=it.pull.base_sha, message="Merge")
    it.on("GET", f"git/trees/{merged}", faults.missing(), times=None)
    assert told(it, "merge_group", it.fake.payloads.merge_group(it.pull, merged)) == "failed"
    return Group(it, merged)


def group_unreadable_where_that_fails(world: World) -> Group:
    return group_unreadable(world, "failure")


@pytest.mark.parametrize(
    ("scene", "conclusion"), [(group_unreadable, "neutral"), (group_unreadable_where_that_fails, "failure")]
)
def test_a_group_that_we_cannot_review_holds_the_queue_only_where_its_owner_wants_that(
    played: Played, scene: serving.Scene[Group], conclusion: str
) -> None:
    (run,) = played(scene).runs
    assert (run.status, run.conclusion) == ("completed", conclusion)
    assert (run.title or "").startswith("Could not review: ")


# Pushes


def pushed(world: World, files: Mapping[str, str], **how: Any) -> Proposal:
    """To the default branch."""
    it = world.proposal(files, {"README.md": "Hello there\n"}, **how)
    payload = it.fake.payloads.push(it.repository, "main", "0" * 40, it.pull.base_sha)
    assert told(it, "push", payload) == "done"
    return it


def pushed_findings(world: World) -> Proposal:
    return pushed(world, {**README, **FIRST})


def pushed_nothing(world: World) -> Proposal:
    return pushed(world, README)


def results(it: Proposal) -> list[str]:
    (sarif,) = it.sarifs()
    assert (sarif.ref, sarif.commit_sha) == ("refs/heads/main", it.pull.base_sha)
    return sorted(one["ruleId"] for one in sarif.document["runs"][0]["results"])


def test_the_default_branch_gives_code_scanning_a_baseline(played: Played) -> None:
    it = played(pushed_findings)
    assert results(it) == ["action-on-branch", "shell-form-entrypoint", "user-not-numeric"]
    assert it.fake.check_runs(sha=it.pull.base_sha) == []


def test_an_empty_baseline_is_one_too(played: Played) -> None:
    assert results(played(pushed_nothing)) == []


def pushed_without_scanning(world: World) -> Proposal:
    return pushed(world, {**README, **FIRST}, visibility="private")


def pushed_without_permission(world: World) -> Proposal:
    it = world.proposal(FIRST, {})
    del it.installation.permissions["security_events"]
    payload = it.fake.payloads.push(it.repository, "main", "0" * 40, it.pull.base_sha)
    assert told(it, "push", payload) == "done"
    return it


@pytest.mark.parametrize("scene", [pushed_without_scanning, pushed_without_permission])
def test_where_code_scanning_is_not_to_be_had_nothing_fails(
    played: Played, scene: serving.Scene[Proposal]
) -> None:
    it = played(scene)
    assert it.sarifs() == []
    if scene is pushed_without_permission:
        assert it.fake.requests("GET", f"/repos/{it.owner}/web/git/*") == []


# Buttons


def rechecked(world: World, role: str = "write") -> Proposal:
    it = world.proposal(README, WARNED)
    it.review()
    it.fake.set_permission(it.repository, "rosa", role)
    payload = it.fake.payloads.check_run(it.run(), "requested_action", sender="rosa", identifier="recheck")
    assert told(it, "check_run", payload) == "done"
    all_over(it)
    return it


def rechecked_by_reader(world: World) -> Proposal:
    return rechecked(world, "read")


def test_the_button_recheck_reviews_again(played: Played) -> None:
    it = played(rechecked)
    assert [run.title for run in it.runs()] == ["1 new finding: 1 warning"] * 2
    assert it.runs()[0].actions == (("Recheck", "recheck", "Review this pull request again"),)
    assert len(it.comments()) == 1


def test_the_button_does_nothing_for_who_only_reads(played: Played) -> None:
    assert len(played(rechecked_by_reader).runs()) == 1


# One head, several pull requests


@dataclass(frozen=True)
class Shared:
    """Pull request 7 asks `trunk`, which has the Dockerfile already; 8, of the same head, asks `main`."""

    first: Proposal
    second: Proposal

    @property
    def runs(self) -> list[CheckRun]:
        return self.first.runs(self.first.pull.head_sha)


def two_with_one_head(world: World) -> Shared:
    it = world.proposal(README, {"Dockerfile": SHELL})
    it.repository.branches["trunk"] = it.pull.head_sha
    it.push({SCAN_PATH: SCAN})
    it.fake.edit_base(it.pull, "trunk")
    other = it.fake.open_pull_request(it.repository, 8, head_sha=it.pull.head_sha)
    return Shared(it, Proposal(world, it.repository, other))


def shared_one_after_the_other(world: World) -> Shared:
    shared = two_with_one_head(world)
    shared.first.review()
    shared.second.review()
    return shared


def shared_at_once(world: World) -> Shared:
    shared = two_with_one_head(world)
    sent = [(one, one.deliver()) for one in (shared.first, shared.second)]
    assert [one.ended(delivery) for one, delivery in sent] == ["done", "done"]
    return shared


UNION = "2 new findings: 1 error, 1 warning"


def test_a_head_of_two_pull_requests_is_told_with_the_union(played: Played) -> None:
    shared = played(shared_one_after_the_other)
    first, second = shared.runs
    assert (first.title, first.conclusion) == ("1 new finding: 1 error", "failure")
    assert (second.title, second.conclusion) == (UNION, "failure")
    assert "Pull request 7 has the same head" in (second.summary or "")
    assert [one.path for one in shared.first.comments()] == [SCAN_PATH]
    assert sorted(one.path for one in shared.second.comments()) == [SCAN_PATH, "Dockerfile"]


def test_the_newest_run_speaks_of_both_when_they_come_at_once(played: Played) -> None:
    assert played(shared_at_once).runs[-1].title == UNION


def moved_on(world: World) -> Shared:
    """The first gets a newer head while it is reviewed; the second keeps the old one."""
    shared = two_with_one_head(world)
    shared.second.review()
    old = shared.first.pull.head_sha
    shared.first.on(
        "POST", "check-runs", faults.call(lambda: shared.first.push({SCAN_PATH: PINNED}), after=True)
    )
    shared.first.review()
    all_over(shared.first)
    assert shared.second.pull.head_sha == old
    return shared


def test_a_head_that_one_of_them_left_is_not_cancelled_for_the_other(played: Played) -> None:
    shared = played(moved_on)
    runs = shared.second.runs(shared.second.pull.head_sha)
    assert [(run.conclusion, run.title) for run in runs] == [
        ("failure", UNION),
        ("cancelled", "Superseded by a newer push"),
        ("failure", UNION),
    ]


# Repositories and installations


def renamed(world: World) -> tuple[Proposal, str]:
    """Between the delivery and its job."""
    it = world.proposal(README, WARNED)
    payload = it.fake.payloads.pull_request(it.pull, "opened")
    it.fake.rename(it.repository, "shop")
    return it, it.review(payload=payload)


def test_a_renamed_repository_is_followed(played: Played) -> None:
    it, state = played(renamed)
    assert state == "done"
    assert (it.run().title, len(it.comments()), len(it.sarifs())) == ("1 new finding: 1 warning", 1, 1)


def suspended(world: World) -> tuple[Proposal, str]:
    it = world.proposal(README, WARNED)
    it.installation.suspended = True
    assert told(it, "installation", it.fake.payloads.installation(it.installation, "suspend")) == ""
    return it, it.review()


def transferred(world: World) -> tuple[Proposal, str]:
    """To an owner whose installation is another one."""
    it = world.proposal(README, WARNED)
    payload = it.fake.payloads.pull_request(it.pull, "opened")
    it.installation.repository_ids.clear()
    return it, it.review(payload=payload)


def unaccepted(world: World) -> tuple[Proposal, str]:
    it = world.proposal(README, WARNED)
    it.installation.permissions["checks"] = "read"
    return it, it.review()


@pytest.mark.parametrize("scene", [suspended, transferred, unaccepted])
def test_where_we_get_no_token_a_job_fails_at_once(
    played: Played, scene: serving.Scene[tuple[Proposal, str]]
) -> None:
    it, state = played(scene)
    assert (state, it.runs()) == ("failed", [])
    minted = it.fake.requests("POST", f"/app/installations/{it.installation.id}/access_tokens")
    assert len(minted) <= 4, (
        "with the optional permissions and without, for the job and to tell of its failure"
    )


def accepted_later(world: World) -> Proposal:
    it, _ = unaccepted(world)
    it.installation.permissions["checks"] = "write"
    payload = it.fake.payloads.installation(it.installation, "new_permissions_accepted")
    assert told(it, "installation", payload) == ""
    it.redeliver(it.deliveries[-2])
    wait(lambda: it.state(it.deliveries[-2]) == "done", "the second try")
    return it


def test_a_permission_that_is_accepted_counts_at_once(played: Played) -> None:
    assert played(accepted_later).run().title == "1 new finding: 1 warning"


# What goes


def uninstalled(world: World) -> tuple[Proposal, list[str]]:
    """Also with its last jobs in the queue."""
    it = world.proposal({**README, CONFIG: "fail-on: warning\n"}, WARNED)
    it.review()
    it.fake.set_permission(it.repository, "rosa", "write")
    comment = it.fake.comment(it.pull, "rosa", "/ignore user-not-numeric a secret reason")
    told(it, "issue_comment", it.fake.payloads.issue_comment(comment))
    all_over(it)
    before = stored(it)
    assert told(it, "installation", it.fake.payloads.installation(it.installation, "deleted")) == "done"
    return it, before


def stored(it: Proposal) -> list[str]:
    """The tables of ours that have anything about the repository, its owner or who wrote there."""
    found = []
    with sqlite3.connect(it.world.folder / "state/tidewaiter.db") as database:
        names = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            if name.startswith("tidewaiter_"):
                rows = repr(database.execute(f'select * from "{name}"').fetchall())  # noqa: S608  # our own names
                words = (
                    f'"{it.owner}"',
                    f"'{it.owner}/",
                    "a secret reason",
                    f"{it.repository.id}, {it.pull.number}",
                )
                found += [name] if any(word in rows for word in words) else []
    return found


def test_an_uninstalled_app_keeps_nothing(played: Played) -> None:
    it, before = played(uninstalled)
    assert {"tidewaiter_job", "tidewaiter_ignore", "tidewaiter_config"} <= set(before)
    assert stored(it) == []


def taken_out(world: World) -> tuple[Proposal, list[str]]:
    it = world.proposal({**README, CONFIG: "fail-on: warning\n"}, WARNED)
    it.review()
    before = stored(it)
    payload = it.fake.payloads.installation_repositories(it.installation, [], [it.repository])
    assert told(it, "installation_repositories", payload) == "done"
    return it, before


def test_of_a_repository_that_is_taken_out_nothing_is_kept(played: Played) -> None:
    """But the job that forgot it, for as long as all jobs."""
    it, before = played(taken_out)
    assert "tidewaiter_config" in before
    assert stored(it) == ["tidewaiter_job"]


SCENES: tuple[serving.Scene[object], ...] = (
    failing_group, passing_group, group_of_nothing, group_with_config, group_again, group_taken_apart,
    group_unreadable, group_unreadable_where_that_fails, pushed_findings, pushed_nothing, pushed_without_scanning,
    pushed_without_permission, rechecked, rechecked_by_reader, shared_one_after_the_other, shared_at_once, moved_on, renamed, suspended,
    transferred, unaccepted, accepted_later, uninstalled, taken_out,
)  # fmt: skip
