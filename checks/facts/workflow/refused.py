"""Workflows that GitHub refuses as a whole: each of their runs fails before a job begins."""

from __future__ import annotations

from checks.facts.workflow.context_availability import names_what_is_missing
from checks.facts.workflow.expression_syntax import holds_no_expression
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.source.yaml import Mapping, Scalar

_NO_EVENTS = frozenset(
    (
        "branch",
        "branches",
        "branches-ignore",
        "concurrency",
        "cron",
        "defaults",
        "env",
        "inputs",
        "jobs",
        "manual",
        "name",
        "outputs",
        "paths",
        "paths-ignore",
        "permissions",
        "pull-request",
        "pull_requests",
        "run-name",
        "runs-on",
        "secrets",
        "steps",
        "tag",
        "tags",
        "tags-ignore",
        "types",
        "workflow-dispatch",
    )
)
"""Keys of a workflow's other levels, and slips of the pen, that are found in the place of an event and never will be one."""

_OF_JOBS = frozenset(
    (
        "branches",
        "container",
        "environment",
        "if",
        "inputs",
        "needs",
        "outputs",
        "permission",
        "pull_request",
        "push",
        "runs",
        "runs-on",
        "schedule",
        "secrets",
        "services",
        "steps",
        "strategy",
        "timeout-minutes",
        "uses",
        "with",
        "workflow_call",
        "workflow_dispatch",
    )
)
"""Keys of jobs and of `on:`, and a slip of the pen, that are found at the level of the workflow, which has none of them."""
_OF_PUSH = frozenset(("branches", "branches-ignore", "paths", "paths-ignore", "tags", "tags-ignore"))
"""All that `push` takes; an event below it is indented too far."""
_OF_ALL_STEPS = frozenset(
    ("continue-on-error", "env", "id", "if", "name", "shell", "timeout-minutes", "with", "working-directory")
)
"""What a step may have beside what it does."""


def is_refused(workflow: Workflow) -> bool:
    """Whether GitHub starts no job of a workflow.

    It has a key of its jobs, its `on:` names what is no event, or below `push` what is no filter, a job has no machine, a job needs one that is not there, a step has nothing to do or two things, or an
    expression can't be read or names what is not available in its place. An event that isn't known here may be a new one.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
    """
    return (
        not _OF_JOBS.isdisjoint(_keys(workflow.node))
        or not _NO_EVENTS.isdisjoint(workflow.triggers)
        or not _keys(push.node if (push := workflow.triggers.get("push")) else None) <= _OF_PUSH
        or _needs_a_stranger(workflow)
        or any(map(_lacks_something, workflow.jobs))
        or names_what_is_missing(workflow)
        or holds_no_expression(workflow)
    )


def _needs_a_stranger(workflow: Workflow) -> bool:
    there = {job.id.lower() for job in workflow.jobs}
    needed = (one.value for job in workflow.jobs for one in scalars(job.node.get("needs")))
    return any("${{" not in one and one.lower() not in there for one in needed)


def _lacks_something(job: Job) -> bool:
    """Whether a job has neither a machine nor a workflow to call, or one of its steps has nothing to do or two things."""
    has_none = not any(job.node.entry(key) for key in ("runs-on", "uses", "<<"))
    return has_none or any(map(_is_no_step, job.steps))


def _is_no_step(step: Step) -> bool:
    """Of a key that isn't known here nobody knows what it does."""
    keys = _keys(step.node)
    return {"run", "uses"} <= keys or keys <= _OF_ALL_STEPS


def _keys(node: Mapping | None) -> frozenset[str]:
    entries = node.entries if node is not None else ()
    return frozenset(one.key.value for one in entries if isinstance(one.key, Scalar))
