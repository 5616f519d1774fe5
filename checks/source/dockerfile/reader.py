"""From the text of a Dockerfile to its instructions and stages."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from checks.source.dockerfile.heredocs import HeredocWord, heredoc_words
from checks.source.dockerfile.lines import LineReader, Logical
from checks.source.dockerfile.pattern import SubstitutionError
from checks.source.dockerfile.refusals import RefusedError, refuse
from checks.source.dockerfile.syntax import Syntax
from checks.source.dockerfile.tree import (
    DockerfileSource,
    Form,
    Heredoc,
    Instruction,
    ShellText,
    Stage,
)
from checks.source.text import CannotRead, Span, Text

MAX_STAGES = 1_000
"""Of one file. The largest that people write have some three hundred, side by side."""
MAX_ANCESTORS = 20_000
"""Of all stages together: what a stage says is read with all that it builds on. Two hundred in a row come to that."""
_TAKE_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


def parse(text: Text) -> DockerfileSource:
    """The Dockerfile, read. `CannotRead` where BuildKit refuses to parse it."""
    instructions: list[Instruction] = []
    try:
        reader = LineReader(text)
        for line in reader.statements():
            instruction = Syntax(line, reader.escape).instruction()
            heredocs = tuple(
                reader.heredoc(word.name, word.expand, word.chomp, line.whole.start)
                for word in _heredoc_words(instruction, line)
            )
            instructions.append(_with_heredocs(text, instruction, heredocs) if heredocs else instruction)
        for instruction in instructions:
            refuse(instruction)
        global_args, stages = _stages(instructions)
    except RefusedError as error:
        raise CannotRead(text.path, text.line_of(error.place), str(error)) from error
    if len(stages) > MAX_STAGES:
        place = stages[MAX_STAGES].instruction.span.start
        raise CannotRead(text.path, text.line_of(place), f"it has more than {MAX_STAGES:,} stages")
    if sum(_depths(stages)) > MAX_ANCESTORS:
        place = stages[-1].instruction.span.start
        raise CannotRead(text.path, text.line_of(place), "too many of its stages build on each other")
    return DockerfileSource(
        text,
        reader.escape,
        reader.directives,
        tuple(reader.comments),
        tuple(instructions),
        global_args,
        stages,
    )


def _depths(stages: tuple[Stage, ...]) -> Iterator[int]:
    """On how many earlier stages each one stands, at most: a name with a variable may be that of any of them."""
    named: dict[str, int] = {}
    deepest = -1
    for stage in stages:
        base = stage.base.value.lower()
        depth = 1 + (deepest if "$" in base else named.get(base, -1))
        deepest = max(deepest, depth)
        named[stage.name or ""] = depth
        yield depth


def _heredoc_words(instruction: Instruction, line: Logical) -> list[HeredocWord]:
    taker = instruction.trigger if instruction.keyword == "ONBUILD" else instruction
    if (
        taker is None
        or taker.keyword not in _TAKE_HEREDOCS
        or taker.form is Form.EXEC
        or "<<" not in line.text
    ):
        return []
    try:
        return heredoc_words(line.text)
    except SubstitutionError as error:
        raise RefusedError(line.whole.start, str(error)) from error


def _with_heredocs(text: Text, instruction: Instruction, heredocs: tuple[Heredoc, ...]) -> Instruction:
    trigger = instruction.trigger and _with_heredocs(text, instruction.trigger, heredocs)
    shell = instruction.shell
    if shell and _is_heredoc(instruction.arguments[-1].value):
        shell = _heredoc_as_script(text, heredocs[0])
    elif shell:
        shell = _with_heredocs_appended(text, shell, heredocs)
    span = instruction.span.to(heredocs[-1].terminator)
    return replace(instruction, span=span, heredocs=heredocs, shell=shell, trigger=trigger)


def _is_heredoc(command: str) -> bool:
    try:
        return HeredocWord.parse(command) is not None
    except SubstitutionError:
        return False


def _heredoc_as_script(text: Text, heredoc: Heredoc) -> ShellText:
    source = _plain_lines(text, heredoc.content)
    first = source.partition("\n")[0].rstrip()
    return ShellText(source, heredoc.content, first if first.startswith("#!") else None)


def _with_heredocs_appended(text: Text, shell: ShellText, heredocs: tuple[Heredoc, ...]) -> ShellText:
    """The command line and the documents that it reads, as a shell wants them."""
    parts = [shell.source]
    end = shell.span.end
    for heredoc in heredocs:
        gap = heredoc.content.start - end
        # behind the command blanks may stand; behind the name of a document none may
        parts += (
            ("\n" * gap if len(parts) > 1 else " " * (gap - 1) + "\n"),
            _plain_lines(text, heredoc.content),
        )
        parts.append(text[heredoc.terminator])
        end = heredoc.terminator.end
    return ShellText("".join(parts), shell.span.to(heredocs[-1].terminator))


def _plain_lines(text: Text, span: Span) -> str:
    return text[span].replace("\r\n", " \n")


def _stages(instructions: list[Instruction]) -> tuple[tuple[Instruction, ...], tuple[Stage, ...]]:
    starts = [at for at, instruction in enumerate(instructions) if instruction.keyword == "FROM"]
    before = instructions[: starts[0]] if starts else instructions
    for instruction in before:
        if instruction.keyword != "ARG":
            place = instruction.keyword_span.start
            raise RefusedError(place, f"`{instruction.keyword}` stands before the first `FROM`")
    if not starts:
        place = instructions[-1].span.end if instructions else 0
        raise RefusedError(place, "it has no `FROM`" if instructions else "it has no instruction")
    ends = [*starts[1:], len(instructions)]
    stages = (
        Stage(number, instructions[start], tuple(instructions[start + 1 : end]))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    return tuple(before), tuple(stages)
