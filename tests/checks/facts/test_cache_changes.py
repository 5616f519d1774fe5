"""What a step of `actions/cache` waits for that gets no key."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.upgrade.all_changes import why_held
from checks.record import Record
from checks.source.snapshot import Snapshot

_CALLED = """\
on:
  workflow_call:
    inputs:
      key: {{type: string{default}}}
      push: {{type: boolean}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/{uses}
        with: {{path: out, key: '{key}'}}
        {more}
"""
_CALLER = """\
on: push
jobs:
  call:
    uses: ./.github/workflows/called.yml
    with: {%s}
"""
_INPUT = "${{ inputs.key }}"


class Case(Record):
    uses: str
    key: str = _INPUT
    given: str = "push: true"
    more: str = ""
    default: str = ""
    starts: bool = False


def reason(case: Case) -> str:
    called = _CALLED.format(uses=case.uses, key=case.key, more=case.more, default=case.default)
    files = {
        ".github/workflows/called.yml": called.replace("on:\n", "on:\n  push:\n") if case.starts else called,
        ".github/workflows/caller.yml": _CALLER % case.given,
    }
    repo = Repository(Snapshot.of(files))
    (step,) = (step for one in repo.workflows for job in one.jobs for step in job.steps)
    assert step.uses
    return why_held(repo.upgrade_of(step.uses, step))


@pytest.mark.parametrize(
    "case",
    [
        Case("cache@v3"),
        Case("cache/restore@v3.3.2"),
        Case("cache@v4.0.0"),
        Case("cache@v3", "${{ inputs.key }}${{ inputs.KEY }}"),
    ],
)
def test_a_step_without_a_key_waits_for_one(case: Case) -> None:
    assert "since version 4.0.2 `actions/cache` fails" in reason(case)


@pytest.mark.parametrize(
    "case",
    [
        Case("cache@v3.3.1"),
        Case("cache@v4"),
        Case("cache/save@v3"),
        Case("cache@v3", "web-${{ inputs.key }}"),
        Case("cache@v3", "${{ inputs.key || github.sha }}"),
        Case("cache@v3", given="key: web"),
        Case("cache@v3", given="key: '${{ github.sha }}'"),
        Case("cache@v3", default=", default: web"),
        Case("cache@v3", more="if: inputs.key"),
        Case("cache@v3", more="continue-on-error: true"),
        Case("cache@v3", starts=True),
    ],
)
def test_a_step_that_has_a_key_or_fails_already_or_may_fail_moves(case: Case) -> None:
    assert reason(case) == ""
