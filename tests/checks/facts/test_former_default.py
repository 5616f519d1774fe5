"""Workflows that wait for a default branch which the repository has given up."""

from __future__ import annotations

import pytest

from checks.facts.workflow.former_default import for_former_default
from checks.facts.workflow.workflows import parse_workflow
from checks.source.text import Text

MAIN = "{push: {branches: [main]}}"
MASTER = "{push: {branches: [master]}}"
JOBS = "jobs: {test: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"


@pytest.mark.parametrize(
    ("started", "forgotten"),
    [
        ([MASTER, MAIN, "{pull_request: {branches: [main, develop]}}"], {"0"}),
        ([MAIN, MASTER, "{pull_request: {branches: [master]}, workflow_dispatch: }"], {"0"}),
        (["{push: {branches: [master]}, workflow_dispatch: }", MASTER, MAIN, MAIN, MAIN], {"1"}),
        # one other is too few, and so are as many
        ([MASTER, MAIN], set()),
        ([MASTER, MASTER, MAIN, MAIN], set()),
        # both are in use
        ([MASTER, MAIN, MAIN, "{push: {branches: [main, master]}}"], set()),
        # something else starts it
        (["{push: {branches: [master], tags: ['v*']}}", MAIN, MAIN], set()),
        (["{push: {branches: [master, next]}}", MAIN, MAIN], set()),
        (["{push: {branches: [master]}, schedule: [{cron: '0 3 * * *'}]}", MAIN, MAIN], set()),
        (["{push: {branches: [master], tags-ignore: ['*-rc']}}", MAIN, MAIN], set()),
        (["{pull_request_target: {branches: [master]}}", MAIN, MAIN], set()),
        (["push", MAIN, MAIN], set()),
    ],
)
def test_what_was_forgotten(started: list[str], forgotten: set[str]) -> None:
    read = (parse_workflow(Text(str(at), f"on: {one}\n{JOBS}")) for at, one in enumerate(started))
    assert for_former_default([one for one in read if one is not None]) == forgotten
