"""What a workflow follows that runs by `workflow_run`: the runs of another one, each for a commit of its own or not.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.workflow.conditions import Given, after_run_for, after_run_on, may_hold
from checks.facts.workflow.events import USUAL_DEFAULTS, Event, events
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.workflows import Step, Workflow

AFTER_ANOTHER = "workflow_run"
_ON_BRANCHES = ("push", "workflow_dispatch")
"""What starts a run on a branch with something new: a push, and whoever starts one by hand."""
_OF_A_COMMIT = (*_ON_BRANCHES, "create", "merge_group", "pull_request", "release")
"""What starts a run for a commit that had none before."""


def follows_each_commit(step: Step, workflows: Iterable[Workflow], *, of_head: bool) -> bool:
    """Whether a step that runs behind another workflow certainly works on another commit each time.

    `of_head` says that it takes the commit of that other run. Else it takes the last one of the default branch, which is
    the same again behind each run for a pull request, another branch or the clock.
    """
    followed = _followed(step, workflows)
    if followed is None:
        return False
    started = [event for event in events(followed) if event.name != "workflow_call"]
    is_same = _may_be_same_head if of_head else _may_be_same_default
    return bool(started) and not any(is_same(step, event) for event in started)


def _followed(step: Step, workflows: Iterable[Workflow]) -> Workflow | None:
    """The only workflow that a step's follows, once for each run; None where there are several, or it isn't here."""
    trigger = step.job.workflow.triggers.get(AFTER_ANOTHER) if step.job is not None else None
    names, types = (trigger.filter("workflows"), trigger.filter("types")) if trigger else (None, None)
    if not names or len(names) > 1 or len(types or ()) != 1:
        return None
    found = [one for one in workflows if one.name == names[0]]
    return found[0] if len(found) == 1 else None


def _may_be_same_head(step: Step, event: Event) -> bool:
    return event.name not in _OF_A_COMMIT and _may_follow(step, after_run_for(event.name))


def _may_be_same_default(step: Step, event: Event) -> bool:
    if event.name not in _ON_BRANCHES:
        return _may_follow(step, after_run_for(event.name))
    trigger = step.job.workflow.triggers[AFTER_ANOTHER] if step.job is not None else None
    branches = trigger.filter("branches") if trigger is not None else None
    if branches and set(branches) <= set(USUAL_DEFAULTS):
        return False
    refs = [given for one in _conditions(step) for given in after_run_on(one, event, USUAL_DEFAULTS)]
    return any(_may_follow(step, {**after_run_for(event.name), **given}) for given in refs)


def _may_follow(step: Step, given: Given) -> bool:
    runs = [] if step.job is None else [one for one in events(step.job.workflow) if one.name == AFTER_ANOTHER]
    return any(all(may_hold(one, run, given) for one in _conditions(step)) for run in runs)


def _conditions(step: Step) -> list[str]:
    """Those under which a step runs, an empty one where there is none."""
    jobs = (step.job, *needed_jobs(step.job)) if step.job is not None else ()
    written = (*(job.condition for job in jobs), step.condition)
    return [one.value for one in written if one is not None] or [""]
