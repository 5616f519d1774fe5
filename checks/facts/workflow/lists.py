"""Inputs of actions that hold a list in one text: `tags`, `platforms`, `outputs`, `build-args`.

One item a line, or several with commas between them; blank items do not count, and a comma inside
double quotes or `${{ }}` parts nothing: https://github.com/docker/actions-toolkit (`Util.getInputList`).
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from checks.record import Record
from checks.source.expression_places import find
from checks.source.snapshot import Edit
from checks.source.text import Location, Span
from checks.source.yaml import Scalar
from checks.source.yaml_edit import delete_line, replace_value


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
    return tuple(_items(scalar, commas))


def _items(scalar: Scalar, commas: bool) -> Iterator[Item]:
    covered = [found.span for found in find(scalar.value)]
    counted, number = 0, 0
    for line in _pieces(scalar.value, Span(0, len(scalar.value)), "\n", covered):
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
    scalar, others = item.scalar, [other for other in items(item.scalar) if other.piece != item.piece]
    if not others:
        return None
    if scalar.style == "literal":
        return delete_line(scalar, item.line) if item.is_alone else None
    if "\n" in scalar.value.strip():
        return None
    return replace_value(
        scalar, ",".join(scalar.value[one.piece.start : one.piece.end] for one in others).strip()
    )


def _pieces(text: str, within: Span, separator: str, covered: list[Span]) -> Iterator[Span]:
    """The parts of `text` in a span between separators that stand outside of quotes and expressions."""
    start, quoted = within.start, False
    ends = [span.end for span in covered]
    for at in range(within.start, within.end):
        if text[at] == '"' and separator == ",":
            quoted = not quoted
        if text[at] == separator and not quoted:
            behind = bisect.bisect_right(ends, at)
            if behind == len(covered) or at < covered[behind].start:
                yield Span(start, at)
                start = at + 1
    yield Span(start, within.end)
