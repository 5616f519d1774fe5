"""Splitting an instruction's line: flags, words, JSON, comma-separated values.

Everything here counts in offsets of the joined line.
"""

from __future__ import annotations

import json
import re

from checks.record import Record
from checks.regex import regex
from checks.source.golang import SPACE

BLANKS = regex(r"[\t\v\f\r ]+")
"""What separates keyword and arguments, and arguments that know no quotes."""

_SURROGATE = regex("[\ud800-\udfff]")
_JSON_SPACE = regex(r"[ \t\r\n]*")
_JSON_STRING = regex(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_JSON_OTHER = regex(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null", re.ASCII)
_MAX_JSON_DEPTH = 10_000
"""Go gives up on JSON that is deeper."""


class Piece(Record):
    """A word of the line and what it says."""

    start: int
    end: int
    value: str


class FlagPiece(Record):
    """A `--flag`, quotes and escapes removed."""

    start: int
    end: int
    value: str
    places: tuple[int, ...]
    """Where each character of `value` stands."""

    def part(self, start: int, end: int) -> tuple[int, int]:
        """Where `value[start:end]` stands."""
        if start == end:
            place = self.places[start] if start < len(self.places) else self.end
            return place, place
        return self.places[start], self.places[end - 1] + 1


def trim(line: str, start: int, end: int) -> tuple[int, int]:
    """The range without white space at its ends."""
    stripped = line[start:end].rstrip(SPACE)
    end = start + len(stripped)
    return end - len(stripped.lstrip(SPACE)), end


class FlagScanner:
    """Takes the flags off the front of an instruction's arguments.

    A word is a flag if it starts with `--`; `--` alone ends them. Quotes and escapes are removed, in
    single quotes too.
    """

    def __init__(self, line: str, start: int, end: int, escape: str) -> None:
        self.flags: list[FlagPiece] = []
        self.behind = end
        """Where the arguments start."""
        self._line = line
        self._end = end
        self._escape = escape
        self._scan(start)

    def _scan(self, at: int) -> None:
        while True:
            while at < self._end and self._line[at] in SPACE:
                at += 1
            if not self._line.startswith("--", at, self._end):
                self.behind = at
                return
            start = at
            at, places, quoted = self._word(at)
            value = "".join(self._line[place] for place in places)
            if value == "--":
                self.behind = at
                return
            if value or quoted:
                self.flags.append(FlagPiece(start, at, value, tuple(places)))

    def _word(self, at: int) -> tuple[int, list[int], bool]:
        places: list[int] = []
        quote = ""
        quoted = False
        while at < self._end:
            char = self._line[at]
            if not quote and char in SPACE:
                break
            if char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote, quoted = char, True
            elif char != self._escape:
                places.append(at)
            elif at + 1 < self._end:
                at += 1
                places.append(at)
            at += 1
        return at, places, quoted


def quoted_words(line: str, start: int, end: int, escape: str) -> list[Piece]:
    """Words that blanks separate; quotes and escapes keep blanks in a word, and stay."""
    words: list[Piece] = []
    token = _word_token(escape)
    while True:
        while start < end and line[start] in SPACE:
            start += 1
        if start >= end:
            return words
        at = start
        while at < end and line[at] not in SPACE:
            match = token.match(line, at, end)
            at = match.end() if match else end
        words.append(Piece(start, at, _without_last_escape(line[start:at], at == end, escape)))
        start = at


def _without_last_escape(word: str, is_last: bool, escape: str) -> str:
    """Without an escape character that escapes nothing, because the line ends behind it."""
    if not is_last or not word.endswith(escape):
        return word
    at = 0
    token = _word_token(escape)
    while at < len(word):
        match = token.match(word, at)
        if not match:
            return word
        if match[0] == escape:
            return word[:-1]
        at = match.end()
    return word


def _word_token(escape: str) -> re.Pattern[str]:
    return _WORD_TOKENS[escape]


def _compile_word_token(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    # plain characters; an escape with what it escapes; quotes, which the end of the line closes too
    return re.compile(rf"[^{SPACE}'\"{e}]+|{e}.?|'[^']*(?:'|\Z)|\"(?:[^\"{e}]|{e}.)*(?:\"|{e}?\Z)", re.DOTALL)


_WORD_TOKENS = {escape: _compile_word_token(escape) for escape in ("\\", "`")}


def blank_separated(line: str, start: int, end: int) -> list[Piece]:
    """Words that blanks separate, whatever quotes say."""
    words: list[Piece] = []
    while start < end:
        match = BLANKS.search(line, start, end)
        stop = match.start() if match else end
        words.append(Piece(start, stop, line[start:stop]))
        start = match.end() if match else end
    return words


class NotStringsError(ValueError):
    """A JSON array that holds something else than strings."""


def json_strings(line: str, start: int, end: int) -> list[Piece] | None:
    """The strings of a JSON array, or None where the range is no JSON array: it is then in shell form.

    `NotStringsError` for an array that holds anything else.
    """
    start, end = trim(line, start, end)
    if not line.startswith("[", start, end):
        return None
    strings: list[Piece] = []
    at = _skip(line, start + 1, end)
    if line.startswith("]", at, end):
        return strings if at + 1 == end else None
    while match := _JSON_STRING.match(line, at, end):
        strings.append(Piece(match.start(), match.end(), _decode(match[0])))
        at = _skip(line, match.end(), end)
        if line.startswith("]", at, end):
            return strings if at + 1 == end else None
        if not line.startswith(",", at, end):
            return None
        at = _skip(line, at + 1, end)
    if _is_json(line, start, end):
        raise NotStringsError
    return None


def _skip(line: str, at: int, end: int) -> int:
    match = _JSON_SPACE.match(line, at, end)
    return match.end() if match else at


def _decode(string: str) -> str:
    decoded: str = json.loads(string)
    return _SURROGATE.sub("\ufffd", decoded)


def _is_json(line: str, at: int, end: int) -> bool:
    """Whether the range is one JSON value. Needs no recursion: the brackets that are open are a string."""
    open_brackets: list[str] = []
    while True:
        at = _skip(line, at, end)
        char = line[at : at + 1] if at < end else ""
        if char in ("[", "{"):
            if len(open_brackets) >= _MAX_JSON_DEPTH:
                return False
            open_brackets.append(char)
            at = _skip(line, at + 1, end)
            closed = line.startswith("]" if char == "[" else "}", at, end)
            if not closed:
                at = at if char == "[" else _behind_key(line, at, end)
                if at < 0:
                    return False
                continue
        else:
            match = _JSON_STRING.match(line, at, end) or _JSON_OTHER.match(line, at, end)
            if not match:
                return False
            at = match.end()
        at = _behind_value(line, at, end, open_brackets)
        if at < 0:
            return False
        if not open_brackets:
            return _skip(line, at, end) == end


def _behind_value(line: str, at: int, end: int, open_brackets: list[str]) -> int:
    """Closes brackets, and takes the comma and key before the next value; negative where that is no JSON."""
    while open_brackets:
        at = _skip(line, at, end)
        char = line[at : at + 1] if at < end else ""
        if char == ("]" if open_brackets[-1] == "[" else "}"):
            open_brackets.pop()
            at += 1
        elif char == ",":
            at = _skip(line, at + 1, end)
            return at if open_brackets[-1] == "[" else _behind_key(line, at, end)
        else:
            return -1
    return at


def _behind_key(line: str, at: int, end: int) -> int:
    match = _JSON_STRING.match(line, at, end)
    if not match:
        return -1
    at = _skip(line, match.end(), end)
    return at + 1 if line.startswith(":", at, end) else -1


def comma_separated(value: str) -> list[tuple[int, int, str]] | None:
    """The fields of one line of CSV, each with its range; None where the quotes are wrong or there is nothing."""
    if not value:
        return None
    fields: list[tuple[int, int, str]] = []
    at = 0
    while True:
        match = _CSV_FIELD.match(value, at)
        if not match:
            return None
        content = match[0][1:-1].replace('""', '"') if match[0].startswith('"') else match[0]
        fields.append((match.start(), match.end(), content))
        at = match.end()
        if at == len(value):
            return fields
        if value[at] != ",":
            return None
        at += 1


_CSV_FIELD = regex(r'"(?:[^"]|"")*"|[^",]*')
