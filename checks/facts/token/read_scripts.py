"""Scripts of the repository that a step runs, where all that they do can be read there."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from fnmatch import fnmatchcase

from checks.facts.build.kept_layers import CHANGES_FILES
from checks.facts.build.untouched_workspace import is_elsewhere, only_tells
from checks.facts.script.scripts import Command, parse_script
from checks.facts.token.given_token import names_the_token
from checks.facts.token.programs import commands_in, commands_of, pushes_as_it_says
from checks.facts.token.script_scopes import asks_what_is_known, hands_nothing_on
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Text
from checks.source.word import Pattern, Word

_SHELLS = frozenset(("bash", "sh"))
_BY_ITSELF = regex(r"#! ?(?:/usr)?/bin/(?:env )?(?:ba|da)?sh\b")
"""The first line of a script that a shell runs."""
_ELSEWHERE = ("path", "ref", "repository")
"""Inputs by which a checkout brings other files, or to another place."""
_MOVES = frozenset(("cd", "popd", "pushd"))
_KEEPS = frozenset((".", "bash", "chmod", "git", "ls", "sh", "shellcheck", "source", "stat"))
"""Programs that leave what a file holds as it is, or are looked at by themselves."""
_WITH_FOLDERS = regex(r"-[A-Za-z]*[aRr]|--(?:archive|recursive)$")


def is_read_to_push_nothing(step: Step, texts: Mapping[str, Text]) -> bool:
    """Whether a script runs scripts of the repository, which are read, and nothing there pushes a commit.

    Where it has the token, nothing does more with that than to download code, either.
    """
    commands = commands_in(step)
    if commands is None or not step.is_run_alone or not _has_own_files(step):
        return False
    if any(command.program in _MOVES for command in commands):
        return False
    scripts = {command: text for command in commands if (text := _read(command, step, texts)) is not None}
    if not all(command in scripts or pushes_as_it_says(command) for command in commands):
        return False
    return not names_the_token(step) or (
        asks_what_is_known(step, scripts)
        and all(hands_nothing_on(parse_script(text), text) for text in scripts.values())
    )


def _has_own_files(step: Step) -> bool:
    checkouts = [one for one in step.earlier if one.uses_action("actions/checkout")]
    is_one = len(checkouts) == 1 and not any(checkouts[0].input(name) for name in _ELSEWHERE)
    return is_one and not any(map(_brings_others, (*step.earlier, step)))


def _brings_others(step: Step) -> bool:
    """Whether git may bring other files in a script than the checkout has."""
    commands = commands_in(step) if step.run is not None else ()
    return commands is None or any(
        command.program == "git" and not CHANGES_FILES.isdisjoint(word.literal for word in command.arguments)
        for command in commands
    )


def _may_rewrite(step: Step, path: str) -> bool:
    """Whether a step may put another file into the place of one of the repository: it downloads files, or a program writes to that path."""
    if step.uses is None:
        return any(_may_write(command, path) for command in commands_in(step) or ())
    into = step.input("path")
    folder = into.value.strip() if into is not None else ""
    is_outside = folder.startswith(("/", "~", "${{ runner.temp }}"))
    is_over = "$" in folder or _lies_in(path, folder)
    return "download" in step.uses.name.lower() and not is_outside and is_over


def _may_write(command: Command, path: str) -> bool:
    if any(_names(one.target, path) for one in command.redirections if not is_elsewhere(one)):
        return True
    if command.program in _KEEPS or only_tells(command):
        return False
    return any(_names(word, path) for word in command.arguments) or _fills_folder_of(command, path)


def _names(word: Word, path: str) -> bool:
    """Whether a word may name a file, from whatever folder: by its own name, or by a pattern that says more than `*`."""
    if any(isinstance(piece, Pattern) for piece in word.pieces):
        pattern = (word.spelled or "").removeprefix("./")
        return pattern.strip("*/") != "" and fnmatchcase(path, pattern)
    last = word.parts[-1] if word.parts else None
    return isinstance(last, str) and posixpath.basename(last.rpartition("=")[2]) == posixpath.basename(path)


def _fills_folder_of(command: Command, path: str) -> bool:
    """Whether a command copies folders, with whatever lies in them, over that of a file."""
    written = command.literals
    copies = command.program == "rsync" or (
        command.program == "cp" and any(map(_WITH_FOLDERS.match, written))
    )
    return copies and written[-1:] != [""] and _lies_in(path, written[-1])


def _lies_in(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{posixpath.normpath(folder)}/".removeprefix("./"))


def _read(command: Command, step: Step, texts: Mapping[str, Text]) -> str | None:
    """The shell script of the repository that a command runs, if that does only what it says, and pushes nothing."""
    is_given = command.program in _SHELLS
    words = command.arguments if is_given else command.words
    written = words[0].literal if words else None
    if command.uncertain or not written or not (is_given or "/" in written):
        return None
    folder = step.working_directory.value if step.working_directory else ""
    text = texts.get(posixpath.normpath(posixpath.join(folder, written)))
    if text is None or not (is_given or _BY_ITSELF.match(text.content)):
        return None
    before = step.earlier
    if any(_may_rewrite(one, text.path) for one in (*before, step)):
        return None
    script = parse_script(text.content)
    is_known = script.complete and not script.errors and all(map(pushes_as_it_says, commands_of(script)))
    return text.content if is_known else None
