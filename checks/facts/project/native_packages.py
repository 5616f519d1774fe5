"""Packages of npm that are made for some lines of Node.js alone, and that a project asks for in releases older than the line.

Most are compiled for each; Angular's tools and Datadog's tracer go by what is inside of Node.js.

https://github.com/WiseLibs/better-sqlite3/releases/tag/v12.0.0, https://github.com/Automattic/node-canvas/releases/tag/v3.0.0,
https://github.com/kelektiv/node.bcrypt.js/blob/master/CHANGELOG.md, https://github.com/TryGhost/node-sqlite3/releases/tag/v5.0.0,
https://github.com/laverdet/node-fibers#readme, https://angular.dev/reference/versions,
https://github.com/DataDog/dd-trace-js/pull/5724
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from checks.facts.numbers import numbers
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.npm_ranges import extent
from checks.record import Record

_MADE_FROM: dict[str, tuple[tuple[int, str | None], ...]] = {
    "@angular/cli": ((24, "20"), (22, "18"), (20, "17"), (18, "15"), (16, "13")),
    "bcrypt": ((20, "4"),),
    "better-sqlite3": ((24, "12"),),
    "canvas": ((22, "3"),),
    "dd-trace": ((24, "5.52"),),
    "fibers": ((16, None),),
    "sqlite3": ((20, "5"),),
}
"""From which Node.js on a package needs a newer version, and which: none if there is no such; the newest Node.js first."""


class Native(Record):
    """A package that a project asks for in releases which are not made for a Node.js."""

    path: str
    """Of the project."""
    package: str
    written: str
    first: str | None
    """The first version that is made for it, without its last number; None if there is none."""


def native_before(node: str, projects: Iterable[NodeProject]) -> Iterator[Native]:
    """Those that keep to older releases than a line of Node.js needs, by project."""
    line = (numbers(node) or (0,))[0]
    for project in projects:
        for package, written in project.asked or ():
            needed = (first for since, first in _MADE_FROM.get(package, ()) if line >= since)
            for first in islice(needed, 1):
                if first is None or _ends_before(written, first):
                    yield Native(project.path, package, written, first)


def _ends_before(written: str, first: str) -> bool:
    """Whether no release that a range lets in is a version or a newer one."""
    known = extent(written)
    return known is not None and known[1] <= (*numbers(first), 0, 0)[:3]
