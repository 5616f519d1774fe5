"""For which events, and on which kind of ref, a workflow is started."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from checks.facts.workflow.filter_patterns import are_names
from checks.facts.workflow.triggers import Trigger
from checks.facts.workflow.workflows import Workflow
from checks.record import kept_with
from checks.regex import regex

USUAL_DEFAULTS = ("main", "master")
"""What the default branch is called: no workflow says which it is."""
_ON_BRANCH_OR_TAG = frozenset(
    ("workflow_dispatch", "create", "deployment", "deployment_status", "registry_package")
)
"""Events that the two kinds of refs have; all that are not named here have the default branch's or the queue's."""
EACH = "**"
"""The pattern that each ref matches: where a filter leaves it out, no ref of its kind is left.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""
OF_PULL_REQUESTS = ("pull_request", "pull_request_review", "pull_request_review_comment")
"""Events that run the code of a pull request, as it would be merged."""
_WITH_PATHS = frozenset(("push", "pull_request", "pull_request_target"))
"""Events that `paths` can keep from a workflow."""
_USUAL = ("opened", "synchronize", "reopened")
"""Activity types of pull requests where none are written."""
_PASSING = regex(
    r"(?:.*[/_-])?(?:tests?|testing|tmp|temp|wip|poc|playground|sandbox|demo|experiment\w*)(?:[/_-].*)?"
    r"|(?!(?:releases?|stable|support|maintenance|v?\d)[/_-])[\w.-]+/.*|(?:add|feat|feature|fix|try)-.*",
    re.IGNORECASE,
)
"""A word for that in the name, a folder that is not one of releases, or what a change does in front."""


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
    pattern: str | None = None
    """The filter that lets the ref in where that is not one ref only: `v*`, without `refs/tags/`."""
    types: tuple[str, ...] = ()
    """The activity types that `types:` names; empty where it names none."""
    bases: tuple[str, ...] = ()
    """Of a pull request: the patterns of `branches:`, for the branch that it goes into; empty for any."""
    paths: tuple[str, ...] = field(default=(), compare=False)
    """Of a pull request: the patterns of `paths:`, or of `paths-ignore:` as exceptions from all; empty for any."""

    @property
    def is_push_to_branch(self) -> bool:
        return self.name == "push" and self.ref_kind is RefKind.BRANCH

    @property
    def is_on_passing_branch(self) -> bool:
        """Whether it is a push to branches that, by their names, are there to try something."""
        name = (self.ref or "").removeprefix("refs/heads/") or self.pattern or ""
        return self.is_push_to_branch and bool(_PASSING.fullmatch(name))

    @property
    def is_on_default_branch(self) -> bool:
        """Whether it runs on the default branch alone, as a schedule does."""
        has_others = self.name in ("push", "merge_group", "workflow_call") or self.name in _ON_BRANCH_OR_TAG
        return self.ref_kind is RefKind.BRANCH and not has_others

    @property
    def is_of_pull_request(self) -> bool:
        """Whether it runs the code of a pull request, as it would be merged."""
        return self.name in OF_PULL_REQUESTS

    @property
    def activities(self) -> tuple[str, ...] | None:
        """The activity types that start it; None where they are not known."""
        return self.types or (_USUAL if self.name in ("pull_request", "pull_request_target") else None)


@kept_with
def events(workflow: Workflow) -> tuple[Event, ...]:
    """The events of `on:`, one for each ref that the filters name and for each kind of ref that they leave open.

    None that waits for paths which no change has.
    """
    return tuple(
        event
        for trigger in workflow.triggers.values()
        for event in _events_of(trigger)
        if event.ref_kind is RefKind.TAG or not _matches_no_path(trigger)
    )


def _events_of(trigger: Trigger) -> Iterator[Event]:
    if trigger.name == "push":
        yield from _push(trigger)
    elif trigger.name in OF_PULL_REQUESTS:
        types, bases = trigger.filter("types") or (), trigger.filter("branches") or ()
        yield Event(trigger.name, RefKind.PULL, None, None, types, bases, _paths(trigger))
    elif trigger.name == "release":
        yield Event(trigger.name, RefKind.TAG, None)
    elif trigger.name == "workflow_call":
        for kind in RefKind:
            yield Event(trigger.name, kind, None)
    else:
        yield Event(trigger.name, RefKind.BRANCH, None)
        if trigger.name in _ON_BRANCH_OR_TAG:
            yield Event(trigger.name, RefKind.TAG, None)


def _matches_no_path(trigger: Trigger) -> bool:
    """Whether each of its `paths` begins with `./` or `../`, as no path of a change does. Tags don't ask for them.

    https://github.com/rhysd/actionlint/issues/521
    """
    wanted = [one for one in trigger.filter("paths") or () if not one.startswith("!")]
    return (
        trigger.name in _WITH_PATHS and bool(wanted) and all(one.startswith(("./", "../")) for one in wanted)
    )


def _paths(trigger: Trigger) -> tuple[str, ...]:
    ignored = trigger.filter("paths-ignore")
    return trigger.filter("paths") or (("**", *(f"!{one}" for one in ignored)) if ignored else ())


def leaves_none(ignored: Collection[str]) -> bool:
    """Whether a filter leaves out each ref of its kind, and takes none in again: `!v*`."""
    return EACH in ignored and not any(one.startswith("!") for one in ignored)


def _push(trigger: Trigger) -> Iterator[Event]:
    """Filters of one kind exclude refs of the other; without any, all refs are in. One that leaves out each leaves none.

    So does one with a blank, which no ref has: https://git-scm.com/docs/git-check-ref-format
    """
    branches = trigger.filter("branches")
    tags = trigger.filter("tags")
    without_branches, without_tags = trigger.filter("branches-ignore"), trigger.filter("tags-ignore")
    unfiltered = all(one is None for one in (branches, tags, without_branches, without_tags))
    for kind, prefix, patterns, ignored in (
        (RefKind.BRANCH, "refs/heads/", branches, without_branches),
        (RefKind.TAG, "refs/tags/", tags, without_tags),
    ):
        if patterns is None:
            if unfiltered or (ignored is not None and not leaves_none(ignored)):
                yield Event("push", kind, None)
            continue
        for pattern in patterns:
            if not pattern.startswith("!") and " " not in pattern:
                is_one = are_names((pattern,))
                yield Event("push", kind, prefix + pattern if is_one else None, None if is_one else pattern)
