"""What is asked before the actions that tend issues, releases and chats move, and what they wait for."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.upgrade.all_changes import beside, questions, why_held
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("actions/github-script@v4", "script: await github.issues.create({})", ["`github.rest`"]),
        ("actions/github-script@v4", "script: await github.graphql(query)", []),
        ("actions/github-script@v4", "script: 'await require(\"./x.js\")({github})'", ["`github.rest`"]),
        (
            "actions/github-script@v7",
            "script: const {getOctokit} = require('@actions/github')",
            ["`getOctokit`"],
        ),
        ("actions/github-script@v7", "script: await github.rest.issues.create({})", []),
        ("actions/stale@v4", "days-before-stale: 60", []),
        ("slackapi/slack-github-action@v3", 'payload: \'{"text": "a"}\'', []),
        ("slackapi/slack-github-action@v3", '{payload: "text: a\\nchannel: b"}', ["indented below its key"]),
        ("cycjimmy/semantic-release-action@v4", "dry_run: true", ["fit semantic-release 25"]),
        ("cycjimmy/semantic-release-action@v4", "semantic_version: 24", []),
        ("dawidd6/action-send-mail@v3", "from: '${{ secrets.FROM }}'", ["is `from` an address"]),
        ("dawidd6/action-send-mail@v3", "from: Our Robot <robot@example.com>", []),
        ("dawidd6/action-send-mail@v3", "from: robot@example.com", []),
        ("EndBug/add-and-commit@v9", "commit: -F note.txt", ["git's `--file`"]),
        ("EndBug/add-and-commit@v9", "add: '--pathspec-from-file=list.txt'", ["git's `--file`"]),
        ("EndBug/add-and-commit@v9", "{add: docs/FILES, commit: --amend --no-edit}", []),
        ("release-drafter/release-drafter@v6", "publish: true", ["each `labels`"]),
        (
            "release-drafter/release-drafter@v6",
            "{disable-autolabeler: true, publish: true}",
            ["each `labels`"],
        ),
        (
            "release-drafter/release-drafter@v6",
            "initial-commits-since: x",
            ["each `labels`", "do without `initial-commits-since`"],
        ),
        ("tj-actions/changed-files@v45", "files: docs", []),
        ("tj-actions/changed-files@v40", "files: docs", ["a backslash"]),
        ("tj-actions/changed-files@v40", "safe_output: false", []),
        (
            "tj-actions/changed-files@v39",
            '{safe_output: true, files: "docs\\nweb/*.ts"}',
            ["end with `/**`"],
        ),
        (
            "tj-actions/changed-files@v39",
            '{safe_output: true, files_yaml: "web:\\n  - web/src\\n"}',
            ["end with `/**`"],
        ),
        ("tj-actions/changed-files@v39", '{safe_output: true, files: "**/docs"}', ["end with `/**`"]),
        ("tj-actions/changed-files@v39", '{safe_output: true, files: "docs/**\\na.md\\nweb/"}', []),
    ],
)
def test_what_an_automation_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


@pytest.mark.parametrize(
    ("uses", "inputs", "why"),
    [
        ("slackapi/slack-github-action@v1", "{payload: x}", "by `webhook` and `webhook-type`"),
        ("slackapi/slack-github-action@v2", "{payload: x}", ""),
        ("amannn/action-semantic-pull-request@v4", "{types: 'fix, feat'}", "each line of `types`"),
        ("amannn/action-semantic-pull-request@v4", '{types: "fix\\nfeat\\n"}', ""),
        ("amannn/action-semantic-pull-request@v4", "{scopes: '${{ inputs.scopes }}'}", ""),
        ("amannn/action-semantic-pull-request@v5", "{types: 'fix, feat'}", ""),
        ("release-drafter/release-drafter@v6", "{disable-releaser: true}", "release-drafter/autolabeler`"),
        ("release-drafter/release-drafter@v6", "{disable-releaser: false}", ""),
        ("dawidd6/action-send-mail@v3", "{from: Our Robot}", "write `Name <address>`"),
        ("dawidd6/action-send-mail@v3", "{from: Our Robot, envelope_from: robot@example.com}", ""),
        ("dawidd6/action-send-mail@v3", "{from: 'Our Robot <robot@example.com>'}", ""),
        ("dawidd6/action-send-mail@v16", "{from: Our Robot}", ""),
    ],
)
def test_what_has_to_be_done_along_with_a_move_of_an_automation(uses: str, inputs: str, why: str) -> None:
    held = why_held(move(uses, inputs))
    assert why in held if why else not held


@pytest.mark.parametrize(
    ("permissions", "is_asked"), [("{issues: write}", True), ("{actions: write}", False)]
)
def test_what_stale_may_write(permissions: str, is_asked: bool) -> None:
    (step,) = job(f"permissions: {permissions}\nsteps:\n  - uses: actions/stale@v8\n").steps
    assert step.uses
    assert any("in a cache" in one for one in questions(Upgrade(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("inputs", "added"),
    [
        ("{stale-issue-message: a}", [", days-before-pr-stale: -1, days-before-pr-close: -1"]),
        (
            "{stale-pr-message: a, days-before-stale: 9}",
            [", days-before-issue-stale: -1, days-before-issue-close: -1"],
        ),
        ("{stale-issue-message: a, stale-pr-message: b}", []),
        ("{stale-issue-message: a, days-before-stale: -1}", []),
        ("{stale-issue-message: a, days-before-pr-stale: -1}", []),
    ],
)
def test_what_stale_left_alone_without_a_message(inputs: str, added: list[str]) -> None:
    moving = move("actions/stale@v3", inputs)
    assert [one.replacement for one in beside(moving)] == added
    assert not any("without one" in one for one in questions(moving))
    assert not beside(move("actions/stale@v4", inputs))


def test_days_for_what_stale_has_no_message_for() -> None:
    moving = move("actions/stale@v3", "{stale-issue-message: a, days-before-pr-stale: 30}")
    assert not beside(moving)
    assert any("without one" in one for one in questions(moving))


@pytest.mark.parametrize(
    ("on", "inputs", "is_asked"),
    [
        ("pull_request", "{publish: true}", True),
        ("pull_request_target", "{disable-autolabeler: false}", True),
        ("pull_request", "{disable-autolabeler: true}", False),
        ("push", "{publish: true}", False),
    ],
)
def test_labels_that_a_draft_of_releases_may_give(on: str, inputs: str, is_asked: bool) -> None:
    uses = "release-drafter/release-drafter@v6"
    (step,) = job(f"steps:\n  - {{uses: {uses}, with: {inputs}}}\n", on).steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, events={on}))
    assert any("give no labels" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("told", "why", "asked"),
    [
        ("categories: [{title: New, labels: [feature]}]\n", "", []),
        ("categories:\n  - title: New\n    labels:\n      - feature\n", "", []),
        ("categories:\n  - title: New\n    labels: feature\n", "", ["each `labels`"]),
        ("autolabeler:\n  - label: docs\n    files: ['*.md']\n", "has an `autolabeler`", []),
        ("_extends: .github\n", "", ["give no labels", "each `labels`"]),
        (None, "", ["give no labels", "each `labels`"]),
    ],
)
def test_what_release_drafter_is_told(told: str | None, why: str, asked: list[str]) -> None:
    content = "on: pull_request\njobs:\n  a:\n    steps:\n      - uses: release-drafter/release-drafter@v6\n"
    files = {".github/release-drafter.yml": told} if told is not None else {}
    repo = Repository(Snapshot.of({".github/workflows/draft.yml": content, **files}))
    (step,) = repo.steps
    assert step.uses
    upgrade = repo.upgrade_of(step.uses, step)
    held = why_held(upgrade)
    assert why in held if why else not held
    if not why:
        check_questions(upgrade, asked)


@pytest.mark.parametrize(
    ("release", "env", "token", "written", "is_asked"),
    [
        ("v1", "GITHUB_TOKEN: '${{ secrets.PAT }}'", "", "token: '${{ secrets.PAT }}'", False),
        ("v1", "GITHUB_TOKEN: ${{ secrets['PAT'] }}", "", "token: '${{ secrets[''PAT''] }}'", False),
        ("v1", "GITHUB_TOKEN: '${{ secrets.PAT }}'", "${{ secrets.PAT }}", "", False),
        ("v1", "GITHUB_TOKEN: '${{ secrets.PAT }}'", "${{ github.token }}", "", True),
        ("v1", "GITHUB_TOKEN: '${{ github.token }}'", "${{ secrets.PAT }}", "", True),
        ("v1", "GITHUB_TOKEN: '${{ secrets.GITHUB_TOKEN }}'", "", "", False),
        ("v1", "GH_TOKEN: '${{ secrets.PAT }}'", "", "", False),
        ("v2.5.3", "GITHUB_TOKEN: '${{ secrets.PAT }}'", "", "", False),
    ],
)
def test_the_token_that_a_release_is_made_with(
    release: str, env: str, token: str, written: str, *, is_asked: bool
) -> None:
    inputs = f"tag_name: v1, token: '{token}'" if token else "tag_name: v1"
    content = f"steps:\n  - uses: softprops/action-gh-release@{release}\n    with: {{{inputs}}}\n    env:\n      {env}\n"
    (step,) = job(content).steps
    assert step.uses is not None
    upgrade = Upgrade(step.uses, step)
    assert any(written in one.replacement for one in beside(upgrade)) is bool(written)
    assert any("`GITHUB_TOKEN`" in one for one in questions(upgrade)) is is_asked


@pytest.mark.parametrize(
    ("token", "written"),
    [
        ("'${{ secrets.PAT }}'", "token: '${{ secrets.PAT }}'"),
        ('"${{ secrets.PAT }}"', 'token: "${{ secrets.PAT }}"'),
        ("${{ secrets['PAT'] }}", "token: '${{ secrets[''PAT''] }}'"),
    ],
)
def test_the_token_of_a_step_on_one_line(token: str, written: str) -> None:
    content = f"env:\n  GITHUB_TOKEN: {token}\nsteps:\n  - {{uses: softprops/action-gh-release@v1}}\n"
    (step,) = job(content).steps
    assert step.uses is not None
    (edit,) = beside(Upgrade(step.uses, step))
    assert f"{{{written}}}" in edit.replacement
