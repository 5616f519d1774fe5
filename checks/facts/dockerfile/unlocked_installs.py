"""Installs of Node.js projects that leave a committed lock file out of account, wholly or where it does not fit."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from checks.facts.dockerfile.copied_files import Placed, folder_of, placed
from checks.facts.dockerfile.dependency_installs import (
    Install,
    Manager,
    locked_install,
    loose_install,
    may_be_left_out,
)
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage, is_development
from checks.facts.dockerfile.lock_files import LOCKS, LockFile
from checks.facts.dockerfile.node_images import bringing_npm, lacks_yarn, node_with_old_npm
from checks.facts.dockerfile.npm_builds import goes_on
from checks.facts.dockerfile.stages import Ran
from checks.record import Record
from checks.regex import regex
from checks.source.command import GuardKind
from checks.source.text import Span

_BRANCHES = frozenset(("if", "else", "case", "loop"))
"""What makes a command one of several that a build may take: which one, its arguments say."""
_CONFIGURES = ("npmrc", "npm config", "npm_config", "NPM_CONFIG", "legacy-peer-deps")
"""What stands where npm is told otherwise what its own file beside `package.json` tells it."""
_OVERLOOKS = regex(
    r"legacy[-_]peer[-_]deps|npm_config|npm config|--force\b|\bnpm ci -f\b|--package-lock-only|\bnpm (?:update|up|shrinkwrap)\b",
    re.IGNORECASE,
)
"""What may have npm overlook that a lock file does not fit, or write that anew."""
_WITHOUT_LOCK = regex(r"package[-_]lock[ \t=]{1,3}[\"']?false", re.IGNORECASE)
"""What tells npm to pass over the lock file: https://docs.npmjs.com/cli/using-npm/config#package-lock"""
_ASKS_OTHERWISE = regex(
    r"package\.json|\bnpm\s+pkg\s+(?:set|delete)\b[^\n;&|]{0,400}?(?:dependencies|overrides|workspaces)",
    re.IGNORECASE,
)
"""What may have a `package.json` ask for other packages."""
_PREFERRED = "npm-shrinkwrap.json"
"""What npm goes by where both lie there: https://docs.npmjs.com/cli/v11/configuring-npm/npm-shrinkwrap-json"""


class UnlockedInstall(Record):
    """An install beside a `package.json` that was copied, and whose lock file is committed."""

    ran: Ran
    install: Install
    lock: LockFile
    manifest: Placed | None
    """The copy of `package.json`, where that leaves the lock file behind."""
    lacks_config: bool
    """Whether npm's own file, `.npmrc`, lies beside `package.json`, may choose packages, and nothing brings it to the install."""
    other: str = ""
    """The lock file of another package manager, where that is left behind: the one that is named, or whose is copied."""

    @property
    def chooses_anew(self) -> bool:
        """Whether no version comes from the lock file so far: it is left behind, or npm is told to pass it over."""
        config, written = self.lock.npm_config, self.lock.context.dockerfile.text.content
        is_told = config is not None and "package-lock" in config.choosing
        is_npm = self.install.manager is Manager.NPM
        return self.manifest is not None or (is_npm and (is_told or bool(_WITHOUT_LOCK.search(written))))

    @property
    def folder(self) -> str | None:
        """In the image, the folder of the command; None if it is not known."""
        return folder_of(self.lock.context.dockerfile, self.ran)

    @property
    def as_fallback(self) -> Span | None:
        """In the script: an install for the case that one by the lock file fails, with the `||` before it."""
        command, script = self.ran.command, self.ran.script
        last = command.guards[-1] if command.guards else None
        if last is None or last.kind is not GuardKind.OR:
            return None
        tried = [replace(self.ran, command=one) for one in script.within(last.condition)]
        held = locked_install(tried[-1]) if tried else None
        is_same = (
            held is not None and held.manager is self.install.manager and held.folder == self.install.folder
        )
        return Span(last.condition.end, command.span.end) if is_same else None


