"""Workflows for the tests of facts, made of the part that a test is about."""

from __future__ import annotations

import textwrap

from checks.facts.workflow.workflows import Job, Step, Workflow, parse_workflow
from checks.source.text import Text

JOB = """\
on: {on}
jobs:
  build:
    runs-on: ubuntu-24.04
{job}
"""


def workflow(content: str, path: str = ".github/workflows/w.yml") -> Workflow:
    parsed = parse_workflow(Text(path, content))
    assert isinstance(parsed, Workflow)
    return parsed


def job(content: str, on: str = "push") -> Job:
    """The only job of a workflow, from its keys but `runs-on`."""
    (found,) = workflow(JOB.format(on=on, job=textwrap.indent(content, "    "))).jobs
    return found


def last_step(content: str) -> Step:
    """The last step of a workflow."""
    return workflow(content).jobs[-1].steps[-1]
