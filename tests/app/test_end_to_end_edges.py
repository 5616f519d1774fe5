"""What is large, cut, moved or left out, by the real server: diffs, lists of files, renames, pushes with force."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.report.comment import marked
from tests.app import serving
from tests.app.cargo import CONFIG, EXEC, README, SCAN, SCAN_PATH, SHELL, USER, WARNED
from tests.app.serving import Played, Proposal, World
from tests.github import faults
from tests.github.repositories import Files, commit


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with serving.played(tmp_path_factory.mktemp("edges"), SCENES) as made:
        yield made


def places(it: Proposal) -> list[tuple[str, int | None]]:
    return [(one.path, one.line) for one in it.comments()]


# The diff


def notes(number: int) -> dict[str, str]:
    return {f"notes/{each:04}.md": f"{each}\n" for each in range(number)}


def reviewed(world: World, base: Files, head: Files) -> Proposal:
    it = world.proposal(base, head)
    it.review()
    return it


def more_than_300(world: World) -> Proposal:
    return reviewed(world, README, {**notes(310), "web/Dockerfile": SHELL})


def test_the_last_of_more_than_300_files_has_its_comment(played: Played) -> None:
    it = played(more_than_300)
    assert (it.run().title, places(it)) == ("1 new finding: 1 warning", [("web/Dockerfile", 4)])


def more_than_3000(world: World) -> Proposal:
    return reviewed(world, README, {**notes(3_000), "Dockerfile": SHELL, "web/Dockerfile": SHELL})


def test_of_more_than_3000_files_the_first_have_comments_and_the_rest_is_told(played: Played) -> None:
    it = played(more_than_3000)
    run = it.run()
    assert (run.status, run.conclusion) == ("completed", "neutral")
    assert run.title == (
        "Incomplete: GitHub lists the first 3,000 of 3,002 changed files; 2 new findings: 2 warnings"
    )
    assert places(it) == [("Dockerfile", 4)]
    assert [one.path for one in run.annotations] == ["Dockerfile", "web/Dockerfile"]
    assert "`web/Dockerfile` line 4" in (run.text or "")


LONG = SHELL + "".join(f"# {number}\n" for number in range(20_001))


def without_patch(world: World) -> Proposal:
    return reviewed(world, {**README, "Dockerfile": USER}, {"Dockerfile": LONG, SCAN_PATH: SCAN})


def test_what_github_shows_no_diff_of_is_told_in_the_check_run(played: Played) -> None:
    it = played(without_patch)
    assert places(it) == [(SCAN_PATH, 8)]
    assert "Dockerfile" in {one.path for one in it.run().annotations}
    assert "GitHub would not take" not in (it.run().summary or "")
    assert [one for one in it.fake.refusals if it.owner in one[1]] == []


def truncated(world: World) -> Proposal:
    it = world.proposal({**README, "Dockerfile": SHELL, "z/Dockerfile": USER}, {"a/Dockerfile": SHELL})
    it.repository.tree_limit = 6
    it.review()
    return it


def test_a_list_of_files_that_github_cuts_makes_it_incomplete_and_nothing_old_new(played: Played) -> None:
    it = played(truncated)
    run = it.run()
    assert run.conclusion == "neutral"
    assert run.title == (
        "Incomplete: GitHub lists only 4 files of the repository, and it has more; 1 new finding: 1 warning"
    )
    assert places(it) == [("a/Dockerfile", 4)]


def strict_organisation(world: World) -> Proposal:
    it = world.proposal({**README, "api/Dockerfile": USER}, WARNED)
    it.add(".github", {CONFIG: "incomplete: failure\n"})
    it.on("GET", f"git/trees/{it.pull.base_sha}", faults.missing(), times=None)
    it.review()
    return it


def failing_review(world: World) -> Proposal:
    it = world.proposal(README, WARNED)
    it.add(".github", {CONFIG: "incomplete: failure\n"})
    it.on("GET", f"git/trees/{it.pull.head_sha}", faults.missing(), times=None)
    assert it.review() == "failed"
    return it


def test_an_organisation_may_want_what_was_not_seen_to_fail(played: Played) -> None:
    run = played(strict_organisation).run()
    assert (run.conclusion, run.title) == (
        "failure", "Incomplete: GitHub does not give the files of the merge base",
    )  # fmt: skip


def test_and_what_failed_by_a_fault_of_ours(played: Played) -> None:
    it = played(failing_review)
    run = it.run()
    assert (run.conclusion, (run.title or "").partition(":")[0]) == ("failure", "Could not review")
    assert f"`{it.deliveries[0].guid}`" in (run.summary or "")
    assert [label for label, *_ in run.actions] == ["Recheck"]
    trees = it.fake.requests("GET", f"/repos/{it.owner}/web/git/trees/{it.pull.head_sha}")
    assert len(trees) == 2, "what GitHub refuses is tried once more and no further"


# Files that move, and pushes


def renamed(world: World) -> Proposal:
    """With another finding on the way."""
    changed = SHELL.replace("EXPOSE 80", "EXPOSE 80\nENV A=1")
    return reviewed(world, {**README, "Dockerfile": SHELL}, {"Dockerfile": None, "web/Dockerfile": changed})


def test_what_moved_with_its_file_is_not_new(played: Played) -> None:
    it = played(renamed)
    assert (it.run().title, it.comments()) == ("Nothing new", [])
    assert "1 finding stood there before" in (it.run().summary or "")


def shifted(world: World) -> tuple[Proposal, list[int]]:
    it = reviewed(world, README, WARNED)
    before = [one.id for one in it.comments()]
    it.push({"Dockerfile": SHELL.replace("EXPOSE 80\n", "EXPOSE 80\n" + "ENV A=1\n" * 9)})
    it.review("synchronize")
    return it, before


def test_a_finding_on_another_line_is_the_same_finding(played: Played) -> None:
    it, before = played(shifted)
    assert [one.id for one in it.comments()] == before
    assert [run.title for run in it.runs()] == ["1 new finding: 1 warning"] * 2


def forced(world: World, files: Mapping[str, str]) -> Proposal:
    """In the middle of a review another history takes the head's place."""
    it = world.proposal(README, WARNED)

    def push() -> None:
        sha = commit(it.git_dir(), f"{it.owner}-change", files, parent=it.pull.base_sha, message="Anew")
        it.fake.push(it.pull, sha)
        it.deliver("synchronize")

    it.on("POST", "pulls/*/reviews", faults.call(push))
    it.ended(it.deliver())
    it.ended(it.deliveries[-1])
    return it


