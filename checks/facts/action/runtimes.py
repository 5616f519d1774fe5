"""On which runtime of GitHub's runners a release runs, and what it runs inside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from checks.facts.action.releases import Release, newest
from checks.facts.action.versions import number_of
from checks.facts.tables import table
from checks.record import Record

_GONE = frozenset(("node12", "node16", "node20"))
"""Runtimes that GitHub's runners don't have any more: they take Node 24."""
_FIT_FOR_NODE_24 = {"actions/download-artifact": (6,), "actions/upload-artifact": (5,)}
"""From which versions on releases run with Node 24, too, where they still name the one before it:
https://github.com/actions/upload-artifact/releases/tag/v6.0.0, https://github.com/actions/download-artifact/releases/tag/v7.0.0"""


class Inner(Record):
    """What a composite action runs."""

    repository: str
    release: Release
    """The newest of the major version that it runs."""


def lacks_runtime(repository: str, release: Release) -> bool:
    """Whether runners don't have the Node any more that a release, or what it runs inside, is made for; `repository` is `owner/name` in lower case."""
    within = inside(repository, release)
    if within is not None:
        return lacks_runtime(within.repository, within.release)
    fit_since = _FIT_FOR_NODE_24.get(repository)
    return release.runtime in _GONE and (fit_since is None or release.number < fit_since)


def inside(repository: str, release: Release) -> Inner | None:
    """The action that each run of a composite one runs, too; None where the table has none."""
    since = [
        row for first, row in _inside().get(repository, {}).items() if number_of(first) <= release.number
    ]
    found = newest(*since[-1]) if since else None
    return Inner(since[-1][0], found) if found is not None else None


def runtime_of(repository: str, release: Release) -> str:
    """What a release runs on, or what it runs inside."""
    within = inside(repository, release)
    return within.release.runtime if within is not None else release.runtime


@cache
def _inside() -> Mapping[str, Mapping[str, tuple[str, int]]]:
    """What composite actions run and its major version, each by the first release with it, oldest first."""
    found: Mapping[str, Mapping[str, tuple[str, int]]] = table("action_releases")["inside"]
    return found
