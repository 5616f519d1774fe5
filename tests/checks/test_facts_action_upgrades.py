"""What is asked before an action moves to its newest release."""

from __future__ import annotations

import pytest

from checks.facts.action_upgrades import questions
from tests.checks.workflow import job

ASKED = [
    ("actions/checkout@v5", "", ["where `actions/checkout` keeps it"]),
    ("actions/checkout@v5", "persist-credentials: false", []),
    ("actions/checkout@v6", "ref: main", []),
    ("actions/setup-go@v5", "go-version: '1.24'", ["as new as `go.mod`"]),
    ("actions/setup-go@v5", "go-version-file: go.mod", []),
    ("actions/setup-java@v1", "java-version: 17", ["which `distribution`"]),
    ("actions/setup-java@v3", "java-version: 17", []),
    ("actions/upload-artifact@v3", "path: dist", ["of the same name"]),
    ("actions/upload-artifact@v3", "path: ./.next", ["of the same name", "`include-hidden-files`"]),
    ("actions/upload-artifact@v3", "path: ./dist/../x", ["of the same name"]),
    ("actions/upload-artifact@v4.3.0", "{path: .next, include-hidden-files: true}", []),
    ("actions/download-artifact@v3", "name: dist", ["whatever uploads"]),
    ("actions/github-script@v4", "script: await github.issues.create({})", ["`github.rest`"]),
    ("actions/github-script@v4", "script: await github.graphql(query)", []),
    ("actions/github-script@v4", "script: 'await require(\"./x.js\")({github})'", ["`github.rest`"]),
    ("actions/github-script@v7", "script: const {getOctokit} = require('@actions/github')", ["`getOctokit`"]),
    ("actions/github-script@v7", "script: await github.rest.issues.create({})", []),
    ("actions/stale@v4", "days-before-stale: 60", []),
    ("astral-sh/setup-uv@v5", "python-version: '3.13'", ["virtual environment"]),
    ("astral-sh/setup-uv@v5", "enable-cache: true", []),
    ("golangci/golangci-lint-action@v6", "version: v2.5", []),
    ("golangci/golangci-lint-action@v6", "args: -v", ["golangci-lint version 2"]),
    ("gradle/actions/setup-gradle@v3", "arguments: build", ["refuses `arguments`"]),
    ("gradle/actions/setup-gradle@v3", "cache-disabled: true", []),
    ("gradle/actions/setup-gradle@v3", "generate-job-summary: false", ["do without `generate-job-summary`"]),
    ("helm/kind-action@v1.8.0", "cluster_name: test", ["newer Kubernetes"]),
    ("helm/kind-action@v1.8.0", "node_image: kindest/node:v1.34.0", []),
    ("docker/setup-buildx-action@v3", "{install: true, driver: docker}", ["do without `install`"]),
    ("docker/setup-buildx-action@v3", "buildkitd-flags: --debug", []),
    ("dorny/paths-filter@v1", "githubToken: x", ["do without `githubToken`"]),
    ("acme/nothing@v1", "install: true", []),
]


@pytest.mark.parametrize(("uses", "inputs", "expected"), ASKED)
def test_what_a_step_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    written = inputs if inputs.startswith("{") else f"\n          {inputs}"
    steps = f"steps:\n  - uses: {uses}\n" + (f"    with: {written}\n" if inputs else "")
    (step,) = job(steps).steps
    assert step.uses
    asked = list(questions(step.uses, step))
    assert len(asked) == len(expected), asked
    for one, part in zip(asked, expected, strict=True):
        assert part in one


@pytest.mark.parametrize(
    ("on", "version", "inputs", "is_asked"),
    [
        ("pull_request_target", "v6.0.2", "ref: x", True),
        ("workflow_run", "v4.3.1", "repository: a/b", True),
        ("workflow_run", "v4.4.0", "repository: a/b", False),
        ("pull_request_target", "v4", "ref: x", False),
        ("pull_request_target", "v3", "ref: x", True),
        ("pull_request_target", "v6.0.2", "fetch-depth: 0", False),
        ("push", "v6.0.2", "ref: x", False),
    ],
)
def test_checkouts_of_what_a_fork_may_have_written(
    on: str, version: str, inputs: str, is_asked: bool
) -> None:
    (step,) = job(f"steps:\n  - uses: actions/checkout@{version}\n    with: {{{inputs}}}\n", on).steps
    assert step.uses
    assert any("never a fork's" in one for one in questions(step.uses, step)) is is_asked


@pytest.mark.parametrize(
    ("permissions", "is_asked"), [("{issues: write}", True), ("{actions: write}", False)]
)
def test_what_stale_may_write(permissions: str, is_asked: bool) -> None:
    (step,) = job(f"permissions: {permissions}\nsteps:\n  - uses: actions/stale@v8\n").steps
    assert step.uses
    assert any("in a cache" in one for one in questions(step.uses, step)) is is_asked
