"""Files that a program writes from a template, which is where they are changed: Dockerfiles, and LinuxServer's workflows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from checks.regex import regex
from checks.source.text import Text

_TEMPLATE = regex(r"Dockerfile(?:[.-]\w+)*\.(?:template|tmpl|tpl|j2|jinja2?|in)")
_PLACE = regex(r"%%|%[A-Z_]+%|\{\{|\{%|@@|@[A-Z_]+@")
"""Where a template is filled in."""
_ALIKE = 0.6
"""Share of a template's lines that a copy has."""
_FEW = 5
"""Lines that two files may have in common by chance."""


_BUILDER_FILES = frozenset(("Jenkinsfile", "jenkins-vars.yml", "readme-vars.yml"))
_OF_BUILDER = regex(
    r"\.github/workflows/(?:external_trigger(?:_scheduler)?|package_trigger_scheduler|greetings|permissions|call_issue\w+)\.yml"
)


def is_written_by_builder(path: str, paths: frozenset[str]) -> bool:
    """Whether LinuxServer's builder of images renders a file anew with each of its builds.

    https://github.com/linuxserver/docker-jenkins-builder
    """
    return paths >= _BUILDER_FILES and _OF_BUILDER.fullmatch(path) is not None


def templates_in(paths: frozenset[str]) -> tuple[str, ...]:
    """The paths of templates of Dockerfiles."""
    return tuple(path for path in sorted(paths) if _TEMPLATE.fullmatch(posixpath.basename(path)))


def template_of(text: Text, templates: Iterable[Text]) -> Text | None:
    """The template that a Dockerfile is a copy of, to its filled-in lines; the nearest, where there are several."""
    if _TEMPLATE.fullmatch(posixpath.basename(text.path)):
        return None
    folder = f"{posixpath.dirname(text.path)}/".lstrip("/")
    above = [one for one in templates if folder.startswith(f"{posixpath.dirname(one.path)}/".lstrip("/"))]
    nearest = sorted(above, key=lambda one: -len(posixpath.dirname(one.path)))
    return next((one for one in nearest if _is_copy(text, one)), None)


def _is_copy(text: Text, template: Text) -> bool:
    lines = set(map(str.strip, text.content.splitlines()))
    fixed = [
        line.strip() for line in template.content.splitlines() if line.strip() and not _PLACE.search(line)
    ]
    found = sum(line in lines for line in fixed)
    return found >= max(_FEW, _ALIKE * len(fixed))
