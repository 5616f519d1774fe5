"""Which program a command runs behind `sudo` and its like, and what a shell that it runs reads as its script."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from types import MappingProxyType

from checks.record import Record
from checks.regex import regex
from checks.source.text import Span
from checks.source.word import Word

_ASSIGNMENT = regex(r"([A-Za-z_][A-Za-z0-9_]*)=")


class Wrapper(Record):
    """How a program that runs another one spells its own arguments."""

    with_value: frozenset[str] = frozenset()
    """Options whose value is the next word."""
    operands: int = 0
    """Words of its own before the command."""
    assigns: bool = False
    """Whether `NAME=value` may stand before the command."""
    instead: frozenset[str] = frozenset()
    """Options with which it runs nothing."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WRAPPERS: Mapping[str, Wrapper] = MappingProxyType(
    {
        "sudo": Wrapper(
            _words("-u --user -g --group -p -C -h --host -r -t -T -U -D --chdir -R"), assigns=True
        ),
        "doas": Wrapper(_words("-u -C")),
        "env": Wrapper(_words("-u --unset -C --chdir"), assigns=True),
        "time": Wrapper(_words("-f --format -o --output")),
        "exec": Wrapper(_words("-a")),
        "command": Wrapper(instead=_words("-v -V")),
        "builtin": Wrapper(),
        "timeout": Wrapper(_words("-k --kill-after -s --signal"), operands=1),
        "nohup": Wrapper(),
        "nice": Wrapper(_words("-n --adjustment")),
        "ionice": Wrapper(_words("-c --class -n --classdata")),
        "setsid": Wrapper(),
        "stdbuf": Wrapper(_words("-i --input -o --output -e --error")),
    }
)
_SHELLS = _words("sh bash dash ash zsh ksh")
_SHELL_OPTIONS = _words("-o +o -O +O --rcfile --init-file")


class Unwrapped(Record):
    """What a command line runs in the end."""

    program: str | None = None
    """Without folders; None if it is not known, or if there is none."""
    name: Word | None = None
    """The word that names the program."""
    arguments: tuple[Word, ...] = ()
    environment: tuple[tuple[str, Word, Span], ...] = ()
    """What `env` and `sudo` set for it: name, value, span of both."""
    wrappers: tuple[str, ...] = ()
    """`sudo`, `timeout` … in order."""


def unwrap(words: tuple[Word, ...]) -> Unwrapped:
    """See through `sudo`, `env`, `time`, `exec`, `command`, `timeout`, `nohup` and their like."""
    environment: list[tuple[str, Word, Span]] = []
    wrappers: list[str] = []
    at = 0
    while at < len(words):
        program = basename(words[at])
        wrapper = WRAPPERS.get(program or "")
        after = _after_wrapper(words, at + 1, wrapper, environment) if wrapper else None
        if program is None or after is None:
            return Unwrapped(program, words[at], words[at + 1 :], tuple(environment), tuple(wrappers))
        wrappers.append(program)
        at = after
    return Unwrapped(environment=tuple(environment), wrappers=tuple(wrappers))


def basename(word: Word) -> str | None:
    """The name of a program without its folders, or None if it is not known."""
    literal = word.literal
    return posixpath.basename(literal) if literal else None


def _after_wrapper(
    words: tuple[Word, ...], at: int, wrapper: Wrapper, environment: list[tuple[str, Word, Span]]
) -> int | None:
    """Index of the command that a wrapper runs; None if it runs none."""
    operands = wrapper.operands
    while at < len(words):
        word = words[at]
        written = word.literal or word.prefix
        assignment = _ASSIGNMENT.match(written) if wrapper.assigns else None
        if written in wrapper.instead:
            return None
        if written == "--":
            at += 1
            break
        if written.startswith("-") and len(written) > 1:
            at += 2 if written in wrapper.with_value else 1
        elif assignment:
            environment.append((assignment[1], word.drop(assignment.end()), word.span))
            at += 1
        else:
            break
    at += operands
    return at if at < len(words) else None


def shell_string(unwrapped: Unwrapped) -> Word | None:
    """The script that `bash -c SCRIPT`, `sh -ec SCRIPT` or `eval SCRIPT` runs, or None."""
    if unwrapped.program == "eval":
        return unwrapped.arguments[0] if len(unwrapped.arguments) == 1 else None
    if unwrapped.program not in _SHELLS:
        return None
    asked = False
    skip = False
    for word in unwrapped.arguments:
        written = word.literal or word.prefix
        if skip:
            skip = False
        elif written.startswith(("-", "+")) and len(written) > 1 and not word.holes:
            asked = asked or (written[0] == "-" and written[1] != "-" and "c" in written)
            skip = written in _SHELL_OPTIONS or (written[1] != "-" and written[-1] == "o")
        else:
            return word if asked else None
    return None


def reads_script(unwrapped: Unwrapped) -> bool:
    """Whether it is a shell that runs what it reads: `bash`, `sh -s`, `bash -euo pipefail`."""
    if unwrapped.program not in _SHELLS or shell_string(unwrapped):
        return False
    operands = (word for word in unwrapped.arguments if not (word.literal or "").startswith(("-", "+")))
    first = next(operands, None)
    return first is None or first.literal == "pipefail" or any(w.literal == "-s" for w in unwrapped.arguments)
