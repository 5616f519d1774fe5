"""The tokens of GitHub Actions' expressions. Only `checks.source.expression` and its evaluation need it."""

from __future__ import annotations

import math

from checks.record import Record
from checks.regex import regex
from checks.source.text import Span


class ExpressionError(ValueError):
    """Text that is no expression."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        """Where in the text given to `parse`."""


class TooLargeError(ExpressionError):
    """An expression beyond the limits that hold here, which GitHub may take."""


_TOKEN = regex(
    r"(?P<blank>\s+)"
    r"|(?P<string>'(?:[^']|'')*')"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[!<>()\[\],*])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<number>[-+0-9][^\s()\[\],!<>=&|]*|\.[0-9][^\s()\[\],!<>=&|]*)"
    r"|(?P<dot>\.)"
)
_NUMBER = regex(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")
_RADIX = regex(r"0x[0-9a-fA-F]{1,200}|0o[0-7]{1,200}")
_ENDS_VALUE = frozenset({"name", ")", "]", "*"})
"""After one of these a dot dereferences; anywhere else it starts a number."""


def number(text: str) -> float:
    """The number that a text is to GitHub: blanks around it allowed, empty is 0, NaN if it is none."""
    stripped = text.strip()
    if not stripped:
        return 0.0
    if _NUMBER.fullmatch(stripped):
        return float(stripped)
    if _RADIX.fullmatch(stripped):
        try:
            return float(int(stripped, 0))
        except OverflowError:
            return math.inf
    return {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(stripped, math.nan)


class Token(Record):
    kind: str
    """`name`, `string`, `number`, `.`, or the operator itself; `end` after the last."""
    text: str
    span: Span


def tokens(source: str) -> list[Token]:
    """The tokens of an expression, with one of kind `end` behind them. `ExpressionError` if there is none."""
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        kind = match.lastgroup if match else None
        if match and kind == "number" and match[0][0] == "." and found and found[-1].kind in _ENDS_VALUE:
            kind, end = "dot", at + 1
        elif match and kind:
            end = match.end()
        else:
            raise ExpressionError(f"unexpected `{source[at]}`", at)
        if kind != "blank":
            text = source[at:end]
            found.append(Token(text if kind in {"operator", "dot"} else kind, text, Span(at, end)))
        at = end
    found.append(Token("end", "", Span(len(source), len(source))))
    return found
