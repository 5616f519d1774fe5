"""For which events, and on which kind of ref, a workflow, a job and a step run.

Contexts: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.facts.workflows import Job, Step, Trigger, Workflow
from checks.source import evaluation
from checks.source.evaluation import Value, known


class RefKind(StrEnum):
    """What `github.ref` is for an event."""

    BRANCH = "branch"
    TAG = "tag"
    PULL = "pull"
    """`refs/pull/N/merge`."""


@dataclass(frozen=True)
class Event:
    """One way in which a workflow is started."""

    name: str
    ref_kind: RefKind
    ref: str | None
    """The full ref, if it is only one: `refs/heads/main`."""


_ON_BRANCH_OR_TAG = frozenset(
    ("workflow_dispatch", "create", "deployment", "deployment_status", "registry_package")
)
"""Events that the two kinds of refs have; all that are not named here have the default branch's or the queue's."""
_PULL = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
_PATTERN = frozenset("*?+[]!\\")


def events(workflow: Workflow) -> tuple[Event, ...]:
    """The events of `on:`, one for each ref that the filters name and for each kind of ref that they leave open."""
    return tuple(event for trigger in workflow.triggers.values() for event in _events_of(trigger))


def _events_of(trigger: Trigger) -> Iterator[Event]:
    if trigger.name == "push":
        yield from _push(trigger)
    elif trigger.name in _PULL:
        yield Event(trigger.name, RefKind.PULL, None)
    elif trigger.name == "release":
        yield Event(trigger.name, RefKind.TAG, None)
    elif trigger.name == "workflow_call":
        for kind in RefKind:
            yield Event(trigger.name, kind, None)
    else:
        yield Event(trigger.name, RefKind.BRANCH, None)
        if trigger.name in _ON_BRANCH_OR_TAG:
            yield Event(trigger.name, RefKind.TAG, None)


def _push(trigger: Trigger) -> Iterator[Event]:
    """Filters of one kind exclude refs of the other; without any, all refs are in."""
    branches = trigger.filter("branches")
    tags = trigger.filter("tags")
    without_branches = trigger.filter("branches-ignore") is not None
    without_tags = trigger.filter("tags-ignore") is not None
    unfiltered = branches is None and tags is None and not without_branches and not without_tags
    for kind, prefix, patterns, ignored in (
        (RefKind.BRANCH, "refs/heads/", branches, without_branches),
        (RefKind.TAG, "refs/tags/", tags, without_tags),
    ):
        if patterns is None:
            if ignored or unfiltered:
                yield Event("push", kind, None)
            continue
        for pattern in patterns:
            if not pattern.startswith("!"):
                yield Event("push", kind, None if _PATTERN & set(pattern) else prefix + pattern)


def of_job(job: Job) -> tuple[Event, ...]:
    """The events for which a job may run, by its `if:`; an unknown condition may hold."""
    return _that_may_hold(events(job.workflow), job.condition.value if job.condition else "")


def of_step(step: Step) -> tuple[Event, ...] | None:
    """The events for which a step may run; None in a composite action, whose callers decide."""
    if step.job is None:
        return None
    return _that_may_hold(of_job(step.job), step.condition.value if step.condition else "")


def _that_may_hold(candidates: tuple[Event, ...], condition: str) -> tuple[Event, ...]:
    if not condition.strip():
        return candidates
    return tuple(event for event in candidates if may_hold(condition, event))


def may_hold(condition: str, event: Event) -> bool:
    """Whether an `if:` can be true for an event."""
    candidates = _refs(condition, event.ref_kind) if event.ref is None else (event.ref,)
    return evaluation.holds(condition, lambda path: _lookup(event, candidates, path)) is not False


_ANY = "\ufffc"
"""Stands for a name that nothing in a condition names."""
_PREFIXES = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/", RefKind.PULL: "refs/pull/"}


def _refs(condition: str, kind: RefKind) -> tuple[str, ...]:
    """Refs that stand for all of a kind: one that a condition does not name, and those that its strings do."""
    prefix = _PREFIXES[kind]
    names = [_ANY]
    for text in re.findall(r"'((?:[^']|'')*)'", condition):
        name = text.removeprefix(prefix)
        if not name.startswith("refs/"):
            names += [name, name + _ANY, _ANY + name]
    return tuple(dict.fromkeys(prefix + name for name in names))


def _lookup(event: Event, refs: tuple[str, ...], path: tuple[str, ...]) -> Value:
    """The value of a context for an event, as far as the event tells it. `workflow_call` tells nothing."""
    if path[:1] != ("github",) or len(path) < 2 or event.name == "workflow_call":
        return evaluation.UNKNOWN
    name = path[1]
    if name == "event_name":
        return known(event.name)
    if name == "ref_type":
        return evaluation.UNKNOWN if event.ref_kind is RefKind.PULL else known(event.ref_kind.value)
    if name == "ref":
        return Value(refs)
    if name == "ref_name":
        return Value(tuple(ref.split("/", 2)[2] for ref in refs))
    if (
        name == "event"
        and path[2:3] == ("pull_request",)
        and event.name not in _PULL | {"pull_request_target"}
    ):
        return known(None)
    if (
        name in ("head_ref", "base_ref")
        and event.ref_kind is not RefKind.PULL
        and event.name != "pull_request_target"
    ):
        return known("")
    return evaluation.UNKNOWN
