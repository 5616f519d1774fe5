"""`.dockerignore`: what is left out of a build context.

Reads as moby/patternmatcher's `ignorefile` does and decides as BuildKit does when it walks the context:
the last pattern that matches wins, and what matched a directory holds for what lies in it.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from checks.record import Record
from checks.source.golang import SPACE, clean_path, lines
from checks.source.ignore_pattern import BadPatternError, UnreadPatternError, matcher
from checks.source.text import CannotRead, Span, Text

_MAX_DIRECTORIES = 4_096
"""Directories whose answer is kept for the files in them."""


class Pattern(Record, eq=False):
    """One pattern of the file."""

    raw: str
    """The line without the blanks around it: `!/docs/../README.md`."""
    cleaned: str
    """What paths are compared with: no `!`, no leading `/`, no `..` that could be resolved: `README.md`."""
    negated: bool
    """Whether it takes paths back into the context."""
    line: int
    line_span: Span
    """The line, line ending left out."""
    span: Span
    """`raw` in the file."""

    matches: Callable[[str], bool]
    """Whether the pattern fits this very path; what it says of the directories above is not asked."""


class Refusal(Record):
    """One line for which BuildKit refuses the file, and so every build that uses it."""

    raw: str
    """The line without the blanks around it."""
    reason: str
    """What the pattern does, as the end of a sentence: "never closes its `[`"."""
    line: int
    line_span: Span
    """The line, line ending left out."""
    span: Span
    """`raw` in the file."""


class Decision(Record):
    """What an ignore file says of a path."""

    excluded: bool
    """Whether the path is kept out of the build context."""
    pattern: Pattern | None
    """The pattern that decided: the last one that fits the path or a directory above it."""


class Ignore(Record, eq=False, dict=True):
    """A `.dockerignore` file, understood."""

    text: Text
    patterns: tuple[Pattern, ...]
    comments: tuple[Span, ...]
    """Lines that start with `#`, line ending left out."""
    refusals: tuple[Refusal, ...] = ()
    """The lines that are no patterns, which `decide` leaves out; a file that has one is good for no build."""

    @cached_property
    def _directories(self) -> dict[str, tuple[bool, ...]]:
        return {}

    def decide(self, path: str) -> Decision:
        """What happens to a file or directory of the context; `path` is relative to the context, with `/`.

        A directory that is excluded can still hold files that are not.
        """
        directory, _, _ = path.rpartition("/")
        fits = self._fits(path, self._of_directory(directory))
        last = next((each for each, fit in zip(self.patterns[::-1], fits[::-1], strict=True) if fit), None)
        return Decision(last is not None and not last.negated, last)

    def _of_directory(self, directory: str) -> tuple[bool, ...]:
        """Which patterns fit a directory or one above it."""
        fits = (False,) * len(self.patterns)
        path = ""
        for name in directory.split("/") if directory else ():
            path = f"{path}/{name}" if path else name
            if path not in self._directories:
                if len(self._directories) >= _MAX_DIRECTORIES:
                    self._directories.clear()
                self._directories[path] = self._fits(path, fits)
            fits = self._directories[path]
        return fits

    def _fits(self, path: str, above: tuple[bool, ...]) -> tuple[bool, ...]:
        """Which patterns fit, given those that fit the directory above.

        A pattern that could not change the answer is not asked, and counts as one that does not fit, also
        for what lies below. So `a/b` and `!a` exclude `a/b`, although `!a` fits the directory above it.
        """
        excluded = False
        fits: list[bool] = []
        for pattern, fit_above in zip(self.patterns, above, strict=True):
            fit = fit_above or (pattern.negated == excluded and pattern.matches(path))
            if fit:
                excluded = not pattern.negated
            fits.append(fit)
        return tuple(fits)


def parse(text: Text) -> Ignore:
    """The file, read. `CannotRead` where a line is too long for BuildKit, or has what is not read here."""
    found: list[Pattern | Refusal] = []
    comments: list[Span] = []
    for number, line in enumerate(lines(text), start=1):
        content = text[line].removesuffix("\r")
        span = Span(line.start, line.start + len(content))
        if content.startswith("#"):
            comments.append(span)
        elif content.strip(SPACE):
            found += _pattern(text.path, content, number, span)
    patterns = tuple(one for one in found if isinstance(one, Pattern))
    return Ignore(text, patterns, tuple(comments), tuple(one for one in found if isinstance(one, Refusal)))


def _pattern(path: str, content: str, number: int, line: Span) -> list[Pattern | Refusal]:
    raw = content.strip(SPACE)
    start = line.start + len(content) - len(content.lstrip(SPACE))
    span = Span(start, start + len(raw))
    cleaned = _cleaned(raw)
    negated = cleaned.startswith("!")
    if cleaned == "!":
        return [Refusal(raw, "stands alone", number, line, span)]
    cleaned = cleaned[negated:]
    if not cleaned:
        return []
    matched = _matcher(path, number, cleaned)
    if isinstance(matched, str):
        return [Refusal(raw, matched, number, line, span)]
    return [Pattern(raw, cleaned, negated, number, line, span, matched)]


def _matcher(path: str, number: int, cleaned: str) -> Callable[[str], bool] | str:
    """What a pattern matches, or why BuildKit refuses it. `CannotRead` where it has what is not read here.

    A function of its own: a long one that is left by a `MemoryError` keeps CPython 3.11 going round for want of a number.
    """
    try:
        return matcher(cleaned)
    except BadPatternError as error:
        return str(error)
    except UnreadPatternError as error:
        raise CannotRead(path, number, str(error)) from error


def _cleaned(raw: str) -> str:
    """The pattern as the matcher gets it, with its `!`.

    Done twice, by the reader and by the matcher, and the second time knows nothing of the first: so
    `/!a` is negated, and `!/` is a `!` that stands alone.
    """
    negated = raw.startswith("!")
    path = raw[negated:].strip(SPACE)
    if path:
        path = clean_path(path)
        if len(path) > 1:
            path = path.removeprefix("/")
    again = ("!" * negated + path).strip(SPACE)
    return clean_path(again) if again else ""
