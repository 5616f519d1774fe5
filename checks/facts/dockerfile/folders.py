"""Dockerfiles by the folders that they lie in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.source.snapshot import below


def by_folder(dockerfiles: Iterable[Dockerfile]) -> Mapping[str, tuple[Dockerfile, ...]]:
    """Each under the folder that it lies in itself; the root is the empty path."""
    found: dict[str, list[Dockerfile]] = {}
    for one in dockerfiles:
        found.setdefault(posixpath.dirname(one.path), []).append(one)
    return {folder: tuple(group) for folder, group in found.items()}


def below_folder(folder: str, dockerfiles: Sequence[Dockerfile]) -> Sequence[Dockerfile]:
    """Those of several, ordered by path, that lie in a folder at any depth."""
    return below(folder, dockerfiles, lambda one: one.path)
