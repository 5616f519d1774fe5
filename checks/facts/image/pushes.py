"""Pushes: which image names reach a registry, from which step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from checks.facts.build.builds import Build, Output
from checks.facts.image.aliases import Alias, is_local, without_transport
from checks.facts.image.builder_pushes import sent_by
from checks.facts.image.metadata_action import Generated
from checks.facts.image.references import Reference, reference
from checks.facts.mention import speaks_of
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.value import UNKNOWN, Hole, Value, joined
from checks.facts.workflow.conditions import Given, certainly_holds, may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.lists import Item
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.command import GuardKind
from checks.source.expression_places import find
from checks.source.text import Location
from checks.source.word import Word


class Push(Record, eq=False, dict=True):
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
    generated: Generated | None = None
    """What docker/metadata-action made the tag of, where that did."""
    is_asked_for: bool = False
    """Whether its script asks for something before, a version perhaps, and may leave it out."""
    scope: Scope | None = None
    """The leg of its job's matrix, the first of those that push the name; None in a script file, and for a copy."""

    @cached_property
    def reference(self) -> Reference:
        return reference(self.value)

    @cached_property
    def maker(self) -> Step | None:
        """The step of docker/metadata-action that makes the tag, where an entry of its input does."""
        item = self.generated.entry.item if self.generated else None
        steps = self.step.job.steps if self.step and self.step.job and item else ()
        return next((step for step in steps if item and step.input("tags") is item.scalar), None)

    @property
    def is_handed_over(self) -> bool:
        """Whether an item names it only with what callers hand over: another name is theirs to hand over."""
        scope = self.build.scope if self.build else None
        if scope is None or scope.handed is None or self.item is None:
            return False
        return self.value not in Scope(scope.step, scope.leg, scope.slug).values(self.item.text)

    @property
    def moves_nothing(self) -> bool:
        """Whether nobody but the job sees the name: it is pushed by digest, or to a registry of the job's own."""
        is_by_digest = self.build is not None and self.build.is_by_digest
        return is_by_digest or self.reference.is_on_this_machine or not self.reference.path.parts

    def may_be_for(self, event: Event) -> bool:
        """Whether it may push for an event, by the conditions of its step and by `push:`; True where these are not known.

        A build that stops for the event pushes nothing, and an expression may give another name for it.
        """
        if self.events is None:
            return True
        if not self._may_be_named_so(event):
            return False
        if event not in self.events or self.build is None:
            return event in self.events
        return not self.build.stops_for(event) and (self.step is None or may_happen(self.build, event))

    def is_certain_for(self, event: Event) -> bool:
        """Whether it certainly pushes when its step runs for an event."""
        if self.is_asked_for or (self.generated is not None and not self.generated.is_certain):
            return False
        if not self._may_be_named_so(event):
            return False
        if self.build is not None and self.build.stops_for(event):
            return False
        written = self.step.input("push") if self.step and self.build and self.build.pushes is None else None
        return self.certain or (written is not None and certainly_holds(written.value, event))

    @cached_property
    def _naming(self) -> str:
        """Whether it has this name, as a condition: where an expression gives all of it or its tag; empty where none does."""
        text = self.item.text.strip() if self.item and self.generated is None else ""
        found = find(text)
        last = found[-1] if found and found[-1].span.end == len(text) else None
        if last is None:
            return ""
        tag = self.reference.tag.literal if self.reference.tag else None
        before = text[: last.span.start]
        given = tag if before.endswith(":") else self.value.literal if not before else None
        return f"({last.source}) == '{given}'" if given else ""

    @property
    def is_chosen(self) -> bool:
        """Whether an expression gives its name, which may be another one for other events."""
        return bool(self._naming)

    def is_chosen_for(self, event: Event, given: Given) -> bool:
        """Whether an expression certainly gives its name for an event, with what is given."""
        return bool(self._naming) and certainly_holds(self._naming, event, given)

    def _may_be_named_so(self, event: Event) -> bool:
        return not self._naming or may_hold(self._naming, event)


_THIS_MACHINE = regex(r"\blocalhost\b|\b127\.\d")
_PUSHING = regex(r"\b(?:push(?:-by-digest)?=true|type=registry)\b")
_DECIDING = (GuardKind.IF, GuardKind.ELSE, GuardKind.CASE, GuardKind.OR)
_TESTS = frozenset(("[", "[[", "test", "grep"))


def pushes_of(
    builds: Iterable[Build], invocations: Sequence[Invocation], aliases: Iterable[Alias] = ()
) -> tuple[Push, ...]:
    """The pushes of builds, then those of commands, then the copies between registries; none by a name that is refused."""
    found = (
        *_of_builds(builds),
        *_of_commands(invocations),
        *_of_builders(invocations),
        *_of_aliases(aliases),
    )
    return tuple(push for push in found if not push.reference.lacks_a_part)


def by_path(pushes: Iterable[Push]) -> Mapping[str | None, tuple[Push, ...]]:
    """The pushes by the path in their name, those whose path is not known under None."""
    found: dict[str | None, list[Push]] = {}
    for push in pushes:
        found.setdefault(push.reference.path.literal, []).append(push)
    return {path: tuple(group) for path, group in found.items()}


def dockerfiles_pushed(builds: Iterable[Build], pushes: Iterable[Push]) -> frozenset[str]:
    """The Dockerfiles that a job builds from its checkout and of which it pushes the image, at once or by a name of it."""
    named = {(one.step.job, one.reference) for one in pushes if one.step is not None}
    return frozenset(
        one.dockerfile
        for one in builds
        if one.dockerfile is not None
        and one.step is not None
        and any((one.step.job, tag.reference) in named for tag in one.tags)
    )


