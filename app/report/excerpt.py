"""A line of source in a terminal, with what matters underlined."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from app.report.plain import printable
from checks.record import Record
from checks.source.text import Location, Span, Text

TAB = 4
"""Cells between two tab stops."""
MAX_LINES = 4
"""Lines of a longer span that are shown."""
_BEFORE = 20
"""Cells kept before the underlined part of a line that is too wide."""
_NEAR = 1000
"""Characters looked at on each side of where a span starts: wider than any terminal, less than a file on
one line."""
_ZERO_WIDTH = frozenset({"Mn", "Me"})
_EMOJI_STYLE = "\ufe0f"
_SKIN_TONES = range(0x1F3FB, 0x1F400)


class Line(Record):
    """One line as the terminal shows it, and the marks below it."""

    number: int
    shown: str
    marks: str
    """Blanks and `^`, ending at the last `^`; empty where nothing of the line is marked."""


def excerpt(place: Location, width: int) -> Iterator[Line]:
    """The lines that a location covers, the first few, each in at most `width` cells."""
    for number in list(place.text.lines_of(place.span))[:MAX_LINES]:
        yield _line(place.text, number, place.span, width)


def _line(text: Text, number: int, span: Span, width: int) -> Line:
    line = text.line(number)
    content = text[line]
    indent = len(content) - len(content.lstrip(" \t"))
    first = max(span.start - line.start, 0 if span.start >= line.start else indent)
    last = max(min(span.end, line.end) - line.start, first)
    skipped = max(0, first - _NEAR)
    shown = _cells(content[skipped : first + _NEAR])
    stops = [0, *accumulate(cell.width for cell in shown)]
    at, end = stops[min(first - skipped, len(shown))], stops[min(last - skipped, len(shown))]
    if not skipped and stops[-1] <= width:
        return Line(number, "".join(cell.shown for cell in shown), " " * at + "^" * max(1, end - at))
    return _window(number, shown, at, end, width)


class _Cell(Record):
    shown: str
    width: int


def _window(number: int, shown: list[_Cell], at: int, end: int, width: int) -> Line:
    """The part of a wide line around cells `at` to `end`, with `…` where something is left out."""
    left = max(0, at - _BEFORE)
    parts: list[str] = ["…"] if left else []
    used = len(parts)
    start = mark = 0
    begun = False
    for cell in shown:
        if start >= left and used + cell.width > width - 1:
            parts.append("…")
            break
        if start >= left:
            if not begun:
                begun, mark = True, max(0, at - start) + used
            parts.append(cell.shown)
            used += cell.width
        start += cell.width
    marks = min(max(1, end - at), max(1, used - mark))
    return Line(number, "".join(parts), " " * mark + "^" * marks)


def _cells(content: str) -> list[_Cell]:
    """Each character with what is shown for it and how many cells that takes."""
    cells: list[_Cell] = []
    at = 0
    previous = ""
    for char in content:
        if char == "\t":
            size = TAB - at % TAB
            cell = _Cell(" " * size, size)
        else:
            shown = printable(char)
            cell = _Cell(shown, len(shown) if shown != char else _width(char, previous))
        cells.append(cell)
        at += cell.width
        previous = char
    return cells


def width_of(text: str) -> int:
    """The cells that a text takes in a terminal."""
    return sum(cell.width for cell in _cells(text))


def fitted(text: str, width: int) -> str:
    """`text` as it can be shown in `width` cells, ending in `…` where it is cut."""
    cells = _cells(text[:_NEAR])
    if sum(cell.width for cell in cells) <= width:
        return "".join(cell.shown for cell in cells)
    parts: list[str] = []
    for cell in cells:
        width -= cell.width
        if width < 1:
            break
        parts.append(cell.shown)
    return "".join(parts) + "…"


def _width(char: str, previous: str) -> int:
    """Cells of a printable character, by Unicode's widths and what terminals make of emoji.

    https://www.unicode.org/reports/tr11/
    """
    if char.isascii():
        return 1
    if char == _EMOJI_STYLE:
        return 1 if previous and not previous.isascii() and _is_narrow(previous) else 0
    if unicodedata.category(char) in _ZERO_WIDTH:
        return 0
    if ord(char) in _SKIN_TONES and previous and not _is_narrow(previous):
        return 0
    return 1 if _is_narrow(char) else 2


def _is_narrow(char: str) -> bool:
    return unicodedata.east_asian_width(char) not in ("W", "F")
