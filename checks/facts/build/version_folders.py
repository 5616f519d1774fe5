"""Folders that are named by a version: those of old releases are kept as they were."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

from checks.regex import regex

_VERSION = regex(
    r"(?P<name>(?:[A-Za-z][A-Za-z0-9]*[-_])*)"
    r"v?(?P<number>\d{1,9}(?:\.\d{1,9}){0,9}|\d{1,9}(?:\.\d{1,9}){1,9}(?:[-_+]\d{1,9}(?:\.\d{1,9}){0,9}){1,4})"
)
_MACHINES = frozenset(("x86_64", "x86-64", "arm64", "s390x"))
_FULL = 3
"""The numbers of the version of one release."""
_MANY = 8
"""As many full versions beside each other as nobody keeps up to date: they are a record of releases."""
_FOLLOWERS = 2
"""The newer versions beside one from which on nobody is expected to touch it."""


def of_old_lines(files: Iterable[str], paths: Iterable[str]) -> frozenset[str]:
    """The files in a folder named by a version that several folders beside it follow: released, and kept as it was."""
    versions: dict[str, set[tuple[int, ...]]] = {}
    lines = {path: _lines(path) for path in files}
    parents = {parent for found in lines.values() for parent, _version in found}
    for folder in {posixpath.dirname(path) for path in paths} if parents else ():
        for parent, version in _lines(f"{folder}/"):
            if parent in parents:
                versions.setdefault(parent, set()).add(version)
    return frozenset(
        path
        for path, found in lines.items()
        if any(_is_followed(version, versions.get(parent, set())) for parent, version in found)
    )


def _is_followed(version: tuple[int, ...], others: Collection[tuple[int, ...]]) -> bool:
    """Whether enough newer versions lie beside one, in a row that is no mere count, or all are kept as released."""
    if len(version) >= _FULL and sum(len(other) >= _FULL for other in others) >= _MANY:
        return True
    newer = [other for other in others if other > version and other[: len(version)] != version]
    return len(newer) >= _FOLLOWERS and any(len(other) > 1 for other in others)


def _lines(path: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The folders of a path that are named by a version: what each lies in and what it calls it, and the version."""
    parts = path.split("/")[:-1]
    found = ((at, _VERSION.fullmatch(part)) for at, part in enumerate(parts) if part not in _MACHINES)
    return tuple(
        ("/".join((*parts[:at], one["name"])), tuple(map(int, re.split(r"\D", one["number"]))))
        for at, one in found
        if one
    )
