"""Pushes: which image names reach a registry, from which step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.builds import Build
from checks.facts.events import Event
from checks.facts.invocations import Invocation
from checks.facts.lists import Item
from checks.facts.references import Reference, reference
from checks.facts.value import Value
from checks.facts.workflows import Step
from checks.source.command_line import Syntax
from checks.source.text import Location

_DOCKER_PUSH = Syntax.of("all-tags/a disable-content-trust quiet/q platform=")


@dataclass(frozen=True, eq=False)
class Push:
    """One name under which an image is pushed."""

    value: Value
    """The whole name as far as it is known."""
    location: Location
    """Where the name is written."""
    step: Step | None
    """None in a script file."""
    events: tuple[Event, ...] | None
    """For which events it happens; None where that can't be known."""
    certain: bool
    """Whether it certainly pushes when it runs; False where `push:` is an expression that may be false."""
    build: Build | None = None
    """The build that makes what is pushed, where the same step does."""
    item: Item | None = None
    """The item of an action's input, for edits."""

    @cached_property
    def reference(self) -> Reference:
        return reference(self.value)


def pushes_of(builds: Iterable[Build], invocations: Iterable[Invocation]) -> tuple[Push, ...]:
    """The pushes of builds, then those of commands."""
    return (*_of_builds(builds), *_of_commands(invocations))


def _of_builds(builds: Iterable[Build]) -> Iterator[Push]:
    for build in builds:
        if build.pushes is False:
            continue
        for tag in build.tags:
            certain = build.pushes is True
            yield Push(tag.value, tag.item.location, build.step, build.events, certain, build, tag.item)


def _of_commands(invocations: Iterable[Invocation]) -> Iterator[Push]:
    for one in invocations:
        if one.program not in ("docker", "podman") or one.command.uncertain:
            continue
        arguments = one.arguments(_DOCKER_PUSH, "push") or one.arguments(_DOCKER_PUSH, "image", "push")
        if arguments is None or not arguments.operands:
            continue
        name = arguments.operands[0]
        for value in one.values(name):
            yield Push(value, one.place(name.span), one.step, one.events, certain=True)
