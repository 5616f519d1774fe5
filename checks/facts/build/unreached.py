"""What no run comes to, behind a step that stops on every run: later steps of its job, and jobs that need it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from checks.facts.build.build_inputs import steps_behind
from checks.facts.workflow.conditions import WHATEVER_COMES
from checks.facts.workflow.never_run import waiting_behind
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.record import Record
from checks.source.evaluation import UNKNOWN, holds, known
from checks.source.text import Span


class Unreached(Record, eq=False):
    """What of all workflows no run comes to."""

    steps: frozenset[Step]
    """Those of the jobs included."""
    spans: Mapping[str, tuple[Span, ...]]
    """All of it, by path."""


_NO_SUCCESS = known("failure", "skipped", "cancelled")


def waiting_in_vain(failing: Iterable[Step]) -> frozenset[Step]:
    """The later steps that run only where one of these succeeds, by its `outcome`, which `continue-on-error` leaves as it was.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#steps-context
    """
    found = ((step, later) for step in failing if step.id for later in step.later)
    return frozenset(later for step, later in found if _waits_for(later, step.id.lower()))


def _waits_for(step: Step, name: str) -> bool:
    condition = step.condition.value if step.condition is not None else ""
    outcome = ("steps", name, "outcome")
    return name in condition.lower() and (
        holds(condition, lambda path: _NO_SUCCESS if path == outcome else WHATEVER_COMES.get(path, UNKNOWN))
        is False
    )


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
