"""Which checkouts take the code of a fork in a run for `pull_request_target`."""

from __future__ import annotations

import pytest

from checks.facts.upgrade.fork_code import takes_code_of_forks
from checks.facts.upgrade.upgrades import Upgrade
from tests.checks.workflow import job, last_step

_SHA = "${{ github.event.pull_request.head.sha }}"
_REPO = "${{ github.event.pull_request.head.repo.full_name }}"


@pytest.mark.parametrize(
    ("around", "inputs", "expected"),
    [
        ("", f"ref: '{_SHA}'", True),
        (f"env: {{SHA: '{_SHA}'}}\n", "ref: '${{ env.SHA }}'", True),
        ("env: {SHA: '${{ github.sha }}'}\n", "ref: '${{ env.SHA }}'", False),
        ("", "ref: '${{ env.SHA }}'", False),
        ("", "ref: 'refs/pull/${{ github.event.number }}/merge'", True),
        ("", "ref: \"${{ format('refs/pull/{0}/head', github.event.pull_request.number) }}\"", True),
        ("", "ref: '${{ github.event.pull_request.merge_commit_sha }}'", True),
        (
            "if: github.event.pull_request.head.repo.fork == false\n",
            "ref: 'refs/pull/${{ github.event.number }}/merge'",
            False,
        ),
        (
            "env: {REF: 'refs/pull/${{ github.event.number }}/merge'}\n",
            "repository: '${{ github.repository }}', ref: '${{ env.REF }}'",
            True,
        ),
        ("env: {REF: 'releases/${{ github.event.number }}'}\n", "ref: '${{ env.REF }}'", False),
        ("", "repository: acme/docs, ref: 'refs/pull/${{ github.event.number }}/merge'", False),
        ("", "ref: 'releases/${{ github.event.number }}'", False),
        (
            f"strategy: {{matrix: {{include: [{{at: '{_SHA}'}}]}}}}\nenv: {{SHA: '${{{{ matrix.at }}}}'}}\n",
            "ref: '${{ env.SHA }}'",
            True,
        ),
        (
            f"env: {{SHA: '{_SHA}'}}\nif: github.event.pull_request.head.repo.full_name == github.repository\n",
            "ref: '${{ env.SHA }}'",
            False,
        ),
        (
            "env: {SHA: '${{ github.event.pull_request.head.sha != github.sha && github.sha }}'}\n",
            "ref: '${{ env.SHA }}'",
            False,
        ),
    ],
)
def test_heads_that_variables_and_a_matrix_hold(around: str, inputs: str, expected: bool) -> None:
    uses = f"uses: actions/checkout@v3\n    with: {{{inputs}}}"
    (step,) = job(f"{around}steps:\n  - {uses}\n", "pull_request_target").steps
    assert step.uses
    assert takes_code_of_forks(Upgrade(step.uses, step, events={"pull_request_target"})) is expected
    assert not takes_code_of_forks(Upgrade(step.uses, step, events={"pull_request"}))


_PLAN = """\
on: [pull_request_target, issue_comment]
jobs:
  plan:
    runs-on: ubuntu-24.04
    outputs: {{legs: "${{{{ steps.plan.outputs.legs || '[]' }}}}", from: '${{{{ steps.plan.outputs.from }}}}'}}
    steps:
      - id: plan
        if: github.event_name == '{event}'
        env: {{FROM: '{given}'}}
        run: |
          {script}
  test:
    needs: plan
    if: {condition}
    runs-on: ubuntu-24.04
    strategy: {{matrix: {{include: '${{{{ fromJSON(needs.plan.outputs.legs) }}}}'}}}}
    env: {{FROM: '${{{{ matrix.from }}}}'}}
    steps:
      - uses: actions/checkout@v3
        with: {{{inputs}}}
"""
_OUT = 'echo "legs=[{\\"from\\": \\"$FROM\\"}]" >> $GITHUB_OUTPUT'
_TARGET = "pull_request_target"


@pytest.mark.parametrize(
    ("event", "given", "script", "condition", "inputs", "expected"),
    [
        (_TARGET, _REPO, _OUT, "always()", "repository: '${{ env.FROM }}'", True),
        (_TARGET, _REPO, _OUT, "always()", "repository: '${{ needs.plan.outputs.from }}'", True),
        (_TARGET, _REPO, _OUT, "always()", "ref: '${{ env.FROM }}'", False),
        (_TARGET, _REPO, _OUT, "needs.plan.outputs.fork != 'yes'", "repository: '${{ env.FROM }}'", False),
        (_TARGET, "${{ github.repository }}", _OUT, "always()", "repository: '${{ env.FROM }}'", False),
        ("issue_comment", _REPO, _OUT, "always()", "repository: '${{ env.FROM }}'", False),
        (
            _TARGET,
            _REPO,
            f'[ "$FROM" = acme/web ] && {_OUT}',
            "always()",
            "repository: '${{ env.FROM }}'",
            False,
        ),
        (
            _TARGET,
            _REPO,
            'curl --data="$FROM" https://api.example',
            "always()",
            "repository: '${{ env.FROM }}'",
            False,
        ),
        (_TARGET, _REPO, 'echo "$FROM"', "always()", "repository: '${{ env.FROM }}'", False),
    ],
)
def test_repositories_that_a_job_before_hands_on(
    event: str, given: str, script: str, condition: str, inputs: str, expected: bool
) -> None:
    written = _PLAN.format(event=event, given=given, script=script, condition=condition, inputs=inputs)
    step = last_step(written)
    assert step.uses
    upgrade = Upgrade(step.uses, step, events={"pull_request_target", "issue_comment"})
    assert takes_code_of_forks(upgrade) is expected
