"""JSON as others send it, read narrowly: only what we use, of the type that we use.

Fields that come, go or change type elsewhere in an object don't matter to us; full models of GitHub's
objects reject payloads over fields that nobody reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from app.github.errors import GitHubError


class BadAnswer(GitHubError):
    """A field that we need is absent or of another type. Says which."""


class Answer:
    """A JSON value with the path to it, for errors."""

    def __init__(self, value: object, where: str = "$") -> None:
        self.value = value
        self.where = where

    @staticmethod
    def parse(raw: bytes | str) -> Answer:
        """`BadAnswer` for what is no JSON, or nests too deep."""
        try:
            return Answer(json.loads(raw))
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"not JSON: {error}") from error

    def __getitem__(self, key: str) -> Answer:
        """A field, which may be absent: reading that is what fails."""
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Answer(value, f"{self.where}.{key}")

    def __bool__(self) -> bool:
        """Whether there is anything but null."""
        return self.value is not None

    def __iter__(self) -> Iterator[Answer]:
        """The items of a list."""
        if not isinstance(self.value, Sequence) or isinstance(self.value, str):
            raise self._bad("a list")
        return (Answer(item, f"{self.where}[{index}]") for index, item in enumerate(self.value))

    def fields(self) -> Iterator[tuple[str, Answer]]:
        """The fields of an object."""
        if not isinstance(self.value, Mapping):
            raise self._bad("an object")
        return ((str(key), Answer(value, f"{self.where}.{key}")) for key, value in self.value.items())

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self._bad("text")
        return self.value

    def number(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self._bad("a whole number")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self._bad("true or false")
        return self.value

    def text_or(self, default: str) -> str:
        """The text, or `default` where the field is absent or null."""
        return self.text() if self else default

    def number_or_none(self) -> int | None:
        return self.number() if self else None

    def flag_or(self, default: bool) -> bool:
        return self.flag() if self else default

    def _bad(self, expected: str) -> BadAnswer:
        return BadAnswer(f"{self.where} is not {expected}")
