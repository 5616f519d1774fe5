"""Calls of the package managers of distributions in a `RUN`, and what they leave in its layer.

https://manpages.debian.org/bookworm/apt/apt-get.8.en.html, https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper,
https://dnf.readthedocs.io/en/latest/command_ref.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from checks.facts.dockerfile.dockerfiles import Instruction
from checks.facts.dockerfile.stages import Ran
from checks.record import Record
from checks.regex import regex
from checks.source import shell
from checks.source.command import Command, GuardKind
from checks.source.command_line import Arguments, Syntax, read_arguments
from checks.source.word import Word

_APT = Syntax.of(
    "yes/y assume-yes quiet/q option/o= target-release/t= config-file/c= no-install-recommends no-install-suggests "
    "install-recommends allow-downgrades allow-unauthenticated force-yes fix-missing/m fix-broken/f only-upgrade reinstall "
    "allow-change-held-packages allow-remove-essential download-only/d no-upgrade purge auto-remove verbose-versions/V "
    "show-progress simulate/s build-dep allow-releaseinfo-change"
)
_APK = Syntax.of(
    "no-cache update-cache/U update virtual/t= repository/X= allow-untrusted no-progress quiet/q upgrade/u latest/l root/p= "
    "arch= keys-dir= repositories-file= initdb no-scripts force force-overwrite force-refresh verbose/v no-network cache-dir= "
    "available/a ignore no-self-upgrade prune purge rdepends/r simulate/s wait= interactive/i"
)
_DNF = Syntax.of(
    "assumeyes/y quiet/q setopt= nodocs enablerepo= disablerepo= repo= repofrompath= installroot= releasever= nobest "
    "allowerasing skip-broken nogpgcheck best refresh disableplugin= enableplugin= exclude/x= noplugins verbose/v config/c="
)
_SYNTAXES = {
    "apt-get": _APT,
    "apt": _APT,
    "apk": _APK,
    "yum": _DNF,
    "dnf": _DNF,
    "microdnf": _DNF,
    "amazon-linux-extras": _DNF,
}
_CACHES = {
    "apt-get": "apt",
    "apt": "apt",
    "apk": "apk",
    "yum": "yum",
    "dnf": "dnf",
    "microdnf": "dnf",
    "amazon-linux-extras": "yum",
}

CLEARING = {
    "apt-get": ("apt/lists", "rm -rf /var/lib/apt/lists/*"),
    "apt": ("apt/lists", "rm -rf /var/lib/apt/lists/*"),
    "yum": ("clean", "yum clean all"),
    "dnf": ("clean", "dnf clean all"),
    "microdnf": ("clean", "microdnf clean all"),
    "amazon-linux-extras": ("clean", "yum clean all"),
}
"""For each package manager what a script says that clears away, and how it would."""


APT = frozenset(("apt", "apt-get"))
DNF = frozenset(("amazon-linux-extras", "dnf", "microdnf", "yum"))
"""Those whose `update` upgrades, while apt's and apk's bring lists; the first of Amazon Linux 2 has yum install.

https://docs.aws.amazon.com/linux/al2/ug/al2-extras.html
"""
UPGRADES = frozenset(("dist-upgrade", "full-upgrade", "upgrade"))
"""Calls that bring all that is installed up to date where no package is named."""
_USING = UPGRADES | {"build-dep", "install"}
"""Calls of apt that go by the lists."""
_SHELLS = frozenset((".", "bash", "dash", "sh", "source"))
_SCRIPT = regex(r"\.(?:sh|bash)$")
_SEEN = 3
"""The words of a command in which a script stands that it runs."""
_FETCHING = frozenset(("groupinstall", "install", "localinstall", "reinstall", "update", "upgrade"))
"""Calls of dnf and yum that read the metadata of the repositories, for packages."""
_ASKING = frozenset(
    ("check-update", "info", "list", "makecache", "provides", "repoquery", "search", "updateinfo")
)
"""Those that read it and bring no package: https://dnf.readthedocs.io/en/latest/command_ref.html"""
_CLEANERS = regex(
    r"(?:(?:apt(?:-get)?|caches?|docker|images?|layers?|lists?|packages?|pkg|system)[-_]?)?clean"
    r"(?:[-_]?(?:all|apt|caches?|docker|images?|install|layers?|lists?|packages?|pkg|system|up))*(?:\.(?:ba)?sh)?"
)
"""Programs that may clear the lists away by what they are called: `clean-install` of the images of Kubernetes does."""
_ANEW = ("force-refresh", "refresh", "update", "update-cache")
"""Options that have the lists fetched though they are there."""
_TEST = regex(r"(?:^|&&|\|\||[;!\n])[^\S\n]*(?:\[|test\s)")


class PackageCall(Record):
    """One call that was understood."""

    ran: Ran
    program: str
    verb: Word
    """`install`, `add`, `update` …"""
    arguments: Arguments

    @property
    def caches(self) -> bool:
        """Whether the `RUN` mounts a cache for it, so that what it leaves is in no layer."""
        return any(
            flag.name == "mount" and _CACHES[self.program] in (flag.value or "")
            for flag in self.ran.instruction.flags
        )

    @property
    def hangs_on_variable(self) -> bool:
        """Whether a condition that reads a variable decides if it runs, so that most builds may go without it."""
        for guard in self.ran.command.guards:
            condition = self.ran.script[guard.condition]
            tests = guard.kind not in (GuardKind.AND, GuardKind.OR) or _TEST.search(condition)
            if tests and "$" in condition:
                return True
        return False


