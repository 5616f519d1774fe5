"""Commands of a `RUN` that install the dependencies of a project.

https://docs.npmjs.com/cli/v11/commands/npm-install, https://classic.yarnpkg.com/lang/en/docs/cli/install/,
https://yarnpkg.com/cli/install
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checks.facts.dockerfiles import Ran
from checks.source.command_line import Syntax, read_arguments
from checks.source.text import Span

_NPM = Syntax.of(
    "prefix/C= registry= omit= include= only= loglevel= cache= userconfig= install-strategy= fetch-retries= fetch-timeout= "
    "maxsockets= global/g location= production legacy-peer-deps force/f ignore-scripts no-audit audit no-fund fund silent/s "
    "quiet/q/d verbose prefer-offline prefer-dedupe no-optional no-save unsafe-perm no-progress progress foreground-scripts "
    "no-package-lock package-lock package-lock-only no-update-notifier no-bin-links save save-dev/D save-exact/E dry-run"
)
_YARN = Syntax.of(
    "cwd= registry= network-timeout= network-concurrency= cache-folder= modules-folder= mutex= mode= prefer-offline "
    "production prod silent/s non-interactive ignore-scripts ignore-optional ignore-engines ignore-platform no-progress "
    "no-cache check-files force verbose frozen-lockfile immutable immutable-cache pure-lockfile no-lockfile check-cache "
    "inline-builds skip-integrity-check no-default-rc no-bin-links"
)


class Manager(StrEnum):
    """A package manager whose install may change what its lock file says."""

    NPM = "npm"
    YARN = "yarn"

    @property
    def lock(self) -> str:
        """The name of its lock file."""
        return "package-lock.json" if self is Manager.NPM else "yarn.lock"


@dataclass(frozen=True)
class Install:
    """One that installs what `package.json` names, and goes by the lock file only as far as that fits."""

    manager: Manager
    verb: Span
    """The word of the script that says what to do: `install`; the program's own where there is none."""
    folder: str
    """The folder it works in, from that of the command; empty for that."""


def loose_install(ran: Ran) -> Install | None:
    """What a command installs without holding to the lock file; None if it does something else."""
    words = ran.command.arguments
    if ran.command.program == "npm" and words and words[0].literal in ("install", "i"):
        read = read_arguments(words[1:], _NPM)
        prefix = read.last("prefix")
        refuses = ("global", "location", "no-package-lock", "package-lock", "package-lock-only", "dry-run")
        if read.operands or read.plural or any(read.span_of(name) for name in refuses):
            return None
        folder = "" if prefix is None else prefix.literal
        return None if folder is None else Install(Manager.NPM, words[0].span, folder)
    if ran.command.program == "yarn" and ran.command.unwrapped.name is not None:
        has_verb = bool(words) and words[0].literal == "install"
        read = read_arguments(words[has_verb:], _YARN)
        holds = (
            "frozen-lockfile",
            "immutable",
            "immutable-cache",
            "pure-lockfile",
            "no-lockfile",
            "cwd",
            "mode",
        )
        if read.operands or not read.certain or any(read.span_of(name) for name in holds):
            return None
        verb = words[0].span if has_verb else ran.command.unwrapped.name.span
        return Install(Manager.YARN, verb, "")
    return None
