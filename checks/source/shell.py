"""Shell scripts: the simple commands in them, wherever they stand, with what each is made of.

`parse` reads bash, and with it what POSIX shells share, of `run:` blocks, of Dockerfiles' `RUN` and of
script files. Every span counts characters of the text given to `parse`; a caller whose text is a part of
a file translates. `${{ … }}` may stand anywhere: a word that contains one has an `Expression` in it.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from functools import cached_property, lru_cache

from msgspec import field

from checks.record import Record
from checks.source.command import Assignment, Command, Connector, Guard, GuardKind, Redirection
from checks.source.text import Span
from checks.source.variables import Variables
from checks.source.word import Expression, Literal, Opaque, Pattern, Piece, Substitution, Variable, Word

__all__ = [
    "Assignment", "Command", "Connector", "Expression", "Guard", "GuardKind", "Literal", "Opaque", "Pattern",
    "Piece", "Redirection", "Script", "Substitution", "Variable", "Word", "parse",
]  # fmt: skip

MAX_CHARACTERS = 30_000
"""Longer scripts are not parsed. Of 2,400 in public repositories the longest has 24,000; for text that is wrong
everywhere the parser takes time and memory by the square: for 64,000 of `a=(` a minute and gigabytes."""


class Script(Record, eq=False, dict=True):
    """A script, read."""

    source: str
    commands: tuple[Command, ...] = ()
    """Every simple command, in the order of their first characters."""
    comments: tuple[Span, ...] = ()
    """From `#` to before the end of the line."""
    functions: Mapping[str, Span] = field(default_factory=dict)
    """Functions that it defines, with the span of the whole definition."""
    loop_variables: frozenset[str] = frozenset()
    """Variables of `for` and `select`."""
    subjects: tuple[Word, ...] = ()
    """What `case` compares, of the script itself and not of scripts in strings. The shell splits none of them into fields:
    https://www.gnu.org/software/bash/manual/bash.html#index-case"""
    listed: tuple[Word, ...] = ()
    """What `for` and `select` go through, of the script itself."""
    errors: tuple[Span, ...] = ()
    """Where it is not bash, or not understood."""
    complete: bool = True
    """False if it is too long or too deep, so that `commands` does not have all."""

    def __getitem__(self, span: Span) -> str:
        """The characters that a span covers."""
        return self.source[span.start : span.end]

    def within(self, span: Span) -> tuple[Command, ...]:
        """The commands that start in a span."""
        first = bisect.bisect_left(self._starts, span.start)
        return self.commands[first : bisect.bisect_left(self._starts, span.end)]

    @cached_property
    def _starts(self) -> list[int]:
        return [command.span.start for command in self.commands]

    @cached_property
    def variables(self) -> Variables:
        """What the script's own assignments say about its variables."""
        return Variables(self.commands, self.loop_variables)

    def variables_at(self, command: Command) -> Mapping[str, Word]:
        """Variables whose value is certain where `command` runs, see `checks.source.variables`."""
        return self.variables.at(command)

    def resolve(self, word: Word, command: Command) -> Word:
        """`word` of `command` with the variables replaced whose value is certain there.

        Pieces keep the spans of where they are written, so that a value is located at its assignment.
        """
        return self.variables.resolve(word, command)


@lru_cache(maxsize=4096)
def parse(source: str) -> Script:
    """Read a script; the same text is read once. Never raises: what is not bash is in `errors`, and commands in it are `uncertain`."""
    if len(source) > MAX_CHARACTERS:
        return Script(source, complete=False)
    from checks.source import shell_tree

    return shell_tree.read(source)
