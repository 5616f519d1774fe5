"""Which files and folders of a repository the copies of a Dockerfile name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.source.snapshot import Snapshot


def copied_paths(contexts: Iterable[BuildContext], snapshot: Snapshot) -> frozenset[str]:
    """The paths from the root that copies take in some contexts, the root as an empty one.

    None where one of them is not known, or a command mounts files.
    """
    found = set[str]()
    for context in contexts:
        dockerfile = context.dockerfile
        sources = [source.path for copy in dockerfile.copies for source in copy.sources]
        if None in sources or _mounts(dockerfile):
            return frozenset()
        found.update(one for path in sources if path is not None for one in _paths(context, path, snapshot))
    return frozenset(found)


def _mounts(dockerfile: Dockerfile) -> bool:
    """Whether a command mounts files of the context, or what it mounts is not known.

    https://docs.docker.com/reference/dockerfile/#run---mounttypebind
    """
    mounts = [
        flag.value
        for stage in dockerfile.stages
        for it in stage.instructions
        for flag in it.flags
        if flag.name == "mount"
    ]
    return any(one is None or "type=" not in one or "type=bind" in one for one in mounts)


def _paths(context: BuildContext, source: str, snapshot: Snapshot) -> Iterator[str]:
    path = posixpath.normpath(context.path_of(source))
    if not any(one in path for one in "*?["):
        yield "" if path == "." else path
        return
    depth = path.count("/")
    entries = (one for one in snapshot.paths | snapshot.folders if one.count("/") == depth)
    yield from (one for one in entries if fnmatchcase(one, path))
