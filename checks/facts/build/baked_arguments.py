"""The secrets of a workflow that bake passes to builds as arguments, for images that it pushes.

What a variable holds, the environment of the step says: https://docs.docker.com/build/bake/variables/
What `set` says goes before the file: https://docs.docker.com/reference/cli/docker/buildx/bake/#set
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase

from checks.facts.build.bake import BakeTarget, arguments_read, names_in
from checks.facts.build.bake_runs import BAKE_ACTION, dockerfile_of, folders_of_runs
from checks.facts.build.builds import folder
from checks.facts.secret_names import secret_in
from checks.facts.workflow.lists import items
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.hcl import Body
from checks.source.snapshot import Snapshot
from checks.source.text import Location

_MOST_GROUPS = 50
"""Names that are followed from group to group."""


class Baked(Record, eq=False):
    """An argument that gets a secret."""

    dockerfile: str
    name: str
    place: Location


def baked_secrets(
    steps: Iterable[Step], targets: Collection[BakeTarget], bodies: Collection[Body], snapshot: Snapshot
) -> Iterator[Baked]:
    """The arguments that steps certainly pass a secret for, by targets of which the only Dockerfile is known."""
    files = [(one, path) for one in targets if (path := dockerfile_of(one, snapshot))]
    for step in steps if files else ():
        pushes = step.input("push") if step.uses_action(BAKE_ACTION) else None
        if pushes is not None and pushes.value == "true":
            read = _read(step, (body.text.path for body in bodies))
            built = _built(step, (body for body in bodies if body.text.path in read))
            for target, path in files:
                if target.name in built and target.text.path in read:
                    yield from (Baked(path, name, place) for name, place in _passed(step, target))


def _read(step: Step, paths: Iterable[str]) -> set[str]:
    """The bake files that a step reads: those that it names, else those of the folder that it works in.

    https://github.com/docker/bake-action#inputs
    """
    runs = folders_of_runs((step,), (), ())
    places = (runs or frozenset()) - {""} or {""}
    if runs is None or len(places) > 1:
        return set()
    (place,) = places
    named = step.input("files")
    if named is not None:
        return {folder(posixpath.join(place, one.text)) or "" for one in items(named)}
    return {path for path in paths if posixpath.dirname(path) == place}


def _built(step: Step, bodies: Iterable[Body]) -> set[str]:
    """The targets that a step names, by groups too; those of the default where it names none."""
    given = step.input("targets")
    named = [one.text for one in items(given)] if given is not None else []
    groups = {block.names[0]: block for body in bodies for block in body.of_type("group") if block.labels}
    waiting, built = named or ["default"], set[str]()
    while waiting and len(built) < _MOST_GROUPS:
        name = waiting.pop()
        if name not in built and name in groups:
            waiting += [one for one in names_in(groups[name], "targets") if one is not None]
        built.add(name)
    return built


def _passed(step: Step, target: BakeTarget) -> Iterator[tuple[str, Location]]:
    variables: dict[str, str] = {}
    for node in reversed(step.environments):
        variables |= strings(node)
    given = step.input("set")
    told = dict(_overridden(given.value, target)) if given is not None else {}
    for argument, variable, place in arguments_read(target):
        if argument not in told and secret_in(variables.get(variable, ""), argument):
            yield argument, place
    for argument, value in told.items():
        if given is not None and secret_in(value, argument):
            yield argument, Location(step.text, given.span)


def _overridden(text: str, target: BakeTarget) -> Iterator[tuple[str, str]]:
    """The arguments that the lines of `set` give a target, with their values."""
    for line in text.splitlines():
        key, _, value = line.strip().partition("=")
        pattern, is_argument, argument = key.partition(".args.")
        if is_argument and fnmatchcase(target.name, pattern):
            yield argument, value
