"""Files whose names say more than is true: the template of a file, or code that only writes about one."""

from __future__ import annotations

import posixpath
import re

from checks.regex import regex
from checks.source.kind import Kind
from checks.source.text import Text

_TEMPLATED = frozenset({Kind.DOCKERFILE, Kind.BAKE, Kind.KUBERNETES, Kind.COMPOSE, Kind.HELM_VALUES})
_TEMPLATE = regex(r"(?<!\$)\{\{|\{%|<%")
_PART = regex(r"(?:Docker|Container)file\.")
_FROM = regex(r"^[ \t]*FROM\s", re.IGNORECASE | re.MULTILINE)
_OTHER_LANGUAGE = (".adoc", ".go", ".html", ".java", ".js", ".md", ".py", ".rs", ".rst", ".ts", ".txt")
"""Ends of `Dockerfile.…` that may name what an image is for, or be the ending of a file in that language."""


def is_something_else(text: Text, kind: Kind, stopped: int) -> bool:
    """Whether a file that can't be read, from line `stopped` on, is not of its kind after all.

    YAML for Helm or Jinja stops being YAML anywhere after a `{{ if }}`. A Dockerfile stops at the very
    line, and may hold `{{` for a program that it runs. `Dockerfile.envs` without a `FROM` is a part for others.
    """
    if kind not in _TEMPLATED:
        return False
    if kind is Kind.DOCKERFILE:
        is_part = _PART.match(posixpath.basename(text.path)) and not _FROM.search(text.content)
        return (
            bool(is_part)
            or text.path.endswith(_OTHER_LANGUAGE)
            or _TEMPLATE.search(text[text.full_line(stopped)]) is not None
        )
    return _TEMPLATE.search(text.content) is not None
