"""From the tree of python-hcl2's grammar to the tree of `checks.source.hcl`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hcl2 import parses_to_tree
from lark.exceptions import UnexpectedInput

from checks.source.hcl import (
    Attribute,
    Block,
    Body,
    Call,
    Expression,
    Heredoc,
    Interpolation,
    Label,
    ListExpr,
    Literal,
    ObjectExpr,
    ObjectItem,
    Opaque,
    Part,
    Template,
    Traversal,
)
from checks.source.hcl_scan import MAX_DEPTH, HeredocMark, Scan, scan
from checks.source.text import CannotRead, Span, Text


def read(text: Text) -> Body:
    """The body of a file. `CannotRead` if it is not HCL, or beyond a limit."""
    found = scan(text)
    try:
        tree = parses_to_tree(found.masked)
        body = _Converter(text, found).body(tree.children[0], Span(0, len(text.content)), 0)
    except UnexpectedInput as error:
        raise _unexpected(text, found.masked, error.pos_in_stream) from None
    except RecursionError:
        raise CannotRead(text.path, 1, "its expressions nest too deeply") from None
    return Body(text, body.span, body.attributes, body.blocks, tuple(found.comments))


def _unexpected(text: Text, masked: str, position: int | None) -> CannotRead:
    """The complaint about what stands at `position`; about an end, at the line that ends too early."""
    at = len(masked) if position is None or position < 0 else position
    at += len(masked[at:]) - len(masked[at:].lstrip(" \t"))
    if not masked[at:].strip():
        return CannotRead(
            text.path, text.line_of(len(masked.rstrip())), "the file ends where more is expected"
        )
    if masked[at] in "\r\n":
        line = text.line_of(len(masked[:at].rstrip()))
        return CannotRead(text.path, line, "the line ends where more is expected")
    shown = re.match(r"\w+|.", text.content[at : at + 100])
    what = shown[0] if shown else masked[at]
    return CannotRead(text.path, text.line_of(at), f"`{what}` is not expected here")


_KINDS = {
    "conditional": "conditional",
    "binary_op": "binary",
    "unary_op": "unary",
    "for_tuple_expr": "for",
    "for_object_expr": "for",
}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}


def _unescaped(match: re.Match[str]) -> str:
    if match[4]:
        return f"{match[4]}{{"
    if digits := match[1] or match[2]:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 else match[0]
    return _SIMPLE.get(match[3], match[3])


class _Converter:
    """Lark's tree to ours."""

    def __init__(self, text: Text, found: Scan) -> None:
        self.text = text
        self.found = found

    def span(self, tree: Any) -> Span:
        """Where a tree or token stands, without the line breaks that the grammar counts in."""
        meta = getattr(tree, "meta", tree)
        end = min(meta.end_pos, len(self.found.masked))
        shown = self.found.masked[meta.start_pos : end]
        return Span(meta.start_pos, meta.start_pos + len(shown.rstrip()))

    def body(self, tree: Any, span: Span, depth: int) -> Body:
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in tree.children:
            if child.data == "attribute":
                name = self.span(child.children[0])
                value = child.children[-1]
                expression = self.expression(value, depth)
                attributes.append(Attribute(self.text[name], name, expression, self.span(value)))
            elif child.data == "block":
                blocks.append(self.block(child, depth + 1))
        return Body(self.text, span, tuple(attributes), tuple(blocks))

    def block(self, tree: Any, depth: int) -> Block:
        brace = next(at for at, child in enumerate(tree.children) if _type(child) == "LBRACE")
        head = [child for child in tree.children[:brace] if child.data != "new_line_or_comment"]
        kind = self.span(head[0])
        labels = tuple(self.label(child) for child in head[1:])
        inside = Span(tree.children[brace].end_pos, tree.children[-1].start_pos)
        body = self.body(tree.children[brace + 1], inside, depth)
        return Block(self.text[kind], kind, labels, body, self.span(tree))

    def label(self, tree: Any) -> Label:
        span = self.span(tree)
        shown = self.text[span]
        return Label(_ESCAPE.sub(_unescaped, shown[1:-1]) if tree.data == "string" else shown, span)

    def expression(self, tree: Any, depth: int) -> Expression:
        if depth > MAX_DEPTH * 2:
            line = self.text.line_of(tree.meta.start_pos)
            raise CannotRead(self.text.path, line, "the expression nests too deeply")
        while tree.data == "expr_term":
            tree = next(child for child in tree.children if not _is_filling(child))
        match tree.data:
            case "string":
                return self.string(tree, depth)
            case "literal_value" | "int_lit" | "float_lit":
                return Literal(self.text, self.span(tree), _constant(self.text[self.span(tree)]))
            case "tuple":
                return ListExpr(self.text, self.span(tree), self.operands(tree, depth))
            case "object":
                return ObjectExpr(self.text, self.span(tree), tuple(self.items(tree, depth)))
            case "function_call":
                return self.call(tree, depth)
            case "identifier" | "keyword" | "get_attr_expr_term" | "index_expr_term":
                return self.traversal(tree, depth)
            case "attr_splat_expr_term" | "full_splat_expr_term":
                return self.traversal(tree, depth)
        return self.opaque(tree, depth)

    def operands(self, tree: Any, depth: int) -> tuple[Expression, ...]:
        return tuple(self.expression(child, depth + 1) for child in tree.children if not _is_filling(child))

    def items(self, tree: Any, depth: int) -> Iterator[ObjectItem]:
        for child in tree.children:
            if _type(child) == "object_elem":
                key_tree = child.children[0].children[0]
                key = self.expression(key_tree, depth + 1)
                span = self.span(key_tree)
                name = None
                if isinstance(key, Literal):
                    name = key.value if isinstance(key.value, str) else self.text[key.span]
                elif isinstance(key, Traversal) and key.span == span and len(key.parts) == 1:
                    name = key.parts[0].name
                value = child.children[-1]
                yield ObjectItem(key, self.expression(value, depth + 1), name, span, self.span(value))

    def string(self, tree: Any, depth: int) -> Expression:
        span = self.span(tree)
        if mark := self.found.heredocs.get(span.start):
            return _heredoc(self.text, mark)
        parts = tuple(self.part(child.children[0], depth) for child in tree.children[1:-1])
        if not parts:
            return Literal(self.text, span, "", quoted=True)
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return Literal(self.text, span, parts[0].value, quoted=True)
        return Template(self.text, span, parts)

    def part(self, tree: Any, depth: int) -> Literal | Interpolation | Opaque:
        span = self.span(tree)
        match _type(tree):
            case "STRING_CHARS":
                span = Span(tree.start_pos, tree.end_pos)
                return Literal(self.text, span, _ESCAPE.sub(_unescaped, self.text[span]))
            case "interpolation":
                return Interpolation(span, self.expression(tree.children[1], depth + 1))
        return Opaque(self.text, span, "directive", self.operands(tree, depth))

    def call(self, tree: Any, depth: int) -> Call:
        paren = next(at for at, child in enumerate(tree.children) if _type(child) == "LPAR")
        name = self.span(tree.children[0]).to(self.span(tree.children[paren - 1]))
        args: tuple[Expression, ...] = ()
        expands = False
        for arguments in (child for child in tree.children[paren:] if _type(child) == "arguments"):
            args = self.operands(arguments, depth)
            expands = any(_type(child) == "ELLIPSIS" for child in arguments.children)
        return Call(self.text, self.span(tree), self.text[name], name, args, expands)

    def traversal(self, tree: Any, depth: int) -> Expression:
        """A reference; what has another root than a name is opaque. Walks the left spine without recursion."""
        whole = tree
        parts: list[Part] = []
        while tree.data not in ("identifier", "keyword"):
            if tree.data == "expr_term" and len(tree.children) == 1:
                tree = tree.children[0]
            elif tree.data.endswith("_expr_term"):
                parts += reversed(list(self.steps(tree.children[1], depth)))
                tree = tree.children[0]
            else:
                indices = [part.index for part in reversed(parts) if part.index]
                operands = (self.expression(tree, depth + 1), *indices)
                return Opaque(self.text, self.span(whole), "other", operands)
        span = self.span(tree)
        parts.append(Part(span, "name", self.text[span]))
        return Traversal(self.text, self.span(whole), tuple(reversed(parts)))

    def steps(self, tree: Any, depth: int) -> Iterator[Part]:
        span = self.span(tree)
        match tree.data:
            case "get_attr":
                yield Part(span, "name", self.text[self.span(tree.children[1])])
            case "short_index":
                number = self.span(tree.children[1])
                yield Part(span, "index", index=Literal(self.text, number, _constant(self.text[number])))
            case "braces_index":
                yield Part(span, "index", index=self.operands(tree, depth)[0])
            case _:
                yield Part(self.span(tree.children[0]), "splat")
                for child in tree.children[1:]:
                    yield from self.steps(child, depth)

    def opaque(self, tree: Any, depth: int) -> Expression:
        """An expression with its operands; a chain of operators is one, however long."""
        span = self.span(tree)
        if tree.data == "unary_op" and (number := _negative(self.text[span])) is not None:
            return Literal(self.text, span, number)
        operands: list[Expression] = []
        waiting = [tree]
        while waiting:
            current = waiting.pop()
            if current is not tree and current.data not in _CHAINS:
                operands.append(self.expression(current, depth + 1))
                continue
            waiting += [child for child in reversed(current.children) if not _is_filling(child)]
        return Opaque(self.text, span, _KINDS.get(tree.data, "other"), tuple(operands))


