"""Words of tree-sitter's tree, turned into words of ours. Only `checks.source.shell_tree` needs it."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal as OneOf
from typing import TypeAlias

from msgspec.structs import replace
from tree_sitter import Node

from checks.record import Record
from checks.regex import regex
from checks.source.expression_places import find
from checks.source.text import Span
from checks.source.word import Expression, Literal, Opaque, Pattern, Piece, Substitution, Variable, Word

Style: TypeAlias = OneOf["plain", "double", "single", "ansi", "heredoc"]

SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_HOLES = SUBSTITUTIONS | {"simple_expansion", "expansion", "arithmetic_expansion"}
_NAMES = frozenset({"variable_name", "special_variable_name", "subscript"})
_MAX_DEPTH = 20
"""Expansions inside of expansions: `${A:-${B:-…}}`."""

_ESCAPES: dict[Style, re.Pattern[str]] = {
    "plain": regex(r"\\(.)", re.DOTALL),
    "double": regex(r'\\([$`"\\\n])'),
    "heredoc": regex(r"\\([$`\\\n])"),
    "ansi": regex(r"\\([abeEfnrtv\\'\"?]|[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[uU][0-9a-fA-F]{1,8}|c.)", re.DOTALL),
}
_ANSI = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_GLOB = regex(r"[*?]+|\[[^\]\s]{1,100}\]|\{[^{}\s]{1,400}\}|\A~(?=/|\Z)")
_EXPANSION = regex(r"\$([A-Za-z_]\w*|[0-9@*#?])", re.ASCII)
_NOT_ASCII = regex(r"[^\x00-\x7f]")
_CRLF = regex(r"(\\?)\r\n")
_NAME_CHARACTER = regex(r"[A-Za-z0-9_]")


class Written(Record):
    """A text that has become a script of its own: what it says, and where each character is written."""

    value: str
    starts: Sequence[int]
    """Offset of each character's first character in the script around it."""
    ends: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        if start < end:
            return Span(self.starts[start], self.ends[end - 1])
        at = self.starts[start] if start < len(self.starts) else self.ends[-1] if self.ends else 0
        return Span(at, at)


def mask(source: str) -> str:
    """A text of the same length in which only ASCII is left, and no `${{ }}`.

    So offsets of bytes are offsets of characters. An expression becomes letters, that the word it stands in
    stays one word; after a letter it starts with a dot, that it does not become part of a variable's name.
    A character outside of ASCII becomes a dot for the same reason.
    """
    parts: list[str] = []
    at = 0
    for found in find(source):
        before = source[found.span.start - 1 : found.span.start]
        first = "." if _NAME_CHARACTER.fullmatch(before) else "x"
        parts += source[at : found.span.start], first, "x" * (found.span.end - found.span.start - 1)
        at = found.span.end
    parts.append(source[at:])
    ascii_only = _NOT_ASCII.sub(".", "".join(parts)).replace("\0", ".")
    return _CRLF.sub(lambda match: f" {match[1]}\n" if match[1] else " \n", ascii_only)


