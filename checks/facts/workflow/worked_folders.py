"""Jobs that work in other folders than those that something is made of."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from checks.facts.workflow.awaited_paths import meet
from checks.facts.workflow.workflows import Job, Step
from checks.record import kept_with
from checks.regex import regex

_IN_FOLDER = ("working-directory", "workdir", "cache-dependency-path")
"""Inputs of actions that name a folder, or a file in one."""
_WORKS = regex(
    r"\b(?:bun|cargo|cd|deno|go|make|node|npm|npx|nx|pip3?|pnpm|poetry|pytest|python3?|task|tox|turbo|uv|yarn)\b"
)
"""Commands that work on a project; others, `apt-get` or `echo`, do so nowhere."""
_AROUND = regex(r"actions/.+|codecov/codecov-action|dorny/.+|pnpm/action-setup|docker/(?:login|setup)-.+")
"""Actions that prepare the work, or take its results: they say nothing of where it is."""


def works_elsewhere(job: Job, folders: Collection[str]) -> bool:
    """Whether the steps of a job are all for other folders than some, `""` for the root, as far as they say."""
    places = _places_of(job)
    return bool(places) and not any(meet(place, folder) for place in places for folder in folders)


@kept_with
def _places_of(job: Job) -> frozenset[str]:
    return frozenset(place for step in job.steps for place in _places(step))


def _places(step: Step) -> Iterator[str]:
    """Where a step works; the root where that is not said."""
    if step.run is not None:
        folder = step.working_directory
        if folder is not None or _WORKS.search(step.run.value):
            yield _path(folder.value if folder is not None else "")
        return
    named = [one.value for name in _IN_FOLDER if (one := step.input(name)) is not None]
    if named:
        yield from (_path(line) for one in named for line in one.split())
    elif step.uses is None or _AROUND.fullmatch(step.uses.action) is None:
        yield ""


def _path(written: str) -> str:
    """A path from the root; the root itself where that is not known."""
    path = posixpath.normpath(written.strip().lstrip("/"))
    return "" if path == "." or any(one in path for one in "$*") else path