def loose_installs(dockerfile: Dockerfile) -> tuple[tuple[Ran, Install], ...]:
    """What commands certainly install without holding to a lock file, behind no install that does."""
    commands = tuple(_commands(dockerfile))
    locked = [(ran, found) for ran in commands if (found := locked_install(ran))]
    return tuple(
        (ran, found)
        for ran in commands
        if (found := loose_install(ran))
        and not any(_has_decided(dockerfile, *one, ran, found) for one in locked)
    )


def _commands(dockerfile: Dockerfile) -> Iterator[Ran]:
    for ran in dockerfile.commands():
        is_certain = not any(guard.kind in _BRANCHES for guard in ran.command.guards)
        if ran.stage in dockerfile.built and is_certain and not is_development(dockerfile, ran.stage):
            yield ran


def _has_decided(dockerfile: Dockerfile, earlier: Ran, held: Install, later: Ran, loose: Install) -> bool:
    """Whether an install of the same stage has certainly brought, by the lock file, what a later one asks for."""
    if earlier.stage is not later.stage or held.manager is not loose.manager:
        return False
    if earlier.place(held.verb).span.start > later.place(loose.verb).span.start or may_be_left_out(earlier):
        return False
    folders = [folder_of(dockerfile, ran) for ran in (earlier, later)]
    return folders[0] == folders[1] is not None and held.folder == loose.folder


def is_held_beside(one: UnlockedInstall) -> bool:
    """Whether the build stops without it, too, where the lock file does not fit: one by the same npm is held to that.

    Not where anything tells npm to overlook it, or writes the file anew.
    """
    dockerfile, lock = one.lock.context.dockerfile, one.lock
    base, brought = dockerfile.base_image(one.ran.stage), bringing_npm(dockerfile, one.ran)
    if base is None or _OVERLOOKS.search(dockerfile.text.content):
        return False
    return any(
        held.manager is one.install.manager
        and dockerfile.base_image(ran.stage) == base
        and bringing_npm(dockerfile, ran) == brought
        and not (may_be_left_out(ran) or goes_on(ran))
        and _goes_by(lock, ran, held)
        for ran in _commands(dockerfile)
        if (held := locked_install(ran))
    )


def _goes_by(lock: LockFile, ran: Ran, held: Install) -> bool:
    """Whether an install has a lock file, and what lies beside it, where it is run."""
    folder = folder_of(lock.context.dockerfile, ran)
    at = None if folder is None else posixpath.join(folder, held.folder)
    names = (lock.name, "package.json")
    return at is not None and all(_placed(lock, name, at, ran) is not None for name in names)


def stages_without_lock(
    dockerfile: Dockerfile, installs: Iterable[tuple[Ran, Install]]
) -> frozenset[tuple[Stage, Manager]]:
    """Where a command removes the lock file ahead of an install: what is installed is to be chosen anew."""
    taken = {one.command: install.manager for one, install in installs}
    removed, found = dict[Stage, set[str]](), set[tuple[Stage, Manager]]()
    for one in dockerfile.commands() if taken else ():
        if one.command.program == "rm":
            words = one.command.literals
            removed.setdefault(one.stage, set()).update(map(posixpath.basename, words))
        manager = taken.get(one.command)
        if manager is not None and not _removing(manager).isdisjoint(removed.get(one.stage, ())):
            found.add((one.stage, manager))
    return frozenset(found)


def _removing(manager: Manager) -> frozenset[str]:
    """By which names a lock file is removed."""
    stem, dot, _ = manager.lock.rpartition(".")
    return frozenset((manager.lock, f"{stem}{dot}*", f"{stem}*"))


