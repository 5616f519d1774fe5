"""From a delivery to what stands on the pull request, by the real server: per event, per kind of pull request.

The scenes run first, several at a time; each test then looks at one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.report.comment import marked
from tests.app import cargo, serving
from tests.app.cargo import CONFIG, EXEC, FIRST, README, SECOND, SHELL, USER, WARNED
from tests.app.serving import Played, Proposal, World
from tests.github import faults
from tests.github.repositories import Link, commit
from tests.github.state import ReviewComment


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with serving.played(tmp_path_factory.mktemp("end-to-end"), SCENES[::2], SCENES[1::2]) as made:
        yield made


def one_comment(it: Proposal) -> None:
    """What `WARNED` on top of `README` comes to."""
    run = it.run()
    assert (run.status, run.conclusion, run.title) == ("completed", "success", "1 new finding: 1 warning")
    assert [(one.path, one.line) for one in it.comments()] == [("Dockerfile", 4)]
    assert [one.ref for one in it.sarifs()] == ["refs/pull/7/head"]


# Events


def opened(world: World) -> Proposal:
    it = world.proposal(README, FIRST)
    it.review("opened")
    return it


def test_opened(played: Played) -> None:
    it = played(opened)
    run = it.run()
    assert (run.name, run.status, run.conclusion) == ("Tidewaiter", "completed", "failure")
    assert run.title == "3 new findings: 1 error, 1 warning, 1 note"
    assert sorted(one.path for one in run.annotations) == sorted(FIRST)
    assert sorted(one.path for one in it.comments()) == sorted(FIRST)
    assert len(it.fake.reviews(it.pull)) == 1
    assert [(one.ref, one.commit_sha) for one in it.sarifs()] == [("refs/pull/7/head", it.pull.head_sha)]


def test_each_suggestion_makes_the_file_that_the_engine_would_make(played: Played) -> None:
    it = played(opened)
    made = {one.path: it.fake.suggestion_result(one) for one in it.comments()}
    assert made == {path: text for (_, path), text in cargo.fixed({**README, **FIRST}).items()}


def synchronize(world: World) -> tuple[Proposal, Looked]:
    """A second push: one finding stays, two are fixed, one of those with a reply, one comes."""
    it = world.proposal(README, FIRST)
    it.review("opened")
    before = looked(it)
    it.fake.reply(before.comments[cargo.SCAN_PATH], "rosa", "We had our reasons.")
    it.push(SECOND)
    it.review("synchronize")
    return it, before


def test_a_second_push_repeats_nothing_and_clears_what_is_fixed(played: Played) -> None:
    it, before = played(synchronize)
    after = looked(it)
    assert "Dockerfile" not in after.comments
    assert after.comments["api/Dockerfile"] == before.comments["api/Dockerfile"]
    edited = after.comments[cargo.SCAN_PATH]
    assert edited.id == before.comments[cargo.SCAN_PATH].id
    assert edited.body.startswith(f"Fixed in `{it.pull.head_sha[:7]}`.")
    assert set(after.comments) == {"api/Dockerfile", cargo.SCAN_PATH, ".dockerignore"}
    assert it.run(it.pull.head_sha).title == "2 new findings: 1 warning, 1 note"
    assert [run.status for run in it.runs()] == ["completed", "completed"]


@dataclass(frozen=True)
class Looked:
    comments: dict[str, ReviewComment]
    """Ours, by path: each path has one."""


def looked(it: Proposal) -> Looked:
    ours = [one for one in it.comments() if marked(one.body) and not one.in_reply_to]
    assert len({one.path for one in ours}) == len(ours)
    return Looked({one.path: one for one in ours})


def reopened(world: World) -> Proposal:
    it = world.proposal(README, WARNED)
    it.review("reopened")
    return it


def test_reopened(played: Played) -> None:
    one_comment(played(reopened))


def drafted(world: World) -> tuple[Proposal, int]:
    it = world.proposal(README, WARNED, draft=True)
    it.review("opened")
    early = len(it.comments())
    it.pull.draft = False
    it.review("ready_for_review")
    return it, early


def test_comments_on_a_draft_wait_until_it_is_ready(played: Played) -> None:
    it, early = played(drafted)
    first, second = it.runs()
    assert early == 0
    assert (first.conclusion, first.title) == ("success", "1 new finding: 1 warning")
    assert "comments wait until it is ready for review" in (first.summary or "")
    assert (second.conclusion, second.title) == (first.conclusion, first.title)
    assert [one.path for one in it.comments()] == ["Dockerfile"]


def rebased(world: World) -> Proposal:
    """The finding of the pull request is in the other branch already."""
    it = world.proposal(README, WARNED)
    it.review("opened")
    commit(it.git_dir(), f"{it.owner}-release", {}, parent=it.pull.head_sha)
    it.repository.branches["release"] = it.pull.head_sha
    it.review(payload=it.fake.edit_base(it.pull, "release"))
    return it


def test_edited_to_another_base_compares_with_that_one(played: Played) -> None:
    it = played(rebased)
    assert [run.title for run in it.runs()] == ["1 new finding: 1 warning", "Nothing new"]
    assert it.comments() == []


def not_ours(world: World) -> Proposal:
    it = world.proposal(README, WARNED)
    retitled = it.fake.payloads.pull_request(it.pull, "edited", changes={"title": {"from": "x"}})
    for payload in (it.fake.payloads.pull_request(it.pull, "labeled"), retitled):
        it.deliver(payload=payload)
    it.fake.close_pull_request(it.pull)
    it.ended(it.deliver("closed"))
    return it


def test_what_asks_for_no_review_gets_none(played: Played) -> None:
    """That it was closed is a job, which asks nothing of GitHub."""
    it = played(not_ours)
    assert [it.state(one) for one in it.deliveries] == ["", "", "done"]
    assert it.fake.requests("*", f"/repos/{it.owner}/*") == []


# Pull requests


def nothing_of_ours(world: World) -> Proposal:
    it = world.proposal(README, {"README.md": "Hello there\n"})
    it.review()
    return it


def test_nothing_to_review_is_concluded_too(played: Played) -> None:
    it = played(nothing_of_ours)
    run = it.run()
    assert (run.status, run.conclusion, run.title) == ("completed", "success", "Nothing to review")
    assert (it.comments(), it.fake.reviews(it.pull)) == ([], [])
    assert len(it.sarifs()) == 1


def found_before(world: World) -> Proposal:
    it = world.proposal({**README, **FIRST}, {"README.md": "Hello there\n"})
    it.review()
    return it


def test_what_was_there_before_is_not_repeated(played: Played) -> None:
    it = played(found_before)
    run = it.run()
    assert (run.conclusion, run.title, run.annotations) == ("success", "Nothing new", ())
    assert it.comments() == []


def forked(world: World, *, deleted: bool = False) -> Proposal:
    it = world.proposal(README, {})
    fork, built = world.repository(f"{it.owner}-fork", "web", README, WARNED, visibility="public", fork=True,
                                   installed=False)  # fmt: skip
    it.pull = it.fake.open_pull_request(it.repository, 8, head_sha=built.head, fork=fork)
    if deleted:
        it.fake.delete_fork(it.pull)
    it.review()
    return it


def fork_deleted(world: World) -> Proposal:
    return forked(world, deleted=True)


@pytest.mark.parametrize("scene", [forked, fork_deleted])
def test_a_fork_is_reviewed_also_when_it_is_gone(played: Played, scene: serving.Scene[Proposal]) -> None:
    it = played(scene)
    assert (it.run().conclusion, it.run().title) == ("success", "1 new finding: 1 warning")
    assert [one.path for one in it.comments()] == ["Dockerfile"]


def closed(world: World) -> Proposal:
    """Closed between the delivery and the review."""
    it = world.proposal(README, WARNED)
    payload = it.fake.payloads.pull_request(it.pull, "opened")
    it.fake.close_pull_request(it.pull)
    it.review(payload=payload)
    return it


def locked(world: World) -> Proposal:
    it = world.proposal(README, WARNED)
    it.pull.locked = True
    it.review()
    return it


@pytest.mark.parametrize(
    ("scene", "said"), [(closed, "The pull request is closed"), (locked, "The conversation is locked")]
)
def test_where_nobody_can_talk_the_check_run_does(
    played: Played, scene: serving.Scene[Proposal], said: str
) -> None:
    it = played(scene)
    assert (it.run().conclusion, len(it.run().annotations)) == ("success", 1)
    assert said in (it.run().summary or "")
    assert it.comments() == []


def without_scanning(world: World) -> Proposal:
    it = world.proposal(README, WARNED, visibility="private")
    it.review()
    return it


def test_a_private_repository_without_code_scanning_is_told_so(played: Played) -> None:
    it = played(without_scanning)
    assert (it.run().conclusion, len(it.comments()), it.sarifs()) == ("success", 1, [])
    assert "Code scanning is not enabled" in (it.run().summary or "")


def gone(world: World) -> str:
    it = world.proposal(README, WARNED)
    payload = it.fake.payloads.pull_request(it.pull, "opened")
    del it.fake.hub.pulls[(it.repository.full_name.lower(), it.pull.number)]
    return it.review(payload=payload)


def test_a_pull_request_that_is_gone_is_given_up_without_a_word(played: Played) -> None:
    assert played(gone) == "failed"


# Config


def invalid_at_base(world: World) -> Proposal:
    it = world.proposal({**README, CONFIG: "version: 1\nfail_on: warning\n"}, WARNED)
    it.review()
    return it


def test_an_invalid_config_is_told_and_does_not_apply(played: Played) -> None:
    it = played(invalid_at_base)
    assert it.run().conclusion == "success"
    summary = it.run().summary or ""
    assert f"`{it.repository.full_name}@main:{CONFIG}:2`: unknown key" in summary
    assert "did you mean" in summary


def invalid_at_head(world: World) -> Proposal:
    it = world.proposal(
        {**README, CONFIG: "fail-on: warning\n"}, {**WARNED, CONFIG: "fail-on: warning\n\nmoed: observe\n"}
    )
    it.review()
    return it


def test_a_pull_request_that_breaks_the_config_is_told_and_the_valid_one_applies(played: Played) -> None:
    it = played(invalid_at_head)
    assert it.run().conclusion == "failure"
    assert it.run().title == f"1 error in {CONFIG}; 1 new finding: 1 warning"
    assert (it.run().annotations[0].path, it.run().annotations[0].start_line) == (CONFIG, 3)
    summary = it.run().summary or ""
    assert f"`{CONFIG}:3`: unknown key" in summary
    assert "Merged so, it would not apply" in summary


def enforced(world: World) -> Proposal:
    it = world.proposal({**README, CONFIG: "checks:\n  shell-form-entrypoint: off\n"}, WARNED)
    it.add(".github", {CONFIG: "checks:\n  shell-form-entrypoint: {severity: error, enforced: true}\n"})
    it.review()
    return it


def test_what_the_organisation_enforces_a_repository_cannot_switch_off(played: Played) -> None:
    it = played(enforced)
    assert (it.run().conclusion, it.run().title) == ("failure", "1 new finding: 1 error")
    assert "the organisation enforces it" in (it.run().summary or "")


def observed(world: World) -> Proposal:
    it = world.proposal({**README, CONFIG: "mode: observe\n"}, FIRST)
    it.review()
    return it


def test_observe_is_a_check_run_that_never_fails(played: Played) -> None:
    it = played(observed)
    assert (it.run().conclusion, len(it.run().annotations)) == ("success", 3)
    assert it.comments() == []


def left_out(world: World) -> Proposal:
    config = 'paths: {ignore: ["third_party/**"]}\n'
    it = world.proposal({**README, CONFIG: config}, {"third_party/Dockerfile": SHELL, "Dockerfile": EXEC})
    it.review()
    return it


def test_ignored_paths_bring_no_findings(played: Played) -> None:
    assert played(left_out).run().title == "Nothing new"


def suppressed(world: World) -> Proposal:
    comment = "# tidewaiter: ignore[shell-form-entrypoint] tini is pid 1\n"
    it = world.proposal(README, {"Dockerfile": SHELL.replace("ENTRYPOINT", f"{comment}ENTRYPOINT")})
    it.review()
    return it


def test_a_suppression_is_honoured_and_listed(played: Played) -> None:
    it = played(suppressed)
    assert (it.run().conclusion, it.run().title, it.comments()) == ("success", "Nothing new", [])
    assert "tini is pid 1" in (it.run().summary or "")


# Files


def hard_to_read(world: World) -> Proposal:
    it = world.proposal(
        README,
        {
            **WARNED,
            "big/Dockerfile": "FROM scratch\n# " + "x" * 1_000_001,
            "link/Dockerfile": Link("../Dockerfile"),
            "binary/Dockerfile": b"FROM scratch\n\0\xff",
            "latin/Dockerfile": "FROM scratch\n# é\n".encode("latin-1"),
        },
    )
    it.review()
    return it


def test_what_cannot_be_read_is_named_and_the_rest_reviewed(played: Played) -> None:
    it = played(hard_to_read)
    assert it.run().title == "1 new finding: 1 warning"
    summary = it.run().summary or ""
    for folder, reason in (
        ("big", "larger than 1 MB"),
        ("link", "symbolic link"),
        ("binary", "binary"),
        ("latin", "not UTF-8"),
    ):
        (line,) = [line for line in summary.splitlines() if f"{folder}/Dockerfile" in line]
        assert reason in line


def without_base(world: World, fault: faults.Fault, times: int) -> Proposal:
    """The base is a commit of its own here, so that only its tree is hit."""
    it = world.proposal({**README, "api/Dockerfile": USER}, WARNED)
    it.on("GET", f"git/trees/{it.pull.base_sha}", fault, times=times)
    it.review()
    return it


def base_missing(world: World) -> Proposal:
    return without_base(world, faults.missing(), 1)


def base_failing(world: World) -> Proposal:
    return without_base(world, faults.bad_gateway(), 3)


@pytest.mark.parametrize("scene", [base_missing, base_failing])
def test_a_base_that_cannot_be_read_makes_it_incomplete_and_nothing_new(
    played: Played, scene: serving.Scene[Proposal]
) -> None:
    it = played(scene)
    run = it.run()
    assert (run.status, run.conclusion, run.annotations) == ("completed", "neutral", ())
    assert run.title == "Incomplete: GitHub does not give the files of the merge base"
    assert it.comments() == []


SCENES: tuple[serving.Scene[object], ...] = (
    opened, synchronize, reopened, drafted, rebased, not_ours, nothing_of_ours, found_before, forked,
    fork_deleted, closed, locked, without_scanning, gone, invalid_at_base, invalid_at_head, enforced, observed,
    left_out, suppressed, hard_to_read, base_missing, base_failing,
)  # fmt: skip
