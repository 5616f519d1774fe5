"""For which events a job and a step run."""

from __future__ import annotations

from checks.facts.workflow.conditions import (
    NOT_MERGED,
    Given,
    asked_of,
    empty_inputs,
    may_follow_failure,
    may_hold,
)
from checks.facts.workflow.events import Event, RefKind, events
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Step
from checks.record import kept_with
from checks.source.evaluation import known


@kept_with
def of_job(job: Job) -> tuple[Event, ...]:
    """The events for which a job may run, by its `if:` and those of the jobs it needs; an unknown one may hold."""
    found = events(job.workflow)
    return tuple(event for event in found if may_run(job, event, empty_inputs(job.workflow, event)))


@kept_with
def of_step(step: Step) -> tuple[Event, ...] | None:
    """The events for which a step may run; None in a composite action, whose callers decide."""
    if step.job is None:
        return None
    job, condition = step.job, step.condition.value if step.condition else ""
    return tuple(
        event
        for event in of_job(job)
        if _may_hold_in(job, condition, event, empty_inputs(job.workflow, event))
    )


def may_run(job: Job, event: Event, given: Given) -> bool:
    """Whether a job may run for an event, with more given of the contexts of its workflow.

    Behind a job that is skipped all are that need it, over others too, unless they ask for the status themselves.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
    """
    condition = job.condition.value if job.condition else ""
    if not _may_hold_in(job, condition, event, given):
        return False
    needed = needed_jobs(job)
    skipped = [
        one for one in needed if one.condition and not _may_hold_in(one, one.condition.value, event, given)
    ]
    results: Given = {("needs", one.id.lower(), "result"): known("skipped") for one in skipped}
    not_all: Given = {**given, **results, ("success()",): known(False)}
    return not skipped or (may_follow_failure(condition) and _may_hold_in(job, condition, event, not_all))


def may_run_before_merge(job: Job) -> bool:
    """Whether a job may run for a pull request that is not merged, whose code the base does not have."""
    return any(
        event.ref_kind is RefKind.PULL
        and may_run(job, event, {**empty_inputs(job.workflow, event), **NOT_MERGED})
        for event in of_job(job)
    )


def is_after_merge(step: Step) -> bool:
    """Whether a step runs for pull requests once they are merged alone: then the ref and the commit are those of the base.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
    """
    return step.job is not None and not any(
        event.ref_kind is RefKind.PULL and may_run_unmerged(step, event) for event in of_job(step.job)
    )


def may_run_unmerged(step: Step, event: Event) -> bool:
    """Whether a step may run for an event of a pull request that is not merged."""
    if step.job is None:
        return True
    condition = step.condition.value if step.condition else ""
    given = {**empty_inputs(step.job.workflow, event), **NOT_MERGED}
    return may_run(step.job, event, given) and _may_hold_in(step.job, condition, event, given)


def _may_hold_in(job: Job, condition: str, event: Event, given: Given) -> bool:
    return not condition.strip() or may_hold(condition, event, {**given, **not_needed(job, condition)})


def not_needed(job: Job, condition: str) -> Given:
    """What a condition asks of jobs that its own job does not need: nothing is known of them there.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context
    """
    asked = asked_of("needs", condition)
    needed = {name.value.lower() for name in scalars(job.node.get("needs"))} if asked else set()
    return {path: known(None) for path in asked if path[1] not in {*needed, "*"}}
