"""A file's text, and places in it.

Offsets count Unicode code points from the start of the file's text, a byte order mark included, and
spans are half open. Lines and columns are presentation: both count from 1, and a line ends at LF or
CRLF (a lone CR is part of its line).
"""

from __future__ import annotations

import bisect
from functools import cached_property

from checks.record import Record


class Span(Record, order=True):
    """Half-open range of character offsets."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def covers(self, other: Span) -> bool:
        """Whether `other` lies inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character; empty spans overlap where they lie inside the other."""
        return self == other or (self.start < other.end and other.start < self.end)

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other`."""
        return Span(self.start, other.end)


class Text(Record, eq=False, dict=True, weakref=True):
    """One file: where it is and what it says. Two are equal only if they are the same object."""

    path: str
    """Path from the root of the repository, with `/`."""
    content: str
    """The whole file, decoded from UTF-8, byte order mark and line endings as they are."""

    def __getitem__(self, span: Span) -> str:
        """The characters that a span covers."""
        return self.content[span.start : span.end]

    @cached_property
    def _starts(self) -> list[int]:
        """Offset of each line's first character."""
        starts = [0]
        at = self.content.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.content.find("\n", at + 1)
        return starts

    @property
    def line_count(self) -> int:
        """Number of lines; a final line ending opens no further line."""
        last_is_empty = len(self._starts) > 1 and self._starts[-1] == len(self.content)
        return len(self._starts) - last_is_empty

    def line_of(self, offset: int) -> int:
        """The line, from 1, that an offset stands on."""
        return bisect.bisect_right(self._starts, offset)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """The line and the column, both from 1, of an offset."""
        line = self.line_of(offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column. `ValueError` where the text has no such place."""
        if not 1 <= line <= len(self._starts) or column < 1:
            raise ValueError(f"{self.path}: no line {line}, column {column}")
        offset = self._starts[line - 1] + column - 1
        if offset > self.full_line(line).end:
            raise ValueError(f"{self.path}: line {line} has no column {column}")
        return offset

    def full_line(self, line: int) -> Span:
        """The span of a line with its line ending."""
        end = self._starts[line] if line < len(self._starts) else len(self.content)
        return Span(self._starts[line - 1], end)

    def line(self, line: int) -> Span:
        """The span of a line without its line ending."""
        span = self.full_line(line)
        end = span.end
        if end > span.start and self.content[end - 1] == "\n":
            end -= 1
            if end > span.start and self.content[end - 1] == "\r":
                end -= 1
        return Span(span.start, end)

    def laid_out(self, indent: str, lines: str) -> str:
        """Lines joined as the file does it, all but the first indented."""
        first, *others = lines.split("\n")
        return self.newline.join([first, *(indent + line if line else "" for line in others)])

    def lines_of(self, span: Span) -> range:
        """The lines, from 1, that a span touches; a span that ends at a line's start leaves it out."""
        last = span.end - 1 if span.end > span.start else span.end
        return range(self.line_of(span.start), self.line_of(last) + 1)

    def indent_of(self, line: int) -> str:
        """The blanks and tabs that a line begins with."""
        shown = self[self.line(line)]
        return shown[: len(shown) - len(shown.lstrip(" \t"))]

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines have: `"\\n"` or `"\\r\\n"`."""
        crlf = self.content.count("\r\n")
        return "\r\n" if crlf * 2 > self.content.count("\n") else "\n"


class Location(Record):
    """A place in a file, with what it has to do with a finding."""

    text: Text
    span: Span
    note: str = ""
    """What stands here, as the end of a sentence that starts with the place: "sets `IMMUTABLE`"."""

    @property
    def path(self) -> str:
        return self.text.path

    @property
    def fragment(self) -> str:
        """The characters that the location covers."""
        return self.text[self.span]

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.text.line_of(self.span.start)


class Unreadable(Record):
    """A file that can't be understood: listed for the reader with line and reason."""

    path: str
    line: int
    """The line, from 1, at which reading stopped."""
    reason: str
    """What is wrong, as the end of a sentence: `"{" is never closed`."""


class CannotRead(Exception):
    """Raised by the parsers for a file that they can't read; becomes an `Unreadable`, never a crash."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(path, line, reason)
        self.unreadable = Unreadable(path, line, reason)

    def __str__(self) -> str:
        return f"{self.unreadable.path}:{self.unreadable.line}: {self.unreadable.reason}"
