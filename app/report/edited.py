"""What edits change, as lines to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from checks.record import Record
from checks.source.snapshot import Edit, apply
from checks.source.text import Span, Text

CONTEXT = 1
"""Unchanged lines shown on each side: enough to see where one is."""


class Edited(Record):
    """Neighbouring lines of a file before and after."""

    path: str
    line: int
    """The first of the lines before, from 1."""
    lines: tuple[tuple[str, str], ...]
    """A sign (`-`, `+` or a blank) and the line without its ending."""


def edited_lines(text: Text | None, edits: Iterable[Edit]) -> Iterator[Edited]:
    """The lines that edits of one file change, from top to bottom; a file that does not exist yet is None.

    Only the lines around the edits are compared, so that a long file costs no more than a short one.
    """
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: edit.span)
    if not ordered:
        return
    before = text or Text(ordered[0].path, "")
    for group in _neighbours(before, ordered):
        touched = [before.lines_of(edit.span) for edit in group]
        first = max(1, touched[0].start - CONTEXT)
        last = min(max(before.line_count, 1), max(lines.stop - 1 for lines in touched) + CONTEXT)
        yield _edited(before, first, last, group)


def _neighbours(text: Text, edits: list[Edit]) -> Iterator[list[Edit]]:
    """Edits in groups whose lines with context touch."""
    group: list[Edit] = []
    last = 0
    for edit in edits:
        lines = text.lines_of(edit.span)
        if group and lines.start - last > 2 * CONTEXT + 1:
            yield group
            group = []
        group.append(edit)
        last = max(last, lines.stop - 1)
    yield group


def _edited(text: Text, first: int, last: int, group: list[Edit]) -> Edited:
    start = text.full_line(first).start
    end = max(text.full_line(last).end, *(edit.span.end for edit in group))
    old = text.content[start:end]
    moved = [
        Edit(edit.path, Span(edit.span.start - start, edit.span.end - start), edit.replacement)
        for edit in group
    ]
    return Edited(text.path, first, tuple(_signed(_lines(old), _lines(apply(old, moved)))))


def _signed(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    for tag, start, end, new_start, new_end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            yield from ((" ", line) for line in before[start:end])
        else:
            yield from (("-", line) for line in before[start:end])
            yield from (("+", line) for line in after[new_start:new_end])


def _lines(content: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in content.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines
