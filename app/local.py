"""`tidewaiter review`: a folder, as it is now or against a merge base, and the fixes applied to it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app import worktree
from app.config.model import PATH, Config, Role
from app.forked import in_several_processes
from app.writing import write
from checks.catalogue import catalogue
from checks.check import Applicability, CheckModule, Outside, Repository
from checks.engine import Review, fixable, review
from checks.facts.repository.memo import Memo
from checks.record import Record
from checks.source.snapshot import Snapshot
from checks.source.text import Text

if TYPE_CHECKING:
    from checks.chain import Image

MAX_ROUNDS = 3
"""Rounds of applying fixes: a fix may make room for the next, and no chain of ours is longer."""


class Request(Record):
    """What was asked for on the command line."""

    folder: Path
    base: str | None = None
    """A revision; the folder is compared with its merge base with HEAD."""
    config_file: Path | None = None
    """None: the folder's own `.github/tidewaiter.yml`, if there is one."""
    slug: str | None = None
    """`owner/name`, if the caller knows it; else the remote `origin` tells it, or nothing."""


class Reviewed(Record):
    """A folder, reviewed."""

    review: Review
    snapshot: Snapshot
    config: Config
    modules: tuple[CheckModule, ...]
    repository: Repository
    images: tuple[Image, ...] = ()
    """Of a folder that is compared: the images that the change touches, each with its chain."""


class Local:
    """One folder, which may be reviewed again after fixes were applied. Its config and base are read once.

    Raises `FolderError` and `GitError` where the folder or the base can't be read, and `InvalidConfig`.
    """

    def __init__(self, request: Request, today: datetime.date) -> None:
        self._folder = request.folder
        self._modules = catalogue()
        self._config = _config(request, self._modules)
        self._outside = Outside(
            slug=request.slug or worktree.slug(request.folder),
            today=today,
            registries=self._config.registries,
            accounts=self._config.accounts,
        )
        self._memo = Memo()
        self._base = worktree.read_base(request.folder, request.base, self._named) if request.base else None

    def read(self) -> Repository:
        """The folder as it is now, understood."""
        return Repository(worktree.read(self._folder, self._named), self._outside, self._memo)

    def review(self) -> Reviewed:
        """The folder as it is now, reviewed."""
        head = self.read()
        base = Repository(self._base.snapshot, self._outside, self._memo) if self._base else None
        incomplete = () if head.snapshot.complete else ("The folder has more files than are read.",)
        outcome = review(
            head,
            base,
            self._modules,
            self._config.choices,
            self._base.renames if self._base else {},
            incomplete,
            in_several_processes,
        )
        images: tuple[Image, ...] = ()
        if base:
            from checks.chain import touched

            images = touched(head, base)
        return Reviewed(outcome, head.snapshot, self._config, self._modules, head, images)

    def _named(self, snapshot: Snapshot) -> frozenset[str]:
        return Repository(snapshot, self._outside, self._memo).named_paths

    def fix(self, reviewed: Reviewed, *, unsafe: bool) -> Reviewed:
        """Applies the first fix of each new finding that may be applied, and reviews what remains."""
        wanted = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
        for _ in range(MAX_ROUNDS):
            chosen = fixable(
                reviewed.repository,
                reviewed.modules,
                self._config.choices,
                reviewed.review.new,
                frozenset(wanted),
            )
            if not chosen:
                break
            write(self._folder, reviewed.snapshot, [edit for fix in chosen for edit in fix.edits])
            reviewed = self.review()
        return reviewed


def named(snapshot: Snapshot, memo: Memo | None = None) -> frozenset[str]:
    """The files of our kinds that others of a snapshot name, whatever they are called."""
    return Repository(snapshot, memo=memo).named_paths


def _config(request: Request, modules: Sequence[CheckModule]) -> Config:
    path = request.config_file or request.folder / PATH
    checks = [module.check for module in modules]
    if request.config_file is None and not path.is_file():
        return Config()
    from app.config.combining import combine  # like the next, long to import
    from app.config.file import parse

    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise worktree.FolderError(f"{path}: can't be read: {error}") from None
    owner, _, name = (request.slug or "").partition("/")
    role = Role.ORGANISATION if name == ".github" else Role.REPOSITORY
    shown = PATH if request.config_file is None else str(path)
    return combine([parse(Text(shown, content), role, checks, owner or None)], checks, name or None)
