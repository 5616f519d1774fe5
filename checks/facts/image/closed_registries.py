"""Steps that log in to a registry which is closed: the run ends there, or what it pushes is nowhere."""

from __future__ import annotations

from checks.facts.script.ending_commands import ends_script
from checks.facts.script.scripts import parse_script
from checks.facts.token.programs import commands_in
from checks.facts.workflow.workflows import Step, Workflow

_CLOSED = "docker.pkg.github.com"
"""GitHub's first registry for images: https://github.blog/changelog/2025-01-23-legacy-docker-registry-closing-down/"""
_LOGIN = "docker/login-action"


def steps_at_closed_registries(workflow: Workflow) -> frozenset[Step]:
    """The steps of a workflow that certainly come to such a login, and fail with it."""
    found = (step for step in workflow.steps if _CLOSED in step.text[step.node.span])
    return frozenset(step for step in found if step.always_counts and _logs_in(step))


def _logs_in(step: Step) -> bool:
    registry = step.input("registry")
    if step.uses_action(_LOGIN) and registry is not None:
        host = registry.value.strip().removeprefix("https://").partition("/")[0]
        return host == _CLOSED
    script = parse_script(step.run.value) if step.run is not None else None
    return script is not None and any(
        command.program == "docker"
        and [word.literal for word in command.arguments[:1]] == ["login"]
        and any(
            (word.literal or "").removeprefix("https://").partition("/")[0] == _CLOSED
            for word in command.arguments
        )
        and ends_script(step, command, script)
        for command in commands_in(step) or ()
    )
