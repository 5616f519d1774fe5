"""Steps whose scripts certainly leave the files of the workspace as they are, and those that may find other files there."""

from __future__ import annotations

from checks.facts.script.command_lines import invocation
from checks.facts.script.scripts import Command
from checks.facts.token.programs import INERT, commands_in
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.command import Redirection
from checks.source.text import Span
from checks.source.word import Word

_SAY = INERT | {
    "basename", "cat", "cut", "date", "dirname", "export", "false", "grep", "head", "jq", "pwd", "readonly", "sed", "set",
    "tail", "tr", "true", "wc",
}  # fmt: skip
"""Programs that write what they find to their standard output alone, but for what is said below."""
_EDITS = regex(
    r"-[A-Za-z]*[fi].*|--(?:in-place|file).*|.*(?:(?<![A-Za-z])|/[\dA-Za-z]*)[eWw]\s.*|-[A-Za-z]*e[Ww]\s.*"
)
"""An argument of `sed` by which it may write a file or run a command: https://www.gnu.org/software/sed/manual/sed.html"""
_ASKS_GIT = frozenset(("describe", "rev-parse"))
_ASKS_DOCKER = frozenset(("info", "login"))
_LOGINS = {
    "aws": (["ecr", "get-login-password"], ["ecr-public", "get-login-password"]),
    "az": (["acr", "login"],),
    "gcloud": (["auth", "configure-docker"], ["auth", "print-access-token"]),
}
"""What of the clouds' command lines only prints, or writes Docker's settings in the home folder.

https://docs.aws.amazon.com/cli/latest/reference/ecr/get-login-password.html
https://cloud.google.com/sdk/gcloud/reference/auth/configure-docker
https://learn.microsoft.com/en-us/cli/azure/acr#az-acr-login
"""
_EXPORTS = ("cache-to", "iidfile", "metadata-file", "output")
"""Options by which a build writes files: https://docs.docker.com/reference/cli/docker/buildx/build/"""
HARMLESS_ACTIONS = (
    "docker/",
    "aws-actions/",
    "actions/checkout",
    "sigstore/",
    "azure/login",
    "google-github-actions/auth",
    "google-github-actions/setup-gcloud",
)
"""How the names of actions begin that leave the files of a checkout as they are, but for what builds are told to write."""
_READS = frozenset(("<", "<<", "<<-", "<<<"))
_OF_RUN = frozenset(("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"))
"""Files that lie outside the workspace.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
"""


def leaves_workspace(step: Step, until: Span | None = None) -> bool:
    """Whether a script only tests, prints, asks, logs in, and builds images that stay out of the workspace.

    With a span of it: whether it does so up to the command there.
    """
    commands = commands_in(step)
    return commands is not None and all(
        _leaves_files(one) for one in commands if until is None or one.span.start < until.end
    )


def may_be_of_other_commit(step: Step) -> bool:
    """Whether the checkouts before a step may bring other files than those that are seen here: a caller's, or those of a `ref`.

    Those of a pull request that `pull_request_target` builds are whatever its author puts there.
    https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
    """
    before = step.earlier
    is_called = step.job is not None and "workflow_call" in step.job.workflow.triggers
    return is_called or any(
        one.uses_action("actions/checkout") and one.input_entry("ref") is not None for one in before
    )


def _leaves_files(command: Command) -> bool:
    return not command.uncertain and all(map(is_elsewhere, command.redirections)) and only_tells(command)


def only_tells(command: Command) -> bool:
    """Whether a program writes no file, but where its output is sent to one."""
    first = command.arguments[0].literal if command.arguments else None
    match command.program:
        case "aws" | "az" | "gcloud" as cloud:
            return [one.literal for one in command.arguments[:2]] in _LOGINS[cloud]
        case "docker":
            return first in _ASKS_DOCKER or _keeps_image(command)
        case "git":
            return first in _ASKS_GIT
        case "sed":
            return not any(map(_may_edit, command.arguments))
        case "set":
            return not any((one.literal or "+").startswith("+") for one in command.arguments)
        case _:
            return not command.words or command.program in _SAY


def _may_edit(word: Word) -> bool:
    """Whether an argument of `sed` may have it write a file; what begins with a variable may be any option."""
    text = word.spelled or "".join(part if isinstance(part, str) else "?" for part in word.parts)
    return (word.spelled is None and not word.prefix) or _EDITS.fullmatch(text) is not None


def is_elsewhere(one: Redirection) -> bool:
    """Whether a redirection reads, or writes to a descriptor, to nowhere, or to a file of the run."""
    file = one.target.variable
    is_of_run = file is not None and file.plain and file.name in _OF_RUN
    is_descriptor = one.operator == ">&" and (one.target.literal or "").isdecimal()
    return one.operator in _READS or is_descriptor or one.target.literal == "/dev/null" or is_of_run


def _keeps_image(command: Command) -> bool:
    """Whether docker builds an image and writes no file; not where a variable may hold an option."""
    read = invocation(command)
    return (
        read is not None
        and read.name == "docker build"
        and read.arguments.certain
        and all(word.prefix for word in read.arguments.operands)
        and not any(map(read.arguments.span_of, _EXPORTS))
    )
