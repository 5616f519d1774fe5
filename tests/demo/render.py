"""GitHub's Markdown for a terminal, as far as our reports use it."""

from __future__ import annotations

import difflib
import html
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from app.report.plain import plain
from app.report.text import Terminal

PLAIN = Terminal()
BOLD, DIM, RED, GREEN, CYAN = "1", "2", "31", "32", "36"
_MARGIN = 4
"""Cells that stay free beside what is rendered."""
_FENCE = re.compile(r"(`{3,})(\w*)")
_LINK = re.compile(r"\[((?:`[^`]*`|[^\]`])*)\]\(\S*?\)")
_TAG = re.compile(r"</?(?:sub|code|summary|details)>")
_EMPHASIS = re.compile(r"\*\*(.+?)\*\*")
_ESCAPE = re.compile(r"\\([\\`*_~|\[\]<>&])")
_ROW = re.compile(r"(?<!\\)\|")


def rendered(markdown: str, terminal: Terminal = PLAIN) -> Iterator[str]:
    """The lines. Links without their addresses, tables in columns, what can be unfolded unfolded."""
    empty = True
    for line in _lines(markdown, terminal):
        if line or not empty:
            yield line
        empty = not line


def _lines(markdown: str, terminal: Terminal) -> Iterator[str]:
    fence = ""
    table: list[str] = []
    inside = 0
    for line in re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL).strip().split("\n"):
        if table and not line.startswith("|"):
            yield from _columns(table, terminal)
            table = []
        mark = _FENCE.fullmatch(line)
        indent = "  " * inside
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
        elif fence:
            yield indent + _coloured(line, terminal)
        elif line.startswith("|"):
            table.append(line)
        elif line.startswith("<details>"):
            yield from _flowing(f"▾ {line}", indent, terminal)
            inside += 1
        elif line.strip() == "</details>":
            inside -= 1
        else:
            yield from _flowing(line, indent, terminal)
    yield from _columns(table, terminal)


def changed(before: str, after: str, terminal: Terminal = PLAIN, context: int = 1) -> Iterator[str]:
    """What a suggestion makes of a file."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=context)
    for line in list(lines)[2:]:
        yield terminal.paint(DIM, line) if line.startswith("@@") else _coloured(line, terminal)


def _coloured(line: str, terminal: Terminal) -> str:
    style = {"-": RED, "+": GREEN}.get(line[:1])
    return terminal.paint(style, line) if style else line


def _inline(text: str) -> str:
    """Text without the marks of links, code and emphasis."""
    bare = _EMPHASIS.sub(r"\1", _LINK.sub(r"\1", _TAG.sub("", text)))
    return html.unescape(_ESCAPE.sub(r"\1", plain(bare))).replace("\u200d", "")


def _flowing(line: str, indent: str, terminal: Terminal) -> list[str]:
    small = line.startswith("<sub>")
    style = DIM if small else BOLD if line.startswith("**") else ""
    further = indent + ("  " if line.startswith(("- ", "▾ ")) else "")
    wrapped = _wrapped(_inline(line), terminal, indent, further)
    return [terminal.paint(style, one) if style else one for one in wrapped] or [""]


def _wrapped(text: str, terminal: Terminal, first: str, further: str) -> list[str]:
    return textwrap.wrap(
        text,
        terminal.width - _MARGIN,
        initial_indent=first,
        subsequent_indent=further,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _columns(rows: Sequence[str], terminal: Terminal) -> Iterator[str]:
    cells = [[_inline(cell.strip()) for cell in _ROW.split(row)[1:-1]] for row in rows]
    shown = [row for row in cells if any(set(cell) - {"-"} for cell in row)]
    *widths, _ = [max(map(len, column)) for column in zip_longest(*shown, fillvalue="")] or [0]
    for number, row in enumerate(shown):
        start = "".join(f"{cell:{width}}  " for cell, width in zip(row, widths, strict=False))
        for line in _wrapped(start + row[-1], terminal, "", " " * len(start)):
            yield terminal.paint(DIM, line) if number == 0 else line
