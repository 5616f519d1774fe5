"""What BuildKit refuses once an instruction is split into its parts.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/parse.go
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from checks.regex import regex
from checks.source.dockerfile.tree import Flag, Form, Instruction
from checks.source.dockerfile.words import comma_separated
from checks.source.golang import SPACE

_SHOWN = 60
"""Characters of a value that a reason quotes."""


class RefusedError(Exception):
    """What BuildKit refuses; the message is the end of a sentence."""

    def __init__(self, place: int, reason: str) -> None:
        super().__init__(reason)
        self.place = place
        """Offset in the file."""


def code(text: str) -> str:
    """A value for a reason: short, on one line."""
    return f"`{text[:_SHOWN]}…`" if len(text) > _SHOWN else f"`{text}`"


class _Takes(Enum):
    """What a flag takes."""

    TRUTH = "true or false"
    ONE = "one value"
    MANY = "a value, and may stand several times"


_FLAGS: dict[str, dict[str, _Takes]] = {
    "ADD": {
        "chown": _Takes.ONE, "chmod": _Takes.ONE, "link": _Takes.TRUTH, "keep-git-dir": _Takes.TRUTH,
        "checksum": _Takes.ONE, "unpack": _Takes.TRUTH, "exclude": _Takes.MANY,
    },
    "COPY": {
        "chown": _Takes.ONE, "from": _Takes.ONE, "chmod": _Takes.ONE, "link": _Takes.TRUTH,
        "exclude": _Takes.MANY, "parents": _Takes.TRUTH,
    },
    "FROM": {"platform": _Takes.ONE},
    "HEALTHCHECK": dict.fromkeys(
        ("interval", "timeout", "start-period", "start-interval", "retries"), _Takes.ONE
    ),
    "RUN": {
        "mount": _Takes.MANY, "network": _Takes.ONE, "security": _Takes.ONE, "device": _Takes.MANY,
    },
}  # fmt: skip
_FLAGS_IGNORED = frozenset({"ARG", "STOPSIGNAL"})
"""Instructions at which BuildKit does not look at flags at all."""
_NETWORKS = frozenset({"default", "none", "host"})
_SECURITIES = frozenset({"insecure", "sandbox"})
_STAGE_NAME = regex(r"[a-z][a-z0-9-_.]*")
_DURATION = regex(r"[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
_DURATION_PART = regex(r"([\d.]+)([a-zµμ]+)", re.ASCII)
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_RETRIES = regex(r"[+-]?[0-9]+")
_MAX_RETRIES = 2**31 - 1


def refuse(instruction: Instruction) -> None:
    """Raise `RefusedError` if BuildKit refuses the instruction."""
    refuses = _REFUSALS.get(instruction.keyword)
    if refuses is None:
        raise RefusedError(instruction.keyword_span.start, f"unknown instruction {code(instruction.keyword)}")
    refuses(instruction)


def _complain(instruction: Instruction, reason: str) -> RefusedError:
    return RefusedError(instruction.keyword_span.start, f"`{instruction.keyword}` {reason}")


def _check_flags(instruction: Instruction) -> None:
    known = _FLAGS.get(instruction.keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        takes = known.get(flag.name)
        if takes is None:
            raise RefusedError(
                flag.span.start, f"`{instruction.keyword}` has no flag {code('--' + flag.name)}"
            )
        if flag.name in seen and takes is not _Takes.MANY:
            raise RefusedError(flag.span.start, f"flag `--{flag.name}` stands there twice")
        seen.add(flag.name)
        _check_value(flag, takes)


def _check_value(flag: Flag, takes: _Takes) -> None:
    if takes is not _Takes.TRUTH:
        if flag.value is None:
            raise RefusedError(flag.span.start, f"flag `--{flag.name}` has no value")
    elif flag.value is not None and flag.value.lower() not in ("true", "false"):
        raise RefusedError(
            flag.span.start, f"flag `--{flag.name}` is {code(flag.value)}, neither true nor false"
        )


def _key_values(instruction: Instruction) -> None:
    _check_flags(instruction)
    _args(instruction)


def _args(instruction: Instruction) -> None:
    if not instruction.pairs:
        raise _complain(instruction, "needs an argument")
    for pair in instruction.pairs:
        if pair.value is not None and not pair.name.value:
            raise RefusedError(pair.span.start, f"`{instruction.keyword}` sets a variable that has no name")


def _one_argument(instruction: Instruction) -> None:
    if not instruction.arguments:
        raise _complain(instruction, "needs an argument")
    if instruction.keyword not in _FLAGS_IGNORED:
        _check_flags(instruction)


def _volume(instruction: Instruction) -> None:
    _one_argument(instruction)
    for word in instruction.arguments:
        if not word.value.strip(SPACE):
            raise RefusedError(word.span.start, "`VOLUME` has an empty path")


def _copy(instruction: Instruction) -> None:
    if len(instruction.arguments) < len(("source", "destination")):
        raise _complain(instruction, "needs a source and a destination")
    _check_flags(instruction)
    if instruction.destination.is_heredoc:
        raise RefusedError(instruction.destination.span.start, f"`{instruction.keyword}` copies to a heredoc")


def _from(instruction: Instruction) -> None:
    words = instruction.arguments
    if len(words) == len(("base", "as", "name")) and words[1].value.lower() == "as":
        if not _STAGE_NAME.fullmatch(words[2].value.lower()):
            raise RefusedError(words[2].span.start, f"{code(words[2].value)} can't be the name of a stage")
    elif len(words) != 1:
        raise _complain(instruction, "takes an image, or an image, `AS` and a name")
    _check_flags(instruction)


def _onbuild(instruction: Instruction) -> None:
    if instruction.trigger is None:
        raise _complain(instruction, "needs an instruction")
    _check_flags(instruction)
    if instruction.trigger.keyword in ("MAINTAINER", "FROM"):
        place = instruction.trigger.keyword_span.start
        raise RefusedError(place, f"`ONBUILD` can't trigger `{instruction.trigger.keyword}`")


def _run(instruction: Instruction) -> None:
    _check_flags(instruction)
    for flag in instruction.flags:
        if flag.name == "network" and flag.value not in _NETWORKS:
            raise RefusedError(flag.span.start, f"there is no network {code(flag.value or '')}")
        if flag.name == "security" and flag.value not in _SECURITIES:
            raise RefusedError(flag.span.start, f"there is no security mode {code(flag.value or '')}")
        if flag.name in ("mount", "device") and comma_separated(flag.value or "") is None:
            raise RefusedError(flag.span.start, f"flag `--{flag.name}` is not a list with commas")
        if flag.name == "mount":
            _check_source(flag)


def _check_source(flag: Flag) -> None:
    for field in flag.fields:
        if field.key == "from" and field.value and "$" in field.value[:-1]:
            raise RefusedError(
                field.span.start, f"`from` of a mount expands no variable: {code(field.value)}"
            )


def _shell(instruction: Instruction) -> None:
    _check_flags(instruction)
    if not instruction.arguments:
        raise _complain(instruction, "needs an argument")
    if instruction.form is not Form.EXEC:
        raise _complain(instruction, "is not a JSON array")


def _healthcheck(instruction: Instruction) -> None:
    if not instruction.arguments:
        raise _complain(instruction, "needs an argument")
    kind, *command = instruction.arguments
    if kind.value.upper() == "NONE":
        if command:
            raise RefusedError(kind.span.start, "`HEALTHCHECK NONE` takes no argument")
        return
    _check_flags(instruction)
    if kind.value.upper() != "CMD":
        raise RefusedError(kind.span.start, f"`HEALTHCHECK` has no type {code(kind.value)}")
    if not command:
        raise RefusedError(kind.span.start, "`HEALTHCHECK CMD` has no command")
    for flag in instruction.flags:
        (_check_retries if flag.name == "retries" else _check_interval)(flag)


def _check_interval(flag: Flag) -> None:
    value = flag.value or ""
    if value and not _DURATION.fullmatch(value):
        raise RefusedError(flag.span.start, f"{code(value)} is no duration")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(value))
    if seconds and (value.startswith("-") or seconds < _SECONDS["ms"]):
        raise RefusedError(flag.span.start, f"`--{flag.name}` is {code(value)}, less than a millisecond")


def _check_retries(flag: Flag) -> None:
    value = flag.value or ""
    if value and not (_RETRIES.fullmatch(value) and len(value) < _SHOWN and 0 <= int(value) <= _MAX_RETRIES):
        raise RefusedError(flag.span.start, f"`--retries` is {code(value)}, no number that it can be")


def _command(instruction: Instruction) -> None:
    _check_flags(instruction)


_REFUSALS: dict[str, Callable[[Instruction], None]] = {
    "ADD": _copy,
    "ARG": _args,
    "CMD": _command,
    "COPY": _copy,
    "ENTRYPOINT": _command,
    "ENV": _key_values,
    "EXPOSE": _one_argument,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _key_values,
    "MAINTAINER": _one_argument,
    "ONBUILD": _onbuild,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": _one_argument,
    "USER": _one_argument,
    "VOLUME": _volume,
    "WORKDIR": _one_argument,
}
