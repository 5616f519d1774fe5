"""Writes the edits of fixes to the files of a folder, all of them or none."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from app.worktree import FolderError
from checks.record import Record
from checks.source.snapshot import Edit, Snapshot
from checks.source.text import Text


def write(folder: Path, snapshot: Snapshot, edits: Iterable[Edit]) -> tuple[str, ...]:
    """Applies edits of `snapshot`, which was read from `folder`, to the files: all of them or none.

    Returns the paths that changed. `FolderError` if a file is not as it was read, or can't be
    written; then every file is as before. Modes are kept, and so is each byte that no edit covers.
    """
    edits = tuple(edits)
    after = snapshot.edited(edits)
    paths = sorted({edit.path for edit in edits})
    writes = [
        _Replaced.of(folder, path, snapshot.texts.get(path), after.texts[path].content) for path in paths
    ]
    done: list[_Replaced] = []
    try:
        for one in writes:
            one.prepare()
        for one in writes:
            one.replace()
            done.append(one)
    except OSError as error:
        for one in reversed(done):
            one.restore()
        for one in writes:
            one.discard()
        where = error.filename or folder
        raise FolderError(f"{where}: can't be written: {error.strerror}; nothing was changed") from None
    return tuple(paths)


class _Replaced(Record):
    """One file to be replaced."""

    target: Path
    before: bytes | None
    """None for a file that does not exist yet."""
    after: bytes
    missing: tuple[Path, ...]
    """Folders to be made for it, the innermost first."""

    @staticmethod
    def of(folder: Path, path: str, before: Text | None, after: str) -> _Replaced:
        target = folder / path
        if ".." in Path(path).parts or Path(path).is_absolute():
            raise FolderError(f"{path}: leaves the folder")
        if any(
            place.is_symlink()
            for place in (target, *target.parents)
            if place.is_relative_to(folder) and place != folder
        ):
            raise FolderError(f"{target}: a symbolic link, and links are not followed")
        known = before.content.encode() if before else None
        try:
            found = target.read_bytes() if target.exists() else None
        except OSError as error:
            raise FolderError(f"{target}: {error.strerror}") from None
        if found != known:
            raise FolderError(f"{target}: changed since it was read; nothing was changed")
        missing = tuple(place for place in target.parents if not place.exists())
        return _Replaced(target, known, after.encode(), missing)

    @property
    def beside(self) -> Path:
        return self.target.with_name(f".{self.target.name}.tidewaiter")

    def prepare(self) -> None:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.beside.write_bytes(self.after)
        if self.before is not None:
            self.beside.chmod(stat.S_IMODE(self.target.stat().st_mode))

    def replace(self) -> None:
        self.beside.replace(self.target)

    def discard(self) -> None:
        """Removes what a failed attempt has left beside the target."""
        if self.beside.is_file():
            self.beside.unlink()
        for folder in self.missing:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def restore(self) -> None:
        """Puts back what was there; a failure here is the one that the user must see, so it is raised."""
        if self.before is None:
            self.target.unlink(missing_ok=True)
        elif self.target.read_bytes() != self.before:
            self.target.write_bytes(self.before)
