"""Which Python a project allows, by its `pyproject.toml`, and which packages it asks for.

https://packaging.python.org/en/latest/specifications/pyproject-toml/#requires-python
https://packaging.python.org/en/latest/specifications/pyproject-toml/#dependencies-optional-dependencies
https://python-poetry.org/docs/dependency-specification/#version-constraints
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_TABLE = regex(r"[ \t]*\[([\w. \t\"'-]{1,100})\][ \t]*(?:#.*)?")
_REQUIRED = {
    "project": regex(
        r"[ \t]*requires-python[ \t]*=[ \t]*(?P<quote>[\"'])(?P<value>[^\"'\\]{1,200})(?P=quote)"
    ),
    "tool.poetry.dependencies": regex(
        r"[ \t]*python[ \t]*=[ \t]*(?:\{[ \t]*version[ \t]*=[ \t]*)?(?P<quote>[\"'])(?P<value>[^\"'\\]{1,200})(?P=quote)"
    ),
}
"""Where it is written, by table, in one line as everybody writes it."""
_NAME = regex(r"[ \t]*name[ \t]*=[ \t]*([\"'])(?P<name>[A-Za-z0-9][\w.-]{0,100})\1")
_OF_NAMES = ("project", "tool.poetry")
_DEPENDENCIES = regex(r"[ \t]*dependencies[ \t]*=[ \t]*\[")
_STRING = regex(r"\"(?P<double>[^\"\\]{0,300})\"|'(?P<single>[^']{0,300})'|#.*")
"""One of a list, or the comment that ends its line."""
_ONE_VERSION = regex(
    r"[ \t]*(?P<name>[A-Za-z0-9][\w.-]{0,100})[ \t]*=[ \t]*(?P<quote>[\"'])[ \t]*(?:==)?[ \t]*(?P<version>\d[\w.!+-]{0,60})[ \t]*(?P=quote)"
)
"""How Poetry holds a package to one version."""
_CARET = regex(r"\s*\^\s*(\d{1,4})(\.\d{1,4}){0,3}\s*")
_TILDE = regex(r"\s*~\s*(\d{1,4})\.(\d{1,4})(\.\d{1,4})?\s*")
_BARE = regex(r"\s*(\d{1,4}(?:\.\d{1,4}){0,3})(?:\.\*)?\s*")
"""Poetry's own forms: up to the next major, up to the next minor version, and just that one."""
_ALL_AT_ONCE = regex(r"(?<=[\w*])\s+(?=[<>=!~^])")
"""Blanks where Poetry takes them for a comma."""
_RELEASES_OF_A_LINE = 100
_NOT_YET = "3.99"
_LOCKS_OF_A_RANGE = ("pdm.lock", "poetry.lock", "uv.lock")
"""Made for each Python that the project allows: https://docs.astral.sh/uv/concepts/resolution/#universal-resolution"""


class _HasPath(Protocol):
    @property
    def path(self) -> str: ...


InFolder = TypeVar("InFolder", bound=_HasPath)


class PythonProject(Record):
    """One `pyproject.toml`."""

    path: str
    written: str
    """What is asked for, `>=3.9,<3.13`; empty if nothing is, or in a form that is not read."""
    allowed: SpecifierSet | None
    asked: tuple[str, ...] = ()
    """The packages that are installed with it, as pip has them written: `numpy==1.26.4`; of Poetry's own, those of one version."""
    name: str = ""
    """What it is called where it is published, with a hyphen between its words; empty where it is not said."""

    def allows(self, version: str) -> bool:
        """Whether a line of Python, `3.14`, is allowed, that is at least one of its releases; or one release, `3.14.1`."""
        if self.allowed is None:
            return True
        found = (
            [version]
            if version.count(".") > 1
            else [f"{version}.{one}" for one in range(_RELEASES_OF_A_LINE)]
        )
        return any(map(self.allowed.contains, found))

    @property
    def is_bounded(self) -> bool:
        """Whether it leaves out a line of Python 3 that comes, so that the newest one that it allows is chosen."""
        return not self.allows(_NOT_YET)


def parse_python_project(text: Text) -> PythonProject:
    """What a `pyproject.toml` asks for; nothing where it is written in another form than everybody's."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    written, asked, name = _written(text.content), tuple(_asked(text.content)), _named(text.content)
    try:
        allowed = SpecifierSet(_standard(written)) if written else None
        return PythonProject(text.path, written, allowed, asked, name)
    except InvalidSpecifier:
        return PythonProject(text.path, "", None, asked, name)


def name_of_package(written: str) -> str:
    """The name of a package as all ways to write it have it in common.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return re.sub(r"[_.-]+", "-", written).lower()


def locks_for(version: str, projects: Iterable[PythonProject]) -> frozenset[str]:
    """The paths of lock files that are made for a Python, too: of projects whose range ends, and ends behind it."""
    folders = [
        posixpath.dirname(one.path) for one in projects if one.is_bounded and version and one.allows(version)
    ]
    return frozenset(posixpath.join(folder, name) for folder in folders for name in _LOCKS_OF_A_RANGE)


def over(path: str, projects: Iterable[InFolder]) -> tuple[InFolder, ...]:
    """The projects, of one language or another, whose folder holds a file."""
    folders = ((project, posixpath.dirname(project.path)) for project in projects)
    return tuple(project for project, folder in folders if not folder or path.startswith(f"{folder}/"))


def _written(content: str) -> str:
    found: dict[str, str] = {}
    for table, line in _lines(content):
        if table in _REQUIRED and (value := _REQUIRED[table].match(line)) is not None:
            found.setdefault(table, value["value"])
    return next((found[name] for name in _REQUIRED if name in found), "")


def _lines(content: str) -> Iterator[tuple[str, str]]:
    """The lines of tables that are asked after, each with the name of its table."""
    table = ""
    for line in content.split("\n"):
        header = _TABLE.match(line)
        if header is not None:
            table = re.sub(r"[\s\"']", "", header[1])
        elif table in _REQUIRED or table in _OF_NAMES:
            yield table, line


def _named(content: str) -> str:
    lines = (line for table, line in _lines(content) if table in _OF_NAMES)
    found = next(filter(None, map(_NAME.match, lines)), None)
    return name_of_package(found["name"]) if found else ""


def _asked(content: str) -> Iterator[str]:
    is_listed = False
    for table, line in _lines(content):
        if table == "project":
            is_listed = is_listed or _DEPENDENCIES.match(line) is not None
            if is_listed and not line.lstrip().startswith("#"):
                begin = _DEPENDENCIES.match(line)
                rest = line[begin.end() :] if begin else line
                yield from (one["double"] or one["single"] or "" for one in _STRING.finditer(rest))
                is_listed = "]" not in _STRING.sub("", rest)
        elif table in _REQUIRED and (one := _ONE_VERSION.match(line)) is not None and one["name"] != "python":
            yield f"{one['name']}=={one['version']}"


def _standard(written: str) -> str:
    """A constraint with Poetry's forms written as Python's own are."""
    parts = []
    for part in _ALL_AT_ONCE.sub(",", written).split(","):
        caret, tilde, bare = _CARET.fullmatch(part), _TILDE.fullmatch(part), _BARE.fullmatch(part)
        if caret is not None:
            parts += [part.replace("^", ">="), f"<{int(caret[1]) + 1}"]
        elif tilde is not None:
            parts += [part.replace("~", ">="), f"<{tilde[1]}.{int(tilde[2]) + 1}"]
        else:
            parts.append(f"=={bare[1]}.*" if bare is not None else part)
    return ",".join(parts)