def forced_away(world: World) -> Proposal:
    return forced(world, {"Dockerfile": EXEC})


def forced_to_another(world: World) -> Proposal:
    return forced(world, {SCAN_PATH: SCAN})


@pytest.mark.parametrize(
    ("scene", "title", "paths"),
    [(forced_away, "Nothing new", []), (forced_to_another, "1 new finding: 1 error", [SCAN_PATH])],
)
def test_a_push_with_force_in_the_middle_leaves_only_what_is_there_then(
    played: Played, scene: serving.Scene[Proposal], title: str, paths: list[str]
) -> None:
    it = played(scene)
    assert [run.status for run in it.runs()] == ["completed"] * 2
    assert it.run(it.pull.head_sha).title == title
    assert [one.path for one in it.comments()] == paths


# Rollout


def by_pattern(world: World) -> tuple[Proposal, Proposal]:
    """An organisation that only observes, but for one repository."""
    it = world.proposal(README, WARNED)
    config = 'mode: observe\nrepositories: [{match: ["we?"], mode: review, fail-on: warning}]\n'
    it.add(".github", {CONFIG: config})
    it.review()
    repository, built = world.repository(it.owner, "chandlery", README, WARNED, visibility="public")
    pull = it.fake.open_pull_request(repository, 7, head_sha=built.head)
    pull.base_sha = built.base
    other = Proposal(world, repository, pull)
    other.review()
    return it, other


