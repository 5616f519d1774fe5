"""Which characters of the file each character of a YAML scalar's value comes from.

A scan of the scalar as it is written rebuilds its value by the rules of libyaml; only if the result is
what libyaml read are the places believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct, field

from checks.record import Record
from checks.regex import regex
from checks.source.text import Span

_BREAK = regex("\r\n|[\r\n\x85\u2028\u2029]")
_BLANKS = "[ \t\r\n\x85\u2028\u2029]+"
_PIECES = {
    "plain": regex(f"(?P<blanks>{_BLANKS})|[^ \t\r\n\x85\u2028\u2029]+"),
    "single": regex(f"(?P<blanks>{_BLANKS})|(?P<escape>'')|[^' \t\r\n\x85\u2028\u2029]+"),
    "double": regex(
        f"(?P<blanks>{_BLANKS})|(?P<joint>\\\\(?:\r\n|[\r\n\x85\u2028\u2029]){_BLANKS[:-1]}*)"
        "|(?P<escape>\\\\(?:x..|u.{4}|U.{8}|.))|[^\\\\ \t\r\n\x85\u2028\u2029]+"
    ),
}
_ESCAPES = dict(zip('0abt\tnvfre "/\\N_LP', '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029', strict=True))


class Sources(Record):
    """Start and end offset in the file of each character of a value."""

    starts: Sequence[int]
    ends: Sequence[int]


class _Value(Struct, eq=False):
    """A value in the making."""

    text: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def verbatim(self, shown: str, at: int) -> None:
        """Characters that stand for themselves."""
        self.text.append(shown)
        self.starts.extend(range(at, at + len(shown)))
        self.ends.extend(range(at + 1, at + len(shown) + 1))

    def char(self, char: str, start: int, end: int) -> None:
        """One character, written as the characters from `start` to `end`."""
        self.text.append(char)
        self.starts.append(start)
        self.ends.append(end)

    def breaks(self, breaks: Sequence[re.Match[str]], shift: int = 0) -> None:
        """Line breaks that are kept."""
        for one in breaks:
            self.char(_normal(one[0]), one.start() + shift, one.end() + shift)


def sources(content: str, span: Span, style: str, value: str) -> Sources | None:
    """The places of a value's characters, or None where they can't be told for sure.

    `span` is the scalar in `content` with its quotes, or a block scalar from its indicator to where the
    parser stopped.
    """
    quoted = style in ("single", "double")
    start, end = (span.start + 1, span.end - 1) if quoted else (span.start, span.end)
    if content[start:end] == value and style not in ("literal", "folded"):
        return Sources(range(start, end), range(start + 1, end + 1))
    pieces = _PIECES.get(style)
    built = _flow(content, start, end, pieces) if pieces else _block(content, span, style, value)
    if built is None or "".join(built.text) != value:
        return None
    return Sources(built.starts, built.ends)


def _normal(line_break: str) -> str:
    """What libyaml makes of a line break."""
    return line_break if line_break in "\u2028\u2029" else "\n"


def _flow(content: str, start: int, end: int, pieces: re.Pattern[str]) -> _Value | None:
    """Plain and quoted: one line break is a blank, further ones are kept, blanks around them vanish."""
    built = _Value()
    at = start
    while at < end:
        match = pieces.match(content, at, end)
        if match is None:
            return None
        shown, kind = match[0], match.lastgroup
        breaks = list(_BREAK.finditer(content, at, match.end())) if kind in ("blanks", "joint") else []
        if kind == "escape":
            char = "'" if shown == "''" else _unescaped(shown[1:])
            if char is None:
                return None
            built.char(char, at, match.end())
        elif kind == "joint":
            built.breaks(breaks[1:])
        elif len(breaks) == 1 and _normal(breaks[0][0]) == "\n":
            built.char(" ", at, match.end())
        elif breaks:
            built.breaks(breaks[_normal(breaks[0][0]) == "\n" :])
        else:
            built.verbatim(shown, at)
        at = match.end()
    return built


def _unescaped(escape: str) -> str | None:
    """The character of an escape sequence, given without its backslash."""
    if escape in _ESCAPES:
        return _ESCAPES[escape]
    try:
        return chr(int(escape[1:], 16)) if escape[0] in "xuU" else None
    except (ValueError, OverflowError):
        return None


class _Line(Record):
    """A line of a block scalar."""

    start: int
    shown: str
    """Without its end."""
    ending: re.Match[str] | None


def _lines(content: str, start: int, end: int) -> list[_Line]:
    lines: list[_Line] = []
    for ending in _BREAK.finditer(content, start, end):
        lines.append(_Line(start, content[start : ending.start()], ending))
        start = ending.end()
    if start < end:
        lines.append(_Line(start, content[start:end], None))
    return lines


def _block(content: str, span: Span, style: str, value: str) -> _Value:
    """Literal and folded block scalars: header, indentation, folding, and what is chomped at the end."""
    header, *lines = _lines(content, span.start, span.end)
    indicators = header.shown.partition("#")[0]
    indent = _indent(lines, value)
    built = _Value()
    pending: list[re.Match[str]] = []
    before_blank = False
    any_content = False
    for line in lines:
        lead = min(indent, _lead(line.shown))
        shown = line.shown[lead:]
        if shown:
            starts_blank = shown[0] in " \t"
            _between(built, pending, any_content and style == "folded" and not (before_blank or starts_blank))
            built.verbatim(shown, line.start + lead)
            before_blank, any_content, pending = starts_blank, True, []
        if line.ending:
            pending.append(line.ending)
    kept = pending if "+" in indicators else pending[:1] if any_content and "-" not in indicators else []
    built.breaks(kept)
    return built


def _indent(lines: Sequence[_Line], value: str) -> int:
    """The indentation that is no part of the value: what the first written line has more than the value."""
    written = next((line.shown for line in lines if line.shown.strip(" ")), None)
    if written is not None:
        read = next((line for line in _BREAK.split(value) if line.strip(" ")), "")
        return max(0, _lead(written) - _lead(read))
    longest = max((len(line.shown) for line in lines), default=0)
    return longest - max(len(line) for line in _BREAK.split(value))


def _lead(line: str) -> int:
    """How many blanks a line begins with."""
    return len(line) - len(line.lstrip(" "))


def _between(built: _Value, breaks: Sequence[re.Match[str]], folds: bool) -> None:
    """What stands between two lines of text."""
    if not folds or not breaks or _normal(breaks[0][0]) != "\n":
        built.breaks(breaks)
    elif len(breaks) == 1:
        built.char(" ", *breaks[0].span())
    else:
        built.breaks(breaks[1:])
