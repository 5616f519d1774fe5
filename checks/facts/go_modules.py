"""Which Go the modules of a repository need, by their `go.mod`.

https://go.dev/ref/mod#go-mod-file-go
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.source.text import Text

_GO = re.compile(r"^go[ \t]+(\d{1,4}(?:\.\d{1,4}){0,2})", re.MULTILINE)
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}")


@dataclass(frozen=True)
class GoModule:
    """One `go.mod`."""

    path: str
    go: tuple[int, ...] | None
    """The oldest Go that builds it, `(1, 23, 4)`; None where the file names none."""


def parse_go_module(text: Text) -> GoModule:
    """What a `go.mod` asks for."""
    found = _GO.search(text.content)
    return GoModule(text.path, _numbers(found[1]) if found else None)


def go_of(version: str) -> tuple[int, ...] | None:
    """The newest Go that a `go-version` stands for, as far as it is written out: `1.23.x` is any of that line."""
    found = _VERSION.fullmatch(version.strip().removesuffix(".x"))
    return _numbers(found[0]) if found else None


def suffices(go: tuple[int, ...], modules: Iterable[GoModule]) -> bool | None:
    """Whether a Go, of which a line's newest release counts, builds modules; None where it builds some of them only."""
    answers = {go >= module.go[: len(go)] for module in modules if module.go is not None}
    return None if len(answers) > 1 else answers.pop() if answers else True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