class Words:
    """Builds words from nodes. Offsets of nodes are those of `source`; of words, those `written` says."""

    def __init__(self, source: str, written: Written | None = None) -> None:
        self.source = source
        self._written = written
        self._expressions = find(source)
        self._begins = [found.span.start for found in self._expressions]

    def span(self, start: int, end: int) -> Span:
        """The span of `source[start:end]` in the outermost text."""
        return self._written.span(start, end) if self._written else Span(start, end)

    def start(self, node: Node) -> int:
        """Where an expansion starts; in a string its token has swallowed the blanks before it."""
        start = node.start_byte
        while start < node.end_byte and self.source[start].isspace():
            start += 1
        return start

    def adjacent(self, left: Node, right: Node) -> bool:
        """Whether two nodes are one word: nothing between them, or only the end of a continued line."""
        between = self.source[left.end_byte : right.start_byte]
        return not between or between == "\\\n"

    def word(
        self, nodes: Sequence[Node], assigned: bool = False, quoted: bool = False, depth: int = 0
    ) -> Word:
        """The word that adjacent nodes make; `assigned` values are not subject to globbing."""
        pieces: Iterable[Piece] = _expanded(
            _merged(p for node in nodes for p in self._pieces(node, quoted, depth))
        )
        if not assigned:
            pieces = _globbed(pieces)
        return Word(self.span(nodes[0].start_byte, nodes[-1].end_byte), self._placed(pieces))

    def name(self, node: Node) -> str | None:
        """The text of a name, or None if an expression stands in it."""
        begins = bisect.bisect_left(self._begins, node.start_byte)
        if begins < len(self._begins) and self._begins[begins] < node.end_byte:
            return None
        return self.source[node.start_byte : node.end_byte]

    def written(self, pieces: Iterable[Piece]) -> Written:
        """What a shell gets to read that is given these pieces, which count offsets of `source`."""
        values: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for piece in pieces:
            span = piece.span
            value = piece.value if isinstance(piece, Literal) else self.source[span.start : span.end]
            values.append(value)
            if len(value) == span.end - span.start:
                starts += range(span.start, span.end)
                ends += range(span.start + 1, span.end + 1)
            else:
                starts += [span.start] * len(value)
                ends += [span.end] * len(value)
        if self._written:
            outer = [self._written.span(start, end) for start, end in zip(starts, ends, strict=True)]
            starts, ends = [span.start for span in outer], [span.end for span in outer]
        return Written("".join(values), starts, ends)

    def local_pieces(self, nodes: Sequence[Node]) -> tuple[Piece, ...]:
        """The pieces of a word with offsets of `source`."""
        return tuple(p for node in nodes for p in self._pieces(node, quoted=False, depth=0))

    def heredoc(self, start: int, end: int, quoted: bool) -> Written:
        """What a shell gets to read from a here-document."""
        return self.written(self._text(start, end, "single" if quoted else "heredoc", quoted=True))

    def _placed(self, pieces: Iterable[Piece]) -> tuple[Piece, ...]:
        if self._written is None:
            return tuple(pieces)
        return tuple(replace(piece, span=self.span(piece.span.start, piece.span.end)) for piece in pieces)

    def _pieces(self, node: Node, quoted: bool, depth: int) -> Iterator[Piece]:
        start, end = node.start_byte, node.end_byte
        kind = node.type
        if kind in _HOLES:
            yield self._hole(node, start, quoted, depth)
        elif kind == "raw_string":
            yield from self._text(start + 1, max(end - 1, start + 1), "single", quoted=True)
        elif kind == "ansi_c_string":
            yield from self._text(start + 2, max(end - 1, start + 2), "ansi", quoted=True)
        elif kind == "string":
            yield from self._string(node, depth)
        elif kind == "brace_expression":
            yield Pattern(self.source[start:end], Span(start, end), quoted)
        elif node.is_error or depth > _MAX_DEPTH:
            yield Opaque(Span(start, end), quoted)
        elif node.child_count:
            for child in node.children:
                yield from self._pieces(child, quoted, depth + 1)
        else:
            yield from self._text(start, end, "double" if quoted else "plain", quoted)

    def _string(self, node: Node, depth: int) -> Iterator[Piece]:
        """The inside of a double-quoted string; the tree's tokens swallow blanks, so text is what is between."""
        at, end = node.start_byte + 1, max(node.end_byte - 1, node.start_byte + 1)
        for child in node.children:
            if child.type not in _HOLES:
                continue
            start = self.start(child)
            yield from self._text(at, start, "double", quoted=True)
            yield self._hole(child, start, quoted=True, depth=depth)
            at = child.end_byte
        yield from self._text(at, end, "double", quoted=True)

    def _hole(self, node: Node, start: int, quoted: bool, depth: int) -> Piece:
        span = Span(start, node.end_byte)
        if node.type in SUBSTITUTIONS:
            return Substitution(span, quoted)
        if node.type == "arithmetic_expansion" or depth > _MAX_DEPTH:
            return Opaque(span, quoted)
        return self._variable(node, span, quoted, depth) or Opaque(span, quoted)

    def _variable(self, node: Node, span: Span, quoted: bool, depth: int) -> Variable | None:
        children = [child for child in node.children if child.type not in {"$", "${", "}"}]
        at = next((index for index, child in enumerate(children) if child.type in _NAMES), None)
        if at is None:
            return None
        named = children[at]
        subscript = named.type == "subscript"
        name = self.name(named.children[0] if subscript else named)
        if name is None:
            return None
        if at:
            return Variable(
                name, span, self.source[children[0].start_byte : children[0].end_byte], None, quoted
            )
        if subscript:
            whole = self.source[named.start_byte : named.end_byte].endswith(("[@]", "[*]"))
            return Variable(name, span, "[@]" if whole else "[", None, quoted)
        if len(children) == 1:
            return Variable(name, span, quoted=quoted)
        operator = self.source[children[1].start_byte : children[1].end_byte]
        rest = children[2:]
        argument = self.word(rest, assigned=True, quoted=quoted, depth=depth + 1) if rest else None
        return Variable(name, span, operator, argument, quoted)

    def _text(self, start: int, end: int, style: Style, quoted: bool) -> Iterator[Piece]:
        """Text with its escapes resolved and its expressions told apart."""
        at = start
        index = bisect.bisect_right(self._begins, start)
        if index and self._expressions[index - 1].span.end > start:
            index -= 1
        while index < len(self._expressions) and self._begins[index] < end:
            found = self._expressions[index]
            yield from self._unescaped(at, max(at, found.span.start), style, quoted)
            if start <= found.span.start and found.span.end <= end:
                yield Expression(found.source, found.span, quoted)
            else:
                yield Opaque(Span(max(start, found.span.start), min(end, found.span.end)), quoted)
            at = min(end, found.span.end)
            index += 1
        yield from self._unescaped(at, end, style, quoted)

    def _unescaped(self, start: int, end: int, style: Style, quoted: bool) -> Iterator[Piece]:
        escapes = _ESCAPES.get(style)
        at = start
        if escapes and "\\" in self.source[start:end]:
            for match in escapes.finditer(self.source, start, end):
                if at < match.start():
                    yield Literal(self.source[at : match.start()], Span(at, match.start()), quoted)
                value = _ansi(match[1]) if style == "ansi" else match[1].replace("\n", "")
                if value:
                    yield Literal(value, Span(match.start(), match.end()), quoted=True)
                at = match.end()
        if at < end:
            yield Literal(self.source[at:end], Span(at, end), quoted)


