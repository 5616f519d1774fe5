"""Go's `regexp.MatchString`, by which policies match identities: unanchored, RE2's language.

Known texts are matched by RE2 itself, shapes by an automaton of the same pattern. The two libraries differ
in `\\C`, which Go does not have, and in repetitions by numbers of nine digits, which RE2 takes for plain text and Go
refuses: https://pkg.go.dev/regexp/syntax
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

from checks.facts.policy.automaton import ANY, ANY_BUT_NEWLINE, Automaton, Builder, Chars
from checks.facts.value import Value
from checks.regex import regex

MAX_LENGTH = 2_000
"""Characters of a pattern that we read; identities need a hundred."""
_MAX_STATES = 3_000
_MAX_DEPTH = 30
_MAX_MEMORY = 1 << 22
_DIGIT = frozenset("0123456789")
_WORD = _DIGIT | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_SPACE = frozenset("\t\n\f\r ")
_PERL = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROL = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_GO_REFUSES = regex(r"(?<!\\)(?:\\\\)*(?:\\C|\{(?:[1-9]\d{8,}(?:,\d*)?|\d+,[1-9]\d{8,})\})")
_REPEAT = regex(r"\{(\d+)(,?)(\d*)\}")


class _Pattern(Protocol):
    def search(self, text: str) -> object: ...


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> _Pattern | None:
    """RE2's program, or None if Go refuses the pattern."""
    import re2

    if len(pattern) > MAX_LENGTH or _GO_REFUSES.search(pattern):
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        compiled: _Pattern = re2.compile(pattern, options)
    except re2.error:
        return None
    return compiled


def is_valid(pattern: str) -> bool | None:
    """Whether Go compiles a pattern; None for one that is too long to be tried."""
    return None if len(pattern) > MAX_LENGTH else _compiled(pattern) is not None


def matches(pattern: str, text: str) -> bool | None:
    """`regexp.MatchString`; None where Go refuses the pattern, or it is too long to be tried."""
    compiled = _compiled(pattern)
    return None if compiled is None else compiled.search(text) is not None


def accepts(pattern: str, value: Value) -> bool | None:
    """Whether a pattern matches each text that a value may be (True), none (False), or some; or unknown."""
    if value.literal is not None:
        return matches(pattern, value.literal)
    if _compiled(pattern) is None:
        return None
    automaton = _automaton(pattern)
    return automaton.accepts(value) if automaton else None


class _Unsupported(Exception):
    pass


@lru_cache(maxsize=1024)
def _automaton(pattern: str) -> Automaton | None:
    """The automaton of a pattern; None where it uses what we do not follow, such as flags and `\\b`."""
    try:
        return _Reader(pattern).read()
    except _Unsupported:
        return None


class _Reader:
    """Reads the part of RE2's language that identities are written in."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._builder = Builder()

    def read(self) -> Automaton:
        start = self._builder.state()
        inner = self._builder.many(start, ANY)
        end = self._alternatives(inner, 0)
        if self._at < len(self._pattern):
            raise _Unsupported
        return self._builder.build(start, self._builder.many(end, ANY))

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        found = self._peek()
        if not found:
            raise _Unsupported
        self._at += 1
        return found

    def _alternatives(self, source: int, depth: int) -> int:
        if depth > _MAX_DEPTH:
            raise _Unsupported
        target = self._builder.state()
        while True:
            self._builder.free(self._sequence(source, depth), target)
            if self._peek() != "|":
                return target
            self._at += 1

    def _sequence(self, source: int, depth: int) -> int:
        while self._peek() not in ("", "|", ")"):
            source = self._repeated(source, depth)
        return source

    def _repeated(self, source: int, depth: int) -> int:
        before = self._at
        first = self._builder.state()
        self._builder.free(source, first)
        end = self._atom(first, depth)
        after = self._at
        while (times := self._times()) is not None:
            if self._builder.size > _MAX_STATES or max(times[0], times[1] or 0) > 100:
                raise _Unsupported
            resume = self._at
            end = self._expand(source, before, times, depth)
            if self._at != after:
                raise _Unsupported
            self._at = resume
            if self._peek() in ("*", "+", "?", "{"):
                raise _Unsupported
        return end

    def _expand(self, source: int, before: int, times: tuple[int, int | None], depth: int) -> int:
        """The atom that starts at `before`, `times` in a row; it is read again for each."""
        least, most = times
        if most == 0:
            raise _Unsupported
        end = self._builder.state()
        at = self._builder.state()
        self._builder.free(source, at)
        if least == 0:
            self._builder.free(at, end)
        for number in range(1, max(least, most or 1, 1) + 1):
            self._at = before
            entry, at = at, self._atom(at, depth)
            if number >= least:
                self._builder.free(at, end)
            if most is None and number >= least:
                self._builder.free(at, entry)
        return end

    def _times(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._peek() in simple:
            found = simple[self._take()]
        else:
            match = _REPEAT.match(self._pattern, self._at)
            if match is None:
                return None
            self._at = match.end()
            least = int(match[1])
            found = (least, int(match[3]) if match[3] else None if match[2] else least)
        if self._peek() == "?":
            self._at += 1
        return found

    def _atom(self, source: int, depth: int) -> int:
        """One unit; the state behind it."""
        if self._builder.size > _MAX_STATES:
            raise _Unsupported
        character = self._take()
        if character == "(":
            self._group_flags()
            end = self._alternatives(source, depth + 1)
            if self._take() != ")":
                raise _Unsupported
            return end
        target = self._builder.state()
        if character == "^":
            self._builder.at_start(source, target)
        elif character == "$":
            self._builder.at_end(source, target)
        elif character == "\\" and self._peek() in ("A", "z"):
            (self._builder.at_start if self._take() == "A" else self._builder.at_end)(source, target)
        else:
            self._builder.edge(source, self._set(character), target)
        return target

    def _group_flags(self) -> None:
        match = re.compile(r"\?(?::|P?<\w+>)").match(self._pattern, self._at)
        if match:
            self._at = match.end()
        elif self._peek() == "?":
            raise _Unsupported

    def _set(self, character: str) -> Chars:
        if character == ".":
            return ANY_BUT_NEWLINE
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        if character in "*+?":
            raise _Unsupported
        return Chars(frozenset(character))

    def _escape(self) -> Chars:
        character = self._take()
        if character.lower() in _PERL:
            return Chars(_PERL[character.lower()], negated=character.isupper())
        if character in _CONTROL:
            return Chars(frozenset(_CONTROL[character]))
        if character.isalnum() or not character.isascii():
            raise _Unsupported
        return Chars(frozenset(character))

    def _class(self) -> Chars:
        negated = self._peek() == "^"
        self._at += negated
        members: set[str] = set()
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._member()
            if (
                isinstance(low, str)
                and self._peek() == "-"
                and self._pattern[self._at + 1 : self._at + 2] != "]"
            ):
                self._at += 1
                high = self._member()
                if not isinstance(high, str) or ord(high) > 127:
                    raise _Unsupported
                members.update(map(chr, range(ord(low), ord(high) + 1)))
            else:
                members.update(low)
        self._at += 1
        return Chars(frozenset(members), negated=negated)

    def _member(self) -> str | frozenset[str]:
        """One character of a class, or the set that an escape stands for."""
        character = self._take()
        if character == "[" and self._peek() == ":":
            raise _Unsupported
        if character != "\\":
            return character
        found = self._escape()
        if found.negated:
            raise _Unsupported
        return next(iter(found.members)) if len(found.members) == 1 else found.members
