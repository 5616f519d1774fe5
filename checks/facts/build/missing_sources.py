"""Stages that copy sources which people write, and which the repository does not have: whoever builds them, they stop."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

from checks.facts.build.build_inputs import may_exist
from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.build.submodules import SUBMODULES
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.regex import regex
from checks.source.snapshot import Snapshot
from checks.source.text import Text

_WRITTEN = "src"
"""A folder of sources: what builds make has other names."""
_MAKES = regex(
    r"\b(?:checkout|clone|cp|curl|generate|ln|mkdir|mv|rsync|tar|unzip|wget)\b[^\n]{0,300}(?<![$\w{])src\b"
)
"""A line of a script that may put such a folder somewhere."""


def stages_missing_sources(
    dockerfile: Dockerfile,
    composed: Iterable[ComposeBuild],
    builds: Iterable[Build],
    texts: Iterable[Text],
    snapshot: Snapshot,
) -> frozenset[Stage]:
    """Those that copy a folder `src` which is in none of the contexts that Compose builds in.

    No folder of the repository has all that such a stage copies, and none of the `texts` may make that folder. None where
    Compose does not build the file in a context that is known, and where one of the `builds` of workflows may take it:
    steps ahead of that may make the folder.
    """
    in_jobs = (one.dockerfile for one in builds if one.step is not None)
    if not snapshot.complete or SUBMODULES in snapshot.paths or {*in_jobs} & {dockerfile.path, None}:
        return frozenset()
    contexts = {one.context for one in composed if one.dockerfile == dockerfile.path}
    copied: dict[Stage, set[str]] = {}
    for copy in dockerfile.copies if contexts else ():
        copied.setdefault(copy.stage, set()).update(one.path for one in copy.sources if one.path)
    found = frozenset(stage for stage, sources in copied.items() if _misses(sources, contexts, snapshot))
    named = [f"{context}/{_WRITTEN}" for context in contexts if context]
    may_be_made = any(
        _MAKES.search(one.content) or any(name in one.content for name in named)
        for one in (texts if found else ())
    )
    return frozenset() if may_be_made else found


def _misses(sources: Collection[str], contexts: Collection[str | None], snapshot: Snapshot) -> bool:
    """Whether a context has some of the sources and no `src`, and no folder has all of them."""
    written = [path for path in sources if posixpath.basename(path) == _WRITTEN]
    others = [path for path in sources if path not in written]
    return (
        bool(written)
        and all(
            context is not None
            and _has_any(context, others, snapshot)
            and not _has_any(context, written, snapshot)
            for context in contexts
        )
        and not any(_has_all(folder, sources, snapshot) for folder in snapshot.folders)
    )


def _has_any(folder: str, paths: Iterable[str], snapshot: Snapshot) -> bool:
    return any(may_exist(posixpath.join(folder, path), snapshot) for path in paths)


def _has_all(folder: str, paths: Iterable[str], snapshot: Snapshot) -> bool:
    return all(may_exist(posixpath.join(folder, path), snapshot) for path in paths)
