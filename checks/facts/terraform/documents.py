"""JSON documents in Terraform: policies in `jsonencode({…})`, in heredocs and in files, read alike.

Edits go to the text by the spans; whether that is HCL or JSON is told by `Fields.is_json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from checks.facts.terraform.modules import MAX_REFERENCES, Module
from checks.facts.terraform.taken_in import path_taken_in
from checks.facts.value import UNKNOWN, Value, joined, literal
from checks.record import Record
from checks.regex import regex
from checks.source import json_tree
from checks.source.hcl import Body, Call, Expression, Heredoc, ListExpr, Literal, ObjectExpr, Traversal
from checks.source.hcl_edit import add_item, delete_attribute, delete_item
from checks.source.json_tree import JsonArray, JsonNode, JsonScalar
from checks.source.snapshot import Edit
from checks.source.text import CannotRead, Location, Span, Text

_GIVEN = regex(r"\$\{\s*(?P<name>[A-Za-z_][\w-]*)\s*\}")


class Leaf(Record, eq=False):
    """A string, number, boolean, null, or what can't be known."""

    text: Text
    span: Span
    value: str | int | float | bool | None
    """None for null and for what is not known."""
    is_known: bool
    shape: Value
    """What a string comes to, with holes for what is not known."""

    @property
    def string(self) -> str | None:
        """The text, if it is a known string."""
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> int | None:
        """The whole number, if it is a known one; a string of digits is none."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    @property
    def is_null(self) -> bool:
        return self.is_known and self.value is None


class Items(Record, eq=False):
    """A list."""

    text: Text
    span: Span
    items: tuple[DocumentNode, ...]
    is_json: bool


class Field(Record, eq=False):
    """A key of an object, and its value."""

    name: str
    name_span: Span
    value: DocumentNode
    span: Span
    """From the key to the end of the value."""

    @property
    def location(self) -> Location:
        return Location(self.value.text, self.span)


class Fields(Record, eq=False, dict=True):
    """An object; keys that are not known are left out, and then it is not `complete`."""

    text: Text
    span: Span
    fields: tuple[Field, ...]
    complete: bool
    is_json: bool
    origin: ObjectExpr | Body | None = None
    """The HCL that it is written in; None for JSON."""

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    def field(self, name: str) -> Field | None:
        """The field of a key; of a repeated key the last one."""
        return self._by_name.get(name)

    def get(self, name: str) -> DocumentNode | None:
        """The value of a key."""
        found = self._by_name.get(name)
        return found.value if found else None

    def string(self, name: str) -> str | None:
        """The known string of a key."""
        found = self.get(name)
        return found.string if isinstance(found, Leaf) else None

    def objects(self, name: str) -> tuple[Fields, ...]:
        """The objects in the list of a key; an object instead of a list counts as the only one."""
        found = self.get(name)
        if isinstance(found, Fields):
            return (found,)
        return (
            tuple(one for one in found.items if isinstance(one, Fields)) if isinstance(found, Items) else ()
        )


DocumentNode: TypeAlias = Leaf | Items | Fields


def leaves(node: DocumentNode | None) -> tuple[Leaf, ...]:
    """A leaf, or the leaves of a list: what IAM's "one or several" is."""
    if isinstance(node, Leaf):
        return (node,)
    return tuple(one for one in node.items if isinstance(one, Leaf)) if isinstance(node, Items) else ()


def document(module: Module, expression: Expression, followed: int = 0) -> DocumentNode | None:
    """The document that an attribute holds as JSON text; None where it is not written in this repository."""
    if isinstance(expression, Call) and expression.name == "jsonencode" and expression.args:
        return _of_hcl(module, expression.args[0])
    if isinstance(expression, Call) and (path := path_taken_in(module.folder, expression)):
        return _of_file(module, expression, path)
    if isinstance(expression, Heredoc):
        return _of_heredoc(expression)
    if isinstance(expression, Traversal) and followed < MAX_REFERENCES:
        target = module.definition(expression)
        return document(module, target, followed + 1) if target is not None else None
    return None


def of_expression(module: Module, expression: Expression) -> DocumentNode:
    """What an expression comes to, as a part of a document."""
    return _of_hcl(module, expression)


def without(fields: Fields, field: Field) -> tuple[Edit, ...] | None:
    """Takes a field out of an object; None where it shares its lines."""
    origin = fields.origin
    if isinstance(origin, Body):
        attribute = next((one for one in origin.attributes if one.name_span == field.name_span), None)
        return delete_attribute(origin, attribute) if attribute else None
    if isinstance(origin, ObjectExpr):
        item = next((one for one in origin.items if one.key_span == field.name_span), None)
        return delete_item(origin, item) if item else None
    at = fields.fields.index(field)
    if len(fields.fields) == 1:
        return None
    gone = (
        Span(fields.fields[at - 1].span.end, field.span.end)
        if at
        else Span(field.span.start, fields.fields[1].span.start)
    )
    return (Edit(fields.text.path, gone, ""),)


