"""Calls of the package managers of distributions in a `RUN`, and what they leave in its layer.

https://manpages.debian.org/bookworm/apt/apt-get.8.en.html, https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper,
https://dnf.readthedocs.io/en/latest/command_ref.html
"""

from __future__ import annotations

import posixpath

from checks.facts.dockerfile.dockerfiles import Instruction
from checks.facts.dockerfile.first_process import last_command
from checks.facts.dockerfile.stages import Ran
from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.record import Record
from checks.regex import regex
from checks.source import shell
from checks.source.command import Command, GuardKind
from checks.source.command_line import Arguments, Syntax, read_arguments
from checks.source.shell import Script
from checks.source.snapshot import Edit
from checks.source.text import Span
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
}
_CACHES = {
    "apt-get": "apt",
    "apt": "apt",
    "apk": "apk",
    "yum": "yum",
    "dnf": "dnf",
    "microdnf": "dnf",
}

CLEARING = {
    "apt-get": ("apt/lists", "rm -rf /var/lib/apt/lists/*"),
    "apt": ("apt/lists", "rm -rf /var/lib/apt/lists/*"),
    "yum": ("clean", "yum clean all"),
    "dnf": ("clean", "dnf clean all"),
    "microdnf": ("clean", "microdnf clean all"),
}
"""For each package manager what a script says that clears away, and how it would."""


APT = frozenset(("apt", "apt-get"))
_USING = frozenset(("build-dep", "dist-upgrade", "full-upgrade", "install", "upgrade"))
"""Calls of apt that go by the lists."""
_SHELLS = frozenset((".", "bash", "dash", "sh", "source"))
_SCRIPT = regex(r"\.(?:sh|bash)$")
_SEEN = 3
"""The words of a command in which a script stands that it runs."""
_UPDATING = ("update", "update-cache")
_UPDATE_OPTIONS = ("--update", "--update-cache", "-U")
"""How they are written alone: `-U` may stand among other letters."""
_FETCHING = frozenset(("install", "update", "upgrade"))
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
_ERREXIT = regex(r"-[a-z]*e[a-z]*|errexit")
_ENDING = frozenset(("exec", "exit", "return"))
"""Commands behind which nothing is run."""
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


def without_index(call: PackageCall, calls: list[PackageCall]) -> tuple[Edit | None, ...]:
    """Has every `apk` of a `RUN` read the index without keeping it; with a None where one asks for something else."""
    same = [one for one in calls if one.ran.instruction is call.ran.instruction and one.program == "apk"]
    return tuple(
        _without_update(one) if one.verb.literal == "update" else _no_cache(one)
        for one in same
        if one.arguments.span_of("no-cache") is None and one.verb.literal != "del"
    )


def _no_cache(call: PackageCall) -> Edit | None:
    """Writes `--no-cache`, in place of an option that has the index fetched, which it does too."""
    if call.verb.literal not in ("add", "upgrade"):
        return None
    for written in filter(None, map(call.arguments.span_of, _UPDATING)):
        if call.ran.script[written] in _UPDATE_OPTIONS:
            return Edit(call.ran.text.path, call.ran.place(written).span, "--no-cache")
    at = call.ran.place(call.verb.span).span.end
    return Edit(call.ran.text.path, Span(at, at), " --no-cache")


def _without_update(call: PackageCall) -> Edit | None:
    """Takes an `apk update` out, or the `RUN` that does nothing else; None where no command follows it if it succeeds.

    What follows does without it: `apk add` and `apk upgrade` fetch the index that they don't find.
    """
    ran, commands, text = call.ran, call.ran.script.commands, call.ran.text
    if ran.script.source.strip() == ran.script[ran.command.span] and not ran.instruction.heredocs:
        return without_instruction(text, ran.instruction.span)
    following = commands[commands.index(ran.command) + 1 :][:1]
    if not following:
        return None
    gone = ran.place(Span(ran.command.span.start, following[0].span.start))
    is_plain = gone.fragment.removeprefix(ran.script[ran.command.span]).strip(" \t\r\n\\`") == "&&"
    return Edit(text.path, gone.span, "") if is_plain else None


