"""One simple command of a script, and what the script says around it."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

from checks.record import Record
from checks.source.text import Span
from checks.source.word import Word
from checks.source.wrappers import Unwrapped, unwrap

DECLARATIONS = frozenset({"export", "declare", "typeset", "readonly", "local"})
"""Builtins whose arguments are assignments."""


class Connector(StrEnum):
    """How a command is joined to the one before it."""

    NONE = ""
    SEQUENCE = ";"
    """A new line, too."""
    AND = "&&"
    OR = "||"
    PIPE = "|"
    BACKGROUND = "&"


class GuardKind(StrEnum):
    """Why a command may not run, or run more than once."""

    AND = "&&"
    OR = "||"
    IF = "if"
    ELSE = "else"
    LOOP = "loop"
    CASE = "case"


class Guard(Record):
    """What decides whether a command runs."""

    kind: GuardKind
    condition: Span
    """The left side, or the condition; the commands in it are `Script.within(condition)`."""

    @property
    def holds(self) -> bool | None:
        """Whether the condition has to succeed (True) or to fail for the command to run; None: neither."""
        by_kind = {GuardKind.AND: True, GuardKind.IF: True, GuardKind.OR: False, GuardKind.ELSE: False}
        return by_kind.get(self.kind)


class Assignment(Record, eq=False):
    """`NAME=value`, before a command, alone, or after `export` and its like. Equal only to itself."""

    name: str
    value: Word | None
    """None for an array, which has no single value."""
    span: Span
    append: bool = False
    """Whether written `+=`, or to one element of an array."""
    exported: bool = False
    elements: tuple[Word, ...] = ()
    """The words of an array; not those that are given an index."""


class Redirection(Record):
    """`2>&1`, `> file`, `<<EOF`, `<<< word`."""

    operator: str
    target: Word
    """The file, the descriptor, the word, or the delimiter of a here-document."""
    span: Span
    descriptor: str = ""
    """The digits or `{NAME}` before the operator."""
    body: Span | None = None
    """The text of a here-document, from the first line to before the line of the delimiter."""


class Command(Record, eq=False, dict=True):
    """One simple command. Two are equal only if they are the same object."""

    span: Span
    """From its first assignment, word or redirection to its last; here-documents' bodies left out."""
    words: tuple[Word, ...]
    """The name and its arguments; empty for assignments or redirections alone."""
    assignments: tuple[Assignment, ...] = ()
    """Of the command's environment; of the shell where `words` is empty or it is `export` and its like."""
    redirections: tuple[Redirection, ...] = ()
    """Its own and those of the compound commands around it, innermost first."""
    connector: Connector = Connector.NONE
    guards: tuple[Guard, ...] = ()
    """What decides whether it runs, outermost first."""
    fallbacks: tuple[Span, ...] = ()
    """The right sides of the `||` that take over when it fails, innermost first."""
    piped_from: Span | None = None
    """The stage of the pipeline that it reads from."""
    piped_to: Span | None = None
    """The stage of the pipeline that reads what it writes."""
    pipeline: Span | None = None
    """The whole pipeline, where it stands in one."""
    in_condition: bool = False
    """Whether it is the condition of an `if`, `while` or `until`: its failure stops nothing."""
    in_function: str | None = None
    in_substitution: Span | None = None
    """The `$(…)` that it stands in."""
    in_subshell: bool = False
    """Whether what it assigns is lost afterwards: in `( … )`, a pipeline, a substitution, `bash -c`."""
    in_string: Span | None = None
    """The argument of `bash -c` or its like that it stands in."""
    background: bool = False
    negated: bool = False
    uncertain: bool = False
    """Whether a syntax error stands in it or around it, so that its words may be wrong."""

    @property
    def conditional(self) -> bool:
        """Whether it may not run, or run more than once."""
        return bool(self.guards) or self.in_function is not None

    @cached_property
    def unwrapped(self) -> Unwrapped:
        """What runs in the end, `sudo`, `env`, `timeout` and their like seen through."""
        return unwrap(self.words)

    @property
    def program(self) -> str | None:
        """Name of what runs, without folders and wrappers; None if it is unknown or there is none."""
        return self.unwrapped.program

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program's name."""
        return self.unwrapped.arguments

    @property
    def literals(self) -> list[str]:
        """The arguments as text, each empty of which a part is not known."""
        return [word.literal or "" for word in self.arguments]

    @property
    def sets_variables(self) -> bool:
        """Whether `assignments` outlive the command: it is `A=b` alone, or `export A=b` and its like."""
        return not self.words or self.words[0].literal in DECLARATIONS

    @property
    def environment(self) -> tuple[Assignment, ...]:
        """What is set for this command alone: `A=b X` and `env A=b X`."""
        passed = tuple(Assignment(n, v, s, exported=True) for n, v, s in self.unwrapped.environment)
        return (() if self.sets_variables else self.assignments) + passed
