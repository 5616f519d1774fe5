"""What no run comes to, behind a step that stops on every run: later steps of its job, and jobs that need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from checks.facts.build.build_inputs import steps_behind
from checks.facts.workflow.never_run import waiting_behind
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.record import Record
from checks.source.text import Span


class Unreached(Record, eq=False):
    """What of all workflows no run comes to."""

    steps: frozenset[Step]
    """Those of the jobs included."""
    spans: Mapping[str, tuple[Span, ...]]
    """All of it, by path."""


def unreached(stopping: Collection[Step]) -> Unreached:
    """What is behind steps that stop, and asks for no failure.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
    """
    stuck: dict[Workflow, set[Job]] = {}
    for step in stopping:
        if step.job is not None:
            stuck.setdefault(step.job.workflow, set()).add(step.job)
    behind = steps_behind(stopping)
    jobs = [job for flow, own in stuck.items() for job in waiting_behind(frozenset(own), flow.jobs)]
    found: dict[str, list[Span]] = {}
    for step in behind:
        found.setdefault(step.text.path, []).append(step.node.span)
    for job in jobs:
        found.setdefault(job.workflow.path, []).append(job.span)
    return Unreached(
        behind.union(*(job.steps for job in jobs)), {path: tuple(spans) for path, spans in found.items()}
    )
