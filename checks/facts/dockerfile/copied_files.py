"""Where the files of a build context lie in a stage.

https://docs.docker.com/reference/dockerfile/#copy
"""

from __future__ import annotations

import fnmatch
import posixpath
from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

from checks.facts.build.contexts import BuildContext, exists
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.stages import Copy, CopySource, Ran
from checks.facts.script.scripts import Script
from checks.record import Record, kept_with
from checks.source.dockerignore import Ignore
from checks.source.snapshot import Snapshot

_WILD = frozenset("*?[")
_OF_PATTERNS = frozenset("*?[\\!$")


class Placed(Record):
    """A file of the context that a copy certainly puts into a stage, straight or out of another stage that has it."""

    path: str
    """Where the copy takes it from: in the context, or in the other stage, without the slash at the front."""
    copy: Copy
    source: CopySource
    """The source that takes it."""
    at: str
    """In the image; relative where the stage has no `WORKDIR`, whose folder is then that of the base image."""


def contexts_for(
    dockerfile: Dockerfile,
    known: tuple[BuildContext, ...],
    ignores: tuple[Ignore, ...],
    snapshot: Snapshot,
) -> Iterator[BuildContext]:
    """The contexts of a Dockerfile that are known; where there is none, its folder or the root, whichever has all it copies."""
    own = [one for one in known if one.dockerfile is dockerfile]
    yield from own
    folders = dict.fromkeys((posixpath.dirname(dockerfile.path), ""))
    sources = [
        source.path for copy in dockerfile.copies for source in copy.sources if source.path is not None
    ]
    fitting = [
        folder
        for folder in folders
        if sources and all(exists(posixpath.join(folder, source), snapshot) for source in sources if source)
    ]
    if own or not fitting or not snapshot.complete:
        return
    specific, common = f"{dockerfile.path}.dockerignore", posixpath.join(fitting[0], ".dockerignore")
    path = specific if specific in snapshot.paths else common
    found = next((one for one in ignores if one.text.path == path and not one.refusals), None)
    if found is not None or path not in snapshot.paths:
        yield BuildContext(dockerfile, fitting[0], found, None)


def folder_of(dockerfile: Dockerfile, ran: Ran) -> str | None:
    """The folder that a command of a `RUN` runs in, its own `cd`s followed; None if it is not known."""
    folder = dockerfile.folder_at(ran.stage, ran.instruction.span.start)
    moved = _moved(ran.script)
    at = bisect_left(moved, ran.command.span.start, key=itemgetter(0))
    if at == 0 or folder is None:
        return folder
    to = moved[at - 1][1]
    return None if to is None else posixpath.normpath(posixpath.join(folder, to))


@kept_with
def _moved(script: Script) -> tuple[tuple[int, str | None], ...]:
    """Where each `cd` of a script starts, and the folder behind it, as seen from the first; None from one on that is not known."""
    folder: str | None = ""
    found = list[tuple[int, str | None]]()
    for command in (one for one in script.commands if one.program in ("cd", "pushd", "popd")):
        to = command.arguments[0].literal if len(command.arguments) == 1 else None
        if to is None or to.startswith("-") or command.program != "cd" or command.in_subshell:
            folder = None
        folder = None if folder is None or to is None else posixpath.normpath(posixpath.join(folder, to))
        found.append((command.span.start, folder))
    return tuple(found)


def placed(context: BuildContext, path: str, stage: Stage, before: int) -> Iterator[Placed]:
    """The places where copies of a stage and its ancestors, above an offset, put a file of the context.

    Also where they take it out of another stage that copies it from the context itself.
    """
    if context.ignore is not None and context.ignore.decide(path).excluded:
        return
    dockerfile = context.dockerfile
    yield from _put(dockerfile, dockerfile.copies, path, stage, before)
    for copy in dockerfile.copies_of_stages:
        for source in dockerfile.sources_of(copy.instruction):
            there = _put(dockerfile, dockerfile.copies, path, source, copy.instruction.span.start)
            for at in dict.fromkeys(one.at for one in there if one.at.startswith("/")):
                yield from _put(dockerfile, (copy,), at.lstrip("/"), stage, before)


def _put(
    dockerfile: Dockerfile, copies: tuple[Copy, ...], path: str, stage: Stage, before: int
) -> Iterator[Placed]:
    """Where those of some copies that belong to a stage or its ancestors, above an offset, put a file."""
    stages = dockerfile.ancestry(stage)
    for copy in copies:
        it = copy.instruction
        if copy.stage not in stages or it.span.start >= before or _may_exclude(it, path):
            continue
        target = target_of(dockerfile, copy.stage, it)
        for source in copy.sources if target is not None else ():
            relative = _relative(source, path, copy)
            if relative is not None and target is not None:
                yield Placed(path, copy, source, posixpath.normpath(posixpath.join(target, relative)))


def _may_exclude(it: Instruction, path: str) -> bool:
    """Whether a copy may leave a file out: by a pattern, or by a name that is in its path.

    https://docs.docker.com/reference/dockerfile/#copy---exclude
    """
    excluded = [flag.value for flag in it.flags if flag.name == "exclude"]
    parts = {*path.split("/"), ""}
    return any(
        one is None or not _OF_PATTERNS.isdisjoint(one) or posixpath.basename(one) in parts
        for one in excluded
    )


def target_of(dockerfile: Dockerfile, stage: Stage, it: Instruction) -> str | None:
    """Where a copy puts its sources, with a slash at the end if that is a folder."""
    folder = dockerfile.folder_at(stage, it.span.start)
    named = dockerfile.evaluation.expand(it, it.destination.value)
    if folder is None or named is None:
        return None
    is_folder = named.endswith("/") or named in (".", "./") or len(it.sources) > 1
    return posixpath.normpath(posixpath.join(folder, named)) + "/" * is_folder


def _relative(source: CopySource, path: str, copy: Copy) -> str | None:
    """Where below its target a source puts a file; empty if the target is the file; None if it does not take it."""
    name = source.path
    if name is None:
        return None
    is_same = (
        fnmatch.fnmatchcase(path, name) and path.count("/") == name.count("/")
        if _WILD & set(name)
        else name == path
    )
    if copy.instruction.flag("parents") is not None:
        return path if is_same or not name or path.startswith(f"{name}/") else None
    if is_same:
        written = copy.instruction.destination.value
        into_folder = written.endswith("/") or written in (".", "./") or len(copy.instruction.sources) > 1
        return posixpath.basename(path) if into_folder or _WILD & set(name) else ""
    if not name:
        return path
    return path[len(name) + 1 :] if path.startswith(f"{name}/") else None
