"""The hunks of a patch, and which lines of them a comment may stand on."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Anchor:
    """A line of a diff."""

    hunk: int
    """Which hunk of the file, from 0."""
    position: int
    """Lines below the file's first `@@`, as GitHub counts them."""
    shown: str
    """The hunk from its header down to the line: `diff_hunk`."""


@dataclass(frozen=True)
class Hunk:
    header: str
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[str, ...]
    offset: int
    """Position of the header: 0 for a file's first hunk."""

    def find(self, line: int, side: str) -> int | None:
        """Index of a commentable line: added or context on the RIGHT, deleted on the LEFT."""
        old, new = self.old_start, self.new_start
        for index, text in enumerate(self.lines):
            mark = text[:1]
            if mark == "\\":
                continue
            if side == "RIGHT" and mark != "-" and new == line:
                return index
            if side == "LEFT" and mark == "-" and old == line:
                return index
            old += mark != "+"
            new += mark != "-"
        return None


def parse_hunks(patch: str, *, headless: bool = False) -> tuple[Hunk, ...]:
    """The hunks of one file's patch. `headless`: its first `@@` is cut off."""
    text = f"@@{patch}" if headless and patch else patch
    hunks: list[Hunk] = []
    body: list[str] = []
    header: re.Match[str] | None = None
    offset = 0
    for position, line in enumerate([*text.split("\n"), "@@"]):
        if not line.startswith("@@"):
            body.append(line)
            continue
        if header is not None:
            hunks.append(_hunk(header, body, offset))
        header, body, offset = HEADER.match(line), [], position
    return tuple(hunks)


def _hunk(header: re.Match[str], body: list[str], offset: int) -> Hunk:
    old_start, old_count, new_start, new_count = header.groups(default="1")
    counts = int(old_start), int(old_count), int(new_start), int(new_count)
    return Hunk(header.string, *counts, tuple(body), offset)


def anchor(hunks: tuple[Hunk, ...], line: int, side: str) -> Anchor | None:
    """The place of a line in a file's hunks; `None` if no comment may stand there."""
    for number, hunk in enumerate(hunks):
        index = hunk.find(line, side)
        if index is not None:
            shown = "\n".join([hunk.header, *hunk.lines[: index + 1]])
            return Anchor(number, hunk.offset + index + 1, shown)
    return None
