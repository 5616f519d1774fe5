"""Which Python a project allows, by its `pyproject.toml`.

https://packaging.python.org/en/latest/specifications/pyproject-toml/#requires-python
https://python-poetry.org/docs/dependency-specification/#version-constraints
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.source.text import Text

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_CARET = re.compile(r"\s*\^\s*(\d{1,4})(\.\d{1,4}){0,3}\s*")
_TILDE = re.compile(r"\s*~\s*(\d{1,4})\.(\d{1,4})(\.\d{1,4})?\s*")
_BARE = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4}){0,3})(?:\.\*)?\s*")
"""Poetry's own forms: up to the next major, up to the next minor version, and just that one."""


@dataclass(frozen=True)
class PythonProject:
    """One `pyproject.toml`."""

    path: str
    written: str
    """What is asked for, `>=3.9,<3.13`; empty if nothing is, or in a form that is not read."""
    allowed: SpecifierSet | None

    def allows(self, version: str) -> bool:
        """Whether a line of Python, `3.14`, is allowed: at least one of its releases."""
        return self.allowed is None or any(self.allowed.contains(f"{version}.{patch}") for patch in (0, 99))


def parse_python_project(text: Text) -> PythonProject:
    """What a `pyproject.toml` asks for; of one that is no TOML nothing is known."""
    import tomllib

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        content = tomllib.loads(text.content)
    except tomllib.TOMLDecodeError:
        content = {}
    written = _at(content, "project", "requires-python") or _at(
        content, "tool", "poetry", "dependencies", "python"
    )
    try:
        allowed = SpecifierSet(_standard(written)) if isinstance(written, str) else None
    except InvalidSpecifier:
        allowed = None
    return PythonProject(
        text.path, written if allowed is not None and isinstance(written, str) else "", allowed
    )


def over(path: str, projects: Iterable[PythonProject]) -> tuple[PythonProject, ...]:
    """The projects whose folder holds a file."""
    folders = ((project, posixpath.dirname(project.path)) for project in projects)
    return tuple(project for project, folder in folders if not folder or path.startswith(f"{folder}/"))


def _at(content: object, *keys: str) -> object:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _standard(written: str) -> str:
    """A constraint with Poetry's forms written as Python's own are."""
    parts = []
    for part in written.split(","):
        caret, tilde, bare = _CARET.fullmatch(part), _TILDE.fullmatch(part), _BARE.fullmatch(part)
        if caret is not None:
            parts += [part.replace("^", ">="), f"<{int(caret[1]) + 1}"]
        elif tilde is not None:
            parts += [part.replace("~", ">="), f"<{tilde[1]}.{int(tilde[2]) + 1}"]
        else:
            parts.append(f"=={bare[1]}.*" if bare is not None else part)
    return ",".join(parts)
