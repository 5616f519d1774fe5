"""Whether a path fits a pattern of an ignore file, as moby/patternmatcher decides it.

BuildKit turns a pattern into a regular expression of Go, with surprises that files rely on: `**/` is
`(.*/)?`, a backslash before a letter has the meaning that it has in regular expressions (`bin\\debug` is
`bin`, then a digit, then `ebug`). We make the same expression and run it as a bit-parallel automaton, so
that no pattern costs more than its length times the length of the path.

https://github.com/moby/patternmatcher
"""

from __future__ import annotations

import string
from collections.abc import Callable
from enum import Enum

from checks.record import Record

MAX_PATTERN = 4_096
"""Characters; Linux has no path that is longer, and cost grows with the length."""
_MAX_REMEMBERED = 20_000
"""Transitions that one automaton keeps."""
_ESCAPED = frozenset(".+()|{}$")
_ANY_DIRECTORIES = "(.*/)?"
_WORD = frozenset(string.ascii_letters + string.digits + "_")
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


class BadPatternError(ValueError):
    """A pattern that BuildKit refuses; the message is what the pattern does: "never closes its `[`"."""


class UnreadPatternError(ValueError):
    """A pattern that BuildKit may take and that is not read here; the message is the end of a sentence."""


def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a path fits a cleaned pattern that has no `!`.

    `BadPatternError` if it is none, `UnreadPatternError` if that can't be told.
    """
    _check_syntax(pattern)
    translation = translate(pattern)
    match translation.way:
        case Way.EXACT:
            return pattern.__eq__
        case Way.PREFIX:
            directory = pattern.removesuffix("**")
            return lambda path: path.startswith(directory)
        case Way.SUFFIX:
            ending = pattern.removeprefix("**")
            return lambda path: path.endswith(ending) or "/" + path == ending
        case Way.EXPRESSION:
            return Automaton(translation.expression).matches


def _check_syntax(pattern: str) -> None:
    # what Go's filepath.Match refuses
    if len(pattern) > MAX_PATTERN:
        raise UnreadPatternError(f"a pattern is longer than {MAX_PATTERN:,} characters")
    at = 0
    while at < len(pattern):
        if pattern[at] == "[":
            at = _end_of_class(pattern, at + 1)
        elif pattern[at] == "\\" and at + 1 == len(pattern):
            raise BadPatternError("ends in a backslash")
        else:
            at += 2 if pattern[at] == "\\" else 1


def _end_of_class(pattern: str, at: int) -> int:
    at += pattern.startswith("^", at)
    first = True
    while first or not pattern.startswith("]", at):
        at = _end_of_bound(pattern, at)
        if pattern[at] == "-":
            at = _end_of_bound(pattern, at + 1)
        first = False
    return at + 1


def _end_of_bound(pattern: str, at: int) -> int:
    if pattern.startswith(("-", "]"), at):
        raise BadPatternError(f"has a stray `{pattern[at]}` in brackets")
    at += 2 if pattern.startswith("\\", at) else 1
    if at >= len(pattern):
        raise BadPatternError("never closes its `[`")
    return at


class Way(Enum):
    """How BuildKit compares: most patterns need no regular expression."""

    EXACT = "exact"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    EXPRESSION = "expression"


class Translation(Record):
    """A pattern as BuildKit will compare it."""

    way: Way
    expression: str
    """Go's regular expression, anchors left out; counts only for `Way.EXPRESSION`."""


def translate(pattern: str) -> Translation:
    """What BuildKit makes of a cleaned pattern without its `!`."""
    way = Way.EXACT
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        part, width = _part(pattern, at)
        if part == _ANY_DIRECTORIES and at + width == len(pattern):
            part = ".*"
            way = Way.PREFIX if way is Way.EXACT else Way.EXPRESSION
        elif pattern[at] in "*?[]\\":
            way = Way.EXPRESSION
        if at == 0 and pattern.startswith("**"):
            way = Way.SUFFIX
        parts.append(part)
        at += width
    return Translation(way, "".join(parts))


def _part(pattern: str, at: int) -> tuple[str, int]:
    """The piece of the expression for what stands at `at`, and how many characters that is."""
    char = pattern[at]
    if pattern.startswith("**", at):
        return _ANY_DIRECTORIES, 3 if pattern.startswith("/", at + 2) else 2
    if char == "*":
        return "[^/]*", 1
    if char == "?":
        return "[^/]", 1
    if char == "\\":
        return pattern[at : at + 2], 2
    return ("\\" + char if char in _ESCAPED else char), 1


Test = Callable[[str], bool]


class _Assertion(Enum):
    """What holds between two characters, and takes none."""

    START = "start"
    BOUNDARY = "boundary"
    NO_BOUNDARY = "no boundary"
    END = "end"

    def holds(self, before: str, after: str) -> bool:
        """Between these characters; an empty one is the end of the path."""
        if self is _Assertion.START:
            return not before
        if self is _Assertion.END:
            return not after
        return ((before in _WORD) != (after in _WORD)) == (self is _Assertion.BOUNDARY)


