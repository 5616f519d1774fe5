"""Reads a folder, or a commit of the work tree that it belongs to, into snapshots."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import field

from app.git import Blob, Git, GitError
from checks.record import Record
from checks.source.kind import wanted
from checks.source.snapshot import Snapshot
from checks.source.text import Text, Unreadable

__all__ = ["Base", "FolderError", "GitError", "prefix", "read", "read_base", "slug"]

MAX_BYTES = 1024 * 1024
"""Of one file; GitHub's contents API draws the line there too."""
MAX_PATHS = 200_000
"""Of a folder outside of git; beyond, the list is cut and the snapshot says so."""

Named = Callable[[Snapshot], Iterable[str]]
"""Paths that the files of a snapshot name, so that they are read whatever they are called."""


class FolderError(Exception):
    """The folder can't be read or written; the text says which place and why."""


class Base(Record):
    """What the work tree is compared with."""

    commit: str
    snapshot: Snapshot
    renames: Mapping[str, str]
    """From a path of today to the path that the file had then."""


class _Source(Protocol):
    """Where files come from."""

    @property
    def executable(self) -> Mapping[str, bool]:
        """Every path, with git's mode bit."""

    @property
    def complete(self) -> bool: ...

    def read(self, paths: Iterable[str]) -> Iterator[Text | Unreadable]: ...


def read(folder: Path, named: Named = lambda _: ()) -> Snapshot:
    """The files of a folder as they are now.

    In a git work tree those that are tracked or untracked and not ignored, else all. Only files that
    checks may read, or that one of those names, are opened; links are never followed.
    """
    return _snapshot(_Folder.of(folder), named)


def read_base(folder: Path, revision: str, named: Named = lambda _: ()) -> Base:
    """The same folder at the merge base of `revision` and HEAD. `GitError` says why there is none."""
    git = Git(_checked(folder))
    if not git.is_work_tree():
        raise GitError(f"{folder} is not in a git work tree, so there is nothing to compare it with")
    commit = git.merge_base(revision)
    blobs = {blob.path: blob for blob in git.tree(commit)}
    snapshot = _snapshot(_Commit(git, blobs), named)
    renames = {new: old for new, old in git.renames(commit).items() if old in snapshot.paths}
    return Base(commit, snapshot, renames)


def prefix(folder: Path) -> str:
    """From the root of the work tree to the folder, ending in `/`; empty at the root and outside of git."""
    git = Git(_checked(folder))
    return git.prefix() if git.is_work_tree() else ""


_ADDRESS = re.compile(
    r"(?!file:)(?:(?:https?|ssh|git)://)?(?:[^/@]*@)?[^/:@]+(?::\d+(?=/))?[:/]/*([\w.-]+)/([\w.-]+?)(?:\.git)?/?"
)


def slug(folder: Path) -> str | None:
    """`owner/name` from the address of the remote that changes go to in the end, or None where it tells none."""
    git = Git(_checked(folder))
    address = git.remote() if git.is_work_tree() else ""
    match = _ADDRESS.fullmatch(address)
    return f"{match[1]}/{match[2]}" if match else None


def _checked(folder: Path) -> Path:
    if not folder.is_dir():
        raise FolderError(f"{folder}: {'not a folder' if folder.exists() else 'no such folder'}")
    return folder


def _snapshot(source: _Source, named: Named) -> Snapshot:
    paths = frozenset(source.executable)
    first = sorted(path for path, executable in source.executable.items() if wanted(path, executable))
    texts: dict[str, Text] = {}
    unreadable: list[Unreadable] = []

    def take(more: Iterable[str]) -> Snapshot:
        for one in source.read(more):
            if isinstance(one, Text):
                texts[one.path] = one
            else:
                unreadable.append(one)
        return Snapshot.read(texts, paths, tuple(unreadable), source.complete)

    snapshot = take(first)
    further = sorted((set(named(snapshot)) & paths).difference(first))
    return take(further) if further else snapshot


def _decoded(path: str, content: bytes) -> Text | Unreadable:
    if len(content) > MAX_BYTES:
        return _too_large(path)
    try:
        return Text(path, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Unreadable(path, content.count(b"\n", 0, error.start) + 1, "it is not UTF-8")


def _too_large(path: str) -> Unreadable:
    return Unreadable(path, 1, f"it is larger than {MAX_BYTES // 1024:,} KiB")


class _Folder(Record):
    """The files on disk."""

    root: Path
    executable: Mapping[str, bool]
    names: Mapping[str, str] = field(default_factory=dict)
    """What the file system calls a path whose name is not UTF-8."""
    complete: bool = True

    @staticmethod
    def of(folder: Path) -> _Folder:
        git = Git(_checked(folder))
        tracked = git.is_work_tree() and not git.is_ignored()
        listed = git.files() if tracked else list(_walk(folder))
        executable: dict[str, bool] = {}
        names: dict[str, str] = {}
        for name in listed[:MAX_PATHS]:
            try:
                mode = os.lstat(folder / name).st_mode
            except OSError:
                continue  # tracked and deleted, or gone this moment
            path = _shown(name)
            executable[path] = stat.S_ISREG(mode) and bool(mode & stat.S_IXUSR)
            if path != name:
                names[path] = name
        return _Folder(folder, executable, names, len(listed) <= MAX_PATHS)

    def read(self, paths: Iterable[str]) -> Iterator[Text | Unreadable]:
        for path in paths:
            try:
                one = self._one(path)
            except OSError as error:
                one = Unreadable(path, 1, f"the system refuses it: {error.strerror}")
            if one:
                yield one

    def _one(self, path: str) -> Text | Unreadable | None:
        if path in self.names:
            return Unreadable(path, 1, "its name is not UTF-8")
        status = os.lstat(self.root / path)
        if stat.S_ISLNK(status.st_mode):
            return _link(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > MAX_BYTES:
            return _too_large(path)
        return _decoded(path, (self.root / path).read_bytes())


def _link(path: str) -> Unreadable:
    return Unreadable(path, 1, "it is a symbolic link, and links are not followed")


def _shown(name: str) -> str:
    """A name of the file system as text: bytes that are not UTF-8 become escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _walk(folder: Path) -> Iterator[str]:
    """The files below a folder outside of git, in a stable order, one more than the cap at most."""
    count = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        linked = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted([*files, *linked]):
            yield (Path(parent) / name).relative_to(folder).as_posix()
            count += 1
            if count > MAX_PATHS:
                return


class _Commit(Record):
    """The files of a commit."""

    git: Git
    blobs: Mapping[str, Blob]
    complete: bool = True

    @property
    def executable(self) -> Mapping[str, bool]:
        return {path: blob.mode == "100755" for path, blob in self.blobs.items()}

    def read(self, paths: Iterable[str]) -> Iterator[Text | Unreadable]:
        blobs = [self.blobs[path] for path in paths]
        regular = {blob.sha for blob in blobs if blob.mode.startswith("100")}
        sizes = self.git.sizes(sorted(regular))
        small = sorted(sha for sha, size in sizes.items() if size <= MAX_BYTES)
        contents = dict(self.git.contents(small))
        for blob in blobs:
            if blob.mode == "120000":
                yield _link(blob.path)
            elif blob.sha in contents:
                yield _decoded(blob.path, contents[blob.sha])
            elif blob.sha in regular:
                yield _too_large(blob.path)
