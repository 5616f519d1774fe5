"""Images that a runner builds to take files out of a container, and throws away."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence

from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.script.invocations import Invocation
from checks.facts.workflow.workflows import Job
from checks.source.text import Text

_USUAL = frozenset(("Containerfile", "Dockerfile"))
_DELETING = (["image", "prune"], ["image", "rm"], ["rmi"], ["system", "prune"])
_KEEPING = frozenset(("commit", "export", "import", "push", "save"))
"""What hands on an image, or makes another one of a container."""


def copies_out(words: Sequence[str | None]) -> bool:
    """Whether `docker` is told to copy something out of a container: `cp web:/srv/web .`, not the other way round.

    https://docs.docker.com/reference/cli/docker/container/cp/
    """
    start = 1 if words[:1] == ["container"] else 0
    paths = [word for word in words[start + 1 :] if word in (None, "-") or not (word or "").startswith("-")]
    return words[start : start + 1] == ["cp"] and len(paths) > 1 and ":" not in (paths[-1] or "")


def thrown_away(
    builds: Iterable[Build], services: Iterable[ComposeBuild], invocations: Collection[Invocation]
) -> frozenset[str]:
    """The Dockerfiles whose builds, of which there is one, push nothing, each in a job or an action that then copies files out of a container and deletes images.

    Not where Compose builds one, too, or a build that pushes may be of it.
    """
    done: dict[Job | Text, list[tuple[int, list[str | None]]]] = {}
    for one in invocations:
        if one.step is not None and one.program == "docker":
            words = [word.literal for word in one.command.arguments]
            done.setdefault(one.step.job or one.text, []).append((one.location.span.start, words))
    ends = {place: _end_of_use(commands) for place, commands in done.items()}
    if not any(ends.values()):
        return frozenset()
    every = tuple(builds)
    found = {one.dockerfile for one in every if one.dockerfile is not None and _is_done_with(one, ends)}
    others = {one.dockerfile for one in every if one.may_publish or not _is_done_with(one, ends)}
    composed = {one.dockerfile for one in services}
    unknown = [one for one in every if one.dockerfile is None and one.may_publish]
    return frozenset(
        path for path in found - others - composed if not any(_may_take(one, path) for one in unknown)
    )


def _end_of_use(commands: Iterable[tuple[int, list[str | None]]]) -> int:
    """Where the last files are copied out ahead of the last deletion, of commands by where they stand; 0 where an image may be kept."""
    copied, found = 0, 0
    for start, words in commands:
        if _KEEPING.intersection(words[:2]):
            return 0
        copied = start if copies_out(words) else copied
        found = copied if any(words[: len(some)] == some for some in _DELETING) else found
    return found


def _is_done_with(build: Build, ends: Mapping[Job | Text, int]) -> bool:
    place = (build.step.job or build.step.text) if build.step is not None else None
    return place is not None and build.location.span.start < ends.get(place, 0)


def _may_take(build: Build, path: str) -> bool:
    """Whether a build of a Dockerfile that is not known may be of one: by what is written for it, or by its usual name."""
    name, written = posixpath.basename(path), build.recipe[1]
    return name in _USUAL if not written else "$" in written or posixpath.basename(written) == name