class Automaton:
    """A regular expression that matches a path from end to end, in linear time."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self._tests: list[Test | None] = []
        """What each position takes; None where it takes nothing."""
        self._again = 0
        """Positions that may take any number, as bits."""
        self._optional = 0
        """Positions from which the next two may be skipped."""
        self._assertions: dict[_Assertion, int] = {}
        self._accepting: dict[str, tuple[int, int]] = {}
        self._steps: dict[tuple[int, str, str], int] = {}
        at = 0
        while at < len(expression):
            at = self._read(at)

    def matches(self, path: str) -> bool:
        """Whether the whole path fits."""
        state, before = 1, ""
        for char in path:
            state = self._step(state, before, char)
            if not state:
                return False
            before = char
        return bool(self._closure(state, before, "") >> len(self._tests))

    def _step(self, state: int, before: str, char: str) -> int:
        # what stands before matters only to assertions
        key = (state, before if self._assertions else "", char)
        known = self._steps.get(key)
        if known is None:
            closed = self._closure(state, before, char)
            once, again = self._takers(char)
            known = (closed & once) << 1 | closed & again
            if len(self._steps) >= _MAX_REMEMBERED:
                self._steps.clear()
            self._steps[key] = known
        return known

    def _closure(self, state: int, before: str, after: str) -> int:
        holding = sum(bits for each, bits in self._assertions.items() if each.holds(before, after))
        while True:
            free = state & (self._again | self._optional | holding)
            wider = state | free << 1 | (state & self._optional) << 3
            if wider == state:
                return state
            state = wider

    def _takers(self, char: str) -> tuple[int, int]:
        """The positions that take `char`: those that take one, those that take any number."""
        if char not in self._accepting:
            bits = sum(1 << at for at, test in enumerate(self._tests) if test and test(char))
            self._accepting[char] = bits & ~self._again, bits & self._again
        return self._accepting[char]

    def _add(self, test: Test | None, again: bool = False) -> None:
        self._again |= again << len(self._tests)
        self._tests.append(test)

    def _read(self, at: int) -> int:
        """Add what stands at `at` of the expression; the offset behind it."""
        if self.expression.startswith(_ANY_DIRECTORIES, at):
            self._optional |= 1 << len(self._tests)
            self._add(None)
            self._add(_no_newline, again=True)
            self._add("/".__eq__)
            return self._behind_directories(at)
        if self.expression.startswith(".*", at):
            self._add(_no_newline, again=True)
            return at + 2
        test, at = self._atom(at)
        if isinstance(test, _Assertion):
            self._assertions[test] = self._assertions.get(test, 0) | 1 << len(self._tests)
            self._add(None)
            return at
        again = self.expression.startswith("*", at)
        self._add(test, again)
        return at + again

    def _behind_directories(self, at: int) -> int:
        # any directories, then any directories, are any directories
        while self.expression.startswith(_ANY_DIRECTORIES, at):
            at += len(_ANY_DIRECTORIES)
        return at

    def _atom(self, at: int) -> tuple[Test | _Assertion, int]:
        char = self.expression[at]
        if char == "[":
            return _read_class(self.expression, at + 1)
        if char == "^":
            return _Assertion.START, at + 1
        if char == "\\":
            return _read_escape(self.expression, at)
        return char.__eq__, at + 1


def _no_newline(char: str) -> bool:
    return char != "\n"


_CLASSES: dict[str, Test] = {
    "d": lambda char: char in string.digits,
    "w": lambda char: char in _WORD,
    "s": lambda char: char in "\t\n\f\r ",
    "D": lambda char: char not in string.digits,
    "W": lambda char: char not in _WORD,
    "S": lambda char: char not in "\t\n\f\r ",
}
_ASSERTIONS = {
    "b": _Assertion.BOUNDARY, "B": _Assertion.NO_BOUNDARY, "A": _Assertion.START, "z": _Assertion.END,
}  # fmt: skip


def _read_escape(expression: str, at: int) -> tuple[Test | _Assertion, int]:
    char = expression[at + 1]
    if char in _ASSERTIONS:
        return _ASSERTIONS[char], at + 2
    if char in _CLASSES:
        return _CLASSES[char], at + 2
    return _literal_escape(char).__eq__, at + 2


def _literal_escape(char: str) -> str:
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char in "xpPQ" or char in string.digits:
        raise UnreadPatternError(
            f"`\\{char}` in a pattern has a meaning of regular expressions that is not read here"
        )
    if not char.isascii() or char.isalnum():
        raise BadPatternError(f"has a `\\{char}`, which stands for nothing")
    return char


def _read_class(expression: str, at: int) -> tuple[Test, int]:
    """A character class, from behind its `[`."""
    negated = expression.startswith("^", at)
    at += negated
    tests: list[Test] = []
    ranges: list[tuple[str, str]] = []
    first = True
    while first or not expression.startswith("]", at):
        first = False
        if expression.startswith("[:", at) and ":]" in expression[at:]:
            raise UnreadPatternError("a pattern has a class like `[:alpha:]`, which is not read here")
        if expression.startswith("\\", at) and expression[at + 1 : at + 2] in _CLASSES:
            tests.append(_CLASSES[expression[at + 1]])
            at += 2
            continue
        low, at = _bound(expression, at)
        high = low
        if expression.startswith("-", at) and not expression.startswith("-]", at):
            high, at = _bound(expression, at + 1)
        if high < low:
            raise BadPatternError(f"has the range `{low}-{high}`, which runs backwards")
        ranges.append((low, high))

    def test(char: str) -> bool:
        inside = any(low <= char <= high for low, high in ranges) or any(each(char) for each in tests)
        return inside != negated

    return test, at + 1


def _bound(expression: str, at: int) -> tuple[str, int]:
    if at >= len(expression):
        raise BadPatternError("never closes its `[`")
    if expression[at] != "\\":
        return expression[at], at + 1
    if at + 1 >= len(expression):
        raise BadPatternError("never closes its `[`")
    return _literal_escape(expression[at + 1]), at + 2
