"""Builds that take their layers from the builder in which an earlier one of the same job has left them.

https://docs.docker.com/build/ci/github-actions/test-before-push/
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.build.builds import Build
from checks.facts.image.image_flow import in_same_leg
from checks.facts.script.invocations import Invocation
from checks.facts.script.scripts import parse_script
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.workflows import Step

_ANEW = ("no-cache", "no-cache-filter", "no-cache-filters", "pull")
"""What makes a build look for its base again, or run again what it has run."""
_ALIKE = ("builder", "build-context", "build-contexts", "secret", "secrets", "secret-files")
"""What builds with one builder and the same layers have alike, beside image and arguments."""
_CHANGES = ("actions/checkout", "actions/download-artifact", "docker/setup-buildx-action")
"""Actions behind which a build has another builder, or other files."""
_OTHER_COMMIT = frozenset(("apply", "checkout", "merge", "pull", "rebase", "reset", "switch"))
_READING = frozenset(
    (
        "[",
        "[[",
        "cat",
        "cosign",
        "docker",
        "echo",
        "exit",
        "git",
        "grype",
        "jq",
        "ls",
        "printf",
        "set",
        "syft",
        "test",
        "trivy",
        "true",
    )
)
"""Programs that change no file, but for what `git` and `docker` are asked after."""
_OTHER_BUILDER = frozenset(("create", "rm", "stop", "use"))


def has_the_layers_of(later: Build, earlier: Build, invocations: Iterable[Invocation]) -> bool:
    """Whether a build makes the platform of an earlier one of the same image out of that one's layers.

    Both are by BuildKit on one machine, in its one builder, with the same inputs, and nothing between them empties
    or changes the builder, or brings other files. `invocations` are the commands of the later one's file.
    """
    if not in_same_run(earlier.step, earlier.location, later.step, later.location) or _is_anew(later):
        return False
    return (
        in_same_leg(earlier.scope, later.scope)
        and _tool(later) is not None
        and _tool(earlier) == _tool(later)
        and all(_written(earlier, name) == _written(later, name) for name in _ALIKE)
        and _is_of_one_platform(earlier, later)
        and not any(step.uses_action(*_CHANGES) for step in _between(earlier.step, later.step))
        and not any(_may_bring_files(step) for step in _between(earlier.step, later.step))
        and not any(_is_between(one, earlier, later) and _resets(one) for one in invocations)
    )


def _may_bring_files(step: Step) -> bool:
    """Whether a script may change the folder that is built."""
    if step.run is None:
        return False
    script = parse_script(step.run.value)
    return not script.complete or any(
        one.uncertain or one.redirections or (one.words and one.program not in _READING)
        for one in script.commands
    )


def _tool(build: Build) -> str | None:
    """What chooses the builder: Buildx takes the one in use, `docker build` the daemon's; None for other tools."""
    one = build.invocation
    if one is None or one.program == "docker-buildx":
        return "buildx"
    if one.program != "docker" or build.arguments is None or not build.arguments.certain:
        return None
    return "buildx" if "buildx" in _words(one) else "docker"


def _is_anew(build: Build) -> bool:
    return any(_written(build, name) not in ((), ("false",)) for name in _ANEW)


def _written(build: Build, name: str) -> tuple[str, ...]:
    """The values of an option or an input, as far as they are known; of a flag its name."""
    one = build.invocation
    if one is not None and build.arguments is not None:
        values = (option.value for option in build.arguments.options if option.name == name)
        return tuple(str(one.values_in(value, build.scope)) if value else name for value in values)
    written = build.step.input(name) if build.step else None
    return (written.value.strip(),) if written else ()


def _is_of_one_platform(earlier: Build, later: Build) -> bool:
    mine, others = earlier.platforms, later.platforms
    return not mine or not others or bool(set(mine) & set(others))


def _between(first: Step | None, last: Step | None) -> tuple[Step, ...]:
    job = first.job if first else None
    if first is None or last is None or job is None:
        return ()
    return job.steps[first.index + 1 : last.index]


def _is_between(one: Invocation, earlier: Build, later: Build) -> bool:
    return comes_before(earlier.step, earlier.location, one.step, one.location) and comes_before(
        one.step, one.location, later.step, later.location
    )


def _resets(one: Invocation) -> bool:
    """Whether a command empties the builder, takes another one, or brings another commit."""
    words = _words(one)
    if one.program == "git":
        return bool(_OTHER_COMMIT & set(words[:3]))
    if one.program not in ("docker", "docker-buildx"):
        return False
    return "prune" in words or ("imagetools" not in words and bool(_OTHER_BUILDER & set(words[:3])))


def _words(one: Invocation) -> tuple[str, ...]:
    return tuple(word.literal or "" for word in one.command.arguments)
