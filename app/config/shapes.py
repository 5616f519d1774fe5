"""Shapes of values in a strict YAML file: each reads a node, says what is wrong where, and describes
itself as JSON Schema, so that the three can't disagree.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import field

from app.config.model import ConfigError
from app.report.plain import quoted
from checks.record import Record
from checks.source import yaml
from checks.source.text import CannotRead, Text

Schema: TypeAlias = dict[str, object]
_COMPARED = 60
"""Characters of an unknown name that are compared with the known ones."""


class Errors(Record):
    """What is wrong with one file, gathered while it is read."""

    text: Text
    found: list[ConfigError] = field(default_factory=list)

    def add(self, node: yaml.Node, message: str) -> None:
        self.found.append(ConfigError(self.text.path, self.text.line_of(node.span.start), message))


class Shape(Protocol):
    """What a value must look like."""

    def read(self, node: yaml.Node, name: str, errors: Errors) -> object | None:
        """The value, or None where it is wrong, which `errors` then says; `name` is its key's."""

    def schema(self) -> Schema:
        """The same as JSON Schema: https://json-schema.org/draft/2020-12"""


class Choice(Record):
    """One of some words."""

    words: tuple[str, ...]

    def read(self, node: yaml.Node, name: str, errors: Errors) -> str | None:
        if isinstance(node, yaml.Scalar) and node.value in self.words:
            return node.value
        errors.add(node, f"{quoted(name)} is {_described(node)}. Expected one of: {', '.join(self.words)}")
        return None

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


class Number(Record):
    """A whole number."""

    least: int
    most: int

    def read(self, node: yaml.Node, name: str, errors: Errors) -> int | None:
        value = node.as_int() if isinstance(node, yaml.Scalar) else None
        if value is not None and self.least <= value <= self.most:
            return value
        expected = (
            str(self.least) if self.least == self.most else f"a number from {self.least} to {self.most}"
        )
        errors.add(node, f"{quoted(name)} is {_described(node)}. Expected {expected}")
        return None

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(Record):
    """True or false."""

    def read(self, node: yaml.Node, name: str, errors: Errors) -> bool | None:
        value = node.as_bool() if isinstance(node, yaml.Scalar) else None
        if value is None:
            errors.add(node, f"{quoted(name)} is {_described(node)}. Expected true or false")
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


class Word(Record):
    """Text of a form."""

    pattern: str
    """Matches the whole of it; also valid in JSON Schema, where it gets its anchors."""
    expected: str
    """What it is, for a message: `owner/name`."""
    refused: Callable[[str], str] = lambda _: ""
    """Why a text of the form is wrong all the same; empty if it is not."""

    def read(self, node: yaml.Node, name: str, errors: Errors) -> str | None:
        if not isinstance(node, yaml.Scalar) or not re.fullmatch(self.pattern, node.value):
            errors.add(node, f"{quoted(name)} has {_described(node)}. Expected {self.expected}")
            return None
        if why := self.refused(node.value):
            errors.add(node, f"{quoted(name)} has {_described(node)}: {why}")
            return None
        return node.value

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


class ListOf(Record):
    """A list."""

    item: Shape
    most: int

    def read(self, node: yaml.Node, name: str, errors: Errors) -> tuple[object, ...] | None:
        if not isinstance(node, yaml.Sequence):
            errors.add(node, f"{quoted(name)} is {_described(node)}. Expected a list")
            return None
        if len(node.items) > self.most:
            errors.add(node, f"{quoted(name)} has {len(node.items)} entries. Expected at most {self.most}")
            return None
        read = [self.item.read(item, name, errors) for item in node.items]
        return tuple(value for value in read if value is not None)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema(), "maxItems": self.most}


class Key(Record):
    """A key of a table."""

    name: str
    shape: Shape
    doc: str
    required: bool = False


class Table(Record):
    """A mapping with known keys, each at most once."""

    keys: tuple[Key, ...]

    def read(self, node: yaml.Node, name: str, errors: Errors) -> Mapping[str, object] | None:
        names = [key.name for key in self.keys]
        if not isinstance(node, yaml.Mapping):
            what = f"{quoted(name)} is" if name else "the file holds"
            errors.add(
                node, f"{what} {_described(node)}. Expected a mapping with the keys: {', '.join(names)}"
            )
            return None
        by_name = {key.name: key for key in self.keys}
        values: dict[str, object] = {}
        for entry in _once(node, errors):
            key = by_name.get(entry.key.value) if isinstance(entry.key, yaml.Scalar) else None
            if key is None:
                errors.add(
                    entry.key, unknown("key", entry.key, names) + f" Expected one of: {', '.join(names)}"
                )
            elif not _is_left_empty(entry.value, key.shape):
                value = key.shape.read(entry.value, key.name, errors)
                if value is not None:
                    values[key.name] = value
        for key in self.keys:
            if key.required and key.name not in node.keys:
                errors.add(node, f"{quoted(key.name)} is missing")
        return values

    def schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: {"description": key.doc, **key.shape.schema()} for key in self.keys},
        }
        required = [key.name for key in self.keys if key.required]
        return {**schema, "required": required} if required else schema


