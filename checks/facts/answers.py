"""Subjects that are read when they are first asked for, and a note of who asked for what.

A check is a pure function of the answers that it gets: where an edited repository gives the same ones, the check
says the same of it, and need not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar

from checks.record import Record

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
V = TypeVar("V")
R = TypeVar("R", bound="Answering")


class Answer(Record, eq=False):
    """What was asked, so that it can be asked of another, and what was answered."""

    read: Callable[[Any], object]
    value: object


class Answering:
    """Answers each question once, and keeps the answer for whoever asks again."""

    def __init__(self) -> None:
        self._known: dict[Hashable, object] = {}
        self._given: dict[Answer, bool] = {}
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

    def mapping(self, question: Hashable, read: Callable[[Self], Mapping[K, V]]) -> Mapping[K, V]:
        """As `answer`, where that is a mapping: what is noted is what is looked up in it."""
        found = (self._whole or self).answer(question, read)
        if not self._whole:
            return found
        return NotedMapping(question, found, lambda it: it.answer(question, read), self.asked)

    def gives(self, asked: Mapping[Hashable, Answer]) -> bool:
        """Whether it answers all of this as it was answered; each answer is compared once."""
        return all(self._gives(*one) for one in asked.items())

    def _gives(self, question: Hashable, answer: Answer) -> bool:
        if answer not in self._given:
            try:
                again = (self._whole or self).answer(question, answer.read)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - the check that asks runs into it, too, and is listed
                self._given[answer] = False
            else:
                self._given[answer] = again is answer.value or again == answer.value
        return self._given[answer]

    def noting(self) -> Self:
        """The same, with the same knowledge, that notes in `asked` what it is asked from now on."""
        found = object.__new__(type(self))
        vars(found).update(vars(self), _whole=self._whole or self, asked={})
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


class facts(fact[R, Mapping[K, V]], Generic[R, K, V]):  # noqa: N801 - as `fact`
    """A fact that is a mapping: only what is looked up in it is noted."""

    def __get__(self, answering: R, _owner: type | None = None) -> Mapping[K, V]:
        return answering.mapping(self._name, self._read)


class NotedMapping(Mapping[K, V]):
    """A mapping that notes what is looked up in it, or that it was gone through."""

    def __init__(
        self,
        question: Hashable,
        found: Mapping[K, V],
        read: Callable[[Any], Mapping[K, V]],
        asked: dict[Hashable, Answer],
    ) -> None:
        """`read` gives the mapping of another to whom the same question is put."""
        self._question = question
        self._found = found
        self._read = read
        self._asked = asked

    def __getitem__(self, key: K) -> V:
        question = (self._question, key)
        if question not in self._asked:
            self._asked[question] = Answer(lambda it: self._read(it).get(key), self._found.get(key))
        return self._found[key]

    def __iter__(self) -> Iterator[K]:
        self._asked[self._question] = Answer(self._read, self._found)
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Part(Generic[T]):
    """What came of a part of a subject when it was first read, and what was asked for it; empty before."""

    def __init__(self, *_key: Hashable) -> None:
        self.said: tuple[tuple[T, ...], Mapping[Hashable, Answer]] | None = None
