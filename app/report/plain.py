"""Markdown and hostile text made fit for places that show text as it is."""

from __future__ import annotations

import re
import unicodedata

from checks.source.snapshot import elsewhere

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_SHOWN = 60
"""Characters of a wrong value that a message repeats."""
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(markdown: str, quote: str = "") -> str:
    """`markdown` with each code span replaced by its value, between two of `quote`.

    As CommonMark has it: a span ends at a run of as many backticks as opened it, and one blank on both
    sides belongs to the delimiters. https://spec.commonmark.org/0.31.2/#code-spans
    """
    return _CODE.sub(lambda match: quote + _value(match[2]) + quote, markdown)


def _value(inside: str) -> str:
    padded = inside.startswith(" ") and inside.endswith(" ") and inside.strip(" ")
    return inside[1:-1] if padded else inside


def placed(path: str, line: int) -> str:
    """A place in words: the path and the line, and the repository if it is another one."""
    other = elsewhere(path)
    return f"{other[1]} line {line} in {other[0]}" if other else f"{path} line {line}"


def printable(text: str) -> str:
    """`text` on one line, with everything that steers a terminal or reorders text written as an escape.

    A file of a pull request can hold escape sequences that rewrite what the reader sees, and
    bidirectional marks that make code read otherwise than it runs.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) for char in text)


def quoted(value: str) -> str:
    """A value of the file as a message shows it."""
    return f'"{printable(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")}"'


def _escaped(char: str) -> str:
    if unicodedata.category(char) not in _ESCAPED:
        return char
    if char == "\n":
        return "\\n"
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
