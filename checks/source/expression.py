"""What GitHub Actions' expressions, `${{ … }}`, are made of.

The language: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
Where they stand is the business of `checks.source.expression_places`, evaluating them that of `checks.source.evaluation`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from checks.record import Record
from checks.source.expression_tokens import ExpressionError, Token, TooLargeError, number, tokens
from checks.source.text import Span

__all__ = [
    "Binary", "Call", "Constant", "Context", "Expr", "ExpressionError", "Index", "Not", "Operator", "Scalar",
    "TooLargeError", "is_truth", "parse", "path_of", "walk",
]  # fmt: skip

MAX_DEPTH = 50
"""GitHub's own limit on nesting."""
MAX_HEIGHT = 150
"""Of the tree, in which a chain `a || b || c` is as high as it is long; GitHub sets no limit to chains."""
MAX_CHARACTERS = 21_000
"""GitHub's own limit on the length of an expression."""
_SHORT = 500
"""Characters of an expression whose reading is kept."""

Scalar: TypeAlias = bool | float | str | None


class Constant(Record):
    """`null`, `true`, `42`, `'text'`, and the name after a dot."""

    value: Scalar
    span: Span


class Context(Record):
    """The first name of `github.ref`."""

    name: str
    span: Span


class Index(Record):
    """`of.name`, `of['name']`, `of[0]`, `of.*`."""

    of: Expr
    key: Expr | None
    """None for `*`."""
    span: Span


class Call(Record):
    """`contains(a, b)`."""

    name: str
    """In lower case."""
    arguments: tuple[Expr, ...]
    span: Span


class Operator(StrEnum):
    """What stands between two operands."""

    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    UNEQUAL = "!="
    AND = "&&"
    OR = "||"


class Not(Record):
    operand: Expr
    span: Span


class Binary(Record):
    """`a == b`; `a && b` and `a || b`, whose value is that of one of the two."""

    operator: Operator
    left: Expr
    right: Expr
    span: Span


Expr: TypeAlias = Constant | Context | Index | Call | Not | Binary


_WORDS: dict[str, Scalar] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}
_LEVELS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
"""How tightly operators bind."""


class _Parser:
    """Recursive descent, as deep as `MAX_DEPTH` allows."""

    def __init__(self, source: str) -> None:
        self._all = tokens(source)
        self._at = 0
        self._depth = 0

    def whole(self) -> Expr:
        expr = self._expression()
        if self._peek.kind != "end":
            raise self._unexpected()
        if _height(expr) > MAX_HEIGHT:
            raise TooLargeError(f"nested deeper than {MAX_HEIGHT}", 0)
        return expr

    @property
    def _peek(self) -> Token:
        return self._all[self._at]

    def _unexpected(self) -> ExpressionError:
        token = self._peek
        reason = f"unexpected `{token.text}`" if token.text else "it ends too early"
        return ExpressionError(reason, token.span.start)

    def _take(self, kind: str) -> bool:
        taken = self._peek.kind == kind
        self._at += taken
        return taken

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            raise self._unexpected()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLargeError(f"nested deeper than {MAX_DEPTH}", self._peek.span.start)

    def _since(self, start: int) -> Span:
        """From the token with index `start` to the last one taken."""
        return self._all[start].span.to(self._all[self._at - 1].span)

    def _expression(self) -> Expr:
        self._deeper()
        expr = self._binary(0)
        self._depth -= 1
        return expr

    def _binary(self, above: int) -> Expr:
        """Operands joined by operators that bind tighter than level `above`."""
        start = self._at
        left = self._unary()
        while (level := _LEVELS.get(self._peek.kind, 0)) > above:
            operator = Operator(self._peek.kind)
            self._at += 1
            right = self._binary(level)
            left = Binary(operator, left, right, self._since(start))
        return left

    def _unary(self) -> Expr:
        start = self._at
        if not self._take("!"):
            return self._postfix()
        self._deeper()
        operand = self._unary()
        self._depth -= 1
        return Not(operand, self._since(start))

    def _postfix(self) -> Expr:
        start, depth = self._at, self._depth
        expr = self._primary()
        may_index = isinstance(expr, Context | Call) or self._all[start].kind == "("
        while may_index and self._peek.kind in {".", "["}:
            key = self._property() if self._take(".") else self._subscript()
            self._deeper()
            expr = Index(expr, key, self._since(start))
        self._depth = depth
        return expr

    def _property(self) -> Expr | None:
        token = self._peek
        if self._take("*"):
            return None
        self._expect("name")
        return Constant(token.text, token.span)

    def _subscript(self) -> Expr | None:
        self._expect("[")
        key = None if self._take("*") else self._expression()
        self._expect("]")
        return key

    def _primary(self) -> Expr:
        token = self._peek
        self._at += 1
        match token.kind:
            case "(":
                expr = self._expression()
                self._expect(")")
                return expr
            case "string":
                return Constant(token.text[1:-1].replace("''", "'"), token.span)
            case "number":
                return self._number(token)
            case "name" if self._peek.kind == "(":
                return self._call(token)
            case "name" if token.text in _WORDS:
                return Constant(_WORDS[token.text], token.span)
            case "name":
                return Context(token.text, token.span)
        self._at -= 1
        raise self._unexpected()

    def _number(self, token: Token) -> Expr:
        value = number(token.text)
        if math.isnan(value):
            raise ExpressionError(f"`{token.text}` is no number", token.span.start)
        return Constant(value, token.span)

    def _call(self, name: Token) -> Expr:
        start = self._at - 1
        self._expect("(")
        arguments: list[Expr] = []
        while not self._take(")"):
            arguments.append(self._expression())
            if self._peek.kind != ")":
                self._expect(",")
        return Call(name.text.lower(), tuple(arguments), self._since(start))