def test_an_organisation_begins_with_some_of_its_repositories(played: Played) -> None:
    chosen, other = played(by_pattern)
    assert (chosen.run().conclusion, len(chosen.comments())) == ("failure", 1)
    assert (other.run().conclusion, other.comments()) == ("success", [])
    assert len(other.run().annotations) == 1


def suppressed_until(world: World) -> Proposal:
    def ignoring(until: str) -> str:
        comment = f"# tidewaiter: ignore[shell-form-entrypoint] until {until} tini comes\n"
        return SHELL.replace("ENTRYPOINT", f"{comment}ENTRYPOINT")

    files = {"a/Dockerfile": ignoring("2019-01-31"), "b/Dockerfile": ignoring("2999-01-31")}
    return reviewed(world, README, files)


def test_a_suppression_ends_on_its_day(played: Played) -> None:
    it = played(suppressed_until)
    entrypoints = [one.path for one in it.run().annotations if "shell form" in (one.title or "")]
    assert entrypoints == ["a/Dockerfile"]
    assert "1 suppressed" in (it.run().summary or "")


# Caps


def many(world: World) -> Proposal:
    """Thirty findings of one check, and none of another."""
    it = world.proposal(
        {**README, CONFIG: "comments: {per-pull-request: 4, per-check: 3}\n"},
        {**{f"s{number:02}/Dockerfile": SHELL for number in range(30)}, SCAN_PATH: SCAN},
    )
    it.review()
    return it


def test_caps_hold_and_what_exceeds_them_is_counted(played: Played) -> None:
    it = played(many)
    assert [one.path for one in it.comments()] == [SCAN_PATH, *(f"s{n:02}/Dockerfile" for n in range(3))]
    assert len({marked(one.body) for one in it.comments()}) == 4
    assert len(it.fake.reviews(it.pull)) == 1
    assert "27 more findings have no comment" in (it.run().summary or "")
    assert len(it.run().annotations) == 31


# Secrets


def processes(world: World) -> dict[int, bytes]:
    """The environment that each child of the server was started with."""
    it = reviewed(world, README, WARNED)
    server = Path(f"/proc/{it.world.site.processes[-1].pid}/task")
    children = itertools.chain(*((task / "children").read_text().split() for task in server.iterdir()))
    return {int(child): Path(f"/proc/{child}/environ").read_bytes() for child in children}


def test_the_processes_that_read_files_have_no_secret(played: Played) -> None:
    environments = played(processes)
    assert len(environments) >= 2
    for environment in environments.values():
        assert b"TIDEWAITER_APP_ID" in environment
        assert b"TIDEWAITER_WEBHOOK_SECRET" not in environment
        assert b"PRIVATE KEY" not in environment


# Another GitHub


def test_an_enterprise_server_is_a_github_too(tmp_path: Path) -> None:
    with serving.world(tmp_path, enterprise="3.16.4") as enterprise:
        it = reviewed(enterprise, README, WARNED)
        assert (it.run().title, places(it)) == ("1 new finding: 1 warning", [("Dockerfile", 4)])
        assert [one.ref for one in it.sarifs()] == ["refs/pull/7/head"]
        it.fake.set_permission(it.repository, "rosa", "write")
        comment = it.fake.comment(it.pull, "rosa", "/help")
        it.ended(it.fake.deliver("issue_comment", it.fake.payloads.issue_comment(comment)))
        assert len(it.fake.issue_comments(it.pull)) == 2


SCENES: tuple[serving.Scene[object], ...] = (
    more_than_300, more_than_3000, without_patch, truncated, strict_organisation, failing_review, renamed, shifted,
    forced_away, forced_to_another, by_pattern, suppressed_until, many, processes,
)  # fmt: skip