def _ansi(escape: str) -> str:
    """https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html"""
    kind, digits = escape[0], escape[1:]
    if kind in _ANSI:
        return _ANSI[kind]
    if kind in "xuU" and digits:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    if kind.isdigit():
        return chr(int(escape, 8) & 0xFF)
    return chr(ord(digits) & 0x1F) if kind == "c" and digits else escape


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces with unquoted literals joined that the tree has split, such as the three of `{a,b}`."""
    last: Piece | None = None
    for piece in pieces:
        if (
            isinstance(last, Literal)
            and isinstance(piece, Literal)
            and not (last.quoted or piece.quoted)
            and last.span.end == piece.span.start
        ):
            last = Literal(last.value + piece.value, last.span.to(piece.span))
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _expanded(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces with the variables in unquoted literals told apart: the tree parts `$A/b:$C-d` behind its second `$`."""
    for piece in pieces:
        if not isinstance(piece, Literal) or piece.quoted or "$" not in piece.value:
            yield piece
            continue
        at, base = 0, piece.span.start
        for match in _EXPANSION.finditer(piece.value):
            if at < match.start():
                yield Literal(piece.value[at : match.start()], Span(base + at, base + match.start()))
            yield Variable(match[1], Span(base + match.start(), base + match.end()))
            at = match.end()
        if at < len(piece.value):
            yield Literal(piece.value[at:], Span(base + at, piece.span.end))


def _globbed(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces with the globs in unquoted literals told apart."""
    for piece in pieces:
        if not isinstance(piece, Literal) or piece.quoted or not _GLOB.search(piece.value):
            yield piece
            continue
        at = 0
        base = piece.span.start
        for match in _GLOB.finditer(piece.value):
            if match[0].startswith("{") and "," not in match[0] and ".." not in match[0]:
                continue
            if at < match.start():
                yield Literal(piece.value[at : match.start()], Span(base + at, base + match.start()))
            yield Pattern(match[0], Span(base + match.start(), base + match.end()))
            at = match.end()
        if at < len(piece.value):
            yield Literal(piece.value[at:], Span(base + at, piece.span.end))
