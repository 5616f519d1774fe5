"""Builds that take their layers from the builder in which an earlier one of the same job has left them.

https://docs.docker.com/build/ci/github-actions/test-before-push/
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.build.builds import Build
from checks.facts.build.untouched_workspace import is_elsewhere
from checks.facts.image.image_flow import in_same_leg
from checks.facts.script.invocations import Invocation
from checks.facts.script.scripts import Command, parse_script
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_ANEW = ("no-cache", "no-cache-filter", "no-cache-filters")
_BASE_ANEW = "pull"
"""What makes a build run again what it has run, and look for its base again."""
_ALIKE = ("builder", "build-context", "build-contexts", "secret", "secrets", "secret-files")
"""What builds with one builder and the same layers have alike, beside image and arguments."""
_SETS_BUILDER = "docker/setup-buildx-action"
_BRINGS_FILES = ("actions/checkout", "actions/download-artifact")
"""Actions behind which a build has another builder, and other files."""
CHANGES_FILES = frozenset((
    "am", "apply", "checkout", "cherry-pick", "clean", "merge", "mv", "pull", "rebase", "reset", "restore", "revert", "rm", "stash",
    "submodule", "switch",
))  # fmt: skip
"""What of `git` changes the files of the workspace: https://git-scm.com/docs"""
_READING = frozenset(
    (
        "[",
        "[[",
        "break",
        "cat",
        "continue",
        "cosign",
        "docker",
        "echo",
        "exit",
        "git",
        "grype",
        "jq",
        "ls",
        "printf",
        "seq",
        "set",
        "sleep",
        "syft",
        "test",
        "trivy",
        "true",
    )
)
"""Programs that change no file, but for what `git` and `docker` are asked after."""
_CURL_WRITES = regex(r"-[A-Za-z#]*[DKOco].*|--(?:config|cookie-jar|dump-header|output|remote-name|trace).*")
"""An argument of `curl` by which it may write a file: https://curl.se/docs/manpage.html"""
_OF_BUILDERS = (("builder",), ("buildx",), ("context",))
_OTHER_BUILDER = frozenset(("create", "rm", "stop", "use"))
"""What of `docker` is about builders, and which words there take one away or another one; `docker rm` is of containers."""


def has_the_layers_of(
    later: Build, earlier: Build, invocations: Iterable[Invocation], *, is_on_digests: bool
) -> bool:
    """Whether a build makes the platform of an earlier one of the same image out of that one's layers.

    So it is where they are by one builder, and nothing between them changes the files that it gets.
    """
    return (
        is_of_its_builder(later, earlier, invocations, is_on_digests=is_on_digests)
        and not any(map(_may_bring_files, _between(earlier.step, later.step)))
        and not any(_is_between(one, earlier, later) and _moves(one) for one in invocations)
    )


def is_of_its_builder(
    later: Build, earlier: Build, invocations: Iterable[Invocation], *, is_on_digests: bool
) -> bool:
    """Whether a build takes from the builder of an earlier one of the same image each layer whose files are the same.

    Both are by BuildKit on one machine, with the same inputs, and nothing between them empties or changes the builder.
    `invocations` are the commands of the later one's file. With all bases by digest none is another when it is looked
    for again.
    """
    if not in_same_run(earlier.step, earlier.location, later.step, later.location):
        return False
    anew = _ANEW if is_on_digests else (*_ANEW, _BASE_ANEW)
    return (
        not any(_written(later, name) not in ((), ("false",)) for name in anew)
        and in_same_leg(earlier.scope, later.scope)
        and _tool(later) is not None
        and _tool(earlier) == _tool(later)
        and all(_written(earlier, name) == _written(later, name) for name in _ALIKE)
        and _is_of_one_platform(earlier, later)
        and not any(step.uses_action(_SETS_BUILDER) for step in _between(earlier.step, later.step))
        and not any(_is_between(one, earlier, later) and _resets(one) for one in invocations)
    )


def _may_bring_files(step: Step) -> bool:
    """Whether a step may change the folder that is built."""
    if step.run is None:
        return step.uses_action(*_BRINGS_FILES)
    script = parse_script(step.run.value)
    return not script.complete or any(
        one.uncertain or not all(map(is_elsewhere, one.redirections)) or not _only_reads(one)
        for one in script.commands
    )


def _only_reads(command: Command) -> bool:
    if command.program == "curl":
        return not any(_CURL_WRITES.fullmatch(word.literal or "") for word in command.arguments)
    return not command.words or command.program in _READING


def _tool(build: Build) -> str | None:
    """What chooses the builder: Buildx takes the one in use, `docker build` the daemon's; None for other tools."""
    one = build.invocation
    if build.is_by_depot:
        return None
    if one is None or one.program == "docker-buildx":
        return "buildx"
    if one.program != "docker" or build.arguments is None or not build.arguments.certain:
        return None
    return "buildx" if "buildx" in one.command.literals else "docker"


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


def _moves(one: Invocation) -> bool:
    """Whether a command brings another commit, or changes files of this one."""
    return one.program == "git" and not CHANGES_FILES.isdisjoint(one.command.literals[:3])


def _resets(one: Invocation) -> bool:
    """Whether a command empties the builder, or takes another one."""
    words = tuple(one.command.literals)
    if one.program not in ("docker", "docker-buildx"):
        return False
    is_of_builders = one.program == "docker-buildx" or words[:1] in _OF_BUILDERS
    is_other = "imagetools" not in words and not _OTHER_BUILDER.isdisjoint(words[:3])
    return "prune" in words or (is_of_builders and is_other)
