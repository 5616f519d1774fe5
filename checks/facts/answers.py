"""Subjects that are read when they are first asked for, and a note of who asked for what.

A check is a pure function of the answers that it gets: where an edited repository gives the same ones, the check
says the same of it, and need not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar

from checks.record import Record
from checks.source.text import Text

T = TypeVar("T")
R = TypeVar("R", bound="Answering")


class Answer(Record, eq=False):
    """What was asked, so that it can be asked of another, and what was answered."""

    read: Callable[[Any], object]
    value: object


class Answering:
    """Answers each question once, and keeps the answer for whoever asks again."""

    def __init__(self) -> None:
        self._known: dict[Hashable, object] = {}
        self._whole: Self | None = None
        self.asked: dict[Hashable, Answer] = {}
        """What was asked of this one, if it is `noting`."""

    def answer(self, question: Hashable, read: Callable[[Self], T]) -> T:
        """What `read` makes of this; what that asks in turn is not noted."""
        if question not in self._known:
            self._known[question] = read(self._whole or self)
        value: T = self._known[question]  # type: ignore[assignment]  # filled by the same question's `read`
        if self._whole:
            self.asked[question] = Answer(read, value)
        return value

    def noting(self) -> Self:
        """The same, with the same knowledge, that notes in `asked` what it is asked from now on."""
        found = object.__new__(type(self))
        vars(found).update(vars(self), _whole=self, asked={})
        return found


class fact(Generic[R, T]):  # noqa: N801 - reads like `property`, which it is
    """A property whose value is an answer: read once, and noted."""

    def __init__(self, read: Callable[[R], T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, answering: R, _owner: type | None = None) -> T:
        return answering.answer(self._name, self._read)


class NotedTexts(Mapping[str, Text]):
    """The texts of a snapshot that note which of them are read."""

    def __init__(self, texts: Mapping[str, Text], asked: dict[Hashable, Answer]) -> None:
        self._texts = texts
        self._asked = asked

    def __getitem__(self, path: str) -> Text:
        self._asked["text", path] = Answer(lambda repo: repo.snapshot.texts.get(path), self._texts.get(path))
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        self._asked["texts"] = Answer(lambda repo: repo.snapshot.texts, self._texts)
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
