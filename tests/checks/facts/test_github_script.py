"""What a script for GitHub's API uses of its job's token."""

from __future__ import annotations

import pytest

from checks.facts.token.github_script import scopes_of_script
from checks.facts.workflow.workflows import parse_workflow
from checks.source.text import Text

LONG = "x" * 600


@pytest.mark.parametrize(
    ("script", "scopes"),
    [
        ("await github.rest.repos.getPages(context.repo)", {"pages": "read"}),
        ("await github.rest.repos.getPagesDeployment(it)", {"pages": "read"}),
        ("await github.rest.repos.createPagesDeployment(it)", {"pages": "write", "id-token": "write"}),
        (
            "await github.rest.repos.listPullRequestsAssociatedWithCommit(it)",
            {"contents": "read", "pull-requests": "read"},
        ),
        ("await github.rest.repos.createDeployment(it)", {"deployments": "write"}),
        (f"core.info('{LONG}'); await github.rest.actions.reRunWorkflow(it); core.info('done')", None),
        ("core.info('done'); await github.rest.actions.reRunWorkflow(it)", {"actions": "write"}),
        ("const os = require('node:os'); await github.rest.git.createRef(it)", {"contents": "write"}),
        (
            "const body = `${require('fs').readFileSync('a')}`; await github.rest.git.createRef(it); const text = `${each({a: {}})}`",
            {"contents": "write"},
        ),
        ("const { exec } = require('child_process'); await github.rest.git.createRef(it)", None),
        ("require('fs' + name); await github.rest.git.createRef(it)", None),
        ("core.info('github.rest.actions.reRunWorkflow(it)')", {}),
    ],
)
def test_the_scopes_of_its_calls(script: str, scopes: dict[str, str] | None) -> None:
    head = "on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - uses: actions/github-script@v8\n"
    workflow = parse_workflow(
        Text(".github/workflows/w.yml", f"{head}        with:\n          script: |\n            {script}\n")
    )
    assert workflow is not None
    assert scopes_of_script(workflow.jobs[0].steps[0]) == scopes
