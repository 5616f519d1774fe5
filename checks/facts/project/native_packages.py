"""Packages of npm whose code is compiled for each line of Node.js, and that a project asks for in releases older than the line.

https://github.com/WiseLibs/better-sqlite3/releases/tag/v12.0.0, https://github.com/Automattic/node-canvas/releases/tag/v3.0.0,
https://github.com/kelektiv/node.bcrypt.js/blob/master/CHANGELOG.md, https://github.com/TryGhost/node-sqlite3/releases/tag/v5.0.0,
https://github.com/laverdet/node-fibers#readme
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.numbers import numbers
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.npm_ranges import extent
from checks.record import Record

_MADE_FROM: dict[str, tuple[int, int | None]] = {
    "bcrypt": (20, 5),
    "better-sqlite3": (24, 12),
    "canvas": (22, 3),
    "fibers": (16, None),
    "sqlite3": (20, 5),
}
"""From which Node.js on a package needs a newer major version, and which: none if there is no such."""


class Native(Record):
    """A package that a project asks for in releases which are not made for a Node.js."""

    path: str
    """Of the project."""
    package: str
    written: str
    first: int | None
    """The first major version that is made for it; None if there is none."""


def native_before(node: str, projects: Iterable[NodeProject]) -> Iterator[Native]:
    """Those that keep to older releases than a line of Node.js needs, by project."""
    line = (numbers(node) or (0,))[0]
    for project in projects:
        for package, written in project.asked or ():
            since, first = _MADE_FROM.get(package, (line + 1, None))
            if line >= since and (first is None or _ends_before(written, first)):
                yield Native(project.path, package, written, first)


def _ends_before(written: str, first: int) -> bool:
    """Whether no release that a range lets in is of a major version or a newer one."""
    known = extent(written)
    return known is not None and known[1] <= (first,)
