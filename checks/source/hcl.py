"""HCL, Terraform's language, as a tree of our own with the exact place of everything.

Nothing is evaluated. What the tree does not tell apart (operators, conditionals, `for`) is `Opaque`: its
span and its operands are known, its meaning is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal as OneOf
from typing import TypeAlias

from checks.record import Record
from checks.source.text import Span, Text


class Literal(Record, eq=False):
    """A string without interpolation, a number, a boolean or null."""

    text: Text
    span: Span
    """With its quotes; a part of a template without."""
    value: str | int | float | bool | None
    quoted: bool = False

    @property
    def inner(self) -> Span:
        """The span without quotes."""
        return Span(self.span.start + 1, self.span.end - 1) if self.quoted else self.span


class Interpolation(Record, eq=False):
    """`${…}` in a template."""

    span: Span
    expression: Expression


class Template(Record, eq=False):
    """A string with interpolations or directives."""

    text: Text
    span: Span
    """With its quotes."""
    parts: tuple[Literal | Interpolation | Opaque, ...]
    """Literal text, interpolated expressions, and `%{…}` as `Opaque`, in order."""

    @property
    def wrapped(self) -> Expression | None:
        """The expression of a template that is nothing but one interpolation: `"${var.name}"`."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only.expression if isinstance(only, Interpolation) else None


class Heredoc(Record, eq=False):
    """`<<EOT`; what is interpolated in it is not parsed."""

    text: Text
    span: Span
    """From `<<` to the end of the closing marker."""
    content: Span
    """The lines between the markers, with their line endings."""
    marker: str
    trimmed: bool
    """Written with `<<-`: the indentation that all lines share is no part of the value."""
    value: str
    """The text, lines ending in LF. With interpolations they stand in it as they are written."""
    is_literal: bool
    """Whether nothing is interpolated, so that `value` is the value."""
    indent: int = 0
    """Characters that each line loses at its start."""


class Part(Record, eq=False):
    """A step of a traversal."""

    span: Span
    kind: OneOf["name", "index", "splat"]
    name: str = ""
    """Of a name: `app` in `.app`."""
    index: Expression | None = None
    """Of an index: what stands in the brackets, or the number of `.0`."""


class Traversal(Record, eq=False, dict=True):
    """A reference: `local.x`, `aws_ecr_repository.app["k"].arn`."""

    text: Text
    span: Span
    parts: tuple[Part, ...]
    """The first is a name."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names before the first index or splat: `("aws_ecr_repository", "app")`."""
        count = next((at for at, part in enumerate(self.parts) if part.kind != "name"), len(self.parts))
        return tuple(part.name for part in self.parts[:count])

    @property
    def dotted(self) -> str | None:
        """The names joined by dots, or None if it has an index or a splat."""
        names = self.names
        return ".".join(names) if len(names) == len(self.parts) else None


class ListExpr(Record, eq=False):
    """`[a, b]`."""

    text: Text
    span: Span
    items: tuple[Expression, ...]


class ObjectItem(Record, eq=False):
    """A key of an object, and its value."""

    key: Expression
    """A bare key is the `Traversal` that it looks like."""
    value: Expression
    name: str | None
    """The key where it is known without evaluation: bare or a string; None otherwise."""
    key_span: Span
    """The key with its quotes or parentheses."""
    value_span: Span
    """The value with parentheses around it."""

    @property
    def text(self) -> Text:
        return self.value.text

    @property
    def span(self) -> Span:
        """From the key to the end of the value."""
        return self.key_span.to(self.value_span)


class ObjectExpr(Record, eq=False, dict=True):
    """`{ a = b }`."""

    text: Text
    span: Span
    items: tuple[ObjectItem, ...]

    @cached_property
    def _by_name(self) -> dict[str, ObjectItem]:
        return {item.name: item for item in self.items if item.name is not None}

    def item(self, name: str) -> ObjectItem | None:
        """The item of a key."""
        return self._by_name.get(name)

    def get(self, name: str) -> Expression | None:
        """The value of a key."""
        item = self._by_name.get(name)
        return item.value if item else None


class Call(Record, eq=False):
    """`name(…)`."""

    text: Text
    span: Span
    name: str
    name_span: Span
    args: tuple[Expression, ...]
    expands: bool = False
    """Whether the last argument is followed by `...`."""


class Opaque(Record, eq=False):
    """An expression that is not told apart."""

    text: Text
    span: Span
    kind: str
    """`conditional`, `binary`, `unary`, `for`, `directive` or `other`."""
    operands: tuple[Expression, ...] = ()
    """The expressions in it, in order."""


Expression: TypeAlias = Literal | Template | Heredoc | Traversal | ListExpr | ObjectExpr | Call | Opaque


class Attribute(Record, eq=False):
    """`name = value`."""

    name: str
    name_span: Span
    value: Expression
    value_span: Span
    """The value with parentheses around it."""

    @property
    def text(self) -> Text:
        return self.value.text

    @property
    def span(self) -> Span:
        """From the name to the end of the value."""
        return self.name_span.to(self.value_span)


class Label(Record, eq=False):
    """A label of a block."""

    value: str
    span: Span
    """With its quotes."""


class Block(Record, eq=False, dict=True):
    """`type "label" { … }`."""

    type: str
    type_span: Span
    labels: tuple[Label, ...]
    body: Body
    span: Span
    """From the type to the closing brace."""

    @property
    def text(self) -> Text:
        return self.body.text

    @property
    def header(self) -> Span:
        """The type and the labels."""
        return self.type_span.to(self.labels[-1].span if self.labels else self.type_span)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The values of the labels."""
        return tuple(label.value for label in self.labels)


class Comment(Record):
    """A comment from its `#`, `//` or `/*` to its end, line ending excluded."""

    span: Span
    own_line: bool
    """Whether nothing but blanks stands before it on its first line."""


class Body(Record, eq=False, dict=True):
    """What stands between the braces of a block, or in a file."""

    text: Text
    span: Span
    """Without the braces."""
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...] = ()
    """Of a file's body: all comments of the file."""

    @cached_property
    def _by_name(self) -> dict[str, Attribute]:
        return {attribute.name: attribute for attribute in self.attributes}

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of a name."""
        return self._by_name.get(name)

    def get(self, name: str) -> Expression | None:
        """The value of an attribute."""
        attribute = self._by_name.get(name)
        return attribute.value if attribute else None

    def of_type(self, type_: str, *labels: str) -> tuple[Block, ...]:
        """The blocks of a type whose first labels are `labels`."""
        return tuple(
            block for block in self.blocks if block.type == type_ and block.names[: len(labels)] == labels
        )


def parse(text: Text) -> Body:
    """The body of a file. `CannotRead` with the line and the reason if it is not HCL, or beyond a limit."""
    from checks.source.hcl_parser import read

    return read(text)


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all expressions in it, in the order of the file."""
    waiting: list[Expression] = [expression]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(_inside(current)))


def _inside(expression: Expression) -> list[Expression]:
    match expression:
        case Template(parts=parts):
            return [part.expression if isinstance(part, Interpolation) else part for part in parts]
        case ListExpr(items=items):
            return list(items)
        case ObjectExpr(items=pairs):
            return [side for pair in pairs for side in (pair.key, pair.value)]
        case Call(args=args):
            return list(args)
        case Opaque(operands=operands):
            return list(operands)
        case Traversal(parts=steps):
            return [step.index for step in steps if step.index is not None]
    return []
