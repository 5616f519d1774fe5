"""Releases of actions, the lockfile of workflows, and what steps need."""

from __future__ import annotations

import re

import pytest

from checks.check import Repository
from checks.facts.action.lockfile import parse_lock
from checks.facts.action.pin_edits import pin
from checks.facts.action.releases import at_or_before, newest, of_use, releases
from checks.facts.action.version_comments import page_behind, restated, version_comment
from checks.facts.tables import table
from checks.facts.token.needs import needs
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.checks.workflow import job


def test_the_newest_release_of_a_known_action_is_a_version_with_its_commit() -> None:
    pin = newest("actions/checkout")
    assert pin
    assert re.fullmatch(r"v\d+(\.\d+)*", pin.version)
    assert re.fullmatch(r"[0-9a-f]{40}", pin.commit)
    assert newest("acme/nothing") is None


@pytest.mark.parametrize(
    ("uses", "version", "runtime"),
    [
        ("tailscale/github-action@v4", "v4.1.2", "node24"),
        ("tj-actions/changed-files@v45", "v45.0.2", "node20"),
        ("tj-actions/changed-files@v46", "v46.0.5", "node20"),
        ("JetBrains/qodana-action@v2025.2", "v2025.2.4", "node20"),
        ("treosh/lighthouse-ci-action@10.1.0", "v10.1.0", "node16"),
        ("snyk/actions/setup@v1", "v1.0.0", "composite"),
        ("snyk/actions/node@0.4.0", "v0.4.0", "docker"),
        ("expo/expo-github-action/preview@v8", "v8.2.1", "node20"),
        ("elgohr/Publish-Docker-Github-Action@3.04", "v3.04", "docker"),
        ("styfle/cancel-workflow-action@0.12.1", "v0.12.1", "node20"),
        ("dawidd6/action-send-mail@v3", "v3.11.0", "node20"),
        ("Madrapps/jacoco-report@v1.6", "v1.6", "node16"),
    ],
)
def test_the_release_that_a_name_stands_for(uses: str, version: str, runtime: str) -> None:
    (step,) = job(f"steps:\n  - uses: {uses}\n").steps
    release = of_use(step.uses) if step.uses else None
    assert release
    assert (release.version, release.runtime) == (version, runtime)


@pytest.mark.parametrize(
    ("uses", "version"),
    [
        ("docker/login-action@1f36f5b7a2d2f7bfd524795fc966e6d88c37baa9", "v3.3.0"),
        ("actions/dependency-review-action@45529485b5eb76184ced07362d2331fd9d26f03f", "v4.8.0"),
    ],
)
def test_a_commit_between_two_releases_is_none_but_comes_behind_one(uses: str, version: str) -> None:
    (step,) = job(f"steps:\n  - uses: {uses}\n").steps
    assert step.uses
    before = at_or_before(step.uses)
    assert of_use(step.uses) is None
    assert before
    assert (before.version, before.commit, before.runtime) == (version, step.uses.ref, "node20")


def test_each_commit_between_two_releases_comes_behind_a_known_one_and_is_none() -> None:
    for action, commits in table("action_releases")["between"].items():
        known = {one.version: one.commit for one in releases(action)}
        assert all(version in known for version, _ in commits.values()), action
        assert commits.keys().isdisjoint(known.values()), action


def test_the_releases_of_each_action_are_listed_from_the_oldest_with_whole_commits() -> None:
    for action in table("action_releases")["actions"]:
        numbers = [one.number for one in releases(action)]
        assert numbers == sorted(numbers), action
        assert all(re.fullmatch(r"[0-9a-f]{40}", one.commit) for one in releases(action)), action


_PAGE = "https://github.com/acme/web/releases/tag/{}"


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("v4.1.2", "v7.0.1"),
        ("v4", "v7.0.1"),
        ("4.1.2", "7.0.1"),
        ("V4.1.2", "v7.0.1"),
        ("4.1", "7.0.1"),
        ("tag=v4.1.2", "v7.0.1"),
        ("tag: 4.1.2", "7.0.1"),
        ("tags/v4.1.2", "v7.0.1"),
        ("Release v4", "v7.0.1"),
        ("version 4.1", "7.0.1"),
        ("pinned at v4.1.2 (tried)", "v7.0.1"),
        ("Pin v4.1.2", "v7.0.1"),
        ("pinned v4.1.2", "v7.0.1"),
        ("acme/web@v4", "v7.0.1"),
        ("ratchet:acme/web@v4", "v7"),
        ("ratchet:acme/web@v4.1", "v7.0"),
        ("ratchet:acme/web@v4.1.2", "v7.0.1"),
        ("ratchet:acme/web/sub@v4", "v7"),
        ("ratchet:astral-sh/setup-uv@v4", "v7.0.1"),
    ],
)
def test_another_version_is_said_as_the_comment_says_one(comment: str, expected: str) -> None:
    (step,) = job(f"steps:\n  - uses: acme/web@{'a' * 40} # {comment}\n").steps
    said = version_comment(step.uses) if step.uses else None
    assert said
    assert restated(said[1], "v7.0.1") == expected


