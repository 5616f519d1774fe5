"""Whose runs a job or a step is for, where its `if:` asks for a repository or for an owner.

A repository that is mirrored, or kept as a copy, brings jobs along that only the other one runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.workflow.conditions import Given, may_hold, parts_of
from checks.facts.workflow.events import events
from checks.facts.workflow.never_run import never_runs, parts_behind
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex
from checks.source import expression
from checks.source.evaluation import known
from checks.source.expression import Binary, Constant, Expr, Operator
from checks.source.text import Span

_VERSION = regex(r"\bv?\d+(?:\.\d+)+|\b[0-9a-f]{40}\b")
"""In a ref, a version or a commit."""

_OWNER, _REPOSITORY = ("github", "repository_owner"), ("github", "repository")
_NOBODY = "\ufffc"
"""Stands for an owner, and for a name, that no condition asks for."""


def own_names(workflow: Workflow, name: str) -> Iterator[str]:
    """The owners, in lower case, under whom a workflow takes a repository of this name for the one that it lies in.

    It checks that out where the repository's files belong, or asks in a job whether it runs there. A checkout of a version
    that is written out is rather of the project that the repository is about.
    """
    for job in workflow.jobs:
        checkouts = [
            step
            for step in job.steps
            if step.uses_action("actions/checkout")
            and step.input_entry("path") is None
            and not _is_of_version(step)
            and not never_runs(step)
        ]
        whole = (step.input("repository") for step in checkouts)
        slugs = [one.value.strip() for one in whole if one is not None]
        condition = job.condition.value.strip() if job.condition else ""
        slugs += [one for one in _named(condition) if _may_run(workflow, condition, one)] if condition else []
        for owner, _, own in (slug.lower().partition("/") for slug in slugs):
            if own == name and "${{" not in owner:
                yield owner


def _is_of_version(checkout: Step) -> bool:
    """Whether a checkout is of a commit or a tag that is written out."""
    ref = checkout.input("ref")
    return ref is not None and _VERSION.search(ref.value) is not None and "${{" not in ref.value


def is_for_another(part: Job | Step, workflow: Workflow, slug: str | None) -> bool:
    """Whether a job or a step asks for other repositories than the one of this name, `owner/name`, and never runs in that one.

    A reusable workflow runs in the repositories of its callers, whatever is known of them.
    """
    if not slug or part.condition is None or "workflow_call" in workflow.triggers:
        return False
    condition = part.condition.value
    return _asks_for_others(workflow, condition) and not _may_run(workflow, condition, slug)


def parts_for_others(workflow: Workflow, slug: str | None) -> tuple[Span, ...]:
    """What never runs in the repository of this name: jobs and steps that ask for others, and what waits for these jobs, or for what they give."""
    stuck = frozenset(job for job in workflow.jobs if is_for_another(job, workflow, slug))
    steps = (step.node.span for step in workflow.steps if is_for_another(step, workflow, slug))
    return (*parts_behind(stuck, workflow.jobs), *steps)


def _asks_for_others(workflow: Workflow, condition: str) -> bool:
    """Whether what has a condition may run in a repository that this names, and in none that it does not name."""
    named = tuple(_named(condition))
    return any(_may_run(workflow, condition, slug) for slug in named) and not _may_run(
        workflow, condition, f"{_NOBODY}/{_NOBODY}"
    )


def _may_run(workflow: Workflow, condition: str, slug: str) -> bool:
    given: Given = {_REPOSITORY: known(slug), _OWNER: known(slug.partition("/")[0])}
    return any(may_hold(condition, event, given) for event in events(workflow))


def _named(condition: str) -> Iterator[str]:
    """The repositories that a condition compares with the one that it runs in; of an owner, any."""
    for part in parts_of(condition):
        if isinstance(part, Binary) and part.operator is Operator.EQUAL:
            yield from _compared(part.left, part.right)
            yield from _compared(part.right, part.left)


def _compared(one: Expr, other: Expr) -> Iterator[str]:
    if isinstance(other, Constant) and isinstance(other.value, str) and other.value:
        path = tuple(key.lower() for key in expression.path_of(one) or ())
        if path == _OWNER:
            yield f"{other.value}/{_NOBODY}"
        elif path == _REPOSITORY and "/" in other.value:
            yield other.value
