"""Steps that log in to a registry which is closed: the run ends there, or what it pushes is nowhere."""

from __future__ import annotations

from checks.facts.script.ending_commands import ends_script, may_end_well
from checks.facts.script.scripts import Command, parse_script
from checks.facts.token.programs import commands_in
from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

_CLOSED = "docker.pkg.github.com"
"""GitHub's first registry for images: https://github.blog/changelog/2025-01-23-legacy-docker-registry-closing-down/"""
_LOGIN = "docker/login-action"
_TAKES_VALUE = regex(r"-[up]|--(?:username|password)")


def steps_at_closed_registries(workflow: Workflow) -> frozenset[Step]:
    """The steps of a workflow that certainly come to such a login, and fail with it."""
    found = (step for step in workflow.steps if _CLOSED in step.text[step.node.span])
    return frozenset(step for step in found if step.always_counts and _logs_in(step))


def _logs_in(step: Step) -> bool:
    """Whether a step certainly comes to such a login; a command that may end its script well, or have it go on, leaves that open."""
    registry = step.input("registry")
    if step.uses_action(_LOGIN) and registry is not None:
        return _is_closed(registry.value.strip())
    script = parse_script(step.run.value) if step.run is not None else None
    for command in commands_in(step) or ():
        if script is not None and _is_login(command) and not command.guards:
            return ends_script(step, command, script)
        if may_end_well(command):
            return False
    return False


def _is_login(command: Command) -> bool:
    """Whether a command is a login to it, and not to another one by its name."""
    words = command.literals
    place = next((at for at, word in enumerate(words) if _is_closed(word)), 0)
    is_value = words[place - 1 : place] != [] and bool(_TAKES_VALUE.fullmatch(words[place - 1]))
    return command.program == "docker" and words[:1] == ["login"] and place > 0 and not is_value


def _is_closed(server: str) -> bool:
    return server.removeprefix("https://").partition("/")[0] == _CLOSED
