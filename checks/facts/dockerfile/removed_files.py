"""Files of a stage that its commands may take away again."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable

from checks.facts.dockerfile.copied_files import folder_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.stages import Ran
from checks.regex import regex
from checks.source.word import Literal, Pattern, Word

_REMOVES = regex(r"\.git\b|\b(?:dotglob|find|mv|rsync)\b")
"""What may take something of a repository away without naming it, or has `*` find what begins with a dot, too."""
_RM = regex(r"\brm\b")
_MOST = 64
"""Removals of one `RUN` that are looked at: for each its script is gone through, to know the folder that it runs in."""


def may_be_removed(dockerfile: Dockerfile, stages: Iterable[Stage], start: int, path: str) -> bool:
    """Whether a command of these stages behind an offset may take away what lies in an image's `path`."""
    removals: dict[int, list[Ran]] = {}
    for ran in dockerfile.commands():
        if ran.command.program == "rm":
            removals.setdefault(ran.instruction.span.start, []).append(ran)
    for it in (it for stage in stages for it in stage.instructions if it.span.start > start):
        script, seen = dockerfile.text[it.span], removals.get(it.span.start, [])
        is_unseen = _REMOVES.search(script) or len(_RM.findall(script)) != len(seen) or len(seen) > _MOST
        if it.keyword == "RUN" and (is_unseen or any(_may_take(dockerfile, ran, path) for ran in seen)):
            return True
    return False


def _may_take(dockerfile: Dockerfile, removal: Ran, path: str) -> bool:
    folder, names = folder_of(dockerfile, removal), list(map(_written, removal.command.arguments))
    return folder is None or not all(
        name and (name.startswith("-") or not _is_above(posixpath.join(folder, name), path)) for name in names
    )


def _written(word: Word) -> str:
    """An argument as it is written, with its wildcards; empty where something is filled in."""
    parts = [
        one.value if isinstance(one, Literal) else one.text
        for one in word.pieces
        if isinstance(one, Literal | Pattern)
    ]
    return "".join(parts) if len(parts) == len(word.pieces) and "{" not in "".join(parts) else ""


def _is_above(pattern: str, path: str) -> bool:
    """Whether a pattern may stand for a path or for a folder over it; so may one of which it isn't known where that is."""
    wanted, parts = posixpath.normpath(pattern).split("/"), path.split("/")
    fits = all(map(_fits, parts, wanted))
    return not pattern.startswith("/") or (len(wanted) <= len(parts) and fits)


def _fits(part: str, pattern: str) -> bool:
    """As a shell has it, for which a wildcard stands for no dot in front."""
    return fnmatch.fnmatchcase(part, pattern) and (not part.startswith(".") or pattern.startswith("."))
