"""Arguments of a command line: options told from operands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct, field

from checks.record import Record
from checks.source.text import Span
from checks.source.word import Word


class Syntax(Record):
    """Which options a command has. Keys are names without dashes: `tag` for `-t` and `--tag`."""

    names: Mapping[str, str]
    """Every spelling without dashes, to the first spelling."""
    with_value: frozenset[str]
    """First spellings of the options that take a value."""
    interspersed: bool = True
    """Whether options may follow the first operand; not so for `docker run IMAGE …`."""

    @staticmethod
    def of(text: str, *, interspersed: bool = True) -> Syntax:
        """From `"tag/t= file/f= push"`: spellings joined by `/`, `=` where a value follows."""
        names: dict[str, str] = {}
        with_value: set[str] = set()
        for option in text.split():
            spellings = option.removesuffix("=").split("/")
            names.update(dict.fromkeys(spellings, spellings[0]))
            if option.endswith("="):
                with_value.add(spellings[0])
        return Syntax(MappingProxyType(names), frozenset(with_value), interspersed)

    def __or__(self, other: Syntax) -> Syntax:
        names = MappingProxyType({**self.names, **other.names})
        return Syntax(names, self.with_value | other.with_value, self.interspersed)


class Option(Record):
    """One option as written."""

    name: str
    """The first spelling in the syntax; as written, without dashes, if it is not known there."""
    value: Word | None
    """None for one without a value."""
    span: Span
    """With its value."""


class Arguments(Record):
    """A command line, read."""

    operands: tuple[Word, ...] = ()
    options: tuple[Option, ...] = ()
    after_dashes: tuple[Word, ...] = ()
    """What follows `--`; part of `operands` too."""
    unknown: tuple[Option, ...] = ()
    """Options that the syntax does not have; the word after one may be its value or an operand."""
    plural: tuple[Word, ...] = ()
    """Words that stand for any number of words, such as `"$@"`; not in `operands`."""

    @property
    def certain(self) -> bool:
        """Whether every word was understood."""
        return not self.unknown and not self.plural

    def has(self, name: str) -> bool | None:
        """Whether an option is given and not `=false`; None if that can't be known."""
        for option in reversed(self.options):
            if option.name == name:
                if option.value is None:
                    return True
                literal = option.value.literal
                return None if literal is None else literal.lower() not in {"false", "f", "0"}
        return None if self.plural else False

    def all(self, name: str) -> tuple[Word, ...]:
        """The values of an option, in order."""
        return tuple(o.value for o in self.options if o.name == name and o.value is not None)

    def last(self, name: str) -> Word | None:
        """The value of an option that counts if it is given more than once."""
        values = self.all(name)
        return values[-1] if values else None

    def span_of(self, name: str) -> Span | None:
        """Where an option is written, the last time."""
        return next((option.span for option in reversed(self.options) if option.name == name), None)


class _Reader(Struct):
    """Collects while the words are read once from left to right."""

    syntax: Syntax
    operands: list[Word] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    unknown: list[Option] = field(default_factory=list)
    plural: list[Word] = field(default_factory=list)
    after: tuple[Word, ...] = ()

    def read(self, words: tuple[Word, ...]) -> None:
        queue = iter(words)
        for word in queue:
            written = word.literal or word.prefix
            if word.plural:
                self.plural.append(word)
            elif word.literal == "--":
                self.after = tuple(queue)
            elif written.startswith("--"):
                self._long(word, written, queue)
            elif written.startswith("-") and len(written) > 1:
                self._short(word, written, queue)
            else:
                self.operands.append(word)
                if not self.syntax.interspersed:
                    self.after = tuple(queue)
        self.operands += self.after

    def _add(self, spelling: str, value: Word | None, span: Span) -> None:
        name = self.syntax.names.get(spelling)
        target = self.options if name else self.unknown
        target.append(Option(name or spelling, value, span))

    def _takes_value(self, spelling: str) -> bool:
        return self.syntax.names.get(spelling) in self.syntax.with_value

    def _long(self, word: Word, written: str, queue: Iterator[Word]) -> None:
        spelling, equals, _ = written[2:].partition("=")
        if equals:
            self._add(spelling, word.drop(len(spelling) + 3), word.span)
        else:
            self._separate(spelling, word, queue)

    def _separate(self, spelling: str, word: Word, queue: Iterator[Word]) -> None:
        value = next(queue, None) if self._takes_value(spelling) else None
        self._add(spelling, value, word.span.to(value.span) if value else word.span)

    def _short(self, word: Word, written: str, queue: Iterator[Word]) -> None:
        """A group such as `-it`, `-fvalue`, `-f=value`; also Go's long options with one dash."""
        if written[1:].partition("=")[0] in self.syntax.names and len(written) > 2:
            return self._long_with_one_dash(word, written, queue)
        for at in range(1, len(written)):
            letter = written[at]
            rest = written[at + 1 :]
            if self._takes_value(letter) and (rest or word.holes):
                self._add(letter, word.drop(at + 1 + rest.startswith("=")), word.span)
                return None
            if self._takes_value(letter):
                return self._separate(letter, word, queue)
            if letter not in self.syntax.names:
                self._add(written[at:], None, word.span)
                return None
            self._add(letter, None, word.span)
        return None

    def _long_with_one_dash(self, word: Word, written: str, queue: Iterator[Word]) -> None:
        spelling, equals, _ = written[1:].partition("=")
        if equals:
            self._add(spelling, word.drop(len(spelling) + 2), word.span)
        else:
            self._separate(spelling, word, queue)


def read_arguments(words: tuple[Word, ...], syntax: Syntax) -> Arguments:
    """Tell options from operands: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-it`, `--`."""
    reader = _Reader(syntax)
    reader.read(words)
    return Arguments(
        tuple(reader.operands),
        tuple(reader.options),
        reader.after,
        tuple(reader.unknown),
        tuple(reader.plural),
    )
