"""Which packages at which ranges a lock file of Yarn holds, of the first one and of those that came later.

https://classic.yarnpkg.com/lang/en/docs/yarn-lock/
https://yarnpkg.com/cli/install#details
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_IS_LOCK = regex(r"^(?:# yarn lockfile v1\b|__metadata:)")
_HEAD = regex(r"\? .+|[^\s#].*:")
"""The line that begins an entry: of names with ranges, `"@a/b@^1.0", c@2:`, later `"@a/b@npm:^1.0, c@npm:2":`.

One of more than 1,024 characters stands behind `? `, and its colon on a line of its own:
https://github.com/yarnpkg/berry/blob/master/packages/yarnpkg-parsers/sources/syml.ts
"""
_KEY = regex(r"(?P<name>@?[^@\s]{1,214})@(?:(?P<protocol>[a-z]{1,20}):)?(?P<range>.*)")
_PLAIN = regex(r"[\w.^~<>=*|+\s-]{1,200}")
"""A range or a tag that a registry is asked for: no address, no path, no other name, no `catalog:`."""
_OF_WORKSPACE = "workspace"


class YarnLock(Record):
    """One `yarn.lock`."""

    path: str
    held: frozenset[tuple[str, str]] | None
    """The names with the ranges that it has entries for; None where it can't be known."""
    of_workspaces: frozenset[str] = frozenset()
    """The names that it has a folder of the project for."""

    def first_missing(self, asked: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
        """The first package, with its range, that it certainly has no entry for, so that Yarn would have to add one."""
        if self.held is None:
            return None
        found = ((name, wanted) for name, wanted in asked if self._lacks(name, wanted, self.held))
        return next(found, None)

    def _lacks(self, name: str, wanted: str, held: frozenset[tuple[str, str]]) -> bool:
        is_known = name not in self.of_workspaces and _PLAIN.fullmatch(wanted) is not None
        return is_known and (name, _closed(wanted)) not in held


def parse_yarn_lock(text: Text) -> YarnLock:
    """What a lock file holds; of one that is not as Yarn writes it nothing is known."""
    lines = text.content.splitlines()
    if not any(map(_IS_LOCK.match, lines)):
        return YarnLock(text.path, None)
    keys = [key for line in lines if _HEAD.fullmatch(line) for key in _keys(line)]
    held = frozenset((name, _closed(wanted)) for name, _, wanted in keys)
    return YarnLock(
        text.path, held, frozenset(name for name, protocol, _ in keys if protocol == _OF_WORKSPACE)
    )


def _keys(line: str) -> Iterator[tuple[str, str, str]]:
    """Names, protocols and ranges of the line that begins an entry."""
    for written in line.removeprefix("? ").removesuffix(":").replace('"', "").split(", "):
        found = _KEY.fullmatch(written)
        if found is not None:
            yield found["name"], found["protocol"] or "", found["range"]


def _closed(wanted: str) -> str:
    return "".join(wanted.split())
