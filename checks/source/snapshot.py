"""The files of a repository at one commit, as plain data."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

from msgspec import field

from checks.record import Record
from checks.source.kind import MAVEN_PROJECT, is_guide, is_like_dockerfile, is_test_of_workflows, wanted
from checks.source.text import Span, Text, Unreadable

T = TypeVar("T")


class Edit(Record):
    """Replaces a span of a file's text; an edit of an absent path at 0..0 creates the file."""

    path: str
    span: Span
    replacement: str


class EditConflict(ValueError):
    """Edits that overlap, or that fall outside the file they name."""


class Snapshot(Record, eq=False, dict=True):
    """Files at a commit. Texts are shared between snapshots that have the same file."""

    texts: Mapping[str, Text]
    """The files that were read, by path."""
    paths: frozenset[str] = frozenset()
    """Every path of the commit, read or not; of the others nothing but the path is known."""
    unreadable: tuple[Unreadable, ...] = ()
    """Files that should have been read and were not: too large, not UTF-8, a symlink that leaves …"""
    complete: bool = True
    """False when the list of paths was cut short, so that an absent path may exist."""
    tests: Mapping[str, Text] = field(default_factory=dict)
    """Tests of workflows that are of no kind of ours: they count for the actions that they name, and for nothing else."""
    guides: Mapping[str, Text] = field(default_factory=dict)
    """What says in words how a project does things, and a Maven project: each counts for one thing that it says of workflows."""

    @staticmethod
    def of(files: Mapping[str, str], paths: Iterable[str] = ()) -> Snapshot:
        """A snapshot of `files` (path to content) and of further `paths` whose content is not known."""
        texts = {path: Text(path, content) for path, content in files.items()}
        return Snapshot(texts, frozenset(paths) | frozenset(files))

    @staticmethod
    def read(
        texts: Mapping[str, Text], paths: frozenset[str], unreadable: tuple[Unreadable, ...], complete: bool
    ) -> Snapshot:
        """A snapshot of `texts`, of which those that are mere tests stand apart, and guides."""
        aside = {path: text for path, text in texts.items() if not wanted(path)}
        tests = {path: text for path, text in aside.items() if is_test_of_workflows(path)}
        guides = {path: text for path, text in aside.items() if is_guide(path) or path == MAVEN_PROJECT}
        others = {path: text for path, text in texts.items() if path not in tests and path not in guides}
        return Snapshot(others, paths, unreadable, complete, tests, guides)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that has a file in it, at any depth; the root is the empty path."""
        return _folders(self.paths)

    @cached_property
    def like_dockerfiles(self) -> frozenset[str]:
        """The paths whose names say that images are built of them, or of what templates of them become."""
        return _like_dockerfiles(self.paths)

    def below(self, folder: str) -> Sequence[str]:
        """The paths in a folder, at any depth, in their order; the root is the empty path."""
        return below(folder, _ordered(self.paths), str)

    def sharing(self, other: Snapshot) -> Snapshot:
        """This snapshot with the other's texts where they are equal."""
        theirs = other.texts
        texts = {
            path: theirs[path] if path in theirs and theirs[path].content == text.content else text
            for path, text in self.texts.items()
        }
        return Snapshot(texts, self.paths, self.unreadable, self.complete, self.tests, self.guides)

    def edited(self, edits: Iterable[Edit]) -> Snapshot:
        """This snapshot with all edits applied at once. `EditConflict` if they can't be."""
        by_path: dict[str, list[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(edit)
        texts = dict(self.texts)
        for path, group in by_path.items():
            before = self.texts.get(path)
            if before is None and (path in self.paths or not self.complete):
                raise EditConflict(f"{path}: its content is not known")
            texts[path] = Text(path, apply(before.content if before else "", group))
        paths = self.paths if texts.keys() <= self.paths else self.paths | frozenset(texts)
        return Snapshot(texts, paths, self.unreadable, self.complete, self.tests, self.guides)


def below(folder: str, those: Sequence[T], path_of: Callable[[T], str]) -> Sequence[T]:
    """Those of several, in the order of their paths, whose paths lie in a folder at any depth."""
    if not folder:
        return those
    start = bisect_left(those, f"{folder}/", key=path_of)
    end = bisect_left(those, f"{folder}{_BEHIND_SLASH}", lo=start, key=path_of)
    return those[start:end]


def path_elsewhere(slug: str, path: str) -> str:
    """How a file of another repository, `owner/name`, is called beside those of one's own: `/owner/name/path`.

    No path of git begins with a slash, so that nothing of one's own can pass for a file of another.
    """
    return f"/{slug}/{path}"


def elsewhere(path: str) -> tuple[str, str] | None:
    """The repository, `owner/name`, and the path in it, of a file of another repository; None for one's own."""
    if not path.startswith("/"):
        return None
    owner, name, within = path[1:].split("/", 2)
    return f"{owner}/{name}", within


_BEHIND_SLASH = chr(ord("/") + 1)


@lru_cache(maxsize=4)
def _ordered(paths: frozenset[str]) -> tuple[str, ...]:
    """Kept as `_folders` are."""
    return tuple(sorted(paths))


@lru_cache(maxsize=4)
def _like_dockerfiles(paths: frozenset[str]) -> frozenset[str]:
    """Kept as `_folders` are."""
    return frozenset(filter(is_like_dockerfile, paths))


@lru_cache(maxsize=4)
def _folders(paths: frozenset[str]) -> frozenset[str]:
    """Kept for the snapshots that edits make of one, which mostly have the same paths."""
    found: set[str] = set()
    for path in paths:
        folder = posixpath.dirname(path)
        while folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return frozenset(found)


def apply(content: str, edits: Iterable[Edit]) -> str:
    """`content` with all edits applied; offsets are those of `content`.

    Edits that are equal count once. Insertions at one offset keep their order, but for those that begin a new line: they
    come behind those that go on with the line. `EditConflict` when two overlap or one reaches past the end.
    """
    ordered = sorted(dict.fromkeys(edits), key=_place)
    parts: list[str] = []
    at = 0
    for edit in ordered:
        if edit.span.start < at or edit.span.end > len(content):
            line = content.count("\n", 0, edit.span.start) + 1
            raise EditConflict(f"{edit.path}:{line}: edits overlap or leave the file")
        parts += content[at : edit.span.start], edit.replacement
        at = edit.span.end
    parts.append(content[at:])
    return "".join(parts)


def _place(edit: Edit) -> tuple[Span, bool]:
    return edit.span, edit.replacement.startswith(("\n", "\r"))
