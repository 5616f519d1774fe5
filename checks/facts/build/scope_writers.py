"""Builds that write a scope of GitHub's cache, and which of them replace each other's layers.

https://docs.docker.com/build/cache/backends/gha/#scope
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator

from checks.facts.build.build_caches import GHA, Cache, exports, share_a_cache
from checks.facts.build.builds import Build
from checks.facts.build.cached_builds import CachedBuilds
from checks.facts.build.told_apart import Image, image_of
from checks.facts.workflow.calls import Calls
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.regex import regex

_SELDOM = regex(r"\S+\s+\S+\s+(?:\d+\s+\S+\s+\S+|\S+\s+\S+\s+(?:\d|[A-Za-z]{3}))\s*")
"""The times of a schedule that names one day of the week or of the month."""
_RELEASES = regex(r"(?:^|[-_.])(?:nightly|releases?|stable)(?:[-_.]|$)", re.IGNORECASE)
"""In the name of a workflow's file."""
_BY_HAND = "workflow_dispatch"
_OF_TAGS = ("push", "release")


class ScopeWriter(Record):
    """A build that writes a scope, for some events."""

    build: Build
    step: Step
    cache: Cache
    events: tuple[Event, ...]
    image: Image


def scope_writers(
    builds: Iterable[Build], in_vain: Collection[Step], calls: Callable[[Job], Calls]
) -> Iterator[ScopeWriter]:
    """The builds of known images by steps that write caches of type `gha`, but for the steps that run in vain."""
    for build in builds:
        image = image_of(build)
        if build.step is None or image is None or build.step in in_vain:
            continue
        happening = _events(build, build.step, calls)
        for cache in exports(build):
            events = tuple(event for event in happening if cache.may_be_on(event))
            if cache.type == GHA and events:
                yield ScopeWriter(build, build.step, cache, events, image)


def _events(build: Build, step: Step, calls: Callable[[Job], Calls]) -> tuple[Event, ...]:
    """The events of a build; of one in a workflow that others of the repository call, theirs."""
    events = build.events or ()
    is_called = any(event.name == "workflow_call" for event in events)
    if not is_called or step.job is None or not calls(step.job).callers(step.job.workflow):
        return events
    return tuple(dict.fromkeys(start.event for start in calls(step.job).starts_of_step(step)))


def collide(one: ScopeWriter, other: ScopeWriter, among: CachedBuilds) -> bool:
    """Whether two writers of a scope replace each other's cache, which certainly is of no use to the other.

    It is no loss where neither's would be of use to the next run, or the later one of a job has all that the earlier had.
    """
    if not _meet(one, other) or among.at_stake.isdisjoint((one.build, other.build)):
        return False
    if one.image[:2] != other.image[:2]:
        both = (one.build, other.build)
        return not (among.is_held_by(*both) or among.is_held_by(*both[::-1]))
    mine, theirs = one.build.platforms, other.build.platforms
    if one.step is other.step and mine and theirs and not set(mine) & set(theirs):
        return True
    return one.image != other.image and among.are_apart(one.image, other.image)


def _meet(one: ScopeWriter, other: ScopeWriter) -> bool:
    """Whether runs of two builds certainly use one cache.

    Those of builds that tags start don't for being started by hand, too. One that pushes to a branch start is started by hand
    there.
    """
    shared = [
        {mine.name, theirs.name}
        for mine in _usual(one.events)
        for theirs in _usual(other.events)
        if share_a_cache(mine, theirs)
    ]
    is_of_tags = any(
        event.name in _OF_TAGS and event.ref_kind is RefKind.TAG for event in (*one.events, *other.events)
    )
    return any(names != {_BY_HAND} for names in shared) if is_of_tags else bool(shared)


def _usual(events: Collection[Event]) -> list[Event]:
    """The events but for a start by hand beside pushes to branches."""
    is_pushed_to = any(event.is_push_to_branch for event in events)
    return [event for event in events if not (is_pushed_to and event.name == _BY_HAND)]


def is_to_be_fresh(one: ScopeWriter, among: CachedBuilds) -> bool:
    """Whether a build is there to push the newest of what it fetches, each night or in each release.

    A cache that holds would keep that as it was. It is no such build if pushes to a branch make the image, too, with
    what the cache has, and the schedule, if any, comes once a week or less.
    """
    events = [event for event in one.events if event.ref_kind is not RefKind.PULL]
    is_pushed_to = any(event.is_push_to_branch for event in events)
    crons = one.step.job.workflow.crons if one.step.job else ()
    is_seldom = bool(crons) and all(map(_SELDOM.fullmatch, crons))
    is_nightly = any(event.name == "schedule" for event in events) and not (is_seldom and is_pushed_to)
    is_called_release = bool(_RELEASES.search(posixpath.basename(one.build.text.path)))
    is_in_release = is_called_release and bool(events) and not is_pushed_to
    return (is_nightly or is_in_release) and _is_pushed(one, among) and among.fetches_anew(one.build) is True


def _is_pushed(one: ScopeWriter, among: CachedBuilds) -> bool:
    """Whether a build of its job may push what it builds, of whichever target."""
    of_job = (
        build for build in among.builds if build.step and one.step.job and build.step.job is one.step.job
    )
    return any(
        build.pushes is not False
        and (build.context, build.dockerfile) == (one.build.context, one.build.dockerfile)
        for build in of_job
    )
