"""One linear pass over HCL: where strings, heredocs and comments are, and whether brackets close.

What it hands on to the parser is a text of the same length in which all that is not structure is blanked
out: comments become blanks, the text of strings and heredocs underscores, and so do line breaks where
HCL ignores them. Offsets stay as they are.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from checks.record import Record
from checks.regex import regex
from checks.source.hcl import Comment
from checks.source.text import CannotRead, Span, Text

MAX_CHARACTERS = 1_000_000
"""Longer files are data, not configuration."""
MAX_DEPTH = 100
"""Nested brackets and interpolations."""
MAX_TOKENS = 60_000
"""Reading takes about 10 µs for each; the largest files in use have 13,000."""

_CODE = regex(r'"|#|//|/\*|<<-?[^\W\d][\w.-]*\r?\n|[][(){}]|\r?\n|[^\x00-\x7f]')
_STRING = regex(r'\\.|"|\$\$\{|%%\{|[$%]\{~?|\n')
_TOKEN = regex(r"\w+|[^\w\s]|\n")
_CLOSES = {")": "(", "]": "[", "}": "{"}


class HeredocMark(Record):
    """Where a heredoc is."""

    span: Span
    """From `<<` to the end of the closing marker."""
    content: Span
    """The lines between, line endings included."""
    marker: str
    trimmed: bool
    """Written with `<<-`."""


class Scan(Struct, eq=False):
    """What one pass found out."""

    masked: str
    """Text of the same length with nothing but structure."""
    comments: list[Comment] = field(default_factory=list)
    heredocs: dict[int, HeredocMark] = field(default_factory=dict)
    """By the offset of `<<`."""


class _Open(Record):
    """A bracket, string or interpolation that is not closed yet."""

    what: str
    at: int


def scan(text: Text) -> Scan:
    """The pass over a whole file. `CannotRead` for what never closes, and beyond the limits."""
    if len(text.content) > MAX_CHARACTERS:
        raise CannotRead(text.path, 1, f"it is longer than {MAX_CHARACTERS:,} characters")
    if text.content.count("\n") <= MAX_TOKENS:
        found = _Scanner(text).run()
        if sum(1 for _ in _TOKEN.finditer(found.masked)) <= MAX_TOKENS:
            return found
    raise CannotRead(text.path, 1, f"it has more than {MAX_TOKENS:,} tokens")


class _Scanner:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.content = text.content
        self.at = 0
        self.kept = 0
        self.parts: list[str] = []
        self.stack: list[_Open] = []
        self.found = Scan("")

    def run(self) -> Scan:
        if self.content.startswith("\ufeff"):
            self._mask(0, 1, " ")
            self.at = 1
        while self.at < len(self.content):
            inside_string = bool(self.stack) and self.stack[-1].what == '"'
            match = (_STRING if inside_string else _CODE).search(self.content, self.at)
            if match is None:
                break
            if inside_string:
                self._mask(self.at, match.start(), "_")
                self._in_string(match)
            else:
                self._in_code(match)
        if self.stack:
            last = self.stack[-1]
            raise self._cannot(
                last.at, f'"{last.what}" is never closed' if last.what != '"' else _OPEN_STRING
            )
        self.parts.append(self.content[self.kept :])
        self.found.masked = "".join(self.parts)
        return self.found

    def _cannot(self, at: int, reason: str) -> CannotRead:
        return CannotRead(self.text.path, self.text.line_of(at), reason)

    def _mask(self, start: int, end: int, with_: str) -> None:
        if end > start:
            self.parts += self.content[self.kept : start], with_ * (end - start)
            self.kept = end

    def _push(self, what: str, at: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._cannot(at, f"it nests deeper than {MAX_DEPTH}")
        self.stack.append(_Open(what, at))

    def _in_code(self, match: re.Match[str]) -> None:
        shown, start = match[0], match.start()
        self.at = match.end()
        if shown in ("(", "[", "{", '"'):
            self._push(shown, start)
        elif shown in _CLOSES:
            self._close(shown, start)
        elif shown in ("#", "//", "/*"):
            self._comment(shown, start)
        elif shown.startswith("<<"):
            self._heredoc(shown, start)
        elif shown.endswith("\n"):
            if self.stack and self.stack[-1].what != "{":
                self._mask(start, self.at, " ")
        elif shown.isalpha():
            self._mask(start, self.at, "x")

    def _in_string(self, match: re.Match[str]) -> None:
        shown, start = match[0], match.start()
        self.at = match.end()
        if shown == '"':
            self.stack.pop()
        elif shown == "\n":
            raise self._cannot(self.stack[-1].at, _OPEN_STRING)
        elif shown.rstrip("~") in ("${", "%{"):
            self._push(shown[:2], start)
            self._mask(start + 2, self.at, " ")
        else:
            self._mask(start, self.at, "_")

    def _close(self, shown: str, at: int) -> None:
        if not self.stack:
            raise self._cannot(at, f'"{shown}" closes nothing')
        last = self.stack.pop()
        if last.what[-1:] != _CLOSES[shown]:
            line = self.text.line_of(last.at)
            raise self._cannot(at, f'"{shown}" does not close "{last.what}" of line {line}')
        if last.what in ("${", "%{") and self.content[at - 1] == "~":
            self._mask(at - 1, at, " ")

    def _comment(self, shown: str, start: int) -> None:
        if shown == "/*":
            end = self.content.find("*/", start + 2) + 2
            if end == 1:
                raise self._cannot(start, '"/*" is never closed')
        else:
            end = self.content.find("\n", start)
            end = len(self.content) if end < 0 else end
            end -= self.content[end - 1] == "\r"
        self.found.comments.append(Comment(Span(start, end), self._begins_line(start)))
        self._mask(start, end, " ")
        self.at = end

    def _begins_line(self, at: int) -> bool:
        """Whether only blanks stand before; looks no further than to the next character that is none."""
        while at > 0 and self.content[at - 1] in " \t\ufeff":
            at -= 1
        return at == 0 or self.content[at - 1] == "\n"

    def _heredoc(self, shown: str, start: int) -> None:
        trimmed = shown.startswith("<<-")
        marker = shown[3 if trimmed else 2 :].rstrip("\r\n")
        closing = re.compile(rf"^[ \t]*({re.escape(marker)})[ \t\r]*$", re.MULTILINE)
        match = closing.search(self.content, self.at)
        if match is None:
            raise self._cannot(start, f"the heredoc `{marker}` is never closed")
        content = Span(self.at, match.start())
        self.at = match.end(1)
        self.found.heredocs[start] = HeredocMark(Span(start, self.at), content, marker, trimmed)
        self._mask(start, start + 1, '"')
        self._mask(start + 1, self.at - 1, "_")
        self._mask(self.at - 1, self.at, '"')


_OPEN_STRING = "the string is never closed on its line"
