"""Which runs of a step are for releases: those that tags start, and those by hand where nothing else is built."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checks.facts.deployment.kubernetes import at
from checks.facts.workflow.calls import Calls, Start, inputs
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.regex import regex
from checks.source.yaml import Mapping

ALWAYS = "true"
_ON_TAGS = "${{ startsWith(github.ref, 'refs/tags/') }}"
_BY_TAG = ("push", "release")
"""What starts a run for a release where its ref is a tag."""
_BY_HAND = "workflow_dispatch"
_FOR_ANYTHING = frozenset(("repository_dispatch", "workflow_run"))
"""Events whose runs may be for a release on a branch."""
_OF_RELEASES = regex(r"(?:^|[-_])(?:release|tag|version)", re.IGNORECASE)
"""In the name of what is asked for when a run is started by hand."""

_RELEASE_BRANCHES = regex(r"releases?(?:[/._*-]|$)", re.IGNORECASE)
"""The start of the name of branches that a release is made on, or of a pattern for them."""


class _Way(Record):
    """The starts of a step by one chain of callers, or by its own workflow."""

    starts: tuple[Start, ...]
    by_tag: bool
    by_hand: bool
    asks_for: tuple[str, ...]
    """The inputs of a run by hand."""
    for_others: frozenset[str]
    """The names of other events than those of tags."""

    @property
    def is_for_releases(self) -> bool:
        return self.by_tag and not self.for_others

    @property
    def is_of_release_branches(self) -> bool:
        """Whether all that starts it but tags are pushes to branches of releases, or to try one on beside these."""
        pushes = [one.event for one in self.starts if one.event.is_push_to_branch]
        named = [event for event in pushes if _RELEASE_BRANCHES.match(_branch(event))]
        is_by_push_alone = self.by_tag and not self.by_hand and self.for_others == {"push"}
        return (
            is_by_push_alone
            and bool(named)
            and all(event in named or event.is_on_passing_branch for event in pushes)
        )

    @property
    def may_release_on_branch(self) -> bool:
        """Whether a run that no tag starts may be for a release: by its event, or by what is asked for by hand."""
        is_of_version = self.by_hand and any(map(_OF_RELEASES.search, self.asks_for))
        return (
            is_of_version
            or (self.by_hand and self.is_for_releases)
            or not _FOR_ANYTHING.isdisjoint(self.for_others)
        )


def when_released(step: Step, calls: Calls) -> str | None:
    """What to write for an input that is to be true in each run for a release; `ALWAYS` where there is no other run.

    None where no condition is known that has them all: a ref does not tell what is started by hand.
    """
    ways = _ways(step, calls)
    releasing = [way for way in ways if way.by_tag]
    others = [way for way in ways if not way.by_tag]
    if (
        releasing
        and not others
        and all(way.is_for_releases or way.is_of_release_branches for way in releasing)
    ):
        return ALWAYS
    if step.job is not None and releasing and all(way.is_for_releases for way in releasing):
        told = _by_input(step.job, releasing, others)
        if told is not None:
            return told
    return None if any(way.may_release_on_branch for way in releasing) else _ON_TAGS


def _ways(step: Step, calls: Calls) -> list[_Way]:
    by_callers: dict[tuple[Job, ...], list[Start]] = {}
    for start in calls.starts_of_step(step):
        by_callers.setdefault(start.callers, []).append(start)
    return [_way(step, callers, tuple(starts)) for callers, starts in by_callers.items()]


def _way(step: Step, callers: Sequence[Job], starts: tuple[Start, ...]) -> _Way:
    first = callers[0] if callers else step.job
    asked = at(first.workflow.node, "on", _BY_HAND, "inputs") if first else None
    names = frozenset(one.event.name for one in starts if not _is_by_tag(one))
    return _Way(
        starts,
        by_tag=any(map(_is_by_tag, starts)),
        by_hand=_BY_HAND in names,
        asks_for=tuple(asked.keys) if isinstance(asked, Mapping) else (),
        for_others=names - {_BY_HAND},
    )


def _is_by_tag(start: Start) -> bool:
    return start.event.ref_kind is RefKind.TAG and start.event.name in _BY_TAG


def _branch(event: Event) -> str:
    return (event.ref or "").removeprefix("refs/heads/") or event.pattern or ""


def _by_input(job: Job, releasing: Sequence[_Way], others: Sequence[_Way]) -> str | None:
    """A condition on a text that the callers who release pass, all the same, and the others don't."""
    given = [inputs(job, start) for way in releasing for start in way.starts]
    theirs = [inputs(job, start) for way in others for start in way.starts]
    for key, value in given[0].items():
        texts = value.alternatives or ()
        elsewhere = [one[key].alternatives if key in one else None for one in theirs]
        if (
            len(texts) == 1
            and isinstance(texts[0], str)
            and "'" not in texts[0]
            and all(one.get(key) == value for one in given)
            and all(other is not None and texts[0] not in other for other in elsewhere)
        ):
            return f"${{{{ {'.'.join(key)} == '{texts[0]}' }}}}"
    return None
