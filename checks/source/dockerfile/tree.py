"""What a Dockerfile consists of, as BuildKit reads it. All spans are places in the file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cached_property

from checks.record import Record
from checks.regex import regex
from checks.source.text import Span, Text

_NUMBER = regex(r"[+-]?[0-9]+")
_LONGEST_NUMBER = 1_000
"""Digits; Python refuses to read very long numbers."""


class Word(Record):
    """One argument of an instruction."""

    value: str
    """What BuildKit's parser hands on: continuations joined, JSON decoded. Where BuildKit expands the word
    later, quotes, escapes and variables are still in it."""
    span: Span
    """The word as it is written, quotes included; a continuation may lie inside."""
    literal: str | None
    """The final value, where it depends on no variable: expansion, quotes and escapes are done. None where it
    depends on one, and for the command line of a shell form."""
    is_heredoc: bool = False
    """Of `COPY` and `ADD`: whether the source is a heredoc and not a path."""


class Pair(Record):
    """One `name=value` of `ENV`, `LABEL` or `ARG`."""

    name: Word
    value: Word | None
    """None for an `ARG` without default."""
    span: Span
    separator: str
    """`=`, or a blank in the old form `ENV name value`; empty where there is no value."""


class Field(Record):
    """One comma-separated part of a `--mount` or `--device`."""

    key: str
    """In lower case."""
    value: str | None
    """None where there is no `=`: `required`, `readonly`."""
    span: Span
    value_span: Span | None


class Flag(Record):
    """One `--name=value` before the arguments."""

    name: str
    """Without the dashes."""
    value: str | None
    """Quotes removed, variables not expanded; None where there is no `=`."""
    span: Span
    value_span: Span | None
    fields: tuple[Field, ...] = ()
    """Of `--mount` and `--device`."""

    def field(self, *keys: str) -> Field | None:
        """The last field with one of these keys, which is the one that counts."""
        return next((field for field in reversed(self.fields) if field.key in keys), None)


class Form(Enum):
    """How a command line is written."""

    EXEC = "exec"
    """A JSON array of strings: no shell."""
    SHELL = "shell"


class Heredoc(Record):
    """A document that follows its instruction."""

    name: str
    """The word that ends it, quotes removed."""
    expand: bool
    """Whether variables in it are expanded: the word was not quoted."""
    chomp: bool
    """Whether tabs at the start of its lines are dropped: `<<-`."""
    content: Span
    """Its lines, with their line endings."""
    terminator: Span
    """The line that ends it, line ending left out."""


class ShellText(Record):
    """What a shell gets to run, in a form that keeps offsets."""

    source: str
    """Exactly as long as `span`, and the same but where BuildKit's view differs from the file's: what joins
    lines (escape, line ending, comment lines, blank lines) is blanked, or is backslashes and line feeds inside a word.
    So the character at `i` stands at `span.start + i` of the file."""
    span: Span
    shebang: str | None = None
    """First line of a heredoc that is a script of its own: `#!/usr/bin/env python3`. The source is then in
    that language, and may be no shell."""


class Instruction(Record, eq=False):
    """One instruction with all its lines."""

    keyword: str
    """In upper case; as written for an instruction that BuildKit does not know, which only `ONBUILD` may have."""
    keyword_span: Span
    span: Span
    """From the first character to the end of the last line, heredocs included, line ending left out."""
    arguments_span: Span
    """All that follows keyword and flags, heredocs left out; empty where there is nothing."""
    flags: tuple[Flag, ...] = ()
    arguments: tuple[Word, ...] = ()
    """The arguments; the whole command line of a shell form is one. Empty for those that have `pairs`."""
    pairs: tuple[Pair, ...] = ()
    """Of `ENV`, `LABEL` and `ARG`."""
    form: Form | None = None
    """Of `RUN`, `CMD`, `ENTRYPOINT`, `SHELL`, `HEALTHCHECK CMD`, `COPY`, `ADD`, `VOLUME`."""
    shell: ShellText | None = None
    """What the shell runs: `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK CMD` in shell form."""
    heredocs: tuple[Heredoc, ...] = ()
    trigger: Instruction | None = None
    """Of `ONBUILD`: the instruction that runs later. BuildKit looks closer at it only then."""

    def flag(self, name: str) -> Flag | None:
        """The first flag of this name."""
        return next((flag for flag in self.flags if flag.name == name), None)

    @property
    def sources(self) -> tuple[Word, ...]:
        """Of `COPY` and `ADD`: the paths that are copied, heredocs left out."""
        return tuple(word for word in self.arguments[:-1] if not word.is_heredoc)

    @property
    def destination(self) -> Word:
        """Of `COPY` and `ADD`: where to."""
        return self.arguments[-1]


class Stage(Record, eq=False):
    """A `FROM` and the instructions that follow it."""

    index: int
    instruction: Instruction
    """The `FROM`."""
    instructions: tuple[Instruction, ...]
    """What follows it."""

    @property
    def base(self) -> Word:
        """What stands behind `FROM`: an image, or the name of an earlier stage."""
        return self.instruction.arguments[0]

    @property
    def name_word(self) -> Word | None:
        """The name as it is written."""
        return self.instruction.arguments[2] if len(self.instruction.arguments) > 1 else None

    @property
    def name(self) -> str | None:
        """The name by which others refer to it, in lower case, which is how BuildKit keeps it."""
        return self.name_word.value.lower() if self.name_word else None


class Comment(Record):
    """A comment; those in heredocs belong to the heredoc."""

    text: str
    """Without `#` and the blanks around it."""
    span: Span
    """From `#` to the end of the line, line ending left out."""


class Directive(Record):
    """A parser directive: `# syntax=…`, `# escape=…`, `# check=…`."""

    name: str
    """In lower case."""
    value: str
    span: Span
    """From `#` to the end of the line, line ending left out."""
    value_span: Span


class DockerfileSource(Record, eq=False, dict=True):
    """A Dockerfile, read."""

    text: Text
    escape: str
    """The escape character: backslash, or backtick by `# escape`."""
    directives: tuple[Directive, ...]
    comments: tuple[Comment, ...]
    instructions: tuple[Instruction, ...]
    """All, in the order of the file."""
    global_args: tuple[Instruction, ...]
    """Each `ARG` before the first `FROM`."""
    stages: tuple[Stage, ...]
    """At least one."""

    def directive(self, name: str) -> Directive | None:
        """The directive of this name; there is at most one."""
        return next((each for each in self.directives if each.name == name), None)

    @cached_property
    def stages_by_name(self) -> Mapping[str, Stage]:
        """Stages by their name; of several with one name the last counts."""
        return {stage.name: stage for stage in self.stages if stage.name}

    def copied_stage(self, reference: str) -> Stage | None:
        """The stage that `COPY --from=` means, by name in any case or by number; None: an image or a named context.

        It may be the stage itself or a later one, which BuildKit refuses when it builds.
        """
        if _NUMBER.fullmatch(reference):
            index = int(reference[:_LONGEST_NUMBER])
            return self.stages[index] if 0 <= index < len(self.stages) else None
        return self.stages_by_name.get(reference.lower())

    def stage_named(self, reference: str) -> Stage | None:
        """The stage that `from=` of `RUN --mount` or `--target` means: by name only, in any case."""
        return self.stages_by_name.get(reference.lower())
