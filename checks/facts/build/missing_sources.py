"""Stages that copy sources which people write, and which the repository does not have: whoever builds them, they stop."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from checks.facts.build.build_inputs import may_exist
from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.build.shipping import may_be_built_elsewhere
from checks.facts.build.submodules import SUBMODULES
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.idle_stages import WRITTEN
from checks.regex import regex
from checks.source.snapshot import Snapshot
from checks.source.text import Text

_WRITTEN = "src"
"""A folder of sources: what builds make has other names."""
_MAKES = regex(
    r"\b(?:checkout|clone|cp|curl|generate|ln|mkdir|mv|rsync|tar|unzip|wget)\b[^\n]{0,300}(?<![$\w{])src\b"
)
"""A line of a script that may put such a folder somewhere."""
_PUTS = regex(
    r"\b(?:checkout|clone|cp|curl|init|install\s+-[Ddm]|ln|mv|rsync|tar|tee|unzip|wget)\b|\s>{1,2}\s?[^\s>]"
)
"""What stands in a line of a script that may put any file somewhere."""
_COMMIT = regex(r"\s*\{\{\s*defaultContext\s*\}\}")
"""What a Git context of the repository itself begins with.

https://github.com/docker/build-push-action#git-context
"""
_FOLDER = regex(r"\w[\w-]*(?:/\w[\w-]*)*")
_NAME = regex(r"[\w.-]+")
_SCRIPT = regex(r"[\w.-]+\.sh")


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


def manifest_ends(paths: Iterable[str]) -> frozenset[str]:
    """The paths of projects' own files and scripts as seen from the root and from each folder on the way to them."""
    found = set[str]()
    for path in paths:
        parts = path.split("/")
        if _is_written(path):
            found.update("/".join(parts[start:]) for start in range(len(parts)))
    return frozenset(found)


def _is_written(path: str) -> bool:
    """Whether people write a file, by its name, and no build makes it."""
    name = posixpath.basename(path)
    return name in WRITTEN or _SCRIPT.fullmatch(name) is not None


def stages_missing_manifests(
    dockerfile: Dockerfile,
    composed: Iterable[ComposeBuild],
    builds: Iterable[Build],
    texts: Iterable[Text],
    ends: Collection[str],
    snapshot: Snapshot,
) -> frozenset[Stage]:
    """Those that copy a project's own file, or a script, out of a folder that is there without it, in whichever context: it was moved.

    All that the last stage needs, where it needs one of them: nobody has built the file since.
    `ends` are the paths of such files as seen from any folder. None where something is seen to build the Dockerfile, which may
    put the file there first, where one that isn't read may, and where one of the `texts` names it or may.
    """
    built = {one.dockerfile for one in builds} | {one.dockerfile for one in composed}
    if not snapshot.complete or dockerfile.path in built or may_be_built_elsewhere(snapshot.paths):
        return frozenset()
    folders = dockerfile.path.split("/")[:-1]
    contexts = ["/".join(folders[:end]) for end in range(len(folders) + 1)]
    missing = {
        copy.stage: path
        for copy in dockerfile.copies
        for path in (one.path for one in copy.sources if one.path)
        if _is_written(path)
        and path not in ends
        and any(posixpath.join(one, posixpath.dirname(path)) in snapshot.folders for one in contexts)
    }
    texts = tuple(texts) if missing else ()
    found = frozenset(
        stage for stage, path in missing.items() if not any(_may_put(path, one) for one in texts)
    )
    needed = dockerfile.needed(dockerfile.final)
    return found if found.isdisjoint(needed) else needed


def stages_missing_projects(
    dockerfile: Dockerfile,
    composed: Iterable[ComposeBuild],
    builds: Iterable[Build],
    texts: Iterable[Text],
    snapshot: Snapshot,
) -> frozenset[Stage]:
    """Those that copy a project's own file out of a folder that is gone: no folder of the repository has its name.

    None but where Compose alone builds the Dockerfile, and its contexts all lack a project's own file that is copied, and which
    the root has: what was written for the root was moved, and nobody has built it since. None where one of the `texts` may put
    such a folder there; a build of what git has finds it no more than Compose.
    """
    contexts = {one.context for one in composed if one.dockerfile == dockerfile.path}
    if not (contexts and snapshot.complete) or SUBMODULES in snapshot.paths:
        return frozenset()
    copied = [
        (copy.stage, one.path)
        for copy in dockerfile.copies
        for one in copy.sources
        if one.path and any(fnmatchcase(name, posixpath.basename(one.path)) for name in WRITTEN)
    ]
    at_root = [path for _, path in copied if posixpath.normpath(path) in snapshot.paths]
    gone = [(stage, path) for stage, path in copied if _is_folder_gone(posixpath.dirname(path), snapshot)]
    if not (gone and at_root) or any(one is None or _has_all(one, at_root, snapshot) for one in contexts):
        return frozenset()
    by_steps = {one.dockerfile for one in builds if not _is_of_commit(one)}
    if by_steps & {dockerfile.path, None} or may_be_built_elsewhere(snapshot.paths):
        return frozenset()
    texts = tuple(texts)
    return frozenset(stage for stage, path in gone if not any(_may_put(path, one) for one in texts))


def _is_of_commit(build: Build) -> bool:
    """Whether a build takes what the commit has, in a folder that may be unknown, and nothing that steps have made."""
    context = build.step.input("context") if build.step is not None else None
    return build.is_of_git or (context is not None and _COMMIT.match(context.value) is not None)


def _is_folder_gone(folder: str, snapshot: Snapshot) -> bool:
    """Whether a folder is written out, and neither a folder nor a file at whichever place has its path."""
    return _FOLDER.fullmatch(folder) is not None and not any(
        f"/{one}".endswith(f"/{folder}") for one in (*snapshot.folders, *snapshot.paths)
    )


def _may_put(path: str, text: Text) -> bool:
    """Whether a text may put a file at a path: it names that, or puts something of its name or its folder's somewhere."""
    names = {posixpath.basename(path), posixpath.basename(posixpath.dirname(path))}
    lines = filter(_PUTS.search, text.content.splitlines())
    return path in text.content or any(not names.isdisjoint(_NAME.findall(line)) for line in lines)


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
