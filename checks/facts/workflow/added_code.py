"""Code of others that one job runs and another doesn't: who gets into that has reached more than the other job."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from checks.facts.build.builds import Build
from checks.facts.script.command_lines import invocation
from checks.facts.script.invocations import Invocation
from checks.facts.token.programs import PUSHLESS
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.stakes import GITHUBS
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Job, Step

_OF_RUNNER = (
    "cap-add",
    "cgroupns",
    "device",
    "device-cgroup-rule",
    "env-file",
    "ipc",
    "mount",
    "network",
    "pid",
    "privileged",
    "runtime",
    "security-opt",
    "use-api-socket",
    "userns",
    "uts",
    "volume",
    "volumes-from",
)
"""Options that give a container a part of the machine which runs it."""
_OF_CONTAINERS = frozenset(
    (
        "images",
        "info",
        "inspect",
        "kill",
        "load",
        "logs",
        "port",
        "ps",
        "rm",
        "rmi",
        "stop",
        "tag",
        "version",
        "wait",
    )
)
"""Commands of docker that run nothing."""
_REMOVES = frozenset(("inspect", "ls", "prune", "rm"))
"""What most groups have of that."""
_OF_GROUPS = {
    "builder": frozenset(("prune",)),
    "buildx": frozenset(("du", "inspect", "ls", "prune", "version")),
    "container": _REMOVES | {"kill", "logs", "port", "stop", "wait"},
    "image": _REMOVES | {"history", "load", "save", "tag"},
    "network": _REMOVES,
    "system": frozenset(("df", "info", "prune")),
    "volume": _REMOVES,
}
"""Those of two words."""


def adds_code(
    job: Job,
    publisher: Job,
    build: Build,
    actions: Iterable[CompositeAction],
    builds: Sequence[Build],
    invocations: Sequence[Invocation],
) -> bool:
    """Whether a job runs code of others that a publisher does not run, too.

    `build` is of the publisher, `actions`, `builds` and `invocations` are all of the repository.
    """
    theirs = set(_actions(publisher, actions))
    scripts = {_script(step) for step in publisher.steps if step.run}
    for step in job.steps:
        used = step.uses
        is_used = used is not None and (used.owner.lower() in GITHUBS or _source(used) in theirs)
        is_run = step.run is not None and (
            _script(step) in scripts or _is_plain(step, build, builds, invocations)
        )
        if not is_used and not is_run:
            return True
    return False


def _actions(job: Job, actions: Iterable[CompositeAction]) -> Iterator[str]:
    """The repositories of the actions that a job runs, and those of the actions of this repository that it runs."""
    local = {f"./{posixpath.dirname(action.path)}": action for action in actions}
    for step in job.steps:
        if step.uses is not None:
            yield _source(step.uses)
            action = local.get(step.uses.scalar.value.rstrip("/"))
            yield from (one.uses.repository for one in action.steps if one.uses) if action else ()


def _source(use: ActionUse) -> str:
    """The repository of an action, else what is written."""
    return use.repository or use.scalar.value


def _script(step: Step) -> tuple[str, str]:
    """What a step runs, and where."""
    folder = step.working_directory
    return step.run.value.strip() if step.run else "", folder.value if folder else ""


def _is_plain(step: Step, build: Build, builds: Iterable[Build], invocations: Iterable[Invocation]) -> bool:
    """Whether a script runs nothing of the project or from elsewhere, but builds what a release does.

    It writes text, moves files, or asks git and the shell what there is.
    """
    commands = [one for one in invocations if one.step is step]
    alike = [
        one.invocation
        for one in builds
        if one.step is step and (one.context, one.dockerfile) == (build.context, build.dockerfile)
    ]
    return bool(commands) and all(
        not one.command.words or one.program in PUSHLESS or one in alike or _stays_in_container(one)
        for one in commands
    )


def _stays_in_container(one: Invocation) -> bool:
    """Whether docker looks at images and containers, removes them, or runs one that gets nothing of the runner."""
    command = one.command
    if command.program != "docker" or command.uncertain:
        return False
    read = invocation(command)
    if read is not None and read.name == "docker run":
        return read.arguments.certain and not any(map(read.arguments.span_of, _OF_RUNNER))
    first, second = [*command.literals[:2], "", ""][:2]
    return first in _OF_CONTAINERS or second in _OF_GROUPS.get(first, ())
