"""Comments that ask to leave a finding out: `# tidewaiter: ignore[check-id, …] reason`.

At the end of the line where the syntax has comments there, else alone on the line above the finding's
first line; several stack. The reason is required, and `until 2027-01-31` after the ids ends the comment
after that day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.check import Kind, Location, Repository, Span
from checks.runner import Raised
from checks.source.text import Text

_COMMENT = re.compile(
    r"(?:#|//)[ \t]*tidewaiter:[ \t]*ignore"
    r"\[(?P<ids>[a-z0-9,\- \t]*?)(?:[ \t]+until[ \t]+(?P<inner>\d{4}-\d\d-\d\d))?[ \t]*\]"
    r"(?:[ \t]*until[ \t]+(?P<until>\d{4}-\d\d-\d\d))?[ \t]*(?P<reason>[^\r\n]*)"
)
_ONLY_WHOLE_LINES = {Kind.DOCKERFILE, Kind.DOCKERIGNORE}
"""Kinds whose syntax has no comment at the end of a line."""


@dataclass(frozen=True)
class Ignore:
    """One ignore comment that is in force."""

    ids: frozenset[str]
    reason: str
    location: Location
    line: int
    """The line, from 1, that it speaks of."""


def ignores(text: Text, kind: Kind, today: datetime.date | None) -> tuple[Ignore, ...]:
    """The ignore comments of a file that have a reason and have not ended, in file order."""
    if "tidewaiter:" not in text.content:
        return ()
    found: list[Ignore] = []
    for match in _COMMENT.finditer(text.content):
        line = text.line_of(match.start())
        own_line = not text.content[text.line(line).start : match.start()].strip(" \t\ufeff")
        if not own_line and kind in _ONLY_WHOLE_LINES:
            continue
        reason = match["reason"].strip()
        if not reason or _ended(match["until"] or match["inner"], today):
            continue
        ids = frozenset(match["ids"].replace(",", " ").split())
        target = _line_below(text, line) if own_line else line
        found.append(Ignore(ids, reason, Location(text, Span(*match.span())), target))
    return tuple(found)


def _ended(until: str | None, today: datetime.date | None) -> bool:
    """Whether the day is over; a date that does not exist ends the comment, an unknown today does not."""
    if until is None:
        return False
    try:
        last = datetime.date.fromisoformat(until)
    except ValueError:
        return True
    return today is not None and today > last


def _line_below(text: Text, line: int) -> int:
    """The first line below that is no ignore comment itself, so that several stack."""
    below = line + 1
    while below <= text.line_count and _COMMENT.match(text[text.line(below)].lstrip(" \t")):
        below += 1
    return below


def suppress(
    repo: Repository, raised: Iterable[Raised], enforced: frozenset[str]
) -> tuple[list[Raised], list[tuple[Raised, Ignore]]]:
    """Parts the findings into those to tell and those that a comment leaves out, with the comment.

    A finding of an enforced check is told whatever a comment says.
    """
    kept: list[Raised] = []
    left_out: list[tuple[Raised, Ignore]] = []
    for one in raised:
        ignore = None if one.check.id in enforced else _ignore_for(repo, one)
        if ignore:
            left_out.append((one, ignore))
        else:
            kept.append(one)
    return kept, left_out


def _ignore_for(repo: Repository, one: Raised) -> Ignore | None:
    location = one.finding.location
    kind = repo.kinds.get(location.path)
    if kind is None:
        return None
    names = {one.check.id, *one.check.aliases}
    lines = {location.line, repo.anchor_line(location)}
    for ignore in repo.memo(ignores, location.text, kind, repo.outside.today):
        if ignore.line in lines and names & ignore.ids:
            return ignore
    return None
