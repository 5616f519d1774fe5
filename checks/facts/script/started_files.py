"""Which files of the workspace a command needs: the one that it starts, or has an interpreter run, and what the shell, pip, npm or pnpm reads."""

from __future__ import annotations

import posixpath
from itertools import pairwise
from re import Pattern

from checks.facts.script.scripts import Command
from checks.regex import regex

_SHELL = regex(r"(?:ba|da)?sh")
_PYTHON = regex(r"python(?:3(?:\.\d{1,2})?)?")
_NODE = regex(r"node")
_PIP = regex(r"pip(?:3(?:\.\d{1,2})?)?")
LISTS_OF_PIP = frozenset(("-c", "--constraint", "-r", "--requirement"))
"""Options of pip behind which such a list stands."""
_READS_IN = (".", "source")
_SWITCHES = {_SHELL: regex(r"-[eux]+"), _PYTHON: regex(r"-[BbdEIOqsSuv]+"), _NODE: None}
"""By interpreter the options that have no value, and behind which the file stands all the same.

https://docs.python.org/3/using/cmdline.html#interface-options
"""
_FILE = regex(r".*(?:/.*|\.(?:[cm]?js|py|sh))")
"""What is no name of a program in `PATH`, nor a command of the interpreter's own."""
_FLAGS = r"(?: (?:-[dfs]|--(?:force|include=\w+|legacy-peer-deps|no-audit|no-fund|no-optional|omit=\w+|prefer-offline|prod|production|progress=false|quiet|silent|ignore-scripts)))*"
"""Options by which nothing else is installed than without them, from where it is then."""
_LOCKED = (
    (
        regex(rf"npm{_FLAGS} (?:ci|clean-install|ic|install-clean){_FLAGS}"),
        ("npm-shrinkwrap.json", "package-lock.json", "yarn.lock"),
    ),
    (regex(rf"pnpm (?:i|install){_FLAGS} --frozen-lockfile{_FLAGS}"), ("pnpm-lock.yaml",)),
)
"""Commands, with the names of the lock files of which they need one."""
_ENDS = {_NODE: ("", ".js", ".json", ".node")}
"""What node puts behind a name: https://nodejs.org/api/modules.html#all-together"""


def started_files(command: Command) -> tuple[str, ...]:
    """The paths, as written, at one of which a command needs a file to start at all; none where they aren't known, or it needs none."""
    words = [one.literal for one in command.words]
    first = words[0] if words else None
    if first is None or command.uncertain:
        return ()
    if "/" in first:
        return (first,)
    for interpreter, switch in _SWITCHES.items():
        if interpreter.fullmatch(first):
            path = _first_operand(words[1:], switch)
            return tuple(path + end for end in _ENDS.get(interpreter, ("",))) if path else ()
    return ()


def read_files(command: Command) -> tuple[str, ...]:
    """The paths, as written, of files without each of which a command fails; none where they aren't known.

    Those are commands that the shell reads in, by a path that it doesn't look for in `PATH`, and the lists of packages of pip.
    https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_18_01
    https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-r
    """
    if command.uncertain:
        return ()
    if command.program in _READS_IN:
        path = command.arguments[0].literal if command.arguments else None
        return (path,) if path and "/" in path else ()
    words = arguments_of_pip(command)
    if words is None or words[:1] != ["install"]:
        return ()
    return tuple(word for before, word in pairwise(words) if word is not None and before in LISTS_OF_PIP)


def locks_over(command: Command, folder: str) -> tuple[str, ...]:
    """The paths from the root of the lock files of which a command in a folder needs one: there, or in a folder over it; none where it may do without.

    https://docs.npmjs.com/cli/v11/commands/npm-ci, https://pnpm.io/cli/install#--frozen-lockfile
    """
    words = command.literals
    names = next(
        (names for asked, names in _LOCKED if asked.fullmatch(" ".join((command.program or "", *words)))), ()
    )
    parts = folder.split("/") if folder else []
    folders = ["/".join(parts[:end]) for end in range(len(parts) + 1)]
    return () if command.uncertain else tuple(posixpath.join(one, name) for one in folders for name in names)


def arguments_of_pip(command: Command) -> list[str | None] | None:
    """What pip is told, by its own name or as a module of Python; None of another command."""
    words = [one.literal for one in command.arguments]
    if is_python(command) and words[:2] == ["-m", "pip"]:
        return words[2:]
    return words if _PIP.fullmatch(command.program or "") else None


def is_python(command: Command) -> bool:
    """Whether a command is the interpreter of Python."""
    return _PYTHON.fullmatch(command.program or "") is not None


def _first_operand(words: list[str | None], switch: Pattern[str] | None) -> str | None:
    """The first word that is no switch, where it is surely a file's path."""
    operand = next((one for one in words if one is None or not switch or not switch.fullmatch(one)), None)
    is_path = operand is not None and not operand.startswith("-") and _FILE.fullmatch(operand) is not None
    return operand if is_path else None
