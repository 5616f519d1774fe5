"""Which names commands give to the same image: `docker tag`, `imagetools create`, `crane`, `skopeo`, `regctl`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.image.references import reference
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.value import UNKNOWN, Value, joined
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.command_line import Arguments
from checks.source.text import Location
from checks.source.word import Word


class Alias(Record, eq=False):
    """One name that a command gives to what has another: `docker tag`, `imagetools create`, `crane`, `skopeo`, `regctl`."""

    source: Value
    target: Value
    location: Location
    """Where the new name is written."""
    invocation: Invocation
    scope: Scope | None
    is_push: bool
    """Whether the new name is one in a registry."""

    @property
    def step(self) -> Step | None:
        return self.invocation.step


_COPIES = {
    "docker tag": False,
    "crane copy": True,
    "crane tag": True,
    "skopeo copy": True,
    "cosign copy": True,
    "regctl image copy": True,
}
"""Commands with a source and a target, and whether the target is in a registry."""
_IMAGETOOLS = "docker buildx imagetools create"
_PROGRAMS = frozenset(
    ("docker", "podman", "nerdctl", "finch", "buildah", "crane", "skopeo", "cosign", "regctl")
)


def aliases_of(invocations: Iterable[Invocation]) -> tuple[Alias, ...]:
    """The further names that commands give, in file order, one for each leg of a matrix."""
    return tuple(_aliases(invocations))


def _aliases(invocations: Iterable[Invocation]) -> Iterator[Alias]:
    for one in invocations:
        if one.program not in _PROGRAMS or one.command.uncertain:
            continue
        read = read_command(one.command)
        if read is None:
            continue
        if read.arguments.plural:
            if read.name == _IMAGETOOLS and not read.arguments.has("dry-run"):
                scopes = one.scopes or (None,)
                yield from (Alias(UNKNOWN, UNKNOWN, one.location, one, scope, True) for scope in scopes)
            continue
        for source, target in _named(read.name, read.arguments):
            yield from _in_legs(one, source, target, read.name)


def _named(name: str, arguments: Arguments) -> Iterator[tuple[Word, Word]]:
    """Source and target words."""
    operands = arguments.operands
    if name in _COPIES and len(operands) == 2:
        yield operands[0], operands[1]
    elif name == _IMAGETOOLS and not arguments.has("dry-run"):
        for target in arguments.all("tag"):
            for source in operands:
                yield source, target


def _in_legs(one: Invocation, source: Word, target: Word, name: str) -> Iterator[Alias]:
    place = one.place(target.span)
    for scope in one.scopes or (None,):
        for old in one.values_in(source, scope):
            for new in one.values_in(target, scope):
                named = _same_repository(old, new) if name == "crane tag" else without_transport(new)
                if named is not None:
                    is_push = _COPIES.get(name, True) and not is_local(new)
                    yield Alias(without_transport(old) or old, named, place, one, scope, is_push)


_REGISTRY = "docker://"
_LOCAL = (
    "docker-daemon:",
    "docker-archive:",
    "oci:",
    "oci-archive:",
    "ocidir://",
    "dir:",
    "containers-storage:",
)


def is_local(name: Value) -> bool:
    """Whether a name, as skopeo writes it, is of this machine, in no registry."""
    first = name.parts[0] if name.parts else ""
    return isinstance(first, str) and first.startswith(_LOCAL)


def without_transport(name: Value) -> Value | None:
    """A name as skopeo writes it, without the transport; None for one that is in no registry."""
    first = name.parts[0] if name.parts else ""
    if not isinstance(first, str):
        return name
    if first.startswith("docker-daemon:"):
        return Value((first.removeprefix("docker-daemon:"), *name.parts[1:]))
    if first.startswith(_LOCAL):
        return None
    rest = first.removeprefix(_REGISTRY)
    return Value(((rest,) if rest else ()) + name.parts[1:])


def _same_repository(old: Value, tag: Value) -> Value:
    """`crane tag IMAGE TAG` names the tag alone."""
    image = reference(old)
    host = (*image.host.parts, "/") if image.host.parts else ()
    return joined((*host, *image.path.parts, ":", *tag.parts))