@pytest.mark.parametrize(
    "comment",
    [
        "4",
        "since v4",
        "release/v1",
        "4.1.2 or so",
        "v4.x",
        "2026-01-02",
        f"v{'1' * 5000}",
        f"v6.{'1' * 5000}",
    ],
)
def test_comments_that_may_say_something_else(comment: str) -> None:
    (step,) = job(f"steps:\n  - uses: acme/web@{'a' * 40} # {comment}\n").steps
    assert step.uses
    assert version_comment(step.uses) is None


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("TODO: the bot will pin this to a SHA", "v1.2.3"),
        ("FIXME pin by digest", "v1.2.3"),
        ("todo(ann): pin", "v1.2.3"),
        ("TODO: pin to a SHA once v2 is out", "v1.2.3, TODO: pin to a SHA once v2 is out"),
        ("TODO: don't pin", "v1.2.3, TODO: don't pin"),
        (_PAGE.format("v0.9.0"), _PAGE.format("v1.2.3")),
        ("see " + _PAGE.format("v0"), "see " + _PAGE.format("v1.2.3")),
        ("v0.9.0 (" + _PAGE.format("v0.9.0") + ")", "v1.2.3 (" + _PAGE.format("v1.2.3") + ")"),
        (_PAGE.format("v0.9.0") + " v0.9.0", "v1.2.3 # " + _PAGE.format("v0.9.0") + " v0.9.0"),
        (_PAGE.format("v0.9.0") + " broke us", "v1.2.3 # " + _PAGE.format("v0.9.0") + " broke us"),
        (
            "https://github.com/acme/jobs/releases/tag/v0.9.0",
            "v1.2.3 # https://github.com/acme/jobs/releases/tag/v0.9.0",
        ),
        ("TODO: use our own", "v1.2.3, TODO: use our own"),
        ("the newest, pinned by the bot", "v1.2.3, the newest, pinned by the bot"),
    ],
)
def test_a_comment_that_asks_for_a_commit_goes_with_it(comment: str, expected: str) -> None:
    (step,) = job(f"steps:\n  - uses: acme/web@v1  # {comment}\n").steps
    assert step.uses
    content = step.text.content
    for edit in sorted(pin(step.uses, "v1.2.3", "a" * 40), key=lambda one: -one.span.start):
        content = content[: edit.span.start] + edit.replacement + content[edit.span.end :]
    assert f"acme/web@{'a' * 40}  # {expected}\n" in content


@pytest.mark.parametrize("behind", ["-" * 100_000, f"1{' ' * 100_000}", f"see{' ' * 100_000}"])
def test_a_long_comment_behind_a_link_takes_no_quadratic_time(behind: str) -> None:
    (step,) = job(f"steps:\n  - uses: acme/web@v1  # {_PAGE.format('v1.0.0')} {behind}x\n").steps
    assert step.uses
    assert page_behind(step.uses) is None


def test_the_lockfile_says_what_each_workflow_uses() -> None:
    content = (
        "workflows:\n  .github/workflows/w.yml:\n    - actions/checkout@v6\n    - acme/x@main\n  bad: 1\n"
    )
    path = ".github/workflows/actions.lock"
    lock = Repository(Snapshot.of({path: content})).actions_lock
    assert lock
    assert lock.uses == {".github/workflows/w.yml": frozenset({"actions/checkout@v6", "acme/x@main"})}
    assert parse_lock(Text(path, "other: 1\n")) is None
    assert parse_lock(Text(path, "")) is None


KEYLESS = "cosign sign --yes x@sha256:1"


@pytest.mark.parametrize(
    ("step", "scopes"),
    [
        ("uses: github/codeql-action/upload-sarif@v4", ["security-events"]),
        ("uses: actions/attest-build-provenance@v3", ["id-token", "attestations"]),
        ("{uses: aws-actions/configure-aws-credentials@v5, with: {role-to-assume: r}}", ["id-token"]),
        (
            "{uses: aws-actions/configure-aws-credentials@v5, with: {role-to-assume: r, aws-access-key-id: k}}",
            [],
        ),
        ("uses: aws-actions/configure-aws-credentials@v5", []),
        ("uses: actions/checkout@v6", []),
        (f"run: {KEYLESS}", ["id-token"]),
        ("run: cosign attest --yes --type spdx --predicate s.json x@sha256:1", ["id-token"]),
        ("run: cosign sign --key k.pem x@sha256:1", []),
        ("run: cosign sign --identity-token t x", []),
        ("run: cosign sign --unheard-of x", []),
        ("run: cosign verify x", []),
        ("run: echo cosign sign x", []),
        (f"run: if x; then {KEYLESS}; fi", ["id-token"]),
        (f"run: if x; then {KEYLESS}", []),
        (f"{{run: '{KEYLESS}', env: {{SIGSTORE_ID_TOKEN: t}}}}", []),
        (f"run: SIGSTORE_ID_TOKEN=t {KEYLESS}", []),
        (f"run: |\n      echo\n      {KEYLESS}\n      {KEYLESS}", ["id-token"]),
    ],
)
def test_what_a_step_certainly_needs(step: str, scopes: list[str]) -> None:
    found = list(needs(job(f"steps:\n  - {step}\n").steps[0]))
    assert [need.scope for need in found] == scopes
    assert all(need.failure.endswith((".", "”.")) and need.what for need in found)


def test_a_need_stands_where_the_command_does() -> None:
    step = job(f"steps:\n  - run: |\n      echo one\n      {KEYLESS}\n").steps[0]
    assert [need.location.fragment for need in needs(step)] == [KEYLESS]
