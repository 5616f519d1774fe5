"""From the text that one pass over HCL has masked to the tree of `checks.source.hcl`.

By descent, as HashiCorp's own parser goes: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Where a
line may end it is as lenient as need be to read what Terraform reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from checks.regex import regex
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
from checks.source.hcl_scan import MAX_DEPTH, HeredocMark, scan
from checks.source.text import CannotRead, Span, Text

Placed: TypeAlias = tuple[Expression, Span]
"""An expression, and where it stands with the parentheses around it."""


_BLANK, _ANY_BLANK = r"[ \t\r]*", r"[ \t\r\n]*"


def _token(pattern: str, *, lines: bool = False) -> re.Pattern[str]:
    """A pattern with the blanks before it, and with the line breaks where these do not end what came before."""
    return re.compile(rf"{_ANY_BLANK if lines else _BLANK}({pattern})")


_WORD = r"[a-zA-Z_][a-zA-Z0-9_-]*"
_BLANKS, _NEWLINES = regex(_BLANK), regex(_ANY_BLANK)
_NAME = _token(_WORD)
_CALLED = _token(rf"{_WORD}(?:[ \t]*::[ \t]*{_WORD})*(?=[ \t\r]*\()")
_NUMBER = _token(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BINARY = regex(r"[ \t\r\n]*(==|!=|<=|>=|&&|\|\||[<>+*/%])|[ \t\r]*(-)")
_UNARY = _token("[-!]")
_QUESTION = _token(r"\?", lines=True)
_COLON = _token(":(?!:)", lines=True)
_ARROW = _token("=>", lines=True)
_ASSIGN = _token("=(?![=>])")
_KEY_ENDS = _token("=(?![=>])|:(?!:)")
_COMMA = _token(",", lines=True)
_ELLIPSIS = _token(r"\.\.\.", lines=True)
_OPENS = _token(r"\{", lines=True)
_FOR = _token(rf"for(?=[ \t\r\n]+{_WORD})", lines=True)
_IN = _token(r"in(?![\w-])", lines=True)
_IF = _token(r"if(?![\w-])", lines=True)
_CLOSE = {bracket: _token(re.escape(bracket), lines=True) for bracket in ")]}"}
_STEP = regex(
    rf"[ \t\r]*(?:(?P<attribute>\.[ \t]*(?P<name>{_WORD}))|(?P<short>\.[ \t]*(?P<number>\d+))"
    r"|(?P<splat>\.\*|\[\*\])|(?P<index>\[))"
)
_CHARACTERS = regex(r'[^"$%]+')
_DIRECTIVE = _token("if|else|endif|for|endfor")
_ESCAPE = regex(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS = {"true": True, "false": False, "null": None}


def read(text: Text) -> Body:
    """The body of a file. `CannotRead` if it is not HCL, or beyond a limit."""
    found = scan(text)
    try:
        body = _Parser(text, found.masked, found.heredocs).body(0, 0)
    except RecursionError:
        raise CannotRead(text.path, 1, "its expressions nest too deeply") from None
    return Body(text, body.span, body.attributes, body.blocks, tuple(found.comments))


class _Parser:
    """Stands at a place in a masked text; each method reads what begins there."""

    def __init__(self, text: Text, code: str, heredocs: dict[int, HeredocMark]) -> None:
        self.text = text
        self.code = code
        self.heredocs = heredocs
        self.at = 0

    def take(self, pattern: re.Pattern[str]) -> Span | None:
        """The place of a token, if it is the next."""
        match = pattern.match(self.code, self.at)
        if match is None:
            return None
        self.at = match.end()
        return Span(*match.span(match.lastindex or 0))

    def expect(self, pattern: re.Pattern[str]) -> Span:
        found = self.take(pattern)
        if found is None:
            raise self.unexpected()
        return found

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.code, self.at)
        self.at = match.end() if match else self.at

    def unexpected(self) -> CannotRead:
        """The complaint about what stands here; about an end, at the line that ends too early."""
        self.skip(_BLANKS)
        text, code, at = self.text, self.code, self.at
        if not code[at:].strip():
            line = text.line_of(len(code.rstrip()))
            return CannotRead(text.path, line, "the file ends where more is expected")
        if code[at] == "\n":
            line = text.line_of(len(code[:at].rstrip()))
            return CannotRead(text.path, line, "the line ends where more is expected")
        shown = re.match(r"\w+|.", text.content[at : at + 100])
        what = shown[0] if shown else code[at]
        return CannotRead(text.path, text.line_of(at), f"`{what}` is not expected here")

    # -- bodies

    def body(self, start: int, depth: int) -> Body:
        """What stands from here to the brace that closes it, or to the end of the file."""
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        while self.ahead(_NEWLINES) not in ("", "}"):
            name = self.expect(_NAME)
            if self.take(_ASSIGN):
                attributes.append(Attribute(self.text[name], name, *self.expression(depth)))
            else:
                blocks.append(self.block(name, depth + 1))
        return Body(self.text, Span(start, self.at), tuple(attributes), tuple(blocks))

    def ahead(self, filling: re.Pattern[str] = _BLANKS) -> str:
        """The next character after what is skipped; empty at the end."""
        self.skip(filling)
        return self.code[self.at : self.at + 1]

    def block(self, kind: Span, depth: int) -> Block:
        labels: list[Label] = []
        while (opens := self.take(_OPENS)) is None:
            labels.append(self.label())
        body = self.body(opens.end, depth)
        span = kind.to(self.expect(_CLOSE["}"]))
        return Block(self.text[kind], kind, tuple(labels), body, span)

    def label(self) -> Label:
        if self.ahead() != '"':
            name = self.expect(_NAME)
            return Label(self.text[name], name)
        span = self.string(0).span
        return Label(_unescaped(self.text[span][1:-1]), span)

    # -- expressions

    def expression(self, depth: int) -> Placed:
        condition, start = self.operation(depth)
        if not self.take(_QUESTION):
            return condition, start
        self.skip(_NEWLINES)
        yes, _ = self.expression(depth + 1)
        self.expect(_COLON)
        self.skip(_NEWLINES)
        no, end = self.expression(depth + 1)
        return self.opaque("conditional", start.to(end), condition, yes, no)

    def operation(self, depth: int) -> Placed:
        """A chain of operands; which operator binds closer makes no difference to us."""
        first, start = self.term(depth)
        operands, end = [first], start
        while self.take(_BINARY):
            self.skip(_NEWLINES)
            operand, end = self.term(depth)
            operands.append(operand)
        return self.opaque("binary", start.to(end), *operands) if len(operands) > 1 else (first, start)

    def opaque(self, kind: str, span: Span, *operands: Expression) -> Placed:
        return Opaque(self.text, span, kind, operands), span

    def term(self, depth: int) -> Placed:
        """A value with its sign and all that is asked of it."""
        if depth > MAX_DEPTH * 2:
            raise CannotRead(self.text.path, self.text.line_of(self.at), "the expression nests too deeply")
        if sign := self.take(_UNARY):
            operand, end = self.term(depth + 1)
            span = sign.to(end)
            number = _negative(self.text[span])
            if number is not None:
                return Literal(self.text, span, number), span
            return self.opaque("unary", span, operand)
        root, start = self.root(depth)
        steps = tuple(self.steps(depth))
        if not steps:
            return root, start
        span = start.to(steps[-1].span)
        if isinstance(root, Traversal) and root.span == start:
            return Traversal(self.text, span, root.parts + steps), span
        return self.opaque("other", span, root, *(step.index for step in steps if step.index))

    def root(self, depth: int) -> Placed:
        match self.ahead():
            case '"':
                found: Expression = self.string(depth)
            case "[":
                found = self.list(depth)
            case "{":
                found = self.object(depth)
            case "(":
                return self.parenthesised(depth)
            case _:
                found = self.call(depth) or self.word()
        return found, found.span

    def parenthesised(self, depth: int) -> Placed:
        start = self.at
        self.at += 1
        inner, _ = self.expression(depth + 1)
        return inner, Span(start, self.expect(_CLOSE[")"]).end)

    def word(self) -> Expression:
        """A number, a constant, or the name that a reference begins with."""
        if span := self.take(_NUMBER):
            return Literal(self.text, span, _number(self.text[span]))
        span = self.expect(_NAME)
        name = self.text[span]
        if name in _CONSTANTS:
            return Literal(self.text, span, _CONSTANTS[name])
        return self.name(span)

    def name(self, span: Span) -> Traversal:
        return Traversal(self.text, span, (Part(span, "name", self.text[span]),))

    def call(self, depth: int) -> Call | None:
        name = self.take(_CALLED)
        if name is None:
            return None
        self.skip(_BLANKS)
        self.at += 1
        args: list[Expression] = []
        expands = False
        while (close := self.take(_CLOSE[")"])) is None:
            args.append(self.expression(depth + 1)[0])
            expands = self.take(_ELLIPSIS) is not None
            if expands or not self.take(_COMMA):
                close = self.expect(_CLOSE[")"])
                break
        return Call(self.text, name.to(close), self.text[name], name, tuple(args), expands)

    def list(self, depth: int) -> Expression:
        start = self.at
        self.at += 1
        if self.take(_FOR):
            return self.comprehension(start, "]", depth)
        items: list[Expression] = []
        while (close := self.take(_CLOSE["]"])) is None:
            items.append(self.expression(depth + 1)[0])
            if not self.take(_COMMA):
                close = self.expect(_CLOSE["]"])
                break
        return ListExpr(self.text, Span(start, close.end), tuple(items))

    def object(self, depth: int) -> Expression:
        start = self.at
        self.at += 1
        if self.take(_FOR):
            return self.comprehension(start, "}", depth)
        items: list[ObjectItem] = []
        while (close := self.take(_CLOSE["}"])) is None:
            self.skip(_NEWLINES)
            items.append(self.item(depth + 1))
            self.take(_COMMA)
        return ObjectExpr(self.text, Span(start, close.end), tuple(items))

    def item(self, depth: int) -> ObjectItem:
        key, key_span = self.expression(depth)
        self.expect(_KEY_ENDS)
        value, value_span = self.expression(depth)
        name = None
        if isinstance(key, Literal):
            name = key.value if isinstance(key.value, str) else self.text[key.span]
        elif isinstance(key, Traversal) and key.span == key_span and len(key.parts) == 1:
            name = key.parts[0].name
        return ObjectItem(key, value, name, key_span, value_span)

    def comprehension(self, start: int, closes: str, depth: int) -> Expression:
        """What follows the `for` of a list or an object."""
        operands = [*self.variables(), self.inner(depth)]
        self.expect(_COLON)
        operands.append(self.inner(depth))
        if closes == "}":
            self.expect(_ARROW)
            operands.append(self.inner(depth))
            self.take(_ELLIPSIS)
        if self.take(_IF):
            operands.append(self.inner(depth))
        span = Span(start, self.expect(_CLOSE[closes]).end)
        return Opaque(self.text, span, "for", tuple(operands))

    def inner(self, depth: int) -> Expression:
        self.skip(_NEWLINES)
        return self.expression(depth + 1)[0]

    def variables(self) -> Iterator[Expression]:
        """The names that `for` declares, and `in`."""
        self.skip(_NEWLINES)
        yield self.name(self.expect(_NAME))
        if self.take(_COMMA):
            self.skip(_NEWLINES)
            yield self.name(self.expect(_NAME))
        self.expect(_IN)

    def steps(self, depth: int) -> Iterator[Part]:
        """What is asked of a value: `.name`, `[index]`, `.0`, `.*`, `[*]`."""
        while match := _STEP.match(self.code, self.at):
            span = Span(*match.span(match.lastgroup or 0))
            self.at = match.end()
            if match["index"]:
                index, _ = self.expression(depth + 1)
                yield Part(Span(span.start, self.expect(_CLOSE["]"]).end), "index", index=index)
            elif match["number"]:
                number = Span(*match.span("number"))
                yield Part(span, "index", index=Literal(self.text, number, _number(self.text[number])))
            elif match["splat"]:
                yield Part(span, "splat")
            else:
                yield Part(span, "name", self.text[Span(*match.span("name"))])

    # -- strings

    def string(self, depth: int) -> Literal | Template | Heredoc:
        start = self.at
        if mark := self.heredocs.get(start):
            self.at = mark.span.end
            return _heredoc(self.text, mark)
        self.at += 1
        parts: list[Literal | Interpolation | Opaque] = []
        while not self.code.startswith('"', self.at):
            parts.append(self.part(depth))
        self.at += 1
        span = Span(start, self.at)
        match parts:
            case []:
                return Literal(self.text, span, "", quoted=True)
            case [Literal(value=value)]:
                return Literal(self.text, span, value, quoted=True)
        return Template(self.text, span, tuple(parts))

    def part(self, depth: int) -> Literal | Interpolation | Opaque:
        if characters := self.take(_CHARACTERS):
            return Literal(self.text, characters, _unescaped(self.text[characters]))
        start = self.at
        self.at += 2
        if self.code.startswith("${", start):
            inner, _ = self.expression(depth + 1)
            return Interpolation(Span(start, self.expect(_CLOSE["}"]).end), inner)
        operands = tuple(self.directive(depth))
        return Opaque(self.text, Span(start, self.expect(_CLOSE["}"]).end), "directive", operands)

    def directive(self, depth: int) -> Iterator[Expression]:
        """What stands in `%{…}`."""
        keyword = self.text[self.expect(_DIRECTIVE)]
        if keyword == "for":
            yield from self.variables()
        if keyword in ("if", "for"):
            yield self.inner(depth)


def _unescaped(shown: str) -> str:
    return _ESCAPE.sub(_character, shown)


def _character(match: re.Match[str]) -> str:
    if match[4]:
        return f"{match[4]}{{"
    if digits := match[1] or match[2]:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 else match[0]
    return _SIMPLE.get(match[3], match[3])


def _number(shown: str) -> int | float:
    return int(shown) if shown.isdigit() and len(shown) < 1000 else float(shown)


def _negative(shown: str) -> int | float | None:
    match = re.fullmatch(r"-\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)", shown)
    return -_number(match[1]) if match else None


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
