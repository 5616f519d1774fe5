"""Whether a job that waits for another moves a name again that this one pushes: the join of what the legs of a matrix pushed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.image.pushes import Push
from checks.facts.image.references import Reference, reference
from checks.facts.script.scripts import parse_script
from checks.facts.value import Hole, Value, Varies
from checks.facts.workflow.calls import Calls
from checks.facts.workflow.events import Event
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.workflows import Job
from checks.regex import regex

_JOINS = regex(r"manifest|imagetools|\bindex\b|merge|combine|multi-?(?:arch|platform)", re.IGNORECASE)
"""In what a step runs or uses: it may put images together under a name that is not read."""
_JOINS_NONE = frozenset(
    ("cat", "cp", "curl", "echo", "envsubst", "git", "helm", "kubectl", "kustomize", "mv", "oc", "sed", "yq")
)
"""Programs that put no images together, though they may name manifests of Kubernetes, or merge branches."""


def may_be_moved_later(
    name: Value,
    happening: Iterable[Event],
    job: Job,
    calls: Calls,
    pushes: Mapping[Job, tuple[Push, ...]],
) -> bool:
    """Whether a job that waits for one pushes, or may push, the same name for each of the events that this is pushed for.

    `pushes` are those of the jobs. For which events a workflow is called its callers say.
    """
    moved, wanted = reference(name), [event for event in happening if event.name != "workflow_call"]
    return any(
        _may_join_unread(later, pushes)
        or any(
            _may_be_same(moved, one.reference) and all(map(one.may_be_for, wanted))
            for one in pushes.get(later, ())
        )
        for later in dict.fromkeys(_later(job, calls, ()))
    )


def _later(job: Job, calls: Calls, below: tuple[Job, ...]) -> Iterator[Job]:
    """The jobs that wait for one, or for a job that calls its workflow, and those of the workflows that they call."""
    for one in job.workflow.jobs:
        if job in needed_jobs(one):
            called = calls.called(one)
            yield one
            yield from called.jobs if called else ()
    for caller in calls.callers(job.workflow):
        if caller not in below:
            yield from _later(caller, calls, (*below, caller))


def _may_join_unread(job: Job, pushes: Mapping[Job, tuple[Push, ...]]) -> bool:
    """Whether a job of which no push is read speaks of putting images together."""
    used = (job.uses, *(step.uses for step in job.steps))
    scripts = (parse_script(step.run.value) for step in job.steps if step.run)
    said = (
        *(one.scalar.value for one in used if one),
        *(
            script[one.span]
            for script in scripts
            for one in script.commands
            if one.program not in _JOINS_NONE
        ),
    )
    return job not in pushes and any(map(_JOINS.search, said))


def _may_be_same(one: Reference, other: Reference) -> bool:
    is_one_registry = one.is_on_docker_hub and other.is_on_docker_hub
    return (
        (is_one_registry or _may_be_equal(one.host, other.host))
        and _may_be_equal(one.path, other.path)
        and _may_be_equal(one.tag_or_default, other.tag_or_default)
    )


def _may_be_equal(one: Value, other: Value) -> bool:
    """Whether two parts of names may be the same text: what varies with the run does so alike."""
    if one.is_unknown or other.is_unknown:
        known = one.literal if one.literal is not None else other.literal
        return (
            known is None
            or re.fullmatch(_shape(other if one.literal is not None else one), known) is not None
        )
    return one == other or (bool(one.holes) and _kinds(one) == _kinds(other))


def _shape(value: Value) -> str:
    return "".join(re.escape(part) if isinstance(part, str) else ".*" for part in value.parts)


def _kinds(value: Value) -> tuple[str | Varies, ...]:
    return tuple(part.varies if isinstance(part, Hole) else part for part in value.parts)
