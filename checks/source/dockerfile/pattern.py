"""The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`.

https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re

_MAX_PATTERN = 4_096
"""Characters of a pattern and of what it is looked for in; the search can cost their product."""


class SubstitutionError(ValueError):
    """A word that BuildKit refuses to expand, or that we do not follow."""


def trimmed(text: str, word: str, kind: str) -> str:
    """The text without what `${name<kind>word}` takes from its start (`#`) or its end (`%`)."""
    longest = word.startswith(kind)
    pattern = _Pattern(word[longest:])
    if kind == "#":
        found = pattern.at_start(text, longest)
        return text if found is None else text[found:]
    found = pattern.backwards().at_start(text[::-1], longest)
    return text if found is None else text[: len(text) - found]


def replaced(text: str, pattern: str, replacement: str, all_of_them: bool) -> str | None:
    """The text with the first match or all matches replaced; None where Go's rules are too odd to follow."""
    if not pattern or (all_of_them and "$" in replacement):
        return None
    search = _Pattern(pattern)
    parts: list[str] = []
    at = 0
    while found := search.find(text, at):
        start, end = found
        if parts and start == end:
            break
        parts += text[at:start], replacement
        at = end
        if not all_of_them:
            break
    return "".join(parts) + text[at:]


class _Pattern:
    """A pattern of a substitution: `*` is any characters, `?` is one; a backslash escapes these and itself.

    It is cut at its stars. To find the pieces one after the other, each as early as it goes, finds a
    match if there is one; so nothing is ever tried twice.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > _MAX_PATTERN:
            raise SubstitutionError("the pattern is too long")
        self._pieces: list[list[str]] = [[]]
        """Each a list of expressions for one character."""
        at = 0
        while at < len(pattern):
            char = pattern[at]
            if char == "\\":
                at += 1
                char = pattern[at : at + 1]
                if not char or char not in "*?\\}/":
                    raise SubstitutionError(f"invalid escape `\\{char}`")
                self._pieces[-1].append(re.escape(char))
            elif char == "*":
                self._pieces.append([])
            else:
                self._pieces[-1].append("." if char == "?" else re.escape(char))
            at += 1

    def backwards(self) -> _Pattern:
        """The pattern for text that is written backwards."""
        turned = _Pattern("")
        turned._pieces = [piece[::-1] for piece in self._pieces[::-1]]
        return turned

    def at_start(self, text: str, longest: bool) -> int | None:
        """Where the shortest or longest match at the start of the text ends; None if there is none."""
        return self._end(text, 0, longest)

    def find(self, text: str, at: int) -> tuple[int, int] | None:
        """Where the first match from `at` on stands, as long as it can be."""
        start = self._start(text, at)
        end = None if start is None else self._end(text, start, longest=True)
        return None if start is None or end is None else (start, end)

    def _start(self, text: str, at: int) -> int | None:
        if len(text) > _MAX_PATTERN:
            raise SubstitutionError("the value is too long for a pattern")
        match = self._expression(0).search(text, at)
        return match.start() if match else None

    def _end(self, text: str, start: int, longest: bool) -> int | None:
        if len(text) > _MAX_PATTERN:
            raise SubstitutionError("the value is too long for a pattern")
        match = self._expression(0).match(text, start)
        for number in range(1, len(self._pieces)):
            if match is None:
                return None
            match = self._expression(number).search(text, match.end())
        if match is None:
            return None
        if not longest or len(self._pieces) == 1:
            return match.end()
        return self._last_end(text, match.start())

    def _last_end(self, text: str, start: int) -> int:
        """Where the last piece ends, found as late as it goes, from `start` where it is known to stand once."""
        piece = "".join(self._pieces[-1][::-1])
        backwards = re.compile(piece, re.DOTALL).search(text[start:][::-1])
        return len(text) - backwards.start() if backwards else len(text)

    def _expression(self, number: int) -> re.Pattern[str]:
        return re.compile("".join(self._pieces[number]), re.DOTALL)
