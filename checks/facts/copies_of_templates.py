"""Dockerfiles that a script writes from a template beside or above them, which is where they are changed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from checks.source.text import Text

_TEMPLATE = re.compile(r"Dockerfile(?:[.-][\w-]+)*\.(?:template|tmpl|tpl|j2|jinja2?|in)")
_PLACE = re.compile(r"%%|%[A-Z_]+%|\{\{|\{%|@@|@[A-Z_]+@")
"""Where a template is filled in."""
_ALIKE = 0.8
"""Share of a template's lines that a copy has."""
_FEW = 5
"""Lines that two files may have in common by chance."""


def template_of(text: Text, texts: Mapping[str, Text]) -> Text | None:
    """The template that a Dockerfile is a copy of, to its filled-in lines; the nearest, where there are several."""
    folder, name = posixpath.split(text.path)
    if _TEMPLATE.fullmatch(name):
        return None
    above = [folder]
    while above[-1]:
        above.append(posixpath.dirname(above[-1]))
    for one in above:
        beside = (path for path in texts if posixpath.dirname(path) == one)
        for path in sorted(path for path in beside if _TEMPLATE.fullmatch(posixpath.basename(path))):
            if _is_copy(text, texts[path]):
                return texts[path]
    return None


def _is_copy(text: Text, template: Text) -> bool:
    lines = set(map(str.strip, text.content.splitlines()))
    fixed = [
        line.strip() for line in template.content.splitlines() if line.strip() and not _PLACE.search(line)
    ]
    found = sum(line in lines for line in fixed)
    return found >= max(_FEW, _ALIKE * len(fixed))
