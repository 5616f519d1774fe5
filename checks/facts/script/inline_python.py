"""Python that stands in a shell script itself, in a here-document or behind `-c`, and takes nothing of others.

https://docs.python.org/3/using/cmdline.html#interface-options, https://docs.python.org/3/library/sys.html#sys.stdlib_module_names
"""

from __future__ import annotations

import re
import sys

from checks.facts.script.scripts import Command
from checks.regex import regex

_INTERPRETER = regex(r"python(?:3(?:\.\d{1,2})?)?")
_SWITCH = regex(r"-[bBdEIOPqsSuv]+")
"""Options of the interpreter that have no value, and run nothing."""
_WORD = regex(r"\bimport\b")
_IMPORT = regex(
    r"(?:^|[;:])[ \t]*(?:import[ \t]+(?P<names>[^\n;#]+)|from[ \t]+(?P<source>[\w.]+)[ \t]+import\b)",
    re.MULTILINE,
)
_RUNS_OTHERS = frozenset((
    "asyncio", "bdb", "cProfile", "code", "codeop", "ctypes", "distutils", "doctest", "ensurepip", "idlelib", "imp", "importlib",
    "lib2to3", "marshal", "multiprocessing", "pdb", "pickle", "pkgutil", "posix", "profile", "pty", "pydoc", "runpy", "shelve", "site",
    "subprocess", "test", "timeit", "trace", "turtledemo", "unittest", "venv", "webbrowser", "zipimport",
))  # fmt: skip
"""Modules of the standard library by which programs are started, or code is run that stands elsewhere."""
_STARTS = regex(
    r"\b(?:__(?:builtins|dict|import|loader|subclasses)__|builtins|eval|exec\w{0,3}|fork\w{0,5}|getattr|globals|popen|\w{0,6}spawn\w{0,4}|startfile|system)\b"
)
"""What of the others starts a program or runs a text, under whatever name it is taken."""


def is_plain_python(command: Command, script: str) -> bool:
    """Whether a command of a script runs Python that it is given there, which takes its modules from the standard library alone
    and starts no program."""
    if (
        command.uncertain
        or command.in_string is not None
        or not _INTERPRETER.fullmatch(command.program or "")
    ):
        return False
    code = _code(command, script)
    return (
        code is not None and "${{" not in code and not _STARTS.search(code) and _imports_only_standard(code)
    )


def module_run(command: Command) -> str | None:
    """The module that a command certainly tells Python to run, `python -m pip`."""
    words = [word.literal for word in command.arguments[:2]]
    is_told = not command.uncertain and bool(_INTERPRETER.fullmatch(command.program or ""))
    return words[1] if is_told and words[:1] == ["-m"] and len(words) > 1 else None


def _code(command: Command, script: str) -> str | None:
    """What the interpreter is given to run; None where that isn't known."""
    words = [word.literal for word in command.arguments]
    while words and _SWITCH.fullmatch(words[0] or ""):
        del words[0]
    if words[:1] == ["-c"]:
        return words[1] if len(words) > 1 else None
    given = [one for one in command.redirections if one.operator.startswith("<")]
    if words[:1] not in ([], ["-"]) or len(given) != 1 or given[0].body is None:
        return None
    code = script[given[0].body.start : given[0].body.end]
    is_quoted = all(piece.quoted for piece in given[0].target.pieces)
    return code if is_quoted or not {"$", "`"} & {*code} else None


def _imports_only_standard(code: str) -> bool:
    found = list(_IMPORT.finditer(code))
    names = [name for one in found for name in (one["names"] or one["source"]).split(",")]
    modules = {name.strip().partition(" ")[0].partition(".")[0] for name in names} - {"__future__"}
    are_open = any(module.startswith("_") for module in modules)
    known = sys.stdlib_module_names - _RUNS_OTHERS
    return len(found) == len(_WORD.findall(code)) and not are_open and modules <= known
