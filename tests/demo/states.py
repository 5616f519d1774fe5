"""The example repository: `repository/base` is its main branch, `change` and `readme` are pull requests.

A pull request's folder holds only the files that it changes, as they are at its head.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.github.repositories import Entry, Executable, commit, create

STATES = Path(__file__).with_name("repository")
OWNER, NAME = "quayside", "harbourmaster"


@dataclass(frozen=True)
class Proposal:
    """One pull request: a branch of its own on top of `main`."""

    number: int
    branch: str
    title: str
    conclusion: str
    """What its check run comes to."""

    def files(self) -> Mapping[str, str]:
        """The files at its head."""
        return {**base_files(), **_texts(STATES / self.branch)}


CHANGE = Proposal(1, "change", "Build for arm64, scan what is built, follow main on staging", "failure")
README = Proposal(2, "readme", "Say how much water stays under a keel", "success")
PROPOSALS = (CHANGE, README)


def base_files() -> Mapping[str, str]:
    """The files of `main`."""
    return _texts(STATES / "base")


def build(git_dir: Path) -> None:
    """A bare repository with `main` and a branch for each pull request."""
    create(git_dir)
    main = commit(git_dir, "main", _entries(STATES / "base"), message="Harbourmaster 2.3.0")
    for one in PROPOSALS:
        commit(git_dir, one.branch, _entries(STATES / one.branch), parent=main, message=one.title)


def _entries(folder: Path) -> Mapping[str, Entry]:
    return {path: _entry(folder / path, text) for path, text in _texts(folder).items()}


def _entry(file: Path, text: str) -> Entry:
    return Executable(text) if os.access(file, os.X_OK) else text


def _texts(folder: Path) -> Mapping[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}
