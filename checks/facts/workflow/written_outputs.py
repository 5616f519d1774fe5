"""What the outputs of a step may be that its script writes by `echo name=value >> $GITHUB_OUTPUT` alone.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.facts.script.scripts import Command
from checks.facts.token.programs import PUSHLESS, commands_in, runs_other_than
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.command import Redirection
from checks.source.evaluation import UNKNOWN, Value, known
from checks.source.text import Span

_FILE, _OF_VARIABLES = "GITHUB_OUTPUT", "GITHUB_ENV"
_SETS = regex(r"GITHUB_ENV|set-env|github\.env", re.IGNORECASE)
"""How a step may come to set variables for later ones."""
_MENTION = regex(r"GITHUB_OUTPUT|set-output|github\.output", re.IGNORECASE)
"""How a step may come to write outputs: by the file, or by the command that it replaced."""
_BREAKS = frozenset("\\\r\n")
"""What may begin another line, of an output of its own: the `echo` of `sh` makes one of `\\n`."""
_NAMED = regex(r"(?P<name>[\w-]+)=(?P<value>.*)")
"""What gives one output its value, on one line."""
_PLAIN = PUSHLESS - {"awk", "gh", "trap", "xargs"}
"""Programs that run no other one, and so none that may write outputs out of sight."""


Written = Mapping[str, frozenset[str | None]]


def output_of(written: Written | None, name: str) -> Value:
    """What an output of a step is, by its name in lower case: one of the texts that its script writes, or nothing.

    Nothing, too, for one that the script never writes; unknown where anything else may write it.
    """
    if written is None:
        return UNKNOWN
    texts = written.get(name, frozenset())
    return UNKNOWN if None in texts else known(None, *sorted(text for text in texts if text is not None))


def variable_set(step: Step, name: str) -> str | None:
    """The text that a step certainly sets a variable to for later ones, by `echo NAME=text >> $GITHUB_ENV` alone; None where
    it may set it to another one, or not at all.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
    """
    commands = commands_in(step) or ()
    found: list[tuple[Command, str | None]] = []
    places = 0
    for command in commands:
        to_file = sum(_is_to(one, _OF_VARIABLES) for one in command.redirections)
        said = _said(command) if to_file else None
        if to_file and said is None:
            return None
        places += to_file
        if said is not None and command.arguments[0].prefix.startswith(f"{name}="):
            found.append((command, said[1]))
    is_all = len(_SETS.findall(step.text[step.node.span])) == places
    is_certain = step.always_counts and all(
        not (one.conditional or one.in_subshell or one.background) for one, _ in found
    )
    may_end_before = any(map(_may_succeed_by_exit, commands))
    return found[0][1] if len(found) == 1 and is_all and is_certain and not may_end_before else None


def _may_succeed_by_exit(command: Command) -> bool:
    """Whether a script ends there, and its step goes on as if all were done."""
    status = command.arguments[0].literal if command.arguments else None
    return command.program == "exit" and not (status is not None and status.strip("0").isdecimal())


def written_outputs(step: Step) -> Written | None:
    """The texts by name, None for one that isn't known; None where the script may write in another way, too."""
    commands = commands_in(step)
    if commands is None or any(runs_other_than(one, _PLAIN) for one in commands):
        return None
    found: dict[str, frozenset[str | None]] = {}
    places: set[Span] = set()
    for command in commands:
        to_outputs = [one for one in command.redirections if _is_to(one, _FILE)]
        said = _said(command) if to_outputs else None
        if to_outputs and said is None:
            return None
        places.update(one.span for one in to_outputs)
        if said is not None:
            name, value = said
            found[name] = found.get(name, frozenset()) | {value}
    mentions = _MENTION.findall(step.text[step.node.span])
    return found if len(mentions) == len(places) else None


def _is_to(one: Redirection, file: str) -> bool:
    """Whether it is to the file that a variable of the runner's names."""
    named = one.target.variable
    return named is not None and named.plain and named.name == file


def _said(command: Command) -> tuple[str, str | None] | None:
    """The output that an `echo` gives a value, and the value, None if it isn't known; None for any other command."""
    word = command.arguments[0] if len(command.arguments) == 1 else None
    texts = [part for part in word.parts if isinstance(part, str)] if word is not None else []
    if command.program != "echo" or word is None or not _BREAKS.isdisjoint("".join(texts)):
        return None
    start = _NAMED.match(word.prefix)
    whole = _NAMED.fullmatch(word.literal) if word.literal is not None else None
    return (start["name"].lower(), whole["value"] if whole else None) if start else None
