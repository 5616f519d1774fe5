"""JSON5 as people write it: JSON with comments, commas at the end, names without quotes, texts in single ones.

https://spec.json5.org/
"""

from __future__ import annotations

import json
import re

from checks.regex import regex

_TOKEN = regex(
    r"""\"(?:[^\"\\]|\\.?)*(?:\"|\Z)|'(?:[^'\\]|\\.?)*(?:'|\Z)|//[^\n]*|/\*(?:.*?\*/|.*)|[A-Za-z_$][\w$]*""",
    re.DOTALL,
)
_TEXT_OR_LAST_COMMA = regex(r"\"(?:[^\"\\]|\\.?)*(?:\"|\Z)|,(?=\s*[\]}])", re.DOTALL)
_WORDS = frozenset(("true", "false", "null"))


def parse(content: str) -> object:
    """What a text says; a `ValueError` where that is none, or has what is left out here: numbers of other shapes,
    lines that go on."""
    plain = _TOKEN.sub(lambda one: _as_json(one[0]), content.removeprefix("\ufeff"))
    said: object = json.loads(_TEXT_OR_LAST_COMMA.sub(lambda one: "" if one[0] == "," else one[0], plain))
    return said


def _as_json(token: str) -> str:
    if token.startswith(("//", "/*")):
        return " "
    if token.startswith("'"):
        inner = token[1:].removesuffix("'").replace("\\'", "'")
        return '"' + inner.replace('"', '\\"') + '"'
    return token if token.startswith('"') or token in _WORDS else f'"{token}"'
