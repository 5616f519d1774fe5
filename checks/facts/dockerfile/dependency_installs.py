"""Commands of a `RUN` that install the dependencies of a project.

https://docs.npmjs.com/cli/v11/commands/npm-install, https://classic.yarnpkg.com/lang/en/docs/cli/install/,
https://yarnpkg.com/cli/install
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from enum import StrEnum

from checks.facts.dockerfile.copied_files import folder_of
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.stages import Ran
from checks.record import Record
from checks.source.command import GuardKind
from checks.source.command_line import Arguments, Syntax, read_arguments
from checks.source.text import Span
from checks.source.word import Word

_NPM = Syntax.of(
    "prefix/C= registry= omit= include= only= loglevel= cache= userconfig= install-strategy= fetch-retries= fetch-timeout= "
    "maxsockets= global/g location= production legacy-peer-deps force/f ignore-scripts no-audit audit no-fund fund silent/s "
    "quiet/q/d verbose prefer-offline prefer-dedupe no-optional no-save unsafe-perm no-progress progress foreground-scripts "
    "no-package-lock package-lock package-lock-only install-links no-update-notifier no-bin-links save save-dev/D save-exact/E dry-run"
)
_YARN = Syntax.of(
    "cwd= registry= network-timeout= network-concurrency= cache-folder= modules-folder= mutex= mode= prefer-offline "
    "production prod silent/s non-interactive ignore-scripts ignore-optional ignore-engines ignore-platform no-progress "
    "no-cache check-files force verbose frozen-lockfile immutable immutable-cache pure-lockfile no-lockfile check-cache "
    "inline-builds skip-integrity-check no-default-rc no-bin-links"
)


_PNPM = Syntax.of(
    "store-dir= reporter= loglevel= network-concurrency= child-concurrency= frozen-lockfile prod/P production dev/D no-optional ignore-scripts "
    "ignore-workspace offline prefer-offline silent/s shamefully-hoist strict-peer-dependencies"
)
_MANAGERS = frozenset(("npm", "pnpm", "yarn"))
_HOLDS = ("frozen-lockfile", "immutable", "immutable-cache", "pure-lockfile")
"""Options with which Yarn installs what the lock file says, or fails."""

_DEPTH = 4
"""Of the path of a folder in the image, how many names may be those that it has in the context."""
_TESTS = frozenset(("[", "[[", "test", "command", "which", None))
"""Programs whose failure says no, and ends no `RUN` that goes on."""


class Manager(StrEnum):
    """A package manager whose install may change what its lock file says."""

    NPM = "npm"
    YARN = "yarn"

    @property
    def lock(self) -> str:
        """The name of its lock file."""
        return "package-lock.json" if self is Manager.NPM else "yarn.lock"


class Install(Record):
    """One that installs what `package.json` names, and goes by the lock file only as far as that fits."""

    manager: Manager
    verb: Span
    """The word of the script that says what to do: `install`; the program's own where there is none."""
    folder: str
    """The folder it works in, from that of the command; empty for that."""
    links: bool = False
    """Whether it installs packages of other folders, `file:`, as it does those of a registry: with all that they need."""


def loose_install(ran: Ran) -> Install | None:
    """What a command installs without holding to the lock file; None if it does something else."""
    words = ran.command.arguments
    if ran.command.program == "npm" and words and words[0].literal in ("install", "i"):
        read = read_arguments(words[1:], _NPM)
        refuses = ("global", "location", "no-package-lock", "package-lock", "package-lock-only", "dry-run")
        return None if any(read.span_of(name) for name in refuses) else _npm(words[0], read)
    if ran.command.program == "yarn":
        return _yarn(ran, (), (*_HOLDS, "no-lockfile", "cwd", "mode"))
    return None


def installed_folders(dockerfile: Dockerfile) -> frozenset[str]:
    """Folders whose `package.json` commands may have npm install, whatever the lock file says: as paths from one over the file.

    Those that lie over it are the empty one; of others the ends of the paths in the image, and what is copied from.
    """
    return _loose_folders(dockerfile, "npm")


def yarn_folders(dockerfile: Dockerfile) -> frozenset[str]:
    """Those whose they may have Yarn install, likewise."""
    return _loose_folders(dockerfile, "yarn")


def pnpm_folders(dockerfile: Dockerfile) -> frozenset[str]:
    """Those that they have pnpm install by the lock file, likewise."""
    frozen = [ran for ran in dockerfile.commands() if is_frozen_pnpm(ran)]
    there = [folder for ran in frozen if (folder := folder_of(dockerfile, ran)) is not None]
    return _in_context(dockerfile, there) if frozen else frozenset()


