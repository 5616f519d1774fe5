"""The strings of JavaScript in which GitHub fills expressions, and how variables are read in their place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from checks.record import Record
from checks.regex import regex
from checks.source.expression_places import find
from checks.source.text import Span

FILLED_IN = "\ufffc"
"""Stands for each character of an expression."""
_IN_CODE = regex(r"//[^\n]*|/\*|[/'\"`{}]")
"""What begins something other than code, and the brackets that templates nest by."""
_IN_TEMPLATE = regex(r"\\.|`|\$\{", re.DOTALL)
_STRING = regex(r"'(?:\\.|[^'\\\n]){0,500}'|\"(?:\\.|[^\"\\\n]){0,500}\"", re.DOTALL)
_REGULAR_EXPRESSION = regex(r"/(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n]){0,200}\]|[^/\\\[\n]){1,200}/")
_BEFORE_OPERANDS = regex(
    r"(?:[(\[{,;:=!?&|<>~^%*]|(?<![\w.$])(?:return|typeof|case|in|of|delete|void|throw|else|do|await|yield))\Z"
)
"""Code behind which `/` begins a regular expression."""
_OPERAND = regex(rf"[\w$\]'\"`{FILLED_IN}]\Z")
"""Code behind which, unless it is a keyword of those, `/` divides."""
_LONGEST_KEYWORD = 12
_ONE_VARIABLE = regex(r"\$\{(process\.env\.\w+)\}")
_MEANS_MORE_IN_TEMPLATES = regex(r"`|\$\{(?!\{)|\\[0-9]|\n")
_KEY = regex(r"\s*:")
_IN_WORD = regex(r"[\w$]")


class JavaScript(Record):
    """A script, as far as its code is surely told from the rest."""

    text: str
    """The script with `FILLED_IN` for its expressions."""
    others: tuple[Span, ...]
    """What is no code, in order: comments, strings, regular expressions, what templates have as text with the signs around it."""
    strings: tuple[Span, ...]
    """The strings, with their quotes, and what templates have as text, in order; none where a bracket has no end."""
    whole: bool
    """Whether all of the script is read. It is not behind a string without an end, or one of more than 500 characters, and
    behind a `/` that may divide or begin a regular expression."""

    @property
    def code(self) -> str:
        """The code, with a blank for each part that is none."""
        ends = (0, *(one.end for one in self.others))
        starts = (*(one.start for one in self.others), len(self.text))
        return " ".join(self.text[end:start] for end, start in zip(ends, starts, strict=True))


def read(source: str) -> JavaScript:
    """Tells the code of a script from the rest."""
    text = _without_expressions(source)
    others, strings, around = list[Span](), list[Span](), list[str]()
    at: int | None = 0
    before = ";"
    while at is not None and at < len(text):
        start, is_template = at, around[-1:] == ["`"]
        match = _end_of_template(text, at) if is_template else _IN_CODE.search(text, at)
        mark = match[0] if match else ""
        at = match.end() if match else (None if is_template else len(text))
        if match and is_template:
            strings.append(Span(start, match.start()))
            others.append(Span(start, match.end()))
            before = mark
        elif match:
            before = text[start : match.start()].rstrip() or before
            at = match.end() if mark in ("{", "}", "`") else _end(text, match, before)
            if mark in ("'", '"') and at is not None:
                strings.append(Span(match.start(), at))
            if mark not in ("{", "}") and at is not None:
                others.append(Span(match.start(), at))
            before = before if mark[:2] in ("//", "/*") else mark
        if mark == ("`" if is_template else "}"):
            del around[-1:]
        elif mark in ("{", "${", "`"):
            around.append(mark[-1])
    told = tuple(strings) if at is None or not around else ()
    return JavaScript(text, tuple(others), told, at is not None and not around)


def read_from_environment(source: str, variables: Mapping[Span, str]) -> dict[Span, tuple[Span, str]]:
    """By expression what stands in its place, or in that of the string around it, with variables read.

    Each expression is given by its span, with its variable. A string of nothing else becomes the variable, any other one a
    template. Expressions that stay as they are have no part in the result: outside of strings, behind a backslash, and where
    a string is a key, goes over several lines or has what means more in a template.
    """
    strings = read(source).strings
    starts = [one.start for one in strings]
    held: dict[Span, dict[Span, str]] = {}
    for span, name in variables.items():
        string = strings[max(0, bisect_right(starts, span.start) - 1)] if strings else None
        if string is not None and string.covers(span):
            held.setdefault(string, {})[span] = name
    return {
        span: new
        for string, those in held.items()
        if not any(_is_escaped(source, string, span) for span in those)
        for span, new in _filled(source, string, those)
    }


def _filled(
    source: str, string: Span, variables: Mapping[Span, str]
) -> Iterator[tuple[Span, tuple[Span, str]]]:
    """What stands in the place of each expression of a string, or of the text of a template."""
    read = {span: f"${{process.env.{name}}}" for span, name in variables.items()}
    if source[string.start] not in "'\"" or source[string.end - 1] != source[string.start]:
        yield from ((span, (span, new)) for span, new in read.items())
        return
    if _KEY.match(source, string.end) or _MEANS_MORE_IN_TEMPLATES.search(source[string.start : string.end]):
        return
    parts, at = list[str](), string.start + 1
    for span, new in sorted(read.items()):
        parts += (source[at : span.start], new)
        at = span.end
    text = "".join((*parts, source[at : string.end - 1]))
    whole = _ONE_VARIABLE.fullmatch(text)
    is_apart = not _IN_WORD.match(source, string.end) and not _IN_WORD.match(source, max(0, string.start - 1))
    new = whole[1] if whole and is_apart else f"`{text}`"
    yield from ((span, (string, new)) for span in read)


def _is_escaped(source: str, string: Span, span: Span) -> bool:
    """Whether an odd number of backslashes stands before an expression of a string."""
    at = span.start
    while at > string.start and source[at - 1] == "\\":
        at -= 1
    return (span.start - at) % 2 == 1


def _without_expressions(source: str) -> str:
    parts, at = list[str](), 0
    for found in find(source):
        parts += (source[at : found.span.start], FILLED_IN * (found.span.end - found.span.start))
        at = found.span.end
    return "".join((*parts, source[at:]))


def _end_of_template(text: str, at: int) -> re.Match[str] | None:
    """What ends the text of a template: its last quote, or the beginning of code."""
    return next((one for one in _IN_TEMPLATE.finditer(text, at) if not one[0].startswith("\\")), None)


def _end(text: str, mark: re.Match[str], before: str) -> int | None:
    """Where a comment, a string, a regular expression or a sign of division ends; None where that isn't sure."""
    if mark[0].startswith("//"):
        return mark.end()
    if mark[0] == "/*":
        end = text.find("*/", mark.end())
        return end + 2 if end >= 0 else None
    if mark[0] == "/" and not _BEFORE_OPERANDS.search(before[-_LONGEST_KEYWORD:]):
        return mark.end() if _OPERAND.search(before[-1:]) or _is_last_of_line(text, mark) else None
    match = (_REGULAR_EXPRESSION if mark[0] == "/" else _STRING).match(text, mark.start())
    return match.end() if match else None


def _is_last_of_line(text: str, mark: re.Match[str]) -> bool:
    """Whether no other `/` follows in the line: a regular expression would have its end there."""
    end = text.find("\n", mark.end())
    return text.find("/", mark.end(), end if end >= 0 else len(text)) < 0
