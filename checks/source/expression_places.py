"""Where GitHub Actions' expressions, `${{ … }}`, stand in a text, and which one decides an `if:`.

Reading them is the business of `checks.source.expression`.
"""

from __future__ import annotations

from checks.record import Record
from checks.regex import regex
from checks.source.text import Span

_CLOSING = regex(r"'[^']*'|'|\}\}")


class Found(Record):
    """One `${{ … }}` in a text."""

    span: Span
    """With the braces."""
    source: str
    """What stands between the braces, blanks included."""


def find(text: str) -> tuple[Found, ...]:
    """Every `${{ … }}` in `text`; `}}` inside a string of the expression does not end it.

    After one that is never closed none is found, as GitHub refuses the whole text.
    """
    found: list[Found] = []
    start = text.find("${{")
    while start >= 0:
        end = _closing(text, start + 3)
        if end is None:
            break
        found.append(Found(Span(start, end), text[start + 3 : end - 2]))
        start = text.find("${{", end)
    return tuple(found)


def whole(text: str) -> Found | None:
    """The expression that a text is, with nothing beside its braces, not even a blank or a line end."""
    found = find(text)
    return found[0] if found and found[0].span == Span(0, len(text)) else None


def of_if(condition: str) -> str | None:
    """The expression on which an `if:` depends, without braces; None where it always holds.

    The braces may be left out. Text beside them, a line end too, makes the whole a string that is not empty, and so
    true; an empty `if:` asks for nothing. What has no braces, or one pair, need not be an expression that can be read.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif
    """
    if find(condition):
        alone = whole(condition)
        return alone.source if alone is not None else None
    return condition if condition.strip() else None


def _closing(text: str, at: int) -> int | None:
    """Offset after the `}}` that ends the expression whose inside starts at `at`."""
    for match in _CLOSING.finditer(text, at):
        if match[0] == "}}":
            return match.end()
        if match[0] == "'":
            break
    return None