def unlocked_install(
    dockerfile: Dockerfile, ran: Ran, install: Install, locks: Iterable[LockFile]
) -> UnlockedInstall | None:
    """What a loose install is where the `package.json` that lies beside a lock file was copied beside the command.

    `locks` are all of the Dockerfile's context.
    """
    folder = folder_of(dockerfile, ran)
    if folder is None or _is_written(dockerfile, ran.stage, ran.instruction):
        return None
    if install.manager is Manager.YARN and lacks_yarn(dockerfile, ran):
        return None  # the build stops there, whichever versions were to come
    folder = posixpath.join(folder, install.folder)
    own = [lock for lock in locks if lock.name == install.manager.lock]
    for lock in own:
        manifest = _placed(lock, "package.json", folder, ran)
        if manifest is not None:
            return _beside(own, lock, manifest, folder, ran, install)
    return None


def _beside(
    locks: Sequence[LockFile], lock: LockFile, manifest: Placed, folder: str, ran: Ran, install: Install
) -> UnlockedInstall | None:
    """What it is beside a `package.json`; None where that asks for nothing, or holds to a lock file in another way."""
    dockerfile, it = lock.context.dockerfile, manifest.copy.instruction
    if any(_is_written(dockerfile, stage, it) for stage in dockerfile.sources_of(it)):
        return None
    is_told = install.manager is Manager.YARN and _placed(lock, ".yarnrc.yml", folder, ran) is not None
    if is_told and lock.is_immutable:
        return None
    if lock.project is not None and lock.project.asks_for_nothing:
        return None
    lacks_config = install.manager is Manager.NPM and _lacks_config(lock, folder, ran)
    there = [one for one in locks if _placed(one, one.name, folder, ran) is not None]
    if lock in there and is_told and lock.is_immutable is False:
        return None  # whoever wrote it decided that the lock file may change
    if lock in there:
        return UnlockedInstall(ran, install, lock, None, lacks_config)
    if there:
        return None  # the lock file of a workspace's root, which may be the right one
    if (
        install.manager is Manager.NPM
        and lock.has_beside(_PREFERRED)
        and _placed(lock, _PREFERRED, folder, ran)
    ):
        return None
    others = [
        name for names in LOCKS.values() for name in names if name != lock.name and lock.has_beside(name)
    ]
    copied = [name for name in others if _placed(lock, name, folder, ran) is not None]
    is_of_first_yarn = not lock.is_of_later_yarn or lock.lacks_yarn
    if lock.is_excluded or (
        install.manager is Manager.NPM and is_of_first_yarn and Manager.YARN.lock in copied
    ):
        return None  # npm goes by the lock file of Yarn where it has none of its own
    other = lock.of_manager or next(iter(copied), "")
    return UnlockedInstall(ran, install, lock, manifest, lacks_config, other)


def _lacks_config(lock: LockFile, folder: str, ran: Ran) -> bool:
    """Whether npm's own file, which may choose packages, lies beside a lock file, and the install goes without it and another."""
    config, dockerfile = lock.npm_config, lock.context.dockerfile
    if config is not None and not config.may_choose:
        return False
    if config is not None and not config.may_choose_for_npm_6 and node_with_old_npm(dockerfile, ran):
        return False
    if not lock.has_beside(".npmrc") or _placed(lock, ".npmrc", folder, ran) is not None:
        return False
    above = (
        dockerfile.text[it.span]
        for stage in dockerfile.ancestry(ran.stage)
        for it in stage.instructions
        if it.span.start <= ran.instruction.span.start
    )
    return not any(sign in written for written in above for sign in _CONFIGURES)


def _is_written(dockerfile: Dockerfile, stage: Stage, last: Instruction) -> bool:
    """Whether a stage, up to an instruction, may write a `package.json` of its own, which no lock file fits."""
    before = (it for it in stage.instructions if it.span.start <= last.span.start)
    return any(it.keyword == "RUN" and _ASKS_OTHERWISE.search(dockerfile.text[it.span]) for it in before)


def _placed(lock: LockFile, name: str, folder: str, ran: Ran) -> Placed | None:
    """The copy above a command that puts a lock file, or what lies beside it, into a folder."""
    wanted = posixpath.normpath(posixpath.join(folder, name))
    found = placed(lock.context, lock.beside(name), ran.stage, ran.instruction.span.start)
    return next((one for one in found if one.at == wanted), None)
