"""Edits of a `RUN` that have a package manager leave less behind: without an index, or with its lists cleared away at the end."""

from __future__ import annotations

from checks.facts.dockerfile.dockerfiles import Instruction
from checks.facts.dockerfile.first_process import ends_at_failure, last_command
from checks.facts.dockerfile.package_managers import PackageCall
from checks.facts.dockerfile.stages import Ran
from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.source.snapshot import Edit
from checks.source.text import Span

_UPDATING = ("update", "update-cache")
_UPDATE_OPTIONS = ("--update", "--update-cache", "-U")
"""How they are written alone: `-U` may stand among other letters."""
_ENDING = frozenset(("exec", "exit", "return"))
"""Commands behind which nothing is run."""


def without_index(call: PackageCall, calls: list[PackageCall]) -> tuple[Edit | None, ...]:
    """Has every `apk` of a `RUN` read the index without keeping it; with a None where one asks for something else."""
    same = [one for one in calls if one.ran.instruction is call.ran.instruction and one.program == "apk"]
    return tuple(
        _without_update(one) if one.verb.literal == "update" else _no_cache(one)
        for one in same
        if one.arguments.span_of("no-cache") is None and one.verb.literal != "del"
    )


def _no_cache(call: PackageCall) -> Edit | None:
    """Writes `--no-cache`, in place of an option that has the index fetched, which it does too."""
    if call.verb.literal not in ("add", "upgrade"):
        return None
    for written in filter(None, map(call.arguments.span_of, _UPDATING)):
        if call.ran.script[written] in _UPDATE_OPTIONS:
            return Edit(call.ran.text.path, call.ran.place(written).span, "--no-cache")
    at = call.ran.place(call.verb.span).span.end
    return Edit(call.ran.text.path, Span(at, at), " --no-cache")


def _without_update(call: PackageCall) -> Edit | None:
    """Takes an `apk update` out, or the `RUN` that does nothing else; None where no command follows it if it succeeds.

    What follows does without it: `apk add` and `apk upgrade` fetch the index that they don't find.
    """
    ran, commands, text = call.ran, call.ran.script.commands, call.ran.text
    if ran.script.source.strip() == ran.script[ran.command.span] and not ran.instruction.heredocs:
        return without_instruction(text, ran.instruction.span)
    following = commands[commands.index(ran.command) + 1 :][:1]
    if not following:
        return None
    gone = ran.place(Span(ran.command.span.start, following[0].span.start))
    is_plain = gone.fragment.removeprefix(ran.script[ran.command.span]).strip(" \t\r\n\\`") == "&&"
    return Edit(text.path, gone.span, "") if is_plain else None


def append(ran: Ran, it: Instruction, command: str, escape: str) -> Edit | None:
    """Adds a command at the end of a `RUN`, for when all before succeeded; None where that can't be placed.

    On a line of its own where the `RUN` has several, with its `&&` where the others have theirs; and where its script is a
    document that stops at an error.
    """
    last = last_command(ran.script)
    if last is None or last.words[0].literal in _ENDING:
        return None
    end = ran.place(last.span).span.end
    text = ran.text
    if it.heredocs:
        is_script = it.shell is not None and [it.shell.span] == [one.content for one in it.heredocs]
        stops = not last.guards and ends_at_failure(ran.script)
        joined = f"{text.newline}{text.indent_of(text.line_of(end))}{command}" if stops else f" && {command}"
        return Edit(text.path, Span(end, end), joined) if is_script else None
    numbers = range(text.line_of(it.span.start), text.line_of(end) + 1)
    if len(numbers) == 1:
        return Edit(text.path, Span(end, end), f" && {command}")
    shown = [text[text.line(number)] for number in numbers]
    before = [
        text.indent_of(number)
        for number, line in zip(numbers, shown, strict=True)
        if line.lstrip().startswith("&&")
    ]
    behind = [
        number
        for number, line in zip(numbers, shown, strict=True)
        if line.rstrip(f" {escape}").endswith("&&")
    ]
    if behind and not before:
        added = f" && {escape}{text.newline}{text.indent_of(behind[-1] + 1)}{command}"
    else:
        indent = before[-1] if before else text.indent_of(numbers[1]) or "    "
        added = f" {escape}{text.newline}{indent}&& {command}"
    return Edit(text.path, Span(end, end), added)
