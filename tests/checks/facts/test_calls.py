"""Reusable workflows: who starts whom, with which events and permissions."""

from __future__ import annotations

import pytest

from checks.check import Outside, Repository
from checks.facts.token.permissions import access, refused
from checks.facts.workflow.filter_patterns import selects
from checks.source.snapshot import Snapshot

CALLED = """
on: [workflow_call, workflow_dispatch]
jobs:
  sign:
    if: github.event_name != 'schedule'
    runs-on: x
    permissions: {id-token: write, contents: read}
    steps: [{run: x}]
"""
CALLER = """
on: {push: {branches: [main]}, pull_request: {}, schedule: [{cron: '0 0 * * *'}]}
permissions: {contents: write}
jobs:
  call:
    if: github.event_name != 'pull_request'
    uses: %s
"""


def repository(uses: str) -> Repository:
    files = {".github/workflows/a.yml": CALLER % uses, ".github/workflows/b.yml": CALLED}
    return Repository(Snapshot.of(files), Outside(slug="acme/web"))


@pytest.mark.parametrize("uses", ["./.github/workflows/b.yml", "acme/web/.github/workflows/b.yml@main"])
def test_a_called_job_has_its_callers_events_and_both_conditions(uses: str) -> None:
    repo = repository(uses)
    called = repo.workflows[1].jobs[0]
    names = {start.event.name for start in repo.calls.starts(called) if start.callers}
    assert names == {"push"}
    (asked,) = refused(repo.workflows[0].jobs[0], repo.calls)
    assert (asked.scope, asked.level, asked.has) == ("id-token", "write", "none")


def test_another_repositorys_workflow_is_nobodys_here() -> None:
    repo = repository("acme/other/.github/workflows/b.yml@main")
    assert not [start for start in repo.calls.starts(repo.workflows[1].jobs[0]) if start.callers]
    assert not list(refused(repo.workflows[0].jobs[0], repo.calls))


def test_a_called_job_has_no_more_than_its_caller() -> None:
    repo = repository("./.github/workflows/b.yml")
    job = repo.workflows[1].jobs[0]
    start = next(one for one in repo.calls.starts(job) if one.callers)
    assert access(job, "id-token", start) == "none"
    assert access(job, "contents", start) == "read"
    assert access(job, "id-token") == "write"


def test_workflows_that_call_each_other_end() -> None:
    files = {
        f".github/workflows/{one}.yml": f"on: workflow_call\njobs: {{x: {{uses: './.github/workflows/{other}.yml'}}}}\n"
        for one, other in (("a", "b"), ("b", "a"))
    }
    repo = Repository(Snapshot.of(files))
    assert repo.calls.starts(repo.workflows[0].jobs[0]) == ()


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        (("src/**",), "src/a/b.go", True),
        (("src/*",), "src/a/b.go", False),
        (("**.md",), "a/b.md", True),
        (("**/Dockerfile",), "Dockerfile", True),
        (("**", "!docs/**"), "docs/a.md", False),
        (("!docs/**", "**"), "docs/a.md", True),
        (("*.jsx?",), "page.js", True),
        (("*.jsx?",), "page.jsx", True),
        (("*.jsx?",), "page.jsxx", False),
        (("v[12].[0-9]+.[0-9]+",), "v1.10.1", True),
        (("v[12].[0-9]+.[0-9]+",), "v3.0.0", False),
        (("a+b",), "aaab", True),
        (("docs/**/*.md",), "docs/README.md", True),
        (("docs/**/*.md",), "docs/a/b/c.md", True),
        (("**/docs/**",), "a/docs/b.txt", True),
        (("**/*src/**",), "my-src/code/app.js", True),
        (("**/migrate-*.sql",), "db/sept/migrate-v1.sql", True),
        (("*feature",), "mona-feature", True),
        (("*feature",), "ver/feature", False),
        (("feature/**",), "feature/a/b", True),
        (("a.c",), "abc", False),
        (("**", "!docs/**", "docs/a.md"), "docs/a.md", True),
        (("*?",), "a", None),
        (("[a",), "a", None),
        (("a\\*",), "a", None),
        (("a+" * 40 + "b",), "a" * 200, False),
        (("a b#c&~-",), "a b#c&~-", True),
    ],
)
def test_filters_of_paths(patterns: tuple[str, ...], path: str, expected: bool | None) -> None:
    assert selects(patterns, path) is expected


