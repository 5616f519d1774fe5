"""Builds of releases on caches that jobs which publish nothing write on the default branch.

https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching#restrictions-for-accessing-a-cache
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.facts.build.build_caches import GHA, Cache, exports, imports
from checks.facts.build.builds import Build
from checks.facts.build.publishing import publishes
from checks.facts.image.pushes import Push
from checks.facts.workflow.cache_modes import WRITES, cache_mode
from checks.facts.workflow.conditions import certainly_holds, may_hold
from checks.facts.workflow.events import USUAL_DEFAULTS, Event, RefKind
from checks.facts.workflow.filter_patterns import selects
from checks.facts.workflow.kept_folders import kept_in
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.source.text import Text

_LOCAL = "local"
"""A folder; `actions/cache` keeps it: https://docs.docker.com/build/cache/backends/local/"""
_RESTORES = ("read", "write")
"""Modes that let a job read a cache."""


class CacheWriter(Record):
    """A build of a job without credentials that writes a cache of the default branch."""

    build: Build
    job: Job
    cache: Cache


class ReleaseRead(Record):
    """A build of releases that reads what such a build has written."""

    build: Build
    step: Step
    job: Job
    cache: Cache
    writer: CacheWriter


def cache_writers(builds: Iterable[Build], pushes_in: Mapping[Text, Iterable[Push]]) -> Iterator[CacheWriter]:
    """The builds of jobs that publish nothing, for each cache of theirs that releases can read."""
    for build in builds:
        job = build.step.job if build.step else None
        mode = cache_mode(job) if job else None
        if job is None or (mode is not None and mode.mode not in WRITES):
            continue
        events = [event for event in build.events or () if _is_of_default_branch(event)]
        for cache in exports(build):
            is_on = cache.type in (GHA, _LOCAL) and any(map(cache.may_be_on, events))
            if is_on and not publishes(job, pushes_in.get(job.workflow.text, ())):
                yield CacheWriter(build, job, cache)


def release_reads(build: Build, writers: Iterable[CacheWriter]) -> Iterator[ReleaseRead]:
    """Each cache of these that a build certainly uses for a release, with each build that writes it."""
    step = build.step
    if step is None or step.job is None:
        return
    release = next((event for event in build.events or () if _is_release(step, event)), None)
    mode = cache_mode(step.job)
    if release is None or (mode is not None and mode.mode not in _RESTORES):
        return
    for cache in imports(build):
        if _is_read(cache, step, release):
            for writer in writers:
                if _is_written_by(step.job, cache, writer):
                    yield ReleaseRead(build, step, step.job, cache, writer)


def cache_name(cache: Cache) -> str:
    """The scope, or the folder of a local cache."""
    source = cache.attributes.get("src")
    return str(source) if cache.type == _LOCAL and source else cache.scope.literal or ""


def _is_of_default_branch(event: Event) -> bool:
    """Whether an event may write the cache that releases can read."""
    if event.name not in ("push", "schedule") or event.ref_kind is not RefKind.BRANCH:
        return False
    names = [event.ref.removeprefix("refs/heads/")] if event.ref else USUAL_DEFAULTS
    if event.pattern is not None:
        return any(selects((event.pattern,), name) is True for name in names)
    return any(name in USUAL_DEFAULTS for name in names)


def _is_release(step: Step, event: Event) -> bool:
    push = step.input("push")
    is_on = push is None or "${{" not in push.value or may_hold(push.value, event)
    return event.ref_kind is RefKind.TAG and event.name in ("push", "release") and is_on


def _is_written_by(job: Job, cache: Cache, writer: CacheWriter) -> bool:
    """Whether what a job reads is what a build writes: one scope, or one folder that `actions/cache` keeps."""
    if cache.type != writer.cache.type:
        return False
    if cache.type == GHA:
        return cache.scope.literal is not None and cache.scope == writer.cache.scope
    mine = [kept for kept in kept_in(job) if cache_name(cache) in kept.paths]
    return any(one.may_restore(other) for one in mine for other in kept_in(writer.job))


def _is_read(cache: Cache, step: Step, event: Event) -> bool:
    """Whether a cache certainly is used in the build for an event."""
    off = step.input("no-cache") or step.input("no-cache-filters")
    if off is not None and off.value != "false" and ("${{" not in off.value or may_hold(off.value, event)):
        return False
    return not cache.condition or certainly_holds(cache.condition, event)
