"""A word of a shell command: what of it is known, and what is filled in when the script runs."""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

from checks.record import Record
from checks.regex import regex
from checks.source.text import Span

_DEFAULTS = frozenset({":-", "-", ":=", "="})
_PLAIN = frozenset({"", ":?", "?"})
_LIST_NAME = regex(
    r"(?:[Aa]rg|[Ff]lag|[Oo]pt|[Pp]aram)s?(?![a-z])|(?:ARG|FLAG|OPT|PARAM)S?(?![A-Z])"
    r"|(?i:(?:arg|flag|opt|param)(?:s?(?:line|list|str)|v(?![a-z]))|argument|option(?!al)|parameter|extra(?!ct))"
)
"""In names of what holds arguments, as `CFLAGS`, `extraArgs` and `arglist`, and not in `TARGET`, `CARGO` or `ARGOCD_TOKEN`."""


class Literal(Record):
    """Text that is known."""

    value: str
    """After quote removal."""
    span: Span
    """As written, without the quotes around it; as long as `value` unless it is an escape."""
    quoted: bool = False


class Variable(Record):
    """`$NAME` or `${NAME…}`."""

    name: str
    """Also `1`, `@`, `*`, `?` and their like."""
    span: Span
    operator: str = ""
    """What follows the name in braces: `:-`, `:?`, `%%`, `[` for an element of an array …"""
    argument: Word | None = None
    """What follows the operator."""
    quoted: bool = False

    @property
    def default(self) -> Word | None:
        """The value that stands in for an unset variable, or None."""
        return self.argument if self.operator in _DEFAULTS else None

    @property
    def plain(self) -> bool:
        """Whether it stands for the variable's value as it is, unset ones aside."""
        return self.operator in _PLAIN


class Expression(Record):
    """`${{ … }}`, filled in by GitHub before any shell sees the text."""

    source: str
    """What stands between the braces: input for `checks.source.expression.parse`."""
    span: Span
    quoted: bool = False


class Substitution(Record):
    """The output of commands: `$(…)`, backticks, `<(…)`. The commands are in `Script.within(span)`."""

    span: Span
    quoted: bool = False


class Pattern(Record):
    """An unquoted glob or brace, which the shell replaces by file names if some match."""

    text: str
    span: Span
    quoted: bool = False


class Opaque(Record):
    """Anything else whose value is not known: arithmetic, `~`, what could not be parsed."""

    span: Span
    quoted: bool = False


Hole: TypeAlias = Variable | Expression | Substitution | Pattern | Opaque
Piece: TypeAlias = Literal | Hole


class Word(Record, dict=True):
    """One word, after the shell's tokenizing and before its expansions."""

    span: Span
    """As written, quotes included."""
    pieces: tuple[Piece, ...]
    """In order, each with its own span."""

    @cached_property
    def parts(self) -> tuple[str | Hole, ...]:
        """The pieces with neighbouring literals joined, so that `"a"$B'c'd` is `("a", B, "cd")`."""
        parts: list[str | Hole] = []
        for piece in self.pieces:
            if not isinstance(piece, Literal):
                parts.append(piece)
            elif parts and isinstance(parts[-1], str):
                parts[-1] += piece.value
            elif piece.value:
                parts.append(piece.value)
        return tuple(parts)

    @property
    def literal(self) -> str | None:
        """The value after quote removal, or None if a part of it is not known."""
        return (
            "".join(piece.value for piece in self.pieces if isinstance(piece, Literal))
            if self.known
            else None
        )

    @property
    def known(self) -> bool:
        return all(isinstance(piece, Literal) for piece in self.pieces)

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(piece for piece in self.pieces if not isinstance(piece, Literal))

    @property
    def variable(self) -> Variable | None:
        """The variable that is all of it: of `"$FILE"`, and not of `$FILE.log`."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Variable) else None

    @property
    def spelled(self) -> str | None:
        """Like `literal`, with globs standing for themselves, as they do where no file matches."""
        values: list[str] = []
        for piece in self.pieces:
            if isinstance(piece, Literal):
                values.append(piece.value)
            elif isinstance(piece, Pattern):
                values.append(piece.text)
            else:
                return None
        return "".join(values)

    @property
    def prefix(self) -> str:
        """The known text before the first hole."""
        return next((part for part in self.parts[:1] if isinstance(part, str)), "")

    @property
    def quoted(self) -> bool:
        """Whether all of it stands in quotes or escapes, so that the shell neither splits nor globs it."""
        return bool(self.pieces) and all(piece.quoted for piece in self.pieces)

    @property
    def plural(self) -> bool:
        """Whether it is meant to become several words: `"$@"`, `${LIST[@]}`, a bare `$BUILD_ARGS`."""
        if any(isinstance(p, Variable) and (p.name in "@*" or p.operator == "[@]") for p in self.pieces):
            return True
        if len(self.pieces) != 1 or self.pieces[0].quoted:
            return False
        match self.pieces[0]:
            case Variable(name=name) | Expression(source=name):
                return bool(_LIST_NAME.search(name))
            case Substitution():
                return True
        return False

    def drop(self, count: int) -> Word:
        """The rest of the word after its first `count` characters, which must be known text."""
        pieces = list(self.pieces)
        start = self.span.start
        while count and pieces:
            first = pieces.pop(0)
            value = first.value if isinstance(first, Literal) else ""
            if not value:
                raise ValueError("the characters to drop are not known")
            start = first.span.end
            if len(value) > count:
                exact = len(value) == first.span.end - first.span.start
                start = first.span.start + (count if exact else 0)
                pieces.insert(0, Literal(value[count:], Span(start, first.span.end), first.quoted))
            count -= min(count, len(value))
        return Word(Span(start, max(start, self.span.end)), tuple(pieces))

    def locate(self, start: int, end: int) -> Span:
        """Where the characters from `start` to `end` of `spelled` are written.

        Holes other than globs count as no characters. The whole of an escape where only a part is meant.
        """
        at = 0
        found: list[Span] = []
        for piece in self.pieces:
            value = {Literal: getattr(piece, "value", ""), Pattern: getattr(piece, "text", "")}.get(
                type(piece), ""
            )
            first, last = max(start - at, 0), min(end - at, len(value))
            if first < last:
                exact = len(value) == piece.span.end - piece.span.start
                found.append(Span(piece.span.start + first, piece.span.start + last) if exact else piece.span)
            at += len(value)
        return found[0].to(found[-1]) if found else self.span
