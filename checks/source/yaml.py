"""YAML as a tree of our own, with the exact place of everything.

Built from the events of libyaml's parser, so that nothing is resolved, merged or expanded: a plain `on`
is the text "on", `<<` is a key like others, and an alias shares the node of its anchor. Spans count as
`Text` says, whatever the file's line endings; those of collections end with their last value, not at
the next token.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, TypeAlias
from weakref import WeakKeyDictionary

from checks.record import Record
from checks.regex import regex
from checks.source import yaml_scalar
from checks.source.text import Span, Text

Style: TypeAlias = Literal["plain", "single", "double", "literal", "folded"]

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INT = regex(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_COMMENT = regex(r"(?:\A|(?<=[\s\ufeff]))#[^\n\r\x85\u2028\u2029]*")


class Scalar(Record, eq=False, dict=True):
    """A scalar as it is written."""

    text: Text
    span: Span
    """The scalar with its quotes, without tag and anchor. A block scalar: from its indicator to the end of
    its last line that is not blank; with `+` to the end of its last line."""
    value: str
    """What it says: unquoted, unescaped, folded."""
    style: Style
    extent: Span
    """As `span`, with all blank lines that follow a block scalar."""
    flow: bool
    """Whether it stands inside of a flow collection, where fewer characters can be plain."""
    tag: str | None = None
    """The tag, expanded: `tag:yaml.org,2002:str`; None where none is written."""
    anchor: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether its value is subject to interpretation: neither quoted nor tagged."""
        return self.style == "plain" and self.tag is None

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2's core schema reads it as null. https://yaml.org/spec/1.2.2/#103-core-schema"""
        return self.is_plain and self.value in _NULL

    def as_bool(self) -> bool | None:
        """The boolean that the core schema reads, or None: `on` and `yes` are text."""
        return _BOOL.get(self.value) if self.is_plain else None

    def as_int(self) -> int | None:
        """The integer that the core schema reads, or None."""
        if not self.is_plain or len(self.value) > 100 or not _INT.fullmatch(self.value):
            return None
        return int(self.value, 8 if self.value[:2] == "0o" else 16 if self.value[:2] == "0x" else 10)

    @property
    def inner(self) -> Span:
        """The span without quotes; of a block scalar the lines after its header."""
        if self.style in ("single", "double"):
            return Span(self.span.start + 1, self.span.end - 1)
        if self.style in ("literal", "folded"):
            header = self.text.full_line(self.text.line_of(self.span.start))
            return Span(min(header.end, self.span.end), self.span.end)
        return self.span

    @cached_property
    def _sources(self) -> yaml_scalar.Sources | None:
        return yaml_scalar.sources(self.text.content, self.extent, self.style, self.value)

    def locate(self, start: int, end: int) -> Span | None:
        """Where `value[start:end]` stands in the file, or None where that can't be told for sure.

        The span covers the characters that make up the slice, with the line breaks and indentation
        between them. `ValueError` if the slice leaves the value.
        """
        if not 0 <= start <= end <= len(self.value):
            raise ValueError(f"not a slice of the value: {start}..{end}")
        sources = self._sources
        if sources is None:
            return None
        if start < end:
            return Span(sources.starts[start], sources.ends[end - 1])
        at = sources.starts[start] if start < len(self.value) else self.inner.start
        if start == len(self.value) and start:
            at = sources.ends[-1]
        return Span(at, at)

    def lines(self) -> Iterator[tuple[str, Span | None]]:
        """The lines of the value, without their ends, each with where it stands in the file."""
        at = 0
        for line in self.value.split("\n"):
            if at == len(self.value) and at:
                return
            yield line, self.locate(at, at + len(line))
            at += len(line) + 1


class Entry(Record, eq=False):
    """A key of a mapping, and its value."""

    key: Node
    value: Node
    value_span: Span
    """Where the value is written at this place: the alias, or the value with its tag and anchor."""

    @property
    def name(self) -> str:
        """The key as text; empty for one that is no scalar."""
        return self.key.value if isinstance(self.key, Scalar) else ""

    @property
    def span(self) -> Span:
        """From the key to the end of the value."""
        return Span(self.key.span.start, max(self.key.span.end, self.value_span.end))


