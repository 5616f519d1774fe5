"""Steps that fail on every run since they hand the runner a command which it doesn't take any more."""

from __future__ import annotations

from checks.facts.script.ending_commands import may_end_well
from checks.facts.script.scripts import Command, Script, parse_script
from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

_DISABLED = regex(r"[\"']?::(?:add-path|set-env)\b")
_ALLOWED = "ACTIONS_ALLOW_UNSECURE_COMMANDS"
_PRINTS = frozenset(("echo", "printf"))


def steps_with_disabled_commands(workflow: Workflow) -> frozenset[Step]:
    """The steps of a workflow that certainly print such a command. In a reusable workflow the same holds.

    https://github.blog/changelog/2020-11-09-github-actions-removing-set-env-and-add-path-commands-on-november-16/
    """
    if _ALLOWED in workflow.text.content:
        return frozenset()
    return frozenset(step for step in workflow.steps if step.always_counts and _prints_one(step))


def _prints_one(step: Step) -> bool:
    if step.run is None or not step.is_shell_script or not _DISABLED.search(step.run.value):
        return False
    script = parse_script(step.run.value)
    for command in script.commands:
        if _is_one(command, script):
            return True
        if may_end_well(command):
            return False
    return False


def _is_one(command: Command, script: Script) -> bool:
    """Whether a command certainly runs and prints one to where the runner reads it."""
    is_plain = not (command.guards or command.in_condition or command.in_function or command.background)
    is_printed = not (
        command.redirections or command.piped_to or command.in_substitution or command.in_string
    )
    return (
        is_plain
        and is_printed
        and command.program in _PRINTS
        and bool(command.arguments)
        and not command.uncertain
        and _DISABLED.match(script[command.arguments[0].span]) is not None
    )
