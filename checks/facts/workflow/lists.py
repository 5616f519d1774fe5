"""Inputs of actions that hold a list in one text: `tags`, `platforms`, `outputs`, `build-args`.

One item a line, or several with commas between them; blank items do not count, and a comma inside
double quotes or `${{ }}` parts nothing: https://github.com/docker/actions-toolkit (`Util.getInputList`).
Comments from a `#` on are of docker/metadata-action's lists alone:
https://github.com/docker/metadata-action/blob/master/src/context.ts
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence

from checks.record import Record, kept_with
from checks.regex import regex
from checks.source.expression_places import find
from checks.source.snapshot import Edit
from checks.source.text import Location, Span
from checks.source.yaml import Scalar
from checks.source.yaml_edit import delete_lines, replace_value

_COMMENT = regex(r"(?:^|\s)#", re.MULTILINE)


class Item(Record):
    """One item as it is written."""

    text: str
    location: Location
    """Where it stands; the whole input where that can't be told."""
    scalar: Scalar
    """The input."""
    piece: Span
    """Its part of the input's value, blanks around it included."""
    line: int
    """The line of the value, from 0, that it stands on."""
    is_alone: bool
    """Whether it has that line to itself."""


def items(scalar: Scalar, *, commas: bool = True) -> tuple[Item, ...]:
    """The items of an input; with `commas` off only lines part them, as in `build-args`."""
    return _parted_by_commas(scalar) if commas else _parted_by_lines(scalar)


@kept_with
def _parted_by_commas(scalar: Scalar) -> tuple[Item, ...]:
    return tuple(_items(scalar, commas=True))


@kept_with
def _parted_by_lines(scalar: Scalar) -> tuple[Item, ...]:
    return tuple(_items(scalar, commas=False))


@kept_with
def items_but_comments(scalar: Scalar) -> tuple[Item, ...]:
    """The items of an input that may have comments, by lines and commas."""
    return tuple(_items(scalar, commas=True, comments=True))


def _items(scalar: Scalar, *, commas: bool, comments: bool = False) -> Iterator[Item]:
    covered = [found.span for found in find(scalar.value)]
    counted, number = 0, 0
    for whole in _pieces(scalar.value, Span(0, len(scalar.value)), "\n", covered):
        line = _without_comment(scalar.value, whole, covered) if comments else whole
        pieces = list(_pieces(scalar.value, line, ",", covered)) if commas else [line]
        filled = [piece for piece in pieces if scalar.value[piece.start : piece.end].strip()]
        for piece in filled:
            raw = scalar.value[piece.start : piece.end]
            start = piece.start + len(raw) - len(raw.lstrip())
            end = start + len(raw.strip())
            place = Location(scalar.text, scalar.locate(start, end) or scalar.span)
            number += scalar.value.count("\n", counted, start)
            counted = start
            yield Item(scalar.value[start:end], place, scalar, piece, number, len(filled) == 1)


def rewritten(item: Item, text: str) -> Edit | None:
    """Makes an item say something else; None where its input can't be written so."""
    scalar = item.scalar
    if scalar.style == "literal":
        is_placed = item.location.fragment == item.text
        return Edit(item.location.path, item.location.span, text) if is_placed else None
    start = scalar.value.find(item.text, item.piece.start)
    return replace_value(scalar, scalar.value[:start] + text + scalar.value[start + len(item.text) :])


def without(item: Item) -> Edit | None:
    """Takes an item out of its input; None where it is the only one, or where that can't be done cleanly."""
    return without_all([item])[0]


def without_all(gone: Sequence[Item]) -> tuple[Edit | None, ...]:
    """Takes several items out of the one input that they are of; as `without`, and not where other steps may share it."""
    scalar, pieces = gone[0].scalar, {item.piece for item in gone}
    left = [one for one in items(scalar) if one.piece not in pieces]
    if not left or scalar.anchor is not None:
        return (None,)
    if scalar.style == "literal":
        is_clean = all(item.is_alone for item in gone)
        return delete_lines(scalar, {item.line for item in gone}) if is_clean else (None,)
    if "\n" in scalar.value.strip():
        return (None,)
    rest = ",".join(scalar.value[one.piece.start : one.piece.end] for one in left)
    return (replace_value(scalar, rest.strip()),)


def _without_comment(text: str, line: Span, covered: list[Span]) -> Span:
    """A line up to a `#` that begins it or stands behind a blank, outside of expressions."""
    for found in _COMMENT.finditer(text, line.start, line.end):
        at = found.end() - 1
        behind = bisect.bisect_right(covered, at, key=_end)
        if behind == len(covered) or at < covered[behind].start:
            return Span(line.start, at)
    return line


def _pieces(text: str, within: Span, separator: str, covered: list[Span]) -> Iterator[Span]:
    """The parts of `text` in a span between separators that stand outside of quotes and expressions."""
    start, quoted = within.start, False
    for at in range(within.start, within.end):
        if text[at] == '"' and separator == ",":
            quoted = not quoted
        if text[at] == separator and not quoted:
            behind = bisect.bisect_right(covered, at, key=_end)
            if behind == len(covered) or at < covered[behind].start:
                yield Span(start, at)
                start = at + 1
    yield Span(start, within.end)


def _end(span: Span) -> int:
    return span.end