class Mapping(Record, eq=False, dict=True):
    """A mapping; its entries in the order of the file."""

    text: Text
    span: Span
    """Block: from the first key to the end of the last value. Flow: with its braces."""
    entries: tuple[Entry, ...]
    flow: bool
    tag: str | None = None
    anchor: str | None = None

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {entry.key.value: entry for entry in self.entries if isinstance(entry.key, Scalar)}

    def entry(self, key: str) -> Entry | None:
        """The entry of a key; of a repeated key the last one."""
        return self._by_key.get(key)

    def get(self, key: str) -> Node | None:
        """The value of a key; of a repeated key the last one."""
        entry = self._by_key.get(key)
        return entry.value if entry else None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are scalars, each once."""
        return tuple(self._by_key)

    @cached_property
    def duplicates(self) -> tuple[Entry, ...]:
        """Entries whose key stands earlier in the mapping too; GitHub and Kubernetes refuse the file."""
        seen: set[str] = set()
        repeated: list[Entry] = []
        for entry in self.entries:
            if isinstance(entry.key, Scalar):
                if entry.key.value in seen:
                    repeated.append(entry)
                seen.add(entry.key.value)
        return tuple(repeated)

    @property
    def indent(self) -> int:
        """Characters before the keys of a block mapping on their lines."""
        return column(self.text, self.span.start)


class Sequence(Record, eq=False):
    """A sequence."""

    text: Text
    span: Span
    """Block: from the first dash to the end of the last item. Flow: with its brackets."""
    items: tuple[Node, ...]
    flow: bool
    item_spans: tuple[Span, ...] = ()
    """Of each item where it is written at this place: the alias, or the item with its tag and anchor."""
    tag: str | None = None
    anchor: str | None = None

    @property
    def indent(self) -> int:
        """Characters before the dashes of a block sequence on their lines."""
        return column(self.text, self.span.start)


Node: TypeAlias = Scalar | Mapping | Sequence


class Comment(Record):
    """A comment, from its `#` to the end of its line."""

    span: Span
    own_line: bool
    """Whether nothing but blanks stands before it on its line."""


def column(text: Text, offset: int) -> int:
    """How far a place is indented, from 0; a byte order mark does not count."""
    line, from_one = text.line_and_column(offset)
    return from_one - 1 - (line == 1 and text.content.startswith("\ufeff"))


def parse(text: Text) -> tuple[Node, ...]:
    """The root node of each document that is not empty. `CannotRead` if it is not YAML, or beyond a limit."""
    from checks.source.yaml_events import read

    stream = read(text)
    _scalars[text] = stream.scalars
    return stream.roots


_scalars: WeakKeyDictionary[Text, tuple[Span, ...]] = WeakKeyDictionary()
"""The scalars of files that were read, as long as these are there: what asks for comments needn't read them again."""
_known: WeakKeyDictionary[Text, tuple[Comment, ...]] = WeakKeyDictionary()
"""The comments of files, as long as these are there: many ask for them, and each fix that is tried anew."""


def comments(text: Text) -> tuple[Comment, ...]:
    """All comments of a file, in its order. `CannotRead` as `parse`."""
    if "#" not in text.content:
        return ()
    found = _known.get(text)
    if found is None:
        found = _known[text] = tuple(_comments(text))
    return found


def _comments(text: Text) -> Iterator[Comment]:
    if text not in _scalars:
        parse(text)
    at = 0
    for scalar in (*_scalars[text], Span(len(text.content), len(text.content))):
        yield from _comments_between(text, at, scalar.start)
        at = max(at, scalar.end)


def _comments_between(text: Text, start: int, end: int) -> Iterator[Comment]:
    for match in _COMMENT.finditer(text.content, start, end):
        line = text.line(text.line_of(match.start()))
        before = text.content[line.start : match.start()]
        yield Comment(Span(match.start(), match.end()), own_line=not before.strip(" \t\ufeff"))


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes in it, keys too, in the order of the file; what aliases repeat comes each time."""
    waiting: list[Node] = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, Mapping):
            waiting.extend(side for entry in reversed(current.entries) for side in (entry.value, entry.key))
        elif isinstance(current, Sequence):
            waiting.extend(reversed(current.items))
