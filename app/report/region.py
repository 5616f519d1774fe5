"""Spans as lines and columns, for readers outside of the process."""

from __future__ import annotations

from collections.abc import Mapping

from checks.record import Record
from checks.source.text import Location, Span, Text


class Region(Record):
    """Lines and columns, both from 1, columns in code points, the end exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


def region(text: Text | None, span: Span) -> Region:
    """Where `span` lies. A file that does not exist yet (None) has one place, 1:1."""
    if text is None:
        return Region(1, 1, 1, 1)
    return Region(*text.line_and_column(span.start), *text.line_and_column(span.end))


def region_of(location: Location) -> Region:
    """Where a location lies."""
    return region(location.text, location.span)


Texts = Mapping[str, Text]
"""The files that findings and edits name, by path: `Snapshot.texts` of the head."""
