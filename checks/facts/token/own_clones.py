"""Commands of a script in a repository that it has cloned by an address with a token of its own.

What a checkout has left for git holds in its own repository, so that nothing of the job's token is used there.
https://github.com/actions/checkout/blob/main/src/git-auth-helper.ts
"""

from __future__ import annotations

import posixpath

from checks.facts.script.scripts import Command
from checks.facts.token.given_token import is_named
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.word import Word

_WITH_TOKEN = regex(r"https://[^/@\s]{1,300}@(?:[^/\s]+/)+(?P<name>[^/\s]+?)(?:\.git)?/?")
_MOVES = frozenset(("cd", "popd", "pushd"))


def outside_own_clones(step: Step, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands of a step's script but those behind a `cd` into a clone by a token that is not the job's.

    All of them where the script moves on from there on a condition.
    """
    clones, is_inside, found = set[str](), False, list[Command]()
    for command in commands:
        is_inside = _enters(step, command, clones) if command.program in _MOVES else is_inside
        cloned = _cloned(step, command)
        clones |= {cloned} if cloned else set()
        if not is_inside:
            found.append(command)
    return tuple(found)


def _enters(step: Step, command: Command, clones: set[str]) -> bool:
    """Whether a command certainly goes into one of some folders; any other move leads out of them."""
    is_certain = command.program == "cd" and not (
        command.uncertain or command.conditional or command.in_subshell
    )
    return is_certain and len(command.arguments) == 1 and _text(step, command.arguments[0]) in clones


def _cloned(step: Step, command: Command) -> str | None:
    """The folder, as it is written, of a clone by a token of its own."""
    words = [_text(step, one) for one in command.arguments]
    if command.program != "git" or command.uncertain or words[:1] != ["clone"]:
        return None
    at = next((at for at, word in enumerate(words) if _WITH_TOKEN.fullmatch(word)), None)
    if at is None or is_named(step, words[at]):
        return None
    named, after = _WITH_TOKEN.fullmatch(words[at]), words[at + 1 :]
    return posixpath.normpath(after[0]) if after else named["name"] if named else None


def _text(step: Step, word: Word) -> str:
    """A word as it is written, without its quotes."""
    source = step.run.value if step.run else ""
    return source[word.span.start : word.span.end].replace('"', "").replace("'", "")