class Either(Record):
    """A word, or a table that says more."""

    word: Choice
    table: Table

    def read(self, node: yaml.Node, name: str, errors: Errors) -> object | None:
        shape: Shape = self.table if isinstance(node, yaml.Mapping) else self.word
        return shape.read(node, name, errors)

    def schema(self) -> Schema:
        return {"anyOf": [self.word.schema(), self.table.schema()]}


class Refused(Record):
    """A key that is known, and not allowed in this file."""

    why: str

    def read(self, node: yaml.Node, name: str, errors: Errors) -> None:
        errors.add(node, f"{quoted(name)}: {self.why}")

    def schema(self) -> Schema:
        return {"not": {}}


class Named(Record):
    """A value under a name, and where the name stands."""

    value: object
    line: int


class ByName(Record):
    """A mapping from names that are known elsewhere to values of one shape."""

    what: str
    """What the names name."""
    names: Mapping[str, str]
    """Each name that is accepted, old ones too, with the one that counts."""
    docs: Mapping[str, str]
    """What each name that counts stands for."""
    shape: Shape

    def read(self, node: yaml.Node, name: str, errors: Errors) -> Mapping[str, Named] | None:
        if not isinstance(node, yaml.Mapping):
            errors.add(node, f"{quoted(name)} is {_described(node)}. Expected a mapping from {self.what}s")
            return None
        values: dict[str, Named] = {}
        for entry in _once(node, errors):
            known = self.names.get(entry.key.value) if isinstance(entry.key, yaml.Scalar) else None
            if known is None:
                errors.add(entry.key, unknown(self.what, entry.key, list(self.names)))
            elif known in values:
                errors.add(entry.key, f"{quoted(known)} stands above under another of its names")
            elif (value := self.shape.read(entry.value, known, errors)) is not None:
                values[known] = Named(value, errors.text.line_of(entry.key.span.start))
        return values

    def schema(self) -> Schema:
        shape = self.shape.schema()
        names = {
            name: {
                "description": self.docs.get(known, known),
                **({} if name == known else {"deprecated": True}),
                **shape,
            }
            for name, known in self.names.items()
        }
        return {"type": "object", "additionalProperties": False, "properties": names}


def read_file(text: Text, shape: Table) -> tuple[Mapping[str, object], tuple[ConfigError, ...]]:
    """What a file says, and everything that is wrong with it."""
    try:
        documents = yaml.parse(text)
    except CannotRead as error:
        unreadable = error.unreadable
        return {}, (ConfigError(text.path, unreadable.line, f"not YAML: {unreadable.reason}"),)
    errors = Errors(text)
    if len(documents) > 1:
        errors.add(documents[1], "a second document begins here. Expected one")
    read = shape.read(documents[0], "", errors) if documents else None
    return read or {}, tuple(sorted(errors.found, key=lambda error: error.line))


def unknown(what: str, node: yaml.Node, names: Sequence[str]) -> str:
    """That a name is not known, and which one was meant, if one is near."""
    if not isinstance(node, yaml.Scalar):
        return f"{_described(node)} stands where the name of a {what} should."
    near = difflib.get_close_matches(node.value[:_COMPARED], names, n=1)
    hint = f"; did you mean {quoted(near[0])}?" if near else "."
    return f"unknown {what} {quoted(node.value)}{hint}"


def _described(node: yaml.Node) -> str:
    if isinstance(node, yaml.Scalar):
        return "left empty" if node.is_null and not node.value else quoted(node.value)
    return "a mapping" if isinstance(node, yaml.Mapping) else "a list"


def _once(node: yaml.Mapping, errors: Errors) -> list[yaml.Entry]:
    """The entries whose key does not repeat."""
    for entry in node.duplicates:
        errors.add(entry.key, f"{_described(entry.key)} stands above already")
    return [entry for entry in node.entries if entry not in node.duplicates]


def _is_left_empty(node: yaml.Node, shape: Shape) -> bool:
    """A heading with nothing below it, as where all entries are commented out."""
    return isinstance(node, yaml.Scalar) and node.is_null and isinstance(shape, Table | ListOf | ByName)