def is_frozen_pnpm(ran: Ran) -> bool:
    """Whether a command has pnpm install all that a project asks for by its lock file, or fail."""
    words = ran.command.arguments
    if ran.command.program != "pnpm" or not words or words[0].literal not in ("install", "i"):
        return False
    read = read_arguments(words[1:], _PNPM)
    return read.certain and not read.operands and read.has("frozen-lockfile") is True


def _loose_folders(dockerfile: Dockerfile, program: str) -> frozenset[str]:
    loose = [
        (ran, install)
        for ran in dockerfile.commands()
        if ran.command.program == program and (install := loose_install(ran))
    ]
    folders = ((folder_of(dockerfile, ran), install.folder) for ran, install in loose)
    there = [posixpath.join(folder, below) for folder, below in folders if folder is not None]
    return _in_context(dockerfile, there) if loose else frozenset()


def project_folders(dockerfile: Dockerfile) -> frozenset[str]:
    """Folders whose `package.json` may be of what commands install or run with a package manager of Node.js, spelled alike."""
    there = [folder for ran in dockerfile.commands() if (folder := project_folder(dockerfile, ran))]
    return _in_context(dockerfile, there) if there else frozenset()


def _in_context(dockerfile: Dockerfile, folders: Iterable[str]) -> frozenset[str]:
    """What folders of the image may be called in the context."""
    found = {""}
    for folder in folders:
        parts = posixpath.normpath(folder).strip("/").split("/")
        found.update("/".join(parts[at:]) for at in range(max(0, len(parts) - _DEPTH), len(parts)))
    sources = (source.path for copy in dockerfile.copies for source in copy.sources if source.path)
    found.update(one for path in sources for one in (path, posixpath.dirname(path)))
    return frozenset(found)


def project_folder(dockerfile: Dockerfile, ran: Ran) -> str | None:
    """The folder in the image of the project that a package manager of Node.js works for; None where there is none, or it is not known."""
    if ran.command.program not in _MANAGERS:
        return None
    read = read_arguments(ran.command.arguments, _YARN if ran.command.program == "yarn" else _NPM)
    prefix, folder = read.last("cwd") or read.last("prefix"), folder_of(dockerfile, ran)
    below = "" if prefix is None else prefix.literal
    if folder is None or below is None or read.span_of("global") or read.span_of("location"):
        return None
    return posixpath.normpath(posixpath.join(folder, below))


def locked_install(ran: Ran) -> Install | None:
    """What a command installs that takes the versions of the lock file, whether or not that fits; None if none."""
    words = ran.command.arguments
    if ran.command.program == "npm" and words and words[0].literal in ("ci", "clean-install"):
        return _npm(words[0], read_arguments(words[1:], _NPM))
    if ran.command.program == "yarn":
        return _yarn(ran, _HOLDS, ("no-lockfile", "cwd", "mode", "production", "prod"))
    return None


def _npm(verb: Word, read: Arguments) -> Install | None:
    prefix = read.last("prefix")
    folder = "" if prefix is None else prefix.literal
    is_other = bool(read.operands or read.plural) or folder is None
    links = read.span_of("install-links") is not None
    return None if is_other else Install(Manager.NPM, verb.span, folder or "", links)


def _yarn(ran: Ran, asked: tuple[str, ...], refused: tuple[str, ...]) -> Install | None:
    """What a `yarn` installs with one of the options `asked`, if any are, and none of those `refused`."""
    words, name = ran.command.arguments, ran.command.unwrapped.name
    has_verb = bool(words) and words[0].literal == "install"
    read = read_arguments(words[has_verb:], _YARN)
    is_asked = not asked or any(read.span_of(option) for option in asked)
    is_other = bool(read.operands) or not read.certain or any(read.span_of(option) for option in refused)
    if name is None or is_other or not is_asked:
        return None
    return Install(Manager.YARN, words[0].span if has_verb else name.span, "")


def may_be_left_out(ran: Ran) -> bool:
    """Whether a `RUN` may succeed without a command of it, or although that fails."""
    command = ran.command
    tests = (
        one.program
        for guard in command.guards
        for one in ran.script.commands
        if guard.condition.start <= one.span.start < guard.condition.end and one.words
    )
    return (
        any(guard.kind is not GuardKind.AND for guard in command.guards)
        or bool(command.fallbacks)
        or command.in_function is not None
        or any(program in _TESTS for program in tests)
    )