def parse(source: str) -> Expr:
    """Read what stands between the braces, or the value of an `if:`. `ExpressionError` if it is none.

    Spans count from the start of `source`; parentheses around an expression are not part of its span.
    Whether functions and contexts exist is not looked at.
    """
    if len(source) > MAX_CHARACTERS:
        raise TooLargeError(f"longer than {MAX_CHARACTERS} characters", MAX_CHARACTERS)
    return _short(source) if len(source) <= _SHORT else _Parser(source).whole()


@lru_cache(maxsize=1024)
def _short(source: str) -> Expr:
    """The same conditions are asked for again with each event, caller and edit that is tried."""
    return _Parser(source).whole()


def path_of(expr: Expr) -> tuple[str, ...] | None:
    """`("steps", "build", "outputs", "digest")` for `steps.build.outputs['digest']`, as it is written.

    `*` stands for itself; None for what is no path of constant keys.
    """
    keys: list[str] = []
    while isinstance(expr, Index):
        if expr.key is None:
            keys.append("*")
        elif isinstance(expr.key, Constant) and isinstance(expr.key.value, str):
            keys.append(expr.key.value)
        else:
            return None
        expr = expr.of
    return (expr.name, *reversed(keys)) if isinstance(expr, Context) else None


_TRUTHS = frozenset(("always", "cancelled", "contains", "endswith", "failure", "startswith", "success"))


def is_truth(expr: Expr) -> bool:
    """Whether an expression certainly comes to `true` or `false`."""
    if isinstance(expr, Binary) and expr.operator in (Operator.AND, Operator.OR):
        return is_truth(expr.left) and is_truth(expr.right)
    if isinstance(expr, Call):
        return expr.name in _TRUTHS
    return isinstance(expr, Not | Binary) or (isinstance(expr, Constant) and isinstance(expr.value, bool))


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all that it is made of, in the order of the text."""
    yield expr
    for part in _parts(expr):
        yield from walk(part)


def _height(expr: Expr) -> int:
    height = 0
    row = [expr]
    while row:
        height += 1
        row = [part for above in row for part in _parts(above)]
    return height


def _parts(expr: Expr) -> tuple[Expr, ...]:
    match expr:
        case Index(of=of, key=key):
            return (of, key) if key is not None else (of,)
        case Call(arguments=parts):
            return parts
        case Not(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return left, right
    return ()
