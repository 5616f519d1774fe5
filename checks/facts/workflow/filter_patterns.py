"""The patterns by which `on:` filters branches, tags and paths.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from __future__ import annotations

import re

from checks.facts.policy.go_regexp import matches
from checks.regex import regex

_SPECIAL = frozenset("*?+[]!\\")
"""What makes more of a pattern than a name."""
_PIECE = regex(r"\*\*/|\*\*|\*|(?:\[[\w-]+\]|[^*?+\[\]\\])[?+]?")
"""A wildcard; or a character or a list of some, perhaps with how often it may stand there."""
_WILDCARD = regex(r"[*?+\[]")
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}


def are_names(patterns: tuple[str, ...]) -> bool:
    """Whether a filter of branches names each of them, without wildcards."""
    return bool(patterns) and not any(_SPECIAL & set(pattern) for pattern in patterns)


def start_of(pattern: str) -> str:
    """The path that a pattern is, or the folder before its first wildcard; empty for the root."""
    literal = _WILDCARD.split(pattern, maxsplit=1)[0]
    return literal if literal == pattern else literal.rpartition("/")[0]


def signs_of(pattern: str) -> str | None:
    """The characters that a pattern asks for beside letters and digits of ASCII and what `*` stands for.

    A slash where it has `**`, which stands for more than one part of a path; None where it is of a form that GitHub doesn't describe.
    """
    pieces = _pieces(pattern)
    if pieces is None:
        return None
    signs = ("/" if one.startswith("**") else "" if one[0] in "*[" else one[0] for one in pieces)
    return "".join(one for one in signs if not (one.isascii() and one.isalnum()))


def selects(patterns: tuple[str, ...], path: str) -> bool | None:
    """Whether a filter of paths or branches lets one in; the last pattern that matches it decides.

    None where a pattern is of a form that GitHub doesn't describe, or too long.
    """
    selected = False
    for pattern in patterns:
        negative, glob = pattern.startswith("!"), pattern.removeprefix("!")
        pieces = _pieces(glob)
        if pieces is None:
            return None
        body = "".join(_WILDCARDS.get(piece) or _expression(piece) for piece in pieces)
        found = matches(rf"\A(?:{body})\z", path)
        if found is None:
            return None
        selected = not negative if found else selected
    return selected


def _pieces(glob: str) -> list[str] | None:
    """A pattern in its pieces; None where it is of a form that GitHub doesn't describe."""
    pieces = _PIECE.findall(glob)
    return pieces if "".join(pieces) == glob else None


def _expression(piece: str) -> str:
    """A piece without `*` as a regular expression."""
    often = piece[-1] if len(piece) > 1 and piece[-1] in "?+" else ""
    what = piece.removesuffix(often)
    return (what if what.startswith("[") and len(what) > 1 else re.escape(what)) + often