def package_call(ran: Ran) -> PackageCall | None:
    """What a command asks of a package manager; None if it is another one, or is not understood."""
    program = ran.command.program or ""
    syntax = _SYNTAXES.get(program)
    if syntax is None:
        return None
    read = read_arguments(ran.command.arguments, syntax)
    verb = read.operands[0] if read.operands else None
    return None if verb is None or verb.literal is None else PackageCall(ran, program, verb, read)


def says_yes(call: PackageCall) -> bool:
    """Whether a call certainly asks nothing, or may not: the second level of `-q` implies `-y`.

    https://manpages.debian.org/trixie/apt/apt-get.8.en.html
    """
    quiet = sum(option.name == "quiet" for option in call.arguments.options)
    quiet += 2 * any(word.literal in ("-q=2", "--quiet=2") for word in call.ran.command.arguments)
    given = {option.name for option in call.arguments.options}
    return (
        quiet > 1
        or not call.arguments.certain
        or bool(given & {"yes", "assume-yes", "force-yes", "simulate", "option"})
    )


def keeps_index(call: PackageCall) -> bool:
    """Whether an `apk add`, `update` or `upgrade`, each of which fetches the index of packages, leaves it in its layer."""
    is_known = call.arguments.certain and call.arguments.span_of("no-cache") is None
    return (
        is_known
        and "/var/cache/apk" not in call.ran.script.source
        and "--cache" not in call.ran.script.source
    )


def _cleans(command: Command) -> bool:
    """Whether a command is yum's or dnf's `clean`, or one that may be."""
    words = [word.literal for word in command.arguments]
    return (command.program is None or command.program in DNF) and "clean" in words


def clears(command: Command, program: str) -> bool:
    """Whether a command does nothing but clear away what a package manager brings: `dnf clean all`, `rm -rf /var/lib/apt/lists/*`."""
    words = [word.literal or word.prefix for word in command.arguments]
    named = [word.rstrip("/") for word in words if not word.startswith("-")]
    if program in APT:
        return command.program == "rm" and named == ["/var/lib/apt/lists"]
    return command.program == program and words == ["clean", "all"]


def keeps_lists(call: PackageCall, same: Collection[PackageCall], borrowing: Collection[Instruction]) -> bool:
    """Whether a `RUN` brings lists and packages, does not clear the lists away, and no other one builds on them.

    `same` are all calls of it, `borrowing` those that may build on others' lists: `borrowing_lists`.
    """
    if call.program in APT:
        uses = any(one.verb.literal in _USING for one in same)
        return (
            uses
            and leaves_lists(call)
            and "/var/cache/" not in call.ran.script.source
            and all(one is call.ran.instruction for one in borrowing)
        )
    return call.verb.literal in _FETCHING and leaves_lists(call)


def leaves_lists(call: PackageCall) -> bool:
    """Whether it brings lists, as an update of apt's does, and its `RUN` says nothing that may clear them away.

    dnf reads the metadata of the repositories whatever it installs, a package by its address, too.
    """
    script = call.ran.script
    if call.program not in APT:
        is_cleared = any(map(_cleans, script.commands)) or "/var/cache/" in script.source
        return call.verb.literal in _FETCHING | _ASKING and not call.caches and not is_cleared
    is_update = call.verb.literal == "update"
    is_cleared = CLEARING["apt"][0] in script.source or any(
        _CLEANERS.fullmatch(one.program or "") for one in script.commands
    )
    return is_update and not call.caches and not is_cleared


def fetches_anew(call: PackageCall) -> bool:
    """Whether a call fetches lists that an earlier layer has, too; others fetch what isn't there, or has grown old.

    https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk.8.scd (`--cache-max-age`, four hours unless told),
    https://dnf.readthedocs.io/en/latest/conf_ref.html (`metadata_expire`)
    """
    is_update = call.program not in DNF and call.verb.literal == "update"
    return is_update or any(option.name in _ANEW for option in call.arguments.options)


def borrowing_lists(calls: Collection[PackageCall]) -> frozenset[Instruction]:
    """The instructions that call apt and update no lists of their own, or not before they install by them."""
    of_apt = [one for one in calls if one.program in APT]
    by_lists = [one for one in of_apt if one.verb.literal == "update" or one.verb.literal in _USING]
    first = {one.ran.instruction: one for one in reversed(by_lists)}
    updating = {instruction for instruction, one in first.items() if one.verb.literal == "update"}
    return frozenset(one.ran.instruction for one in of_apt) - updating


def scripts_of(ran: Ran) -> tuple[str, ...]:
    """The names of the files that a command may run as a script: `./setup.sh`, `bash /tmp/setup`."""
    name, words = ran.command.unwrapped.name, ran.command.arguments[:_SEEN]
    found = words if ran.command.program in _SHELLS else (name,) if name else ()
    paths = [word.literal or word.prefix for word in found]
    return tuple(
        posixpath.basename(path)
        for path in paths
        if "://" not in path and not path.startswith("-") and ("/" in path or _SCRIPT.search(path))
    )


def may_install_from_lists(script: str) -> bool:
    """Whether a script calls apt for packages before it has updated the lists, or calls another script before that."""
    for command in shell.parse(script).commands:
        words = [word.literal or "" for word in command.words]
        if command.program in APT:
            verbs = [word for word in words if word == "update" or word in _USING]
            if verbs:
                return verbs[0] != "update"
        elif any(map(_SCRIPT.search, words)):
            return True
    return False
