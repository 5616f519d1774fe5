"""Which releases of Prisma find OpenSSL where images of Alpine have it.

From Alpine 3.21 on it lies in `/usr/lib` alone, where Prisma looks since 6.1; without it an older one takes engines for OpenSSL 1.1,
unless it finds the program `openssl`. https://github.com/prisma/prisma/issues/25817
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.numbers import numbers
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.npm_ranges import extent
from checks.record import Record
from checks.regex import regex

_PACKAGES = ("prisma", "@prisma/client")
_FINDS = (6, 1)
"""The first release that looks in `/usr/lib`, too."""
_MOVED = (3, 21)
"""The first Alpine that has nothing of OpenSSL in `/lib`."""
_ALPINE = regex(r"(?:^|-)alpine(?P<version>3\.\d{1,3})?(?=-|$)")
_VERSION = regex(r"\d{1,4}(?:\.\d{1,4}){0,2}")
_ON_MOVED = {18: (18, 20, 5), 20: (20, 18, 1), 22: (22, 12, 0)}
"""By line of Node.js the first release whose `-alpine` is of such an Alpine."""
_ENDED_BEFORE = frozenset((*range(18), 19, 21))
"""Lines whose last release is older than that."""
_BETWEEN = 23
"""A line of which some releases are, and we don't know which."""
_HAS_OPENSSL = regex(r"\bopenssl\b|\blibssl")
_RUNS_NODE = regex(r"\b(?:node(?:js)?|npm|npx|yarn|pnpm)\b")


class PrismaInUse(Record):
    """What a `package.json` asks of Prisma, which may be too old for newer images of Alpine."""

    path: str
    package: str
    written: str
    """The range."""
    is_older: bool
    """Whether each release in it certainly is."""


def prisma_that_may_miss_openssl(projects: Iterable[NodeProject]) -> PrismaInUse | None:
    """The first project whose Prisma may not look for OpenSSL in `/usr/lib`, one that certainly does not before others."""
    found = [
        PrismaInUse(project.path, name, asked[name], known is not None and known[1] <= _FINDS)
        for project in projects
        for asked in (dict(project.asked or ()),)
        for name in _PACKAGES
        if name in asked
        for known in (extent(asked[name]),)
        if known is None or known[0] < _FINDS
    ]
    return min(found, key=lambda one: not one.is_older, default=None)


def losing_openssl(
    dockerfile: Dockerfile, stages: Iterable[Stage], base: str, moved: str
) -> tuple[Stage, ...]:
    """The last stages on some which a move takes OpenSSL out of `/lib` for, which run Node.js and don't speak of OpenSSL.

    Nor do those that they stand on.
    """
    before, after = _alpine(base), _alpine(moved)
    if before is not False or after is not True:
        return ()
    moving, is_node = set(stages), image_name(base) == "node"
    lines = [line for line in map(dockerfile.ancestry, dockerfile.stages) if not moving.isdisjoint(line)]
    under = {stage for line in lines for stage in line[1:]}
    found: list[Stage] = []
    for line in (one for one in lines if one[0] not in under):
        text = "\n".join(dockerfile.text[it.span] for stage in line for it in stage.instructions)
        if not _HAS_OPENSSL.search(text) and (is_node or _RUNS_NODE.search(text)):
            found.append(line[0])
    return tuple(found)


def _alpine(reference: str) -> bool | None:
    """Whether an image is of an Alpine that has OpenSSL in `/usr/lib` alone; None for images of others, and where it is not known."""
    name, tag = image_name(reference), tag_of(reference)
    version = _VERSION.match(tag)
    if name == "alpine":
        return numbers(version[0])[:2] >= _MOVED if version and "." in version[0] else None
    on_alpine = _ALPINE.search(tag)
    if name != "node" or on_alpine is None:
        return None
    if on_alpine["version"]:
        return numbers(on_alpine["version"]) >= _MOVED
    return _is_of_node_on_moved(numbers(version[0])) if version else None


def _is_of_node_on_moved(release: tuple[int, ...]) -> bool | None:
    """Whether the `-alpine` of a release of Node.js, of a line the newest one, is of such an Alpine."""
    if release[0] == _BETWEEN and len(release) > 1:
        return None
    first = _ON_MOVED.get(release[0], ())
    return release[0] not in _ENDED_BEFORE and release >= first[: len(release)]
