"""Steps that stop on every run since they call a program that the images of GitHub's Ubuntu machines had once and have no more."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.facts.script.ending_commands import ends_script, may_end_well
from checks.facts.script.scripts import Command, parse_script
from checks.facts.token.programs import PLAIN_PROGRAMS, commands_in, runs_other_than, says_what_it_is
from checks.facts.workflow.runners import is_on_plain_linux
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex

_COMPOSE = "docker-compose"
_FOLDERS = r"PATH\b|\balias\b|/\w{0,9}bin\b|/usr(?:/local)?/?(?![\w/.-])|\s/(?![^\s;&|])"
"""What speaks of folders with programs, or of such that hold these, or of other names of programs."""
_FOLDER = regex(_FOLDERS)
_BROUGHT_BY: Mapping[str, re.Pattern[str]] = {
    _COMPOSE: regex(
        r"docker[ -]compose(?!\s+(?:build|config|down|exec|logs|ps|pull|rm|run|stop|up)\b)(?![\w.-]*\.ya?ml\b)"
        rf"|(?<!docker[ -])compose(?![\w.-]*\.ya?ml\b)|docker\.io|docker-ce|pip-install|{_FOLDERS}"
    ),
    **{
        program: regex(rf"(?i:install\b(?:[^\n\\]|\\[\s\S])*(?:{package}))|{_FOLDERS}")
        for program, package in (
            ("aliyun", "aliyun"),
            ("heroku", "heroku"),
            ("lein", "lein"),
            ("oc", r"\boc\b|openshift|origin"),
            ("oras", "oras"),
            ("sbt", "sbt"),
            ("sqlcmd", "sqlcmd|mssql"),
            ("terraform", "terraform|hashicorp"),
        )
    },
}
"""By program what speaks of it otherwise than one who calls it, and may bring it where nothing but what is known runs."""
_LATER = regex(r"ubuntu-(?:latest|2[46]\.04)(?:-arm)?", re.IGNORECASE)
"""The images without all of these; those before lack the first Compose alone.

https://github.com/actions/runner-images/issues/9692
https://github.com/actions/runner-images/issues/9848
https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2404-Readme.md
https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2604-Readme.md
"""
_KNOWN = (
    "actions/", "anchore/", "aquasecurity/", "aws-actions/", "azure/login", "codecov/", "docker/", "github/codeql-action",
    "google-github-actions/auth", "hadolint/", "pnpm/action-setup", "sigstore/",
)  # fmt: skip
"""How the names of actions begin that install nothing of which their inputs don't speak."""
_INSTALLERS = frozenset(("apt", "apt-get"))
_SCRIPTED = "actions/github-script"
_PLAIN = PLAIN_PROGRAMS | _INSTALLERS


def steps_without_program(workflow: Workflow) -> frozenset[Step]:
    """The steps whose scripts certainly come to such a program and end there, behind nothing that may install it. In a reusable workflow the same holds."""
    return frozenset(
        step
        for job in workflow.jobs
        if is_on_plain_linux(job)
        for program in _BROUGHT_BY
        if (program == _COMPOSE or _LATER.fullmatch(job.runs_on[0]))
        and (step := _calling(job, program)) is not None
    )


def _calling(job: Job, program: str) -> Step | None:
    """The first step that ends at a program; None where something ahead may bring that, and where none ends there."""
    is_named = any(step.run is not None and program in step.run.value for step in job.steps)
    for step in job.steps if is_named and not _names_folders(job) else ():
        if step.run is None:
            if _may_bring(step, program):
                return None
            continue
        commands, is_sure = commands_in(step), True
        if commands is None:
            return None
        for command in commands:
            if is_sure and _ends(step, command, program):
                ahead = step.run.value[: command.span.start]
                return None if _BROUGHT_BY[program].search(ahead) else step
            if _runs_unknown(command, program) or _installs_unsaid(command):
                return None
            is_sure = is_sure and not may_end_well(command)
        if _BROUGHT_BY[program].search(step.run.value):
            return None
    return None


def _names_folders(job: Job) -> bool:
    """Whether variables of a job speak of folders with programs."""
    environments = (job.workflow.env, job.env, *(step.env for step in job.steps))
    return any(
        _FOLDER.search(value) for env in environments for value in (*strings(env), *strings(env).values())
    )


def _may_bring(step: Step, program: str) -> bool:
    is_known = (
        step.uses is not None and step.uses.action.startswith(_KNOWN) and not step.uses_action(_SCRIPTED)
    )
    return not is_known or _BROUGHT_BY[program].search(step.text[step.node.span]) is not None


def _runs_unknown(command: Command, program: str) -> bool:
    return runs_other_than(command, _PLAIN | {program}) and not says_what_it_is(command)


def _installs_unsaid(command: Command) -> bool:
    """Whether packages are installed whose names don't stand there, but in a variable or a file, or that are files themselves."""
    words = [word.literal for word in command.arguments]
    return command.program in _INSTALLERS and any(word is None or "/" in word for word in words)


def _ends(step: Step, command: Command, program: str) -> bool:
    """Whether a step certainly comes to a command, which runs a program, and ends there."""
    name = command.unwrapped.name
    is_called = name is not None and name.literal == program and not command.guards
    if not is_called or not step.always_counts or step.run is None or step.is_in_environment:
        return False
    return ends_script(step, command, parse_script(step.run.value))
