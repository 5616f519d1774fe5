"""Values as far as the files tell them: literal, a shape, or unknown."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import product

from checks.record import Record

MAX_ALTERNATIVES = 16
"""Values that one text may have; with more it is called unknown."""
MAX_LENGTH = 20_000
"""Characters and holes of one value; a longer one is called unknown: no name or tag is, and templates multiply."""


class Varies(StrEnum):
    """What the missing part of a value changes with."""

    UNKNOWN = "unknown"
    COMMIT = "commit"
    RUN = "run"
    BRANCH = "branch"
    TAG = "tag"
    PULL_REQUEST = "pull request"
    SERIES = "series of releases"
    """The part of a version that the releases of a series share: the next one of it has it too."""
    DIGEST = "digest"
    """The digest of an image, with `sha256:`."""
    ACCOUNT = "account"
    """The number of an AWS account."""
    REGION = "region"
    """The code of an AWS region."""


class Hole(Record):
    """A part that only the run knows."""

    varies: Varies = Varies.UNKNOWN
    source: str = ""
    """The expression or variable that fills it, as it is written."""

    def __str__(self) -> str:
        """How it stands in a file: GitHub's expressions in `${{ }}`, variables of scripts and docker/metadata-action's `{{version}}` alone."""
        if self.source.startswith(("$", "{{", "…")):
            return self.source
        return "${{ " + self.source + " }}" if self.source else "…"


class Value(Record):
    """Literal parts and holes in their order; literals are never empty and never neighbours."""

    parts: tuple[str | Hole, ...]

    @property
    def literal(self) -> str | None:
        """The text, if all of it is known."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def is_unknown(self) -> bool:
        """Whether some part of it can't be told at all."""
        return any(hole.varies is Varies.UNKNOWN for hole in self.holes)

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    @property
    def length(self) -> int:
        """Its characters, holes counted as one each."""
        return sum(len(part) if isinstance(part, str) else 1 for part in self.parts)

    def partition(self, separator: str) -> tuple[Value, bool, Value]:
        """Splits at the first `separator` in a literal part: before, whether it is there, after."""
        for index, part in enumerate(self.parts):
            if isinstance(part, str) and separator in part:
                head, _, tail = part.partition(separator)
                return joined((*self.parts[:index], head)), True, joined((tail, *self.parts[index + 1 :]))
        return self, False, Value(())

    def rpartition(self, separator: str) -> tuple[Value, bool, Value]:
        """Splits at the last `separator` in a literal part: before, whether it is there, after."""
        for index in range(len(self.parts) - 1, -1, -1):
            part = self.parts[index]
            if isinstance(part, str) and separator in part:
                head, _, tail = part.rpartition(separator)
                return joined((*self.parts[:index], head)), True, joined((tail, *self.parts[index + 1 :]))
        return Value(()), False, self


UNKNOWN = Value((Hole(),))


def literal(text: str) -> Value:
    """A value that is wholly known."""
    return Value((text,) if text else ())


def joined(parts: Iterable[str | Hole]) -> Value:
    """A value of parts one after the other."""
    result: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return Value(tuple(result))


def combined(pieces: Iterable[tuple[Value, ...]]) -> tuple[Value, ...]:
    """Each way of putting one alternative of every piece in a row; unknown alone if there are too many."""
    pieces = tuple(pieces)
    number, length = 1, 0
    for alternatives in pieces:
        number *= max(len(alternatives), 1)
        length += max((value.length for value in alternatives), default=0)
        if number > MAX_ALTERNATIVES or length > MAX_LENGTH:
            return (UNKNOWN,)
    rows = (joined(part for value in row for part in value.parts) for row in product(*pieces))
    return tuple(dict.fromkeys(rows))
