"""Builds by actions that stop on every run, since the repository has not what they name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.facts.builds import GIT_CONTEXT, Build
from checks.facts.workflows import Step
from checks.source.kind import is_like_dockerfile
from checks.source.snapshot import Snapshot
from checks.source.text import Span, Text

_HARMLESS = (
    "docker/",
    "aws-actions/",
    "actions/checkout",
    "sigstore/",
    "azure/login",
    "google-github-actions/auth",
)


def builds_of_files(builds: Iterable[Build], snapshot: Snapshot) -> tuple[Build, ...]:
    """The builds by actions of which the repository holds all files; none where not all of them are known."""
    if not snapshot.complete or ".gitmodules" in snapshot.paths:
        return ()
    return tuple(
        one
        for one in builds
        if one.step is not None
        and one.invocation is None
        and one.context is not None
        and not _may_be_made(one)
    )


def lacks_folder(build: Build, snapshot: Snapshot) -> bool:
    """Whether the context of such a build does not exist."""
    known = build.context in (GIT_CONTEXT, "") or build.context in snapshot.folders
    return not known and build.context not in snapshot.paths


def lacks_dockerfile(build: Build, snapshot: Snapshot) -> bool:
    """Whether the context of such a build exists, and its Dockerfile does not."""
    known = build.context in (GIT_CONTEXT, "") or build.context in snapshot.folders
    return known and build.dockerfile is not None and build.dockerfile not in snapshot.paths


@dataclass(frozen=True)
class Failing:
    """What a step hands to a build that stops in each leg."""

    text: Text
    part: Span
    """All inputs."""
    reasons: tuple[Span, ...]
    """Those by which it stops."""


def failing_builds(builds: Iterable[Build], snapshot: Snapshot) -> tuple[Failing, ...]:
    """The inputs of the steps whose builds all stop; none in a repository without a Dockerfile, which may get them all from elsewhere."""
    builds = tuple(builds) if any(map(is_like_dockerfile, snapshot.paths)) else ()
    failing = {
        one
        for one in builds_of_files(builds, snapshot)
        if lacks_folder(one, snapshot) or lacks_dockerfile(one, snapshot)
    }
    going = {one.step for one in builds if one not in failing}
    steps = dict.fromkeys(one.step for one in builds if one.step is not None and one.step not in going)
    return tuple(filter(None, map(_of_step, steps)))


def _of_step(step: Step | None) -> Failing | None:
    inputs = step.node.get("with") if step else None
    if step is None or inputs is None:
        return None
    entries = (step.input_entry(name) for name in ("context", "file"))
    return Failing(step.text, inputs.span, tuple(one.value.span for one in entries if one is not None))


def _may_be_made(build: Build) -> bool:
    """Whether an earlier step may write into the workspace: any script, and any action that we don't know."""
    step = build.step
    for earlier in step.job.before(step) if step and step.job else ():
        if earlier.run is not None and not _only_prints(earlier.run.value):
            return True
        if earlier.uses is not None and not earlier.uses.action.startswith(_HARMLESS):
            return True
    return False


def _only_prints(script: str) -> bool:
    words = ("echo ", "docker login", "docker info", "#", "set -")
    return all(line.strip().startswith(words) or not line.strip() for line in script.splitlines())
