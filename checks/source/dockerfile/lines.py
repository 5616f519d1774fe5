"""Lines of a Dockerfile, joined as BuildKit joins them.

https://docs.docker.com/reference/dockerfile/#format
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from checks.record import Record
from checks.regex import regex
from checks.source.dockerfile.refusals import RefusedError, code
from checks.source.dockerfile.tree import Comment, Directive, Heredoc
from checks.source.golang import SPACE, lines
from checks.source.text import Span, Text

_DIRECTIVE = regex(r"([A-Za-z][A-Za-z0-9]*)[\t\n\f\r ]*=")
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_ESCAPES = frozenset({"\\", "`"})


class Logical(Record, eq=False):
    """A line without its continuations, and where its characters stand in the file."""

    text: str
    pieces: tuple[Span, ...]
    """The parts of the file that `text` is joined from, in order; none is empty."""
    offsets: tuple[int, ...]
    """Where each piece starts in `text`."""
    whole: Span
    """From the first character to the end of the last line that holds a piece, escape characters included."""

    @staticmethod
    def join(text: Text, pieces: list[Span], whole: Span) -> Logical:
        """The line that these pieces make."""
        kept = [piece for piece in pieces if piece.end > piece.start]
        offsets: list[int] = []
        length = 0
        for piece in kept:
            offsets.append(length)
            length += piece.end - piece.start
        return Logical("".join(text[piece] for piece in kept), tuple(kept), tuple(offsets), whole)

    def place(self, index: int) -> int:
        """The offset in the file of a character of `text`; that of the end, for its length."""
        if not self.pieces:
            return self.whole.end
        piece = bisect.bisect_right(self.offsets, index) - 1
        if index == len(self.text):
            return self.pieces[-1].end
        return self.pieces[piece].start + index - self.offsets[piece]

    def span(self, start: int, end: int) -> Span:
        """The span in the file of `text[start:end]`."""
        first = self.place(start)
        return Span(first, self.place(end - 1) + 1 if end > start else first)

    def masked(self, start: int, end: int) -> str:
        """`text[start:end]` stretched to the length of its span, so that a shell reads the same."""
        parts: list[str] = []
        behind: int | None = None
        last = bisect.bisect_left(self.offsets, end)
        for number in range(bisect.bisect_right(self.offsets, start) - 1, last):
            piece, offset = self.pieces[number], self.offsets[number]
            part = self.text[max(start, offset) : min(end, offset + piece.end - piece.start)]
            if behind is not None:
                parts.append(_filler(piece.start - behind, parts[-1][-1] + part[0]))
            parts.append(part)
            behind = piece.end
        return "".join(parts)


def _filler(length: int, around: str) -> str:
    # inside a word only a continuation of the shell itself adds nothing; elsewhere it would end a comment
    if any(char in SPACE for char in around):
        return " " * length
    return " " * (length % 2) + "\\\n" * (length // 2)


def _escape(directive: Directive) -> str:
    if directive.value not in _ESCAPES:
        value = code(directive.value)
        raise RefusedError(directive.span.start, f"`escape` is {value}, neither a backslash nor a backtick")
    return directive.value


class LineReader:
    """Reads a Dockerfile from top to bottom: directives when made, then statements and their heredocs."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.escape = "\\"
        self.comments: list[Comment] = []
        self._lines = [self._without_returns(line) for line in lines(text)]
        self._next = 0
        self.directives = tuple(self._read_directives())

    def _without_returns(self, line: Span) -> Span:
        content = self.text[line]
        return Span(line.start, line.start + len(content.rstrip("\r"))) if content.endswith("\r") else line

    def statements(self) -> Iterator[Logical]:
        """The line of each instruction. What its heredocs take must be read before the next is asked for."""
        while self._next < len(self._lines):
            line = self._take()
            if self._is_comment(line):
                continue
            content = self.text[line]
            start = line.start + len(content) - len(content.lstrip(SPACE))
            piece, continued = self._piece(Span(start, line.end))
            if continued or piece.end > piece.start:
                yield self._join(piece, continued, Span(start, line.end))

    def heredoc(self, name: str, expand: bool, chomp: bool, place: int) -> Heredoc:
        """The document that starts at the next line; `place` is where the instruction starts."""
        start = self._lines[self._next].start if self._next < len(self._lines) else 0
        while self._next < len(self._lines):
            span = self._take()
            content = self.text[span]
            if (content.lstrip("\t") if chomp else content) == name:
                return Heredoc(name, expand, chomp, Span(start, span.start), span)
        raise RefusedError(place, f"heredoc {code(name)} is never closed")

    def _take(self) -> Span:
        self._next += 1
        return self._lines[self._next - 1]

    def _join(self, piece: Span, continued: bool, whole: Span) -> Logical:
        pieces = [piece]
        while continued and self._next < len(self._lines):
            line = self._take()
            if self._is_comment(line) or not self.text[line].strip(SPACE):
                continue
            piece, continued = self._piece(line)
            pieces.append(piece)
            whole = whole.to(line)
        return Logical.join(self.text, pieces, whole)

    def _piece(self, line: Span) -> tuple[Span, bool]:
        """What a line adds, and whether the next one belongs to it."""
        content = self.text[line]
        trimmed = content.rstrip(" \t")
        before = trimmed[-2:-1]
        if not trimmed.endswith(self.escape) or before == self.escape:
            return line, False
        return Span(line.start, line.start + len(trimmed) - 1), True

    def _is_comment(self, line: Span) -> bool:
        content = self.text[line]
        stripped = content.lstrip(SPACE)
        if not stripped.startswith("#"):
            return False
        self.comments.append(Comment(stripped[1:].strip(SPACE), Span(line.end - len(stripped), line.end)))
        return True

    def _read_directives(self) -> Iterator[Directive]:
        seen: set[str] = set()
        while self._next < len(self._lines):
            directive = self._directive(self._lines[self._next])
            if directive is None:
                return
            self._next += 1
            if directive.name in seen:
                raise RefusedError(directive.span.start, f"directive `{directive.name}` stands there twice")
            seen.add(directive.name)
            if directive.name == "escape":
                self.escape = _escape(directive)
            yield directive

    def _directive(self, line: Span) -> Directive | None:
        stripped = self.text[line].lstrip(SPACE)
        if not stripped.startswith("#"):
            return None
        body = stripped[1:].lstrip(SPACE)
        match = _DIRECTIVE.match(body)
        if not match or match[1].lower() not in _DIRECTIVES or match.end() == len(body):
            return None
        rest = body[match.end() :]
        # only blanks: the expression that BuildKit uses leaves the last of them as the value
        value = rest.strip("\t\n\f\r ") or rest[-1]
        start = line.end - len(rest) + rest.index(value)
        return Directive(
            match[1].lower(), value, Span(line.end - len(stripped), line.end), Span(start, start + len(value))
        )
