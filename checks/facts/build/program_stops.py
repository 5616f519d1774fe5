"""Steps that stop on every run since they call `docker-compose`, the first version of Compose, which GitHub's Ubuntu machines don't have any more."""

from __future__ import annotations

from checks.facts.script.ending_commands import ends_script, may_end_well
from checks.facts.script.scripts import Command, parse_script
from checks.facts.token.programs import PLAIN_PROGRAMS, commands_in, runs_other_than
from checks.facts.workflow.runners import is_on_plain_linux
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex

_COMPOSE = "docker-compose"
_KNOWN = (
    "actions/", "anchore/", "aquasecurity/", "aws-actions/", "azure/login", "codecov/", "docker/", "github/codeql-action",
    "google-github-actions/auth", "hadolint/", "pnpm/action-setup", "sigstore/",
)  # fmt: skip
"""How the names of actions begin that install nothing of which their inputs don't speak."""
_INSTALLERS = frozenset(("apt", "apt-get"))
_PLAIN = PLAIN_PROGRAMS | _INSTALLERS | {_COMPOSE}
_MAY_BRING = regex(
    r"docker[ -]compose(?!\s+(?:build|config|down|exec|logs|ps|pull|rm|run|stop|up)\b)(?![\w.-]*\.ya?ml\b)"
    r"|(?<!docker[ -])compose(?![\w.-]*\.ya?ml\b)|docker\.io|docker-ce|PATH\b|\balias\b|pip-install|/s?bin\b"
)
"""What speaks of Compose otherwise than one who calls it, or of folders with programs."""


def steps_without_compose(workflow: Workflow) -> frozenset[Step]:
    """The steps whose scripts certainly come to `docker-compose` and end there, behind nothing that may install it. In a reusable workflow the same holds.

    https://github.com/actions/runner-images/issues/9692
    """
    found = (_calling(job) for job in workflow.jobs if is_on_plain_linux(job))
    return frozenset(step for step in found if step is not None)


def _calling(job: Job) -> Step | None:
    calls = [step for step in job.steps if step.run is not None and _COMPOSE in step.run.value]
    for step in job.steps if calls else ():
        if step.run is None:
            if _may_bring(step):
                return None
            continue
        commands, is_sure = commands_in(step), True
        if commands is None:
            return None
        for command in commands:
            if is_sure and _ends(step, command):
                return None if _MAY_BRING.search(step.run.value[: command.span.start]) else step
            if runs_other_than(command, _PLAIN) or _installs_unsaid(command):
                return None
            is_sure = is_sure and not may_end_well(command)
        if _MAY_BRING.search(step.run.value):
            return None
    return None


def _may_bring(step: Step) -> bool:
    is_known = step.uses is not None and step.uses.action.startswith(_KNOWN)
    return not is_known or _MAY_BRING.search(step.text[step.node.span]) is not None


def _installs_unsaid(command: Command) -> bool:
    """Whether packages are installed whose names don't stand there, but in a variable or a file, or that are files themselves."""
    words = [word.literal for word in command.arguments]
    return command.program in _INSTALLERS and any(word is None or "/" in word for word in words)


def _ends(step: Step, command: Command) -> bool:
    """Whether a step certainly comes to a command, which is one of Compose, and ends there."""
    name = command.unwrapped.name
    is_called = name is not None and name.literal == _COMPOSE and not command.guards
    if not is_called or not step.always_counts or step.run is None:
        return False
    return ends_script(step, command, parse_script(step.run.value))
