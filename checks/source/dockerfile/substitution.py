"""Variables, quotes and escapes, as BuildKit's own little shell reads them.

https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import Enum

from checks.regex import regex
from checks.source.dockerfile.pattern import SubstitutionError, replaced, trimmed
from checks.source.golang import SPACE

MAX_VALUE = 65_536
"""Characters; `ENV a=$a$a` doubles a value with each line. What is longer is unknown."""
_MAX_DEPTH = 50
"""Substitutions inside each other."""
_SPECIAL = frozenset("@*#?-$!0")
_NAME = regex(r"\w+")
_BLANK = regex(f"([{SPACE}])")
_PLAIN = {
    escape: (
        regex(rf"[^$<'\"{re.escape(escape)}{SPACE}/}}]+"),
        regex(rf'[^"${re.escape(escape)}]+'),
    )
    for escape in ("\\", "`")
}
"""Runs of characters that mean nothing, outside and inside of double quotes, by the escape character."""
_ANGLE = regex(r"<(?:<[\t\r ]*)?")


class Unset(Enum):
    """That a variable is known not to be set."""

    UNSET = "unset"


UNSET = Unset.UNSET
Lookup = Callable[[str], "str | Unset | None"]
"""The value of a variable: a string, `UNSET`, or None where it is unknown."""


class TooDeepError(SubstitutionError):
    """Substitutions are nested deeper than we follow."""


def expand(word: str, lookup: Lookup, escape: str = "\\") -> str | None:
    """The word with variables replaced, quotes and escapes removed.

    None where it depends on an unknown variable, where BuildKit refuses it, or where it gets too long.
    """
    if not any(char in word for char in ("$", "'", '"', escape)):
        return word
    try:
        return _Lexer(word, lookup, escape).value()
    except SubstitutionError:
        return None


def unexpanded_words(line: str, *, raw_quotes: bool, raw_escapes: bool) -> list[str]:
    """The words of a line with all variables left as they stand; what is raw is kept. May raise `SubstitutionError`.

    The escape is a backslash whatever the file says: this is how heredocs are found.
    """
    lexer = _Lexer(line, lambda _: UNSET, "\\", raw_quotes=raw_quotes, keep_unset=True)
    return lexer.words(raw_escapes)


class _Words:
    """Collects words, if they are wanted; blanks end one unless they are quoted."""

    def __init__(self, letters: list[str], wanted: bool) -> None:
        # BuildKit shares the letters between a word and the substitutions in it, and so loses what
        # stands before one: `a${x:-b}c` becomes `${x:-b}c`
        self._letters = letters
        letters.clear()
        self._wanted = wanted
        self._words: list[str] = []
        self._inside = False

    def add(self, text: str) -> None:
        for part in _BLANK.split(text) if self._wanted else ():
            if part and part in SPACE:
                if self._inside and self._letters:
                    self._end()
            elif part:
                self.add_raw(part)

    def add_raw(self, text: str) -> None:
        if text and self._wanted:
            self._letters.append(text)
        self._inside = True

    def _end(self) -> None:
        self._words.append("".join(self._letters))
        self._letters.clear()
        self._inside = False

    def finish(self) -> list[str]:
        if self._letters:
            self._end()
        return self._words


class _Lexer:
    def __init__(
        self, source: str, lookup: Lookup, escape: str, *, raw_quotes: bool = False, keep_unset: bool = False
    ) -> None:
        self._source = source
        self._lookup = lookup
        self._escape = escape
        self._raw_quotes = raw_quotes
        self._raw_escapes = False
        self._keep_unset = keep_unset
        self._at = 0
        self._depth = 0
        self._letters: list[str] = []
        self._plain, self._plain_in_quotes = _PLAIN[escape]

    def value(self) -> str | None:
        return self._until("", raw_escapes=False)[0]

    def words(self, raw_escapes: bool) -> list[str]:
        return self._until("", raw_escapes)[1]

    def _joined(self, parts: list[str | None]) -> str | None:
        known = [part for part in parts if part is not None]
        if not self._keep_unset and sum(map(len, known)) > MAX_VALUE:
            raise SubstitutionError("the value is too long")
        return "".join(known) if len(known) == len(parts) else None

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._source[self._at - 1 : self._at]

    def _until(self, stop: str, raw_escapes: bool) -> tuple[str | None, list[str]]:
        """What stands before `stop`, which is taken, or before the end: as one value and as words."""
        parts: list[str | None] = []
        words = _Words(self._letters, wanted=self._keep_unset)
        before, self._raw_escapes = self._raw_escapes, raw_escapes
        while self._at < len(self._source):
            char = self._peek()
            if char == stop:
                self._at += 1
                self._raw_escapes = before
                return self._joined(parts), words.finish()
            if not self._special(char, parts, words):
                self._ordinary(parts, words)
        if stop:
            raise SubstitutionError(f"`{stop}` is missing")
        return self._joined(parts), words.finish()

    def _special(self, char: str, parts: list[str | None], words: _Words) -> bool:
        readers = {"$": self._dollar, "<": self._angle, "'": self._single_quoted, '"': self._double_quoted}
        if char not in readers:
            return False
        value = readers[char]()
        parts.append(value)
        (words.add if char == "$" else words.add_raw)(value or "")
        return True

    def _ordinary(self, parts: list[str | None], words: _Words) -> None:
        if plain := self._plain.match(self._source, self._at):
            self._at = plain.end()
            parts.append(plain[0])
            words.add_raw(plain[0])
            return
        char = self._take()
        if char != self._escape:
            parts.append(char)
            words.add(char)
            return
        escaped = self._take()
        kept = (char if self._raw_escapes else "") + escaped
        parts.append(kept)
        if kept:
            words.add_raw(kept)

    def _single_quoted(self) -> str:
        start = self._at
        end = self._source.find("'", start + 1)
        if end < 0:
            raise SubstitutionError("a single quote is never closed")
        self._at = end + 1
        return self._source[start : end + 1] if self._raw_quotes else self._source[start + 1 : end]

    def _double_quoted(self) -> str | None:
        quote = self._take() if self._raw_quotes else self._take()[:0]
        parts: list[str | None] = [quote]
        while self._at < len(self._source):
            if run := self._plain_in_quotes.match(self._source, self._at):
                self._at = run.end()
                parts.append(run[0])
            elif self._peek() == '"':
                self._at += 1
                return self._joined([*parts, quote])
            elif self._peek() == "$":
                parts.append(self._dollar())
            else:
                parts.append(self._escaped_in_quotes())
        raise SubstitutionError("a double quote is never closed")

    def _escaped_in_quotes(self) -> str:
        escape = self._take()
        raw = escape if self._raw_escapes else ""
        if not self._peek():
            return raw
        return raw + (self._take() if self._peek() in ('"', "$", escape) else escape)

    def _angle(self) -> str:
        match = _ANGLE.match(self._source, self._at)
        if not match:
            return self._take()
        self._at = match.end()
        return match[0]

    def _name(self) -> str:
        char = self._peek()
        if char and unicodedata.category(char) == "Nd":
            start = self._at
            while self._peek() and unicodedata.category(self._peek()) == "Nd":
                self._at += 1
            return self._source[start : self._at]
        if char in _SPECIAL:
            return self._take()
        match = _NAME.match(self._source, self._at)
        self._at = match.end() if match else self._at
        return match[0] if match else ""

    def _dollar(self) -> str | None:
        self._at += 1
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._lookup(name)
            if value is UNSET:
                return "$" + name if self._keep_unset else ""
            return value
        self._at += 1
        if self._peek() in ("", "{", "}", ":"):
            raise SubstitutionError("bad substitution")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooDeepError(f"more than {_MAX_DEPTH} substitutions are nested")
        value = self._braced(self._name())
        self._depth -= 1
        return value

    def _braced(self, name: str) -> str | None:
        value = self._lookup(name)
        operator = self._take()
        if not operator:
            raise SubstitutionError("`}` is missing")
        if operator == "}":
            if value is UNSET:
                return "${" + name + "}" if self._keep_unset else ""
            return value
        if operator == "/":
            return self._replacement(name, value)
        if operator == ":":
            operator += self._take()
        kind = operator[-1]
        if kind not in "+-?#%" or (len(operator) > 1 and kind in "#%"):
            raise SubstitutionError(f"unsupported modifier `{operator}`")
        word, _ = self._until("}", raw_escapes=kind in "#%")
        if value is UNSET and self._keep_unset:
            return "${" + name + operator + (word or "") + "}"
        return _modified(value, word, operator)

    def _replacement(self, name: str, value: str | Unset | None) -> str | None:
        all_of_them = self._peek() == "/"
        self._at += all_of_them
        pattern, _ = self._until("/", raw_escapes=True)
        replacement, _ = self._until("}", raw_escapes=True)
        if value is UNSET and self._keep_unset:
            return "${" + f"{name}/{pattern}/{replacement}" + "}"
        text = "" if value is UNSET else value
        if not isinstance(text, str) or pattern is None or replacement is None:
            return None
        return replaced(text, pattern, replacement, all_of_them)


def _modified(value: str | Unset | None, word: str | None, operator: str) -> str | None:
    """A variable with the operator of `${name<operator>word}`."""
    if value is None:
        return None
    absent = value is UNSET or (operator.startswith(":") and not value)
    text = "" if value is UNSET else value
    match operator[-1]:
        case "-":
            return word if absent else text
        case "+":
            return "" if absent else word
        case "?":
            if absent:
                raise SubstitutionError("a variable that must be set is not")
            return text
        case kind:
            return None if word is None else trimmed(text, word, kind)
