"""How texts of a repository are shown in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checks.regex import regex

_CONTROL = regex(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]+"
)
_SHOWN = 100
"""Characters of one value in a message; longer values say nothing more to a reader."""


def code(value: str) -> str:
    """`value` as a Markdown code span that nothing in it can break out of.

    Line breaks and control, bidirectional, zero-width and surrogate characters become blanks; what exceeds 100
    characters is cut. The delimiter is longer than any run of backticks inside, as CommonMark asks:
    https://spec.commonmark.org/0.31.2/#code-spans
    """
    shown = _CONTROL.sub(" ", value).strip()
    if len(shown) > _SHOWN:
        shown = shown[: _SHOWN - 1] + "…"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown or ' '}{pad}{fence}"


def listed(words: Sequence[str], most: int | None = None, others: str = "more") -> str:
    """One or more things in a row, `a, b and c`; of more than `most` the first, with how many `others`: `a, b and 4 more`."""
    shown = list(words[:most])
    left = len(words) - len(shown)
    if left:
        shown.append(f"{left} {others}")
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last