def test_inputs_that_the_caller_writes_out_decide_conditions() -> None:
    called = """
on: {workflow_call: {inputs: {push: {type: boolean, default: true}}}}
jobs: {push: {if: inputs.push, runs-on: x, steps: [{run: x}]}}
"""
    caller = "on: push\njobs: {call: {uses: ./.github/workflows/b.yml, with: {push: %s}}}\n"
    started = {}
    for value in ("true", "false", "'${{ vars.PUSH }}'"):
        files = {".github/workflows/a.yml": caller % value, ".github/workflows/b.yml": called}
        repo = Repository(Snapshot.of(files))
        started[value] = bool(repo.calls.starts(repo.workflows[1].jobs[0]))
    assert started == {"true": True, "false": False, "'${{ vars.PUSH }}'": True}


def test_a_caller_without_a_block_may_hand_on_what_the_setting_allows() -> None:
    files = {
        ".github/workflows/a.yml": "on: push\njobs: {call: {uses: ./.github/workflows/b.yml}}\n",
        ".github/workflows/b.yml": CALLED,
    }
    repo = Repository(Snapshot.of(files))
    assert not list(refused(repo.workflows[0].jobs[0], repo.calls))
    start = next(one for one in repo.calls.starts(repo.workflows[1].jobs[0]) if one.callers)
    assert access(repo.workflows[1].jobs[0], "id-token", start) is None


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("", "", {"contents": None, "packages": None, "id-token": "none"}),
        ("{}", "", {"contents": "none", "packages": "none", "id-token": "none"}),
        (
            "{contents: read, packages: write}",
            "",
            {"contents": "read", "packages": "write", "id-token": "none"},
        ),
        (
            "{packages: write}",
            "{id-token: write}",
            {"contents": "none", "packages": "none", "id-token": "write"},
        ),
        ("{packages: write}", "{}", {"contents": "none", "packages": "none", "id-token": "none"}),
        ("read-all", "", {"contents": "read", "packages": "read", "id-token": "read"}),
        ("read-all", "write-all", {"contents": "write", "packages": "write", "id-token": "write"}),
        ("", "{contents: write}", {"contents": "write", "packages": "none", "id-token": "none"}),
    ],
)
def test_the_block_of_a_job_takes_the_place_of_the_workflows(
    outer: str, inner: str, expected: dict[str, str | None]
) -> None:
    content = (
        "on: push\n" + (f"permissions: {outer}\n" if outer else "") + "jobs:\n  build:\n    runs-on: x\n"
    )
    content += (f"    permissions: {inner}\n" if inner else "") + "    steps: [{run: x}]\n"
    (flow,) = Repository(Snapshot.of({".github/workflows/a.yml": content})).workflows
    assert {scope: access(flow.jobs[0], scope) for scope in expected} == expected


def test_what_a_called_workflow_skips_for_its_inputs() -> None:
    called = """
on: {workflow_call: {inputs: {push: {type: boolean}}}}
jobs:
  login:
    if: inputs.push
    runs-on: x
    steps: [{run: x}]
  publish:
    needs: login
    runs-on: x
    steps: [{run: x}]
"""
    caller = """
on: {on}
jobs:
  call:
    uses: ./.github/workflows/b.yml
    with: {{push: {push}}}
"""
    files = {
        ".github/workflows/a.yml": caller.format(on="push", push="true"),
        ".github/workflows/b.yml": called,
        ".github/workflows/c.yml": caller.format(on="pull_request", push="false"),
        ".github/workflows/d.yml": caller.format(on="release", push="'${{ vars.PUSH }}'"),
    }
    repo = Repository(Snapshot.of(files))
    starts = repo.calls.starts(repo.workflows[1].jobs[1])
    assert {start.event.name for start in starts} == {"push", "release"}
