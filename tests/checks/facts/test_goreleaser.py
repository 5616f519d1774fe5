"""What a release of goreleaser writes with the token of its job."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.token.goreleaser import scopes_of_release, version_1_configuration
from checks.facts.upgrade.all_changes import why_held
from checks.source.snapshot import Snapshot
from tests.checks.workflow import job

CONFIGURATION = "version: 2\nbuilds: [{main: .}]\n"


def asked(
    arguments: str, configuration: str, given: str = "${{ github.token }}", more: str = ""
) -> set[str] | None:
    env = f"env: {{GITHUB_TOKEN: '{given}'}}"
    (step,) = job(
        f"steps:\n  - uses: goreleaser/goreleaser-action@v7\n    with: {{args: '{arguments}'{more}}}\n    {env}\n"
    ).steps
    found = scopes_of_release(step, Snapshot.of({".goreleaser.yml": configuration}))
    return None if found is None else set(found)


@pytest.mark.parametrize(
    ("arguments", "is_known"),
    [
        ("release", True),
        ("release --clean --timeout=60m --skip=validate", True),
        ("release --clean --skip=publish", False),
        ("release --snapshot", False),
        ("release --config other.yml", False),
        ("build", False),
        ("${{ inputs.args }}", False),
    ],
)
def test_the_arguments_of_a_release(arguments: str, is_known: bool) -> None:
    assert asked(arguments, CONFIGURATION) == ({"contents"} if is_known else None)


@pytest.mark.parametrize(
    ("configuration", "scopes"),
    [
        ("dockers: [{image_templates: ['ghcr.io/acme/web:1']}]", {"contents"}),
        ("release: {draft: true}", {"contents"}),
        ("release: {disable: false}", {"contents"}),
        ("release: {disable: true}", set()),
        ("release: {disable: '{{ .Env.SKIP }}'}", None),
        ("release: {github: {owner: acme, name: releases}}", None),
        ("milestones: [{close: true}]", None),
        ("signs: [{cmd: cosign}]", None),
        ("brews: [{name: web}]", None),
        ("a: [", None),
    ],
)
def test_what_the_configuration_says(configuration: str, scopes: set[str] | None) -> None:
    assert asked("release", f"{CONFIGURATION}{configuration}\n") == scopes


def test_another_token_or_another_folder() -> None:
    assert asked("release", CONFIGURATION, given="${{ secrets.PAT }}") is None
    assert asked("release", CONFIGURATION, more=", workdir: web") is None


@pytest.mark.parametrize(
    ("inputs", "configuration", "is_of_1"),
    [
        ("args: release --clean", "builds: [{main: .}]\n", True),
        ("args: release --clean", CONFIGURATION, False),
        ("args: release --clean", "builds: [\n", False),
        ("args: release --config other.yml", "builds: [{main: .}]\n", False),
        ("args: release, workdir: web", "builds: [{main: .}]\n", False),
    ],
)
def test_a_configuration_of_version_1(inputs: str, configuration: str, *, is_of_1: bool) -> None:
    steps = f"steps:\n  - uses: goreleaser/goreleaser-action@v5\n    with: {{{inputs}}}\n"
    found = version_1_configuration(job(steps).steps[0], Snapshot.of({".goreleaser.yml": configuration}))
    assert found == (".goreleaser.yml" if is_of_1 else "")


@pytest.mark.parametrize(
    ("configuration", "version", "is_held"),
    [("builds: []\n", "latest", True), ("builds: []\n", "~> v1", False), ("version: 2\n", "latest", False)],
)
def test_the_action_waits_for_its_configuration(configuration: str, version: str, *, is_held: bool) -> None:
    steps = f"steps: [{{uses: goreleaser/goreleaser-action@v5, with: {{version: '{version}'}}}}]"
    workflow = f"on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n    {steps}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": workflow, ".goreleaser.yml": configuration}))
    (step,) = repo.workflows[0].steps
    assert step.uses
    assert (".goreleaser.yml" in why_held(repo.upgrade_of(step.uses, step))) is is_held
