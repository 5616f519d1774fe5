"""The `patch` of a changed file, as the lines that a review comment may stand on.

GitHub takes comments only on lines inside a hunk, and a comment over several lines only where all of
them lie in one hunk:
https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from checks.record import Record

_HEADER = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_END = "@@ -0,0 +0,0 @@"


class Hunk(Record):
    """One run of lines of the new file that the diff shows."""

    first: int
    """The first line of the new file, from 1, that is shown."""
    last: int
    """The last one."""
    added: frozenset[int] = frozenset()
    """Those of the lines that the change adds; the others are context."""

    def holds(self, lines: range) -> bool:
        """Whether all of `lines` are shown by this hunk."""
        return bool(lines) and self.first <= lines.start and lines.stop - 1 <= self.last


Hunks = Mapping[str, tuple[Hunk, ...]]
"""The hunks of each changed file by its path at the head. A file whose diff GitHub doesn't show (it is
binary or too large) has none."""


def hunks(patch: str) -> tuple[Hunk, ...]:
    """The hunks of a `patch` as GitHub sends it: hunk headers and lines, without file headers.

    A hunk counts as far as its lines are there, whatever its header says, so that a patch that was cut
    promises no line too many. Hunks that show no line of the new file are left out.
    """
    found: list[Hunk] = []
    added: set[int] = set()
    first = line = stop = 0
    for text in [*patch.split("\n"), _END]:
        header = _HEADER.match(text)
        if header:
            if line > first:
                found.append(Hunk(first, line - 1, frozenset(added)))
            first = line = int(header[3])
            stop = line + int(header[4] or 1)
            added = set()
        elif line < stop and text[:1] in ("+", " "):
            if text[0] == "+":
                added.add(line)
            line += 1
    return tuple(found)


def hunk_of(hunks: Iterable[Hunk], lines: range) -> Hunk | None:
    """The hunk that shows all of `lines`, or None."""
    return next((hunk for hunk in hunks if hunk.holds(lines)), None)
