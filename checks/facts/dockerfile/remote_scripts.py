"""Commands of a `RUN` whose output another one runs as a script: `curl … | sh`."""

from __future__ import annotations

from checks.facts.dockerfile.stages import Ran
from checks.regex import regex
from checks.source.command import Command

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh"))
_LANGUAGES = regex(r"(?:python|perl|ruby|node|php)[\d.]*")
_SHELL_COMMAND = regex(r"-[a-zA-Z]*c")
_LANGUAGE_COMMAND = regex(r"-[cmeEr]|--version|--eval")
"""Options that bring the script themselves."""


def reader_of(ran: Ran) -> Command | None:
    """The interpreter that runs what a command prints; None if none does."""
    return _piped_to(ran) or _given_to(ran)


def _piped_to(ran: Ran) -> Command | None:
    """The interpreter at a later place of the pipe that reads its script there."""
    to = ran.command.piped_to
    while to is not None:
        found = ran.script.within(to)
        if not found:
            return None
        if _reads_script(found[0]):
            return found[0]
        to = found[0].piped_to
    return None


def _reads_script(command: Command) -> bool:
    """Whether an interpreter runs what it reads: nothing but options before `-`, `-s` or the end."""
    program = command.program or ""
    if program not in _SHELLS and not _LANGUAGES.fullmatch(program):
        return False
    elsewhere = _SHELL_COMMAND if program in _SHELLS else _LANGUAGE_COMMAND
    for word in command.arguments:
        text = word.literal or ""
        if text in ("-", "-s", "/dev/stdin"):
            return True
        if not text.startswith("-") or elsewhere.fullmatch(text):
            return False
    return True


def _given_to(ran: Ran) -> Command | None:
    """The shell that gets the output as its script: `sh -c "$(…)"`, `bash <(…)`, `eval "$(…)"`."""
    inside = ran.command.in_substitution
    for command in ran.script.commands if inside is not None else ():
        for before, word in zip((None, *command.arguments), command.arguments, strict=False):
            holds = any(hole.span == inside for hole in word.holes)
            if holds and (
                command.program == "eval"
                or (command.program in _SHELLS and (before is None or before.literal in ("-c", "-ec")))
            ):
                return command
    return None