def _of_builds(builds: Iterable[Build]) -> Iterator[Push]:
    for build in builds:
        if build.pushes is False or _may_be_skipped(build.invocation, build.scope):
            continue
        asked = _is_asked_for(build.invocation)
        certain = build.pushes is True
        for value, location in _untagged(build):
            yield Push(
                value,
                location,
                build.step,
                build.events,
                certain,
                build,
                is_asked_for=asked,
                scope=build.scope,
            )
        for tag in build.tags:
            made = tag.generated
            if made is None or may_happen(build, made.event):
                yield Push(
                    tag.value,
                    tag.location,
                    build.step,
                    build.events if made is None else (made.event,),
                    certain,
                    build,
                    tag.item,
                    made,
                    asked,
                    build.scope,
                )


def _untagged(build: Build) -> Iterator[tuple[Value, Location]]:
    """The names that a build pushes without a tag of its own, each with its place."""
    for output in () if build.tags else build.outputs or ():
        name = output.attributes.get("name")
        if name is not None and _may_push(output):
            yield name, output.location
    if _has_names_that_are_not_read(build):
        yield UNKNOWN, build.location


def _may_push(output: Output) -> bool:
    """Whether an exporter of a build that may push does: by itself, or as an image, which `push: true` and `--push` then push.

    https://docs.docker.com/reference/cli/docker/buildx/build/#push
    """
    return output.pushes is True or output.type == "image"


def _has_names_that_are_not_read(build: Build) -> bool:
    """Whether a command certainly pushes and shows no name, without which `--push` fails: a variable holds its `--tag`.

    Or whether an expression gives an action an exporter that pushes. A script that speaks of this machine may push to a
    registry there.
    """
    one = build.invocation
    if one is None:
        written = build.written_outputs if build.outputs is None and not build.tags else ""
        return _PUSHING.search(written) is not None and not _THIS_MACHINE.search(written)
    if build.arguments is None or build.tags or build.outputs or build.is_by_digest:
        return False
    words = build.arguments.operands
    is_hidden = bool(build.arguments.plural) or any(one.holes and not one.quoted for one in words)
    return build.arguments.has("push") is True and is_hidden and not speaks_of(one.text, _THIS_MACHINE)


def may_happen(build: Build, event: Event) -> bool:
    """Whether a build may push for an event, by the conditions that it stands under and by its `push:`."""
    written = build.step.input("push") if build.step else None
    condition = written.value if written and "${{" in written.value else ""
    return event in (build.events or ()) and (not condition or may_hold(condition, event))


def _of_commands(invocations: Iterable[Invocation]) -> Iterator[Push]:
    for one in invocations:
        if one.program not in ("docker", "podman", "nerdctl", "finch", "buildah") or one.command.uncertain:
            continue
        read = read_command(one.command)
        if read is None or read.name != "docker push" or not read.arguments.operands:
            continue
        operands = read.arguments.operands
        name = operands[1] if len(operands) > 1 and one.program in ("podman", "buildah") else operands[0]
        any_tag = () if read.arguments.has("all-tags") is False else (":", Hole(source="--all-tags"))
        yield from _named(one, name, any_tag)


def _named(
    one: Invocation, name: Word, any_tag: tuple[str | Hole, ...] = (), *, certain: bool = True
) -> Iterator[Push]:
    """The pushes of a command by a name that it has as a word, one for each value in each leg."""
    scopes = [scope for scope in one.scopes or (None,) if not _may_be_skipped(one, scope)]
    found: dict[tuple[Value, tuple[Event, ...] | None], Scope | None] = {}
    for scope in scopes:
        for value in one.values_in(name, scope):
            found.setdefault((value, _events(one, scope)), scope)
    for (value, happening), scope in found.items():
        pushed = None if is_local(value) else without_transport(value)
        if pushed is not None:
            yield Push(
                joined((*pushed.parts, *any_tag)),
                one.place(name.span),
                one.step,
                happening,
                certain,
                is_asked_for=_is_asked_for(one),
                scope=scope,
            )


def _of_builders(invocations: Iterable[Invocation]) -> Iterator[Push]:
    for one in invocations:
        for sent in sent_by(one):
            if sent.name is not None:
                yield from _named(one, sent.name, certain=sent.certain)
                continue
            for scope in one.scopes or (None,):
                if not _may_be_skipped(one, scope):
                    yield Push(
                        UNKNOWN,
                        one.location,
                        one.step,
                        _events(one, scope),
                        sent.certain,
                        is_asked_for=_is_asked_for(one),
                        scope=scope,
                    )


def _events(one: Invocation, scope: Scope | None) -> tuple[Event, ...] | None:
    return scope.events if scope else one.events


def _is_asked_for(one: Invocation | None) -> bool:
    """Whether a condition of the script decides about a command; a command that has to succeed before is none."""
    return one is not None and any(
        guard.kind in _DECIDING
        or (
            guard.kind is GuardKind.AND
            and any(before.program in _TESTS for before in one.script.within(guard.condition))
        )
        for guard in one.command.guards
    )


def _may_be_skipped(one: Invocation | None, scope: Scope | None) -> bool:
    """Whether a command may not run with what the callers hand over: the script may ask for another input before."""
    return one is not None and bool(one.command.guards) and scope is not None and scope.handed is not None


def _of_aliases(aliases: Iterable[Alias]) -> Iterator[Push]:
    for alias in aliases:
        if alias.is_push and not _may_be_skipped(alias.invocation, alias.scope):
            one = alias.invocation
            happening = _events(one, alias.scope)
            yield Push(
                alias.target,
                alias.location,
                one.step,
                happening,
                certain=True,
                is_asked_for=_is_asked_for(one),
            )