_CHAINS = frozenset(("binary_op", "binary_term", "for_intro", "for_cond"))
_FILLING = frozenset(("new_line_or_comment", "binary_operator", "get_attr", "short_index"))


def _type(node: Any) -> str:
    """The rule of a tree, or the terminal of a token."""
    return str(node.data if hasattr(node, "data") else node.type)


def _is_filling(node: Any) -> bool:
    """Whether a child is no expression: a token, a line break, an operator."""
    return not hasattr(node, "data") or node.data in _FILLING


def _constant(shown: str) -> int | float | bool | None:
    if shown in ("true", "false", "null"):
        return {"true": True, "false": False}.get(shown)
    return int(shown) if shown.isdigit() and len(shown) < 1000 else float(shown)


def _negative(shown: str) -> int | float | None:
    match = re.fullmatch(r"-\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)", shown)
    number = _constant(match[1]) if match else None
    return None if number is None else -number


def _heredoc(text: Text, mark: HeredocMark) -> Heredoc:
    lines = text[mark.content].replace("\r\n", "\n").split("\n")[:-1]
    indent = 0
    if mark.trimmed:
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    value = "".join((line[indent:] if line.strip() else line) + "\n" for line in lines)
    is_literal = not re.search(r"(?<!\$)\$\{|(?<!%)%\{", value)
    if is_literal:
        value = value.replace("$${", "${").replace("%%{", "%{")
    return Heredoc(text, mark.span, mark.content, mark.marker, mark.trimmed, value, is_literal, indent)
