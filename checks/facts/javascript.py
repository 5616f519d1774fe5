"""The strings of JavaScript in which GitHub fills expressions, and how variables are read in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.regex import regex
from checks.source import expression
from checks.source.text import Span

IN_CODE = regex(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:\\.|[^'\\\n]){0,500}'|\"(?:\\.|[^\"\\\n]){0,500}\"|`|[{}]"
    r"|(?:(?<=[(,=:!&|?])|(?<=[(,=:!&|?] ))/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}\]|[^/\\\[\n]){1,200}/",
    re.DOTALL,
)
"""What a script has between its code: comments, strings, regular expressions; and brackets, which templates nest by."""
IN_TEMPLATE = regex(r"\\.|`|\$\{", re.DOTALL)
_FILLED_IN = "\ufffc"
"""Stands for each character of an expression."""
_ONE_VARIABLE = regex(r"\$\{(process\.env\.\w+)\}")
_MEANS_MORE_IN_TEMPLATES = regex(r"`|\$\{(?!\{)|\\[0-9]")
_KEY = regex(r"\s*:")


def read_from_environment(source: str, span: Span, variables: Mapping[Span, str]) -> tuple[Span, str] | None:
    """What stands in the place of an expression that is given by its span, or of the string around it, with variables read.

    A string of nothing else becomes the variable, any other one a template. None outside of strings, and where a string is a
    key or has what means more in a template.
    """
    string = next((one for one in _strings(source) if one.covers(span)), None)
    if string is None:
        return None
    if source[string.start] not in "'\"" or source[string.end - 1] != source[string.start]:
        return span, f"${{process.env.{variables[span]}}}"
    text = source[string.start : string.end]
    if _KEY.match(source, string.end) or _MEANS_MORE_IN_TEMPLATES.search(text):
        return None
    for one, name in sorted(variables.items(), reverse=True):
        if string.covers(one):
            start, end = one.start - string.start, one.end - string.start
            text = f"{text[:start]}${{process.env.{name}}}{text[end:]}"
    whole = _ONE_VARIABLE.fullmatch(text[1:-1])
    return string, whole[1] if whole else f"`{text[1:-1]}`"


def _strings(source: str) -> Iterator[Span]:
    """The strings in quotes, with these, and what templates have as text; none behind one without an end."""
    text = source
    for found in expression.find(source):
        filler = _FILLED_IN * (found.span.end - found.span.start)
        text = f"{text[: found.span.start]}{filler}{text[found.span.end :]}"
    around, at, template = list[str](), 0, 0
    while match := (IN_TEMPLATE if around[-1:] == ["`"] else IN_CODE).search(text, at):
        is_template, mark, at = around[-1:] == ["`"], match[0], match.end()
        if is_template and mark in ("`", "${"):
            yield Span(template, match.start())
        if mark == ("`" if is_template else "}"):
            del around[-1:]
        elif mark in ("{", "${", "`"):
            around.append(mark[-1])
        elif not is_template and mark[0] in "'\"":
            yield Span(match.start(), match.end())
        if mark in ("`", "}") and around[-1:] == ["`"]:
            template = at
