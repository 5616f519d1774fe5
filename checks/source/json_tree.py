"""JSON inside of another file, with the exact place of everything: the policies in heredocs."""

from __future__ import annotations

from functools import cached_property
from json import JSONDecodeError, JSONDecoder
from typing import TypeAlias

from checks.record import Record
from checks.regex import regex
from checks.source.text import CannotRead, Span, Text

MAX_DEPTH = 100
"""Nested objects and arrays."""

_BLANKS = regex(r"[ \t\r\n]*")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_WORD = regex(r"-?(?:0|[1-9][0-9]*)(?P<float>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|true|false|null")
_MAX_DIGITS = 1000
_DECODER = JSONDecoder()


class JsonScalar(Record, eq=False):
    """A string, number, boolean or null."""

    text: Text
    span: Span
    """With its quotes."""
    value: str | int | float | bool | None


class JsonArray(Record, eq=False):
    """`[…]`."""

    text: Text
    span: Span
    items: tuple[JsonNode, ...]


class JsonMember(Record, eq=False):
    """A name of an object, and its value."""

    name: str
    name_span: Span
    """With its quotes."""
    value: JsonNode

    @property
    def span(self) -> Span:
        """From the name to the end of the value."""
        return self.name_span.to(self.value.span)


class JsonObject(Record, eq=False, dict=True):
    """`{…}`."""

    text: Text
    span: Span
    members: tuple[JsonMember, ...]

    @cached_property
    def _by_name(self) -> dict[str, JsonMember]:
        return {member.name: member for member in self.members}

    def member(self, name: str) -> JsonMember | None:
        """The member of a name; of a repeated name the last one."""
        return self._by_name.get(name)

    def get(self, name: str) -> JsonNode | None:
        """The value of a name; of a repeated name the last one."""
        member = self._by_name.get(name)
        return member.value if member else None


JsonNode: TypeAlias = JsonScalar | JsonArray | JsonObject


def parse(text: Text, span: Span) -> JsonNode:
    """The one value that a span of a file consists of. `CannotRead` if it is not JSON (RFC 8259)."""
    return _Reader(text, span).whole()


class _Reader:
    def __init__(self, text: Text, span: Span) -> None:
        self.text = text
        self.content = text.content[: span.end]
        self.at = span.start

    def whole(self) -> JsonNode:
        node = self.value(0)
        if self.peek():
            raise self.unexpected()
        return node

    def peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        match = _BLANKS.match(self.content, self.at)
        self.at = match.end() if match else self.at
        return self.content[self.at : self.at + 1]

    def unexpected(self, reason: str = "") -> CannotRead:
        shown = self.content[self.at : self.at + 1]
        said = f"`{shown}` is not expected here" if shown.strip() else "the JSON ends where more is expected"
        return CannotRead(self.text.path, self.text.line_of(self.at), reason or said)

    def take(self, char: str) -> None:
        if self.peek() != char:
            raise self.unexpected()
        self.at += 1

    def value(self, depth: int) -> JsonNode:
        char = self.peek()
        start = self.at
        if char in ("{", "[") and depth >= MAX_DEPTH:
            raise self.unexpected(f"it nests deeper than {MAX_DEPTH}")
        if char == "{":
            members = self.members(depth + 1)
            return JsonObject(self.text, Span(start, self.at), members)
        if char == "[":
            items = self.items(depth + 1)
            return JsonArray(self.text, Span(start, self.at), items)
        if char == '"':
            value = self.string()
            return JsonScalar(self.text, Span(start, self.at), value)
        return self.word()

    def members(self, depth: int) -> tuple[JsonMember, ...]:
        members: list[JsonMember] = []
        self.take("{")
        while members or self.peek() != "}":
            start = self.at
            if self.peek() != '"':
                raise self.unexpected()
            start = self.at
            name = self.string()
            span = Span(start, self.at)
            self.take(":")
            members.append(JsonMember(name, span, self.value(depth)))
            if self.peek() != ",":
                break
            self.at += 1
        self.take("}")
        return tuple(members)

    def items(self, depth: int) -> tuple[JsonNode, ...]:
        items: list[JsonNode] = []
        self.take("[")
        while items or self.peek() != "]":
            items.append(self.value(depth))
            if self.peek() != ",":
                break
            self.at += 1
        self.take("]")
        return tuple(items)

    def string(self) -> str:
        try:
            value, end = _DECODER.raw_decode(self.content, self.at)
        except JSONDecodeError as error:
            raise self.unexpected(f"the string is not JSON: {error.msg}") from None
        self.at = end
        return str(value)

    def word(self) -> JsonScalar:
        match = _WORD.match(self.content, self.at)
        if match is None or self.content[match.end() : match.end() + 1].isalnum():
            raise self.unexpected()
        shown, span = match[0], Span(match.start(), match.end())
        self.at = match.end()
        if shown in _CONSTANTS:
            return JsonScalar(self.text, span, _CONSTANTS[shown])
        number = float(shown) if match["float"] or len(shown) > _MAX_DIGITS else int(shown)
        return JsonScalar(self.text, span, number)
