"""Comments that ask to leave a finding out: `# tidewaiter: ignore[check-id, …] reason`.

At the end of the line where the syntax has comments there, else alone on the line above the finding's
first line; several stack. The reason is required, and `until 2027-01-31` after the ids ends the comment
after that day.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from checks.check import Kind, Location, Repository, Span
from checks.runner import Raised
from checks.source.text import Text

_COMMENT = re.compile(
    r"(?P<sign>#|//)[ \t]*tidewaiter:[ \t]*ignore\[(?P<ids>[^\]\n]{0,2000})\](?P<rest>[^\n]*)"
)
_UNTIL = re.compile(r"(?:^|(?<=[ \t,]))until[ \t]+(?P<day>[0-9][0-9-]*)")
_ONLY_WHOLE_LINES = frozenset({Kind.DOCKERFILE, Kind.DOCKERIGNORE})
"""Kinds whose syntax has no comment at the end of a line."""
_SLASHES = frozenset({Kind.TERRAFORM, Kind.TERRAFORM_LOCK, Kind.BAKE})
"""Kinds whose comments may start with `//`."""


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
    written = list(_written(text, kind))
    targets: dict[int, int] = {}
    for _, line, alone in reversed(written):
        if alone:
            targets[line] = targets.get(line + 1, line + 1)
    found = (_in_force(text, match, targets.get(line, line), today) for match, line, _ in written)
    return tuple(one for one in found if one)


def _written(text: Text, kind: Kind) -> Iterator[tuple[re.Match[str], int, bool]]:
    """The ignore comments where the syntax has comments: each with its line and whether it has that alone."""
    if "tidewaiter:" not in text.content:
        return
    for match in _COMMENT.finditer(text.content):
        line = text.line_of(match.start())
        alone = not text.content[text.line(line).start : match.start()].strip(" \t\ufeff")
        if (alone or kind not in _ONLY_WHOLE_LINES) and (match["sign"] == "#" or kind in _SLASHES):
            yield match, line, alone


def _in_force(text: Text, match: re.Match[str], line: int, today: datetime.date | None) -> Ignore | None:
    """What a comment asks for a line; None without a reason, or once its last day is over."""
    reason = match["rest"].strip()
    inside, after = _UNTIL.search(match["ids"]), _UNTIL.match(reason)
    ids = match["ids"][: inside.start()] if inside else match["ids"]
    reason = reason[after.end() :].strip() if after else reason
    last_day = after or inside
    if not reason or _ended(last_day["day"] if last_day else "", today):
        return None
    place = Location(text, Span(match.start(), match.start() + len(match[0].rstrip())))
    return Ignore(frozenset(ids.replace(",", " ").split()), reason, place, line)


def _ended(until: str, today: datetime.date | None) -> bool:
    """Whether the day is over; a date that does not exist ends the comment, an unknown today does not."""
    if not until:
        return False
    try:
        last = datetime.date.fromisoformat(until)
    except ValueError:
        return True
    return today is not None and today > last


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
    by_line = repo.memo(_by_line, location.text, kind, repo.outside.today)
    if not by_line:
        return None
    lines = dict.fromkeys((location.line, repo.anchor_line(location)))
    candidates = (ignore for line in lines for ignore in by_line.get(line, ()))
    return next((ignore for ignore in candidates if names & ignore.ids), None)


def _by_line(text: Text, kind: Kind, today: datetime.date | None) -> Mapping[int, tuple[Ignore, ...]]:
    """The ignore comments of a file by the line that each speaks of."""
    lines: dict[int, list[Ignore]] = defaultdict(list)
    for ignore in ignores(text, kind, today):
        lines[ignore.line].append(ignore)
    return {line: tuple(group) for line, group in lines.items()}
