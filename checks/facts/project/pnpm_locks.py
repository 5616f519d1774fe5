"""Which packages a lock file of pnpm was written for.

https://github.com/pnpm/spec/blob/master/lockfile/9.0.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_ALL = "importers:"
_OWN = regex(r" {2}\.:(?P<empty> \{\})?\s*")
"""The project beside the file, among those of its workspace."""
_NAME = regex(r" {6}(?P<quote>['\"]?)(?P<name>@?[\w./-]{1,214})(?P=quote):.*")


class PnpmLock(Record):
    """One `pnpm-lock.yaml`."""

    path: str
    held: frozenset[str] | None
    """The names of what the project beside it asked for; None where that can't be known, as before version 6."""

    def lacks(self, asked: Iterable[str]) -> bool:
        """Whether it certainly was written before one of some packages was asked for."""
        return self.held is not None and not self.held.issuperset(asked)


def parse_pnpm_lock(text: Text) -> PnpmLock:
    """What a lock file was written for, by its lines, which pnpm writes alike; of another nothing is known."""
    lines = iter(text.content.splitlines())
    own = next((found for line in _of_all(lines) if (found := _OWN.fullmatch(line))), None)
    if own is None:
        return PnpmLock(text.path, None)
    names = () if own["empty"] else map(_NAME.fullmatch, _of_own(lines))
    return PnpmLock(text.path, frozenset(one["name"] for one in names if one is not None))


def _of_all(lines: Iterator[str]) -> Iterator[str]:
    """The lines of the part that tells of projects."""
    if any(line.rstrip() == _ALL for line in lines):
        yield from _while_indented(lines, 2)


def _of_own(lines: Iterator[str]) -> Iterator[str]:
    yield from _while_indented(lines, 4)


def _while_indented(lines: Iterator[str], depth: int) -> Iterator[str]:
    for line in lines:
        if line.strip() and not line.startswith(" " * depth):
            return
        yield line
