"""Steps that run for pull requests that nobody has merged."""

from __future__ import annotations

from checks.facts.calls import Calls, Start
from checks.facts.events import only_after_merge
from checks.facts.workflows import Job, Step

PULL_REQUEST = frozenset(("pull_request",))
"""Events for which a job runs what a pull request holds by itself; `pull_request_target` runs the base's workflow."""


def of_pull_requests(job: Job, calls: Calls) -> tuple[Start, ...]:
    """The ways in which a pull request starts a job before it is merged."""
    found = (start for start in calls.starts(job) if start.event.name in PULL_REQUEST)
    return tuple(start for start in found if not _is_late(job, None, start))


def of_step(step: Step, calls: Calls) -> tuple[Start, ...]:
    """The same for a step, whose `if:` counts too."""
    found = (start for start in calls.starts_of_step(step) if start.event.name in PULL_REQUEST)
    job = step.job
    return tuple(start for start in found if job is not None and not _is_late(job, step, start))


def _is_late(job: Job, step: Step | None, start: Start) -> bool:
    """Whether the pull request is closed by then, or a condition waits for its merge."""
    if start.event.activities == ("closed",):
        return True
    conditions = [one.condition for one in (*start.callers, job, *((step,) if step else ()))]
    return any(only_after_merge(one.value, start.event) for one in conditions if one is not None)
