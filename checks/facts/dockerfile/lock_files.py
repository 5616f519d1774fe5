"""Lock files of Node.js projects in a build context, with what the repository says of the project that each is for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.dependency_installs import Manager
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.npm_locks import NpmLock
from checks.facts.project.yarn_configs import YarnConfig
from checks.record import Record

LOCKS = {
    "bun": ("bun.lock", "bun.lockb"),
    "npm": ("package-lock.json",),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
}
"""The lock files that package managers write, each by what `packageManager` calls it."""


class LockFile(Record, eq=False):
    """One that is committed."""

    context: BuildContext
    path: str
    """In the context."""
    project: NodeProject | None
    """That of the `package.json` beside it, where that is read."""
    written: NpmLock | None
    """What it says itself, where it is npm's, and it is known which `package.json` it was written for."""
    is_immutable: bool | None
    """Whether Yarn's own file beside it has Yarn hold to it without an option; None where that doesn't say."""
    paths: frozenset[str]
    """All of the repository."""

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)

    def beside(self, name: str) -> str:
        """The path in the context of what lies beside it, or would."""
        return posixpath.join(posixpath.dirname(self.path), name)

    def path_beside(self, name: str) -> str:
        """The same from the root of the repository."""
        return self.context.path_of(self.beside(name))

    def has_beside(self, name: str) -> bool:
        """Whether a file of that name lies beside it, read or not."""
        return self.path_beside(name) in self.paths

    @property
    def is_excluded(self) -> bool:
        """Whether the ignore file of the context leaves it out."""
        return self.context.ignore is not None and self.context.ignore.decide(self.path).excluded

    @property
    def is_of_later_yarn(self) -> bool:
        """Whether the settings of a later Yarn than the first lie beside it."""
        return self.has_beside(".yarnrc.yml")

    @property
    def manager(self) -> str:
        """The package manager that `package.json` names, with its version; empty for none."""
        return self.project.package_manager if self.project is not None else ""

    @property
    def of_manager(self) -> str:
        """The lock file of the package manager that `package.json` names, where it is another one that lies beside; else empty."""
        own = LOCKS.get(self.manager.partition("@")[0], ())
        return "" if self.name in own else next(filter(self.has_beside, own), "")

    @property
    def is_compared(self) -> bool:
        """Whether it is known what it was written for, and what `package.json` asks for."""
        return self.written is not None and self.project is not None and self.project.asked is not None

    @property
    def first_difference(self) -> tuple[str, str | None, str | None] | None:
        """The first package of which `package.json` asks for another range than it was written for, with both ranges.

        None where nothing differs, or it can't be compared.
        """
        if self.written is None or self.project is None or self.project.asked is None:
            return None
        return self.written.first_difference(self.project.asked)


def lock_files(
    context: BuildContext,
    projects: Iterable[NodeProject],
    written: Iterable[NpmLock],
    configs: Iterable[YarnConfig],
    paths: frozenset[str],
) -> Iterator[LockFile]:
    """Those of a context, by path, without those inside of installed packages.

    What is given of projects, lock files and settings, and the `paths`, are all of the repository.
    """
    start = f"{context.folder}/" if context.folder else ""
    names = {manager.lock for manager in Manager}
    by_path = {one.path: one for one in projects}
    by_lock = {one.path: one for one in written if one.written_for is not None}
    immutable = {one.path: one.is_immutable for one in configs}
    found = (path.removeprefix(start) for path in paths if path.startswith(start))
    for path in sorted(path for path in found if posixpath.basename(path) in names):
        if "node_modules/" not in path:
            folder = posixpath.dirname(path)
            yield LockFile(
                context,
                path,
                by_path.get(context.path_of(posixpath.join(folder, "package.json"))),
                by_lock.get(context.path_of(path)),
                immutable.get(context.path_of(posixpath.join(folder, ".yarnrc.yml"))),
                paths,
            )
