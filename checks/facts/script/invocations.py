"""Commands that steps and script files run, with what their words come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from checks.facts import value
from checks.facts.value import Hole, Value
from checks.facts.workflow.events import Event
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.resolve import Scope, word_source
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.command_line import Arguments, Syntax, read_arguments
from checks.source.shell import Command, Script
from checks.source.shell import parse as parse_script
from checks.source.text import Location, Span, Text
from checks.source.word import Word
from checks.source.yaml import Scalar


class Invocation(Record, eq=False, dict=True):
    """One simple command, where it stands."""

    text: Text
    step: Step | None
    """None in a script file."""
    scopes: tuple[Scope, ...]
    """Those of the step; empty in a script file."""
    scalar: Scalar | None
    """The `run:` that holds it; None in a script file, which is the script."""
    script: Script
    command: Command

    @property
    def program(self) -> str | None:
        return self.command.program

    @property
    def location(self) -> Location:
        """The command, from its first word to its last."""
        return self.place(self.command.span)

    def place(self, span: Span) -> Location:
        """Where a span of the script stands in the file; the whole command where that can't be told."""
        if self.scalar is None:
            return Location(self.text, span)
        found = self.scalar.locate(span.start, span.end)
        whole = self.scalar.locate(self.command.span.start, self.command.span.end)
        return Location(self.text, found or whole or self.scalar.span)

    def values(self, word: Word) -> tuple[Value, ...]:
        """Each value that a word may have, over all legs of the matrix."""
        found = [one for scope in self.scopes or (None,) for one in self.values_in(word, scope)]
        return tuple(dict.fromkeys(found))

    def values_in(self, word: Word, scope: Scope | None) -> tuple[Value, ...]:
        """Each value that a word may have in one leg of the matrix; None stands for a script file's."""
        resolved = self.script.resolve(word, self.command)
        if scope is not None:
            return scope.word(resolved)
        parts = (part if isinstance(part, str) else Hole(source=word_source(part)) for part in resolved.parts)
        return (value.joined(parts),)

    def value(self, word: Word) -> Value:
        """The one value of a word; unknown if it may have several."""
        alternatives = self.values(word)
        return alternatives[0] if len(alternatives) == 1 else value.UNKNOWN

    def subcommand(self, *names: str) -> tuple[Word, ...] | None:
        """The words behind `program names…`, if the first arguments are these names; else None."""
        words = self.command.arguments
        if len(words) < len(names) or any(
            word.literal != name for word, name in zip(words, names, strict=False)
        ):
            return None
        return words[len(names) :]

    def arguments(self, syntax: Syntax, *names: str) -> Arguments | None:
        """The arguments behind `program names…`, read by a syntax; None if the first ones are others."""
        words = self.subcommand(*names)
        return None if words is None else read_arguments(words, syntax)

    @cached_property
    def events(self) -> tuple[Event, ...] | None:
        """For which events it may run; None where that can't be known."""
        return of_step(self.step) if self.step else None


def of_steps(
    steps: Iterable[Step], slug: str | None, handed: HandedIn | None = None
) -> tuple[Invocation, ...]:
    """The commands of steps whose scripts are for a shell that we read, in file order."""
    return tuple(invocation for step in steps for invocation in _of_step(step, slug, handed))


def _of_step(step: Step, slug: str | None, handed: HandedIn | None) -> Iterator[Invocation]:
    if step.run is None or not step.is_shell_script:
        return
    scopes = tuple(scopes_of(step, slug, handed))
    script = parse_script(step.run.value)
    for command in script.commands:
        yield Invocation(step.text, step, scopes, step.run, script, command)


def of_script(text: Text) -> tuple[Invocation, ...]:
    """The commands of a script file, in its order."""
    script = parse_script(text.content)
    return tuple(Invocation(text, None, (), None, script, command) for command in script.commands)
