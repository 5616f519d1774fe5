"""Steps that fail on every run since their script writes a line without `=` to the file of outputs, or of variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.facts.script.ending_commands import may_end_well
from checks.facts.script.scripts import Command, Script, parse_script
from checks.facts.token.programs import commands_in
from checks.facts.workflow.workflows import Step, Workflow
from checks.source.command import Redirection

_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV")
_SEVERAL_LINES = "<<"
"""What begins a value of several lines, which hold what they will; or a text that is not looked at."""


def steps_with_refused_lines(workflow: Workflow) -> frozenset[Step]:
    """The steps of a workflow that certainly write such a line: “Invalid format”.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
    https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
    """
    if not any(file in workflow.text.content for file in _FILES):
        return frozenset()
    return frozenset(
        step for step in workflow.steps if step.always_counts and any(_writes_one(step, it) for it in _FILES)
    )


def _writes_one(step: Step, file: str) -> bool:
    written = step.run.value if step.run is not None else ""
    if file not in written or _SEVERAL_LINES in written:
        return False
    script, commands = parse_script(written), commands_in(step) or ()
    writing = [one for one in commands if any(_names(it, file) for it in one.redirections)]
    adding = {
        it.span for one in writing for it in one.redirections if _names(it, file) and it.operator == ">>"
    }
    if written.count(file) != len(adding) or not all(_is_plain_echo(one) for one in writing):
        return False
    return any(
        _is_added_to(one, file) and _lacks_equals(one, script) for one in _certain(commands, set(writing))
    )


def _certain(commands: Sequence[Command], writing: set[Command]) -> Iterator[Command]:
    """Those that write and certainly run."""
    for command in commands:
        if command in writing and not (command.conditional or command.background or command.in_condition):
            yield command
        if may_end_well(command):
            return


def _names(one: Redirection, file: str) -> bool:
    named = one.target.variable
    return named is not None and named.name == file


def _is_plain_echo(command: Command) -> bool:
    """Whether it prints whole lines, as they are written."""
    first = command.arguments[0].prefix if command.arguments else ""
    is_aside = command.piped_to or command.in_substitution or command.in_string or command.uncertain
    return command.program == "echo" and not is_aside and not first.startswith("-")


def _is_added_to(command: Command, file: str) -> bool:
    """Whether what it prints certainly goes to the file: nothing else is said of its output, by it or by a group around it."""
    of_output = [one for one in command.redirections if one.descriptor in ("", "1")]
    return len(of_output) == 1 and _names(of_output[0], file)


def _lacks_equals(command: Command, script: Script) -> bool:
    """Whether all of what it prints is known, and is one line that gives nothing a value."""
    words = [script.resolve(word, command).literal for word in command.arguments]
    text = " ".join(word for word in words if word is not None)
    return None not in words and bool(text) and not any(it in text for it in ("=", "\\", "\n"))
