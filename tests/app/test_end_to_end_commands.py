"""`/explain`, `/ignore` and `/fix`, and the button that commits: by the real server, from a comment to what stands
there then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from markdown_it import MarkdownIt

from app import answers, commands
from app.manifest import TO_COMMIT
from checks.catalogue import catalogue
from tests.app import cargo, serving
from tests.app.cargo import CONFIG, EXEC, FIRST, PINNED, README, SCAN_PATH, SECOND, SHELL, WARNED
from tests.app.serving import Played, Proposal, World, wait
from tests.github import faults
from tests.github.repositories import Executable, Files, commit
from tests.github.state import GRANTED, IssueComment


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("commands")
    with serving.played(folder, SCENES[::2], SCENES[1::2], asks_for=TO_COMMIT) as made:
        yield made


@dataclass(frozen=True)
class Asked:
    """A command that was carried out, or not."""

    it: Proposal
    comment: IssueComment

    @property
    def reactions(self) -> list[str]:
        return [content for *_, content in self.it.fake.hub.issue_comments[self.comment.id].reactions]

    @property
    def answers(self) -> list[str]:
        ours = [
            one.body
            for one in self.it.fake.issue_comments(self.it.pull)
            if one.author.login == "tidewaiter[bot]"
        ]
        assert all(commands.read(body) is None for body in ours)
        return ours

    @property
    def answer(self) -> str:
        (answer,) = self.answers
        return answer


def ask(it: Proposal, body: str, role: str = "write", login: str = "rosa") -> Asked:
    """Somebody writes a comment, and all that comes of it."""
    if role:
        it.fake.set_permission(it.repository, login, role)
    made = it.fake.comment(it.pull, login, body)
    delivery = it.fake.deliver("issue_comment", it.fake.payloads.issue_comment(made))
    assert delivery.status_code == 202
    it.deliveries.append(delivery)
    settled(it)
    return Asked(it, made)


def settled(it: Proposal) -> None:
    """All jobs of the server: a command hands on, and its delivery has several then."""
    wait(lambda: not {"queued", "running"} & set(it.world.site.states().values()), "all jobs to end")


def reviewed(world: World, base: Mapping[str, str] = README, head: Mapping[str, str] = WARNED) -> Proposal:
    """With the permissions that an owner grants by default."""
    it = world.proposal(base, head)
    it.installation.permissions = dict(GRANTED)
    it.review()
    return it


# /explain


def explained(world: World) -> Asked:
    it = reviewed(world)
    ask(it, "/explain shell-form-entrypoint")
    return ask(it, "/explain `shell-form-entrypoint`")


def test_explain_is_answered_with_the_page_of_the_check_once(played: Played) -> None:
    asked = played(explained)
    assert asked.answer.startswith(
        "# Entrypoint or command is written in shell form\n\n`shell-form-entrypoint`"
    )
    assert "## What it finds" in asked.answer
    assert asked.reactions == ["eyes"]
    assert len(asked.it.runs()) == 1


def explained_misspelled(world: World) -> Asked:
    return ask(reviewed(world), "/explain shell-from-entrypoint")


def test_a_misspelled_check_is_asked_after(played: Played) -> None:
    answer = played(explained_misspelled).answer
    assert answer.startswith(
        "No check is called `shell-from-entrypoint`. Did you mean `shell-form-entrypoint`?"
    )


def explained_hostile(world: World) -> Asked:
    it = reviewed(world)
    return ask(it, "/explain @acme/owners<img>`\u202e")


def test_what_was_asked_for_is_answered_as_a_value_only(played: Played) -> None:
    assert played(explained_hostile).answer.startswith("No check is called `` @acme/owners<img>` ``.\n")


def explained_nothing(world: World) -> Asked:
    return ask(reviewed(world), "/explain")


def test_explain_without_a_check_says_what_to_write(played: Played) -> None:
    assert "`/explain CHECK`" in played(explained_nothing).answer


def explained_to_reader(world: World) -> Asked:
    return ask(reviewed(world), "/explain shell-form-entrypoint", role="read")


def test_explain_is_for_who_may_write(played: Played) -> None:
    asked = played(explained_to_reader)
    assert (asked.reactions, asked.answers) == (["confused"], [])


def test_every_page_fits_into_a_comment_and_mentions_nobody() -> None:
    for module in catalogue():
        told = answers.explained(module.check.id, module.check, "https://tidewaiter.example/checks")
        assert len(told.body) < 65_536
        assert told.body.endswith(told.marker)
        assert commands.read(told.body) is None
        for token in MarkdownIt("commonmark").parse(told.body):
            for child in token.children or ():
                assert child.type != "text" or " @" not in f" {child.content}", module.check.id


# /ignore


IGNORE = "/ignore shell-form-entrypoint tini is `pid` 1"


def ignored(world: World) -> Asked:
    return ask(reviewed(world, README, FIRST), IGNORE)


def test_ignore_leaves_the_check_out_and_says_who_and_why(played: Played) -> None:
    asked = played(ignored)
    assert (asked.reactions, asked.answers) == (["eyes"], [])
    first, second = asked.it.runs()
    assert first.title == "3 new findings: 1 error, 1 warning, 1 note"
    assert second.title == "2 new findings: 1 error, 1 note"
    assert "1 ignored by a command" in (second.summary or "")
    assert ", by rosa: ``tini is `pid` 1``" in (second.summary or "")
    assert "Dockerfile" not in [one.path for one in second.annotations]
    assert "Dockerfile" not in [one.path for one in asked.it.comments()]
    newest = asked.it.sarifs()[-1].document["runs"][0]["results"]
    assert sorted(one["ruleId"] for one in newest) == ["action-on-branch", "user-not-numeric"]


def ignored_then_pushed(world: World) -> Asked:
    asked = ask(reviewed(world, README, FIRST), "/ignore user-not-numeric it runs nowhere")
    asked.it.push({**SECOND, "worker/Dockerfile": cargo.USER})
    asked.it.review("synchronize")
    return asked


def test_it_holds_for_later_heads(played: Played) -> None:
    it = played(ignored_then_pushed).it
    run = it.run(it.pull.head_sha)
    assert run.title == "1 new finding: 1 warning"
    assert "2 ignored by a command" in (run.summary or "")


def ignored_with_reply(world: World) -> Asked:
    it = reviewed(world)
    (comment,) = it.comments()
    it.fake.reply(comment, "sam", "Why?")
    return ask(it, IGNORE)


def test_a_replied_comment_says_since_when_it_is_ignored(played: Played) -> None:
    it = played(ignored_with_reply).it
    first = it.comments()[0]
    assert first.body.startswith(f"Ignored since `{it.pull.head_sha[:7]}`.")


def ignored_and_closed(world: World) -> Asked:
    """Closing forgets; so does reopening bring everything back."""
    asked = ask(reviewed(world), IGNORE)
    it = asked.it
    it.fake.close_pull_request(it.pull)
    it.deliver("closed")
    settled(it)
    it.pull.state = "open"
    it.review("reopened")
    return asked


def test_a_closed_pull_request_forgets_what_was_ignored(played: Played) -> None:
    runs = played(ignored_and_closed).it.runs()
    assert [run.title for run in runs] == [
        "1 new finding: 1 warning",
        "Nothing new",
        "1 new finding: 1 warning",
    ]


def ignored_though_enforced(world: World) -> Asked:
    it = world.proposal(README, WARNED)
    it.add(".github", {CONFIG: "checks:\n  shell-form-entrypoint: {severity: error, enforced: true}\n"})
    it.review()
    return ask(it, IGNORE)


def test_what_the_organisation_enforces_is_not_ignored(played: Played) -> None:
    asked = played(ignored_though_enforced)
    assert asked.reactions == ["confused"]
    assert asked.answer.startswith("`shell-form-entrypoint` is not ignored: the organisation enforces it.")
    assert asked.it.run().title == "1 new finding: 1 error"


def enforced_afterwards(world: World) -> Asked:
    """What is stored already has no effect any more, and the check run says so."""
    asked = ask(reviewed(world), IGNORE)
    it = asked.it
    config = "checks:\n  shell-form-entrypoint: {severity: error, enforced: true}\n"
    it.add(".github", {CONFIG: config}, visibility="public")
    it.push({"README.md": "Hello there\n"})
    it.review("synchronize")
    return asked


def test_what_is_enforced_later_is_no_longer_ignored(played: Played) -> None:
    it = played(enforced_afterwards).it
    run = it.run(it.pull.head_sha)
    assert (run.title, run.conclusion) == ("1 new finding: 1 error", "failure")
    assert "`shell-form-entrypoint` counts although it was asked to be ignored" in (run.summary or "")


def ignored_by_fork_author(world: World) -> Asked:
    it = world.proposal(README, {})
    fork, built = world.repository(
        f"{it.owner}-fork", "web", README, WARNED, visibility="public", fork=True, installed=False
    )
    it.pull = it.fake.open_pull_request(it.repository, 8, head_sha=built.head, fork=fork, author="mallory")
    it.review()
    return ask(it, IGNORE, role="", login="mallory")


def ignored_by_reader(world: World) -> Asked:
    return ask(reviewed(world), IGNORE, role="triage")


@pytest.mark.parametrize("scene", [ignored_by_fork_author, ignored_by_reader])
def test_an_author_does_not_decide_what_counts(played: Played, scene: serving.Scene[Asked]) -> None:
    asked = played(scene)
    assert (asked.reactions, asked.answers) == (["confused"], [])
    assert asked.it.run().title == "1 new finding: 1 warning"


def ignored_badly(world: World) -> list[Asked]:
    it = reviewed(world)
    bodies = ["/ignore shell-form-entrypoint", "/ignore shell-form tini", "/ignore"]
    return [ask(it, body) for body in bodies]


def test_without_a_reason_or_a_check_nothing_is_ignored(played: Played) -> None:
    asked = played(ignored_badly)
    assert [one.reactions for one in asked] == [["confused"]] * 3
    first, second, third = asked[0].answers
    assert first.startswith("`shell-form-entrypoint` is not ignored: a reason is missing.")
    assert second.startswith("No check is called `shell-form`.")
    assert "`/ignore CHECK reason`" in third
    assert len(asked[0].it.runs()) == 1


def group_of_ignored(world: World) -> Asked:
    """A queue must not stop at what the pull request was let through with."""
    asked = ask(reviewed(world, {**README, CONFIG: "fail-on: warning\n"}), IGNORE)
    it = asked.it
    merged = commit(it.git_dir(), f"queue-{it.owner}", WARNED, parent=it.pull.base_sha, message="Merge")
    it.fake.deliver("merge_group", it.fake.payloads.merge_group(it.pull, merged))
    settled(it)
    (run,) = [one for one in it.fake.check_runs(sha=merged) if one.repository == it.repository.full_name]
    assert (run.title, run.conclusion) == ("Nothing new", "success")
    return asked


def test_a_merge_group_knows_what_its_pull_request_ignores(played: Played) -> None:
    assert [run.conclusion for run in played(group_of_ignored).it.runs()] == ["failure", "success"]


# /fix


def fixable(world: World, head: Files = FIRST, **granted: str) -> Proposal:
    """On a branch of its own, so that what is committed is seen by this proposal alone."""
    it = world.proposal(README, head)
    it.installation.permissions = {**GRANTED, **(granted or TO_COMMIT)}
    it.pull.head_ref = f"{it.owner}-change"
    it.repository.branches[it.pull.head_ref] = it.pull.head_sha
    return it


def tree(it: Proposal) -> dict[str, str]:
    """The files of the head."""
    store = it.repository.store
    listed = store.tree(it.pull.head_sha, True) or ()
    return {one.path: (store.blob(one.sha) or b"").decode() for one in listed if one.kind == "blob"}


def fixed(world: World) -> tuple[Asked, str]:
    it = fixable(world)
    it.review()
    old = it.pull.head_sha
    asked = ask(it, "/fix")
    it.review("synchronize")
    return asked, old


def test_fix_commits_the_safe_fixes_once(played: Played) -> None:
    asked, old = played(fixed)
    it = asked.it
    info = it.repository.store.info(it.pull.head_sha)
    assert info.parents == (old,)
    assert tree(it)["Dockerfile"] == EXEC
    assert tree(it)[SCAN_PATH] == PINNED
    assert info.message.startswith("Apply 3 safe fixes\n\n- .github/workflows/scan.yml: ")
    assert "Asked for by rosa." in info.message
    assert asked.reactions == ["eyes"]
    assert asked.answer.startswith(f"Committed [`{it.pull.head_sha[:7]}`](https://github.com/")
    assert asked.answer.count("\n- `") == 3
    assert it.run(it.pull.head_sha).title == "Nothing new"


def test_the_button_is_offered_where_it_can_be_granted(played: Played) -> None:
    asked, old = played(fixed)
    labels = [label for label, *_ in asked.it.run(old).actions]
    assert labels == ["Recheck", "Apply fixes"]
    assert [label for label, *_ in asked.it.run(asked.it.pull.head_sha).actions] == ["Recheck"]
    assert [label for label, *_ in played(ignored).it.runs()[0].actions] == ["Recheck"]


def pressed(world: World) -> tuple[Proposal, str]:
    it = fixable(world)
    it.review()
    old = it.pull.head_sha
    it.fake.set_permission(it.repository, "rosa", "write")
    payload = it.fake.payloads.check_run(
        it.run(), "requested_action", sender="rosa", identifier="apply-fixes"
    )
    it.deliveries.append(it.fake.deliver("check_run", payload))
    settled(it)
    it.fake.deliver("check_run", payload)
    settled(it)
    return it, old


def test_the_button_does_the_same_and_twice_is_once(played: Played) -> None:
    it, old = played(pressed)
    assert it.repository.store.info(it.pull.head_sha).parents == (old,)
    (told,) = it.fake.issue_comments(it.pull)
    assert told.body.startswith("Committed ")


def pressed_on_older_head(world: World) -> tuple[Proposal, str]:
    it = fixable(world)
    it.review()
    it.fake.set_permission(it.repository, "rosa", "write")
    payload = it.fake.payloads.check_run(
        it.run(), "requested_action", sender="rosa", identifier="apply-fixes"
    )
    new = it.push({"README.md": "Hello there\n"})
    it.fake.deliver("check_run", payload)
    settled(it)
    return it, new


def test_the_button_of_an_older_head_commits_nothing(played: Played) -> None:
    it, new = played(pressed_on_older_head)
    assert it.pull.head_sha == new
    (told,) = it.fake.issue_comments(it.pull)
    assert told.body.startswith("Nothing was committed: the head moved meanwhile.")


def declined(world: World, *, why: str) -> Asked:
    if why == "fork":
        it = world.proposal(README, {})
        fork, built = world.repository(
            f"{it.owner}-fork", "web", README, FIRST, visibility="public", fork=True, installed=False
        )
        it.installation.permissions |= TO_COMMIT
        it.pull = it.fake.open_pull_request(it.repository, 8, head_sha=built.head, fork=fork)
    else:
        it = fixable(world, {"README.md": "Hi\n"} if why == "nothing" else FIRST, **_GRANTED[why])
    it.review()
    if why == "protected":
        it.on(
            "PATCH", "git/refs/heads/*", faults.unprocessable("Changes must be made through a pull request.")
        )
    if why == "moved":
        moved = faults.call(lambda: it.push({"README.md": "Hello there\n"}), after=True)
        it.on("POST", "git/commits", moved)
    return ask(it, "/fix")


_GRANTED: dict[str, dict[str, str]] = {"not granted": {"contents": "read"}}
for _name in ("nothing", "protected", "moved"):
    _GRANTED[_name] = {}


def declined_fork(world: World) -> Asked:
    return declined(world, why="fork")


def declined_not_granted(world: World) -> Asked:
    return declined(world, why="not granted")


def declined_nothing(world: World) -> Asked:
    return declined(world, why="nothing")


def declined_protected(world: World) -> Asked:
    return declined(world, why="protected")


def declined_moved(world: World) -> Asked:
    return declined(world, why="moved")


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        (declined_fork, "the branch is in a fork, where the App may not write"),
        (declined_not_granted, "the installation does not grant `contents: write`"),
        (declined_nothing, "there is no safe fix"),
        (declined_protected, "Changes must be made through a pull request"),
        (declined_moved, "the head moved meanwhile"),
    ],
)
def test_where_nothing_is_committed_the_answer_says_why(
    played: Played, scene: serving.Scene[Asked], why: str
) -> None:
    asked = played(scene)
    assert asked.answer.startswith("Nothing was committed: ")
    assert why in asked.answer
    assert asked.it.repository.store.info(asked.it.pull.head_sha).message == "Change"
    if scene in {declined_fork, declined_not_granted}:
        assert asked.it.fake.requests("POST", f"/repos/{asked.it.owner}/web/git/*") == []


def fixed_by_reader(world: World) -> Asked:
    it = fixable(world)
    it.review()
    return ask(it, "/fix", role="read")


def test_fix_is_for_who_may_write(played: Played) -> None:
    asked = played(fixed_by_reader)
    assert (asked.reactions, asked.answers) == (["confused"], [])


def fixed_without_workflows(world: World) -> Asked:
    it = fixable(world, contents="write")
    it.review()
    return ask(it, "/fix")


def test_workflows_are_left_alone_where_they_are_not_granted(played: Played) -> None:
    asked = played(fixed_without_workflows)
    assert tree(asked.it)[SCAN_PATH] == cargo.SCAN
    assert tree(asked.it)["Dockerfile"] == EXEC
    assert (
        "1 safe fix in a workflow is left alone: the installation does not grant `workflows: write`."
        in asked.answer
    )


CRLF = SHELL.replace("\n", "\r\n").removesuffix("\r\n")


def fixed_with_care(world: World) -> Asked:
    it = fixable(world, {"Dockerfile": CRLF, "run.sh": Executable("#!/bin/sh\ndocker push x\n")})
    it.review()
    return ask(it, "/fix")


def test_a_commit_keeps_modes_line_endings_and_the_missing_newline(played: Played) -> None:
    it = played(fixed_with_care).it
    assert tree(it)["Dockerfile"] == EXEC.replace("\n", "\r\n").removesuffix("\r\n")
    modes = {one.path: one.mode for one in it.repository.store.tree(it.pull.head_sha, True) or ()}
    assert (modes["run.sh"], modes["Dockerfile"]) == ("100755", "100644")


def fixed_but_ignored(world: World) -> Asked:
    it = fixable(world)
    it.review()
    ask(it, IGNORE)
    return ask(it, "/fix")


def test_what_is_ignored_is_not_fixed(played: Played) -> None:
    files = tree(played(fixed_but_ignored).it)
    assert (files["Dockerfile"], files[SCAN_PATH]) == (SHELL, PINNED)


def fixed_with_faults(world: World) -> Asked:
    """The answers to what was done are lost, and it is done once all the same."""
    it = fixable(world)
    it.review()
    for method, path in (("POST", "git/trees"), ("POST", "git/commits"), ("PATCH", "git/refs/heads/*")):
        it.on(method, path, faults.answer_lost())
    it.on("POST", f"issues/{it.pull.number}/comments", faults.secondary_limit(1))
    return ask(it, "/fix")


def test_a_github_that_fails_for_a_while_gets_one_commit(played: Played) -> None:
    asked = played(fixed_with_faults)
    it = asked.it
    history = it.repository.store.history(it.pull.base_sha, it.pull.head_sha)
    assert len(history) == 2, "the change and one commit of ours"
    assert asked.answer.startswith(f"Committed [`{it.pull.head_sha[:7]}`]")


SCENES: tuple[serving.Scene[object], ...] = (
    explained, explained_misspelled, explained_hostile, explained_nothing, explained_to_reader, ignored,
    ignored_then_pushed, ignored_with_reply, ignored_and_closed, ignored_though_enforced, enforced_afterwards,
    ignored_by_fork_author, ignored_by_reader, ignored_badly, group_of_ignored, fixed, pressed,
    pressed_on_older_head, declined_fork, declined_not_granted, declined_nothing, declined_protected,
    declined_moved, fixed_by_reader, fixed_without_workflows, fixed_with_care, fixed_but_ignored,
    fixed_with_faults,
)  # fmt: skip