def _cleans(command: Command) -> bool:
    """Whether a command is yum's or dnf's `clean`, or one that may be."""
    words = [word.literal for word in command.arguments]
    return command.program in ("yum", "dnf", "microdnf", None) and "clean" in words


def clears(command: Command, program: str) -> bool:
    """Whether a command does nothing but clear away what a package manager brings: `dnf clean all`, `rm -rf /var/lib/apt/lists/*`."""
    words = [word.literal or word.prefix for word in command.arguments]
    named = [word.rstrip("/") for word in words if not word.startswith("-")]
    if program in APT:
        return command.program == "rm" and named == ["/var/lib/apt/lists"]
    return command.program == program and words == ["clean", "all"]


def keeps_lists(call: PackageCall, calls: list[PackageCall]) -> bool:
    """Whether a `RUN` brings lists and packages, does not clear the lists away, and no later one builds on them."""
    if call.program in APT:
        same = [one for one in calls if one.ran.instruction is call.ran.instruction]
        uses = any(one.verb.literal in _USING for one in same)
        return (
            uses
            and leaves_lists(call)
            and "/var/cache/" not in call.ran.script.source
            and not _needed(call, calls)
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


def _needed(call: PackageCall, calls: list[PackageCall]) -> bool:
    """Whether another `RUN` calls apt and updates no lists of its own."""
    others = [one for one in calls if one.ran.instruction is not call.ran.instruction and one.program in APT]
    updating = {one.ran.instruction for one in others if one.verb.literal == "update"}
    return any(one.verb.literal != "update" and one.ran.instruction not in updating for one in others)


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


def _stops(script: Script) -> bool:
    """Whether a script certainly ends at the first command that fails: it says so first of all, and never otherwise."""
    first = script.commands[0]
    words = [word.literal or "" for word in first.arguments]
    is_first = first.program == "set" and not (first.guards or first.in_subshell or first.in_condition)
    sets = [one for one in script.commands if one.program == "set"]
    return is_first and len(sets) == 1 and any(map(_ERREXIT.fullmatch, words)) and "+" not in "".join(words)


def append(ran: Ran, it: Instruction, command: str, escape: str) -> Edit | None:
    """Adds a command at the end of a `RUN`, for when all before succeeded; None where that can't be placed.

    On a line of its own where the `RUN` has several, with its `&&` where the others have theirs; and where its script is a
    document that stops at an error.
    """
    last = last_command(ran.script)
    if last is None or last.words[0].literal in _ENDING:
        return None
    end = ran.place(last.span).span.end
    text = ran.text
    if it.heredocs:
        is_script = it.shell is not None and [it.shell.span] == [one.content for one in it.heredocs]
        stops = not last.guards and _stops(ran.script)
        joined = f"{text.newline}{text.indent_of(text.line_of(end))}{command}" if stops else f" && {command}"
        return Edit(text.path, Span(end, end), joined) if is_script else None
    numbers = range(text.line_of(it.span.start), text.line_of(end) + 1)
    if len(numbers) == 1:
        return Edit(text.path, Span(end, end), f" && {command}")
    shown = [text[text.line(number)] for number in numbers]
    before = [
        text.indent_of(number)
        for number, line in zip(numbers, shown, strict=True)
        if line.lstrip().startswith("&&")
    ]
    behind = [
        number
        for number, line in zip(numbers, shown, strict=True)
        if line.rstrip(f" {escape}").endswith("&&")
    ]
    if behind and not before:
        added = f" && {escape}{text.newline}{text.indent_of(behind[-1] + 1)}{command}"
    else:
        indent = before[-1] if before else text.indent_of(numbers[1]) or "    "
        added = f" {escape}{text.newline}{indent}&& {command}"
    return Edit(text.path, Span(end, end), added)