def with_field(fields: Fields, after: Field, name: str, value: str) -> tuple[Edit, ...] | None:
    """A further field on the line below another one of an object of several lines; None where that can't be.

    `name` and `value` are written as JSON has them; HCL's objects take the same values.
    """
    text, origin = fields.text, fields.origin
    if isinstance(origin, ObjectExpr):
        item = next((one for one in origin.items if one.key_span == after.name_span), None)
        return add_item(origin, item, name, value) if item else None
    line = text.line_of(after.span.start)
    if isinstance(origin, Body) or line == text.line_of(fields.span.start):
        return None
    at = after.span.end
    return (Edit(text.path, Span(at, at), f',{text.newline}{text.indent_of(line)}"{name}": {value}'),)


def _of_file(module: Module, call: Call, path: str) -> DocumentNode | None:
    """What `file(…)` or `templatefile(…)` takes in."""
    text = module.taken_in.get(path)
    if text is None:
        return None
    given: Mapping[str, Value] | None = None
    if call.name == "templatefile":
        variables = call.args[1] if len(call.args) > 1 else None
        items = variables.items if isinstance(variables, ObjectExpr) else ()
        given = {item.name: module.value(item.value) for item in items if item.name is not None}
    return _read(text, Span(0, len(text.content)), given)


def _of_heredoc(heredoc: Heredoc) -> DocumentNode | None:
    return _read(heredoc.text, heredoc.content, {})


def _read(text: Text, span: Span, given: Mapping[str, Value] | None) -> DocumentNode | None:
    """The JSON of a span, None where it is none. With `given` it is a template, and that is what its variables come to."""
    try:
        return _of_json(json_tree.parse(text, span), given)
    except CannotRead:
        return None


def _of_json(node: JsonNode, given: Mapping[str, Value] | None) -> DocumentNode:
    if isinstance(node, JsonScalar):
        return _leaf_of_json(node, given)
    if isinstance(node, JsonArray):
        return Items(node.text, node.span, tuple(_of_json(item, given) for item in node.items), is_json=True)
    fields = (Field(one.name, one.name_span, _of_json(one.value, given), one.span) for one in node.members)
    return Fields(node.text, node.span, tuple(fields), complete=True, is_json=True)


def _leaf_of_json(node: JsonScalar, given: Mapping[str, Value] | None) -> Leaf:
    text = node.value if isinstance(node.value, str) else ""
    if given is None or ("${" not in text and "%{" not in text):
        return Leaf(node.text, node.span, node.value, is_known=True, shape=literal(text))
    shape = _filled(text, given)
    return Leaf(node.text, node.span, shape.literal, is_known=shape.literal is not None, shape=shape)


def _filled(text: str, given: Mapping[str, Value]) -> Value:
    """What a template comes to; unknown where it holds more than names of variables."""
    parts: list[Value] = []
    at = 0
    for match in _GIVEN.finditer(text):
        parts += [literal(text[at : match.start()]), given.get(match["name"], UNKNOWN)]
        at = match.end()
    parts.append(literal(text[at:]))
    written = _GIVEN.sub("", text)
    if "${" in written or "%{" in written or "$${" in text:
        return UNKNOWN
    return joined(part for value in parts for part in value.parts)


def _of_hcl(module: Module, expression: Expression, followed: int = 0) -> DocumentNode:
    if isinstance(expression, ObjectExpr):
        named = [
            Field(item.name, item.key_span, _of_hcl(module, item.value, followed), item.span)
            for item in expression.items
            if item.name is not None
        ]
        complete = len(named) == len(expression.items)
        return Fields(expression.text, expression.span, tuple(named), complete, False, expression)
    if isinstance(expression, ListExpr):
        items = tuple(_of_hcl(module, item, followed) for item in expression.items)
        return Items(expression.text, expression.span, items, is_json=False)
    if isinstance(expression, Traversal) and followed < MAX_REFERENCES:
        target = module.definition(expression)
        if isinstance(target, ObjectExpr | ListExpr | Traversal):
            return _of_hcl(module, target, followed + 1)
    return _leaf_of_hcl(module, expression)


def _leaf_of_hcl(module: Module, expression: Expression) -> Leaf:
    if isinstance(expression, Literal):
        text = expression.value if isinstance(expression.value, str) else ""
        return Leaf(expression.text, expression.span, expression.value, is_known=True, shape=literal(text))
    shape = module.value(expression)
    target = module.definition(expression) if isinstance(expression, Traversal) else None
    if isinstance(target, Literal):
        return Leaf(expression.text, expression.span, target.value, is_known=True, shape=shape)
    known = shape.literal
    return Leaf(expression.text, expression.span, known, is_known=known is not None, shape=shape)


def every_leaf(node: DocumentNode) -> Iterator[Leaf]:
    """All leaves of a document, in its order."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from every_leaf(item)
    else:
        for field in node.fields:
            yield from every_leaf(field.value)
