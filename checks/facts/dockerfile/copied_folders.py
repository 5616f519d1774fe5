"""Folders of a stage that nothing but copies filled, and copies of them into another stage."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from functools import cached_property

from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.copied_files import folder_of, target_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.stages import Ran
from checks.record import Record
from checks.regex import regex
from checks.source.command import Command
from checks.source.command_line import Syntax, read_arguments

_CHOWN = Syntax.of("recursive/R verbose/v changes/c silent/f no-dereference/h H L P from= preserve-root")
_CHMOD = Syntax.of("recursive/R verbose/v changes/c silent/f quiet preserve-root no-preserve-root")
_PACKAGE_MANAGERS = frozenset(("apk", "apt", "apt-get", "dnf", "microdnf", "yum"))
_INSTALLERS = frozenset(
    [
        "bun",
        "bundle",
        "composer",
        "npm",
        "npx",
        "pdm",
        "pip",
        "pip3",
        "pipenv",
        "pipx",
        "pnpm",
        "poetry",
        "uv",
        "yarn",
    ]
)
"""Programs that install what a project asks for into folders of it."""
_PYTHONS = regex(r"python(?:3(?:\.\d{1,2})?)?")
_ROOTS = frozenset(("root", "0"))
_PIP = Syntax.of(
    "requirement/r= constraint/c= index-url/i= extra-index-url= find-links/f= trusted-host= timeout= retries= root-user-action="
    " no-cache-dir upgrade/U quiet/q no-deps pre prefer-binary no-compile break-system-packages disable-pip-version-check"
)
"""Options of pip with which it installs where Python looks for packages, and nowhere else."""
_MOVES_PIP = regex(r"\b(?:PIP_(?:PREFIX|ROOT|SRC|TARGET|USER)|PYTHONUSERBASE)\b")
"""What may have pip install elsewhere."""
_PIPS = frozenset(("pip", "pip3"))
_OF_PACKAGES = regex(r"/(?:etc|run|var/(?:cache|lib|log|run|spool))(?:/|$)")
"""Where packages have their settings and their data."""
_MAKES_NO_FILES = _PACKAGE_MANAGERS | frozenset(
    [
        "adduser",
        "addgroup",
        "useradd",
        "groupadd",
        "usermod",
        "groupmod",
        "passwd",
        "chmod",
        "chown",
        "rm",
        "set",
        "true",
        "id",
    ]
)
"""Programs that make no files in a folder of the program; those that install do so elsewhere."""


def chown_of(ran: Ran) -> tuple[str, tuple[str, ...]] | None:
    """The owner, as it is written, and the paths of a recursive `chown`; None if it is something else or not known."""
    return _recursive(ran, _CHOWN) if ran.command.program == "chown" else None


def _recursive(ran: Ran, syntax: Syntax) -> tuple[str, tuple[str, ...]] | None:
    """What a recursive command gives, and the paths that it gives it to; None where that is not known."""
    read = read_arguments(ran.command.arguments, syntax)
    words = [word.literal for word in read.operands]
    known = [word for word in words if word is not None]
    if not read.certain or not read.has("recursive") or len(known) != len(words) or len(known) < 2:
        return None
    return known[0], tuple(known[1:])


class _Making(Record, eq=False):
    """A `RUN` with commands that may make files."""

    instruction: Instruction
    folder: str | None
    first: int
    """Where the first of these commands starts in its script."""
    script: str


class MadeFolder(Record):
    """A folder that `WORKDIR` may have made."""

    path: str
    is_filled: bool
    """Whether a copy puts files into it."""


class FilledStage(Record, eq=False, dict=True):
    """A stage, and what fills the folders that it has."""

    dockerfile: Dockerfile
    stage: Stage

    def copies_into(self, ran: Ran, path: str) -> list[Instruction]:
        """The copies above one of its commands that alone filled a folder, all without an owner.

        None if a command may have filled it too, or runs there later as another user, and may need to write.
        """
        folder = folder_of(self.dockerfile, ran)
        whole = posixpath.normpath(posixpath.join(folder, path)) if folder is not None else ""
        if whole in ("", "/", ".") or self._may_be_filled_by_command(ran, whole):
            return []
        if self._is_written_later(ran, whole):
            return []
        above = [one for one in self._copied if one[0].span.start < ran.instruction.span.start]
        found = [it for it, target in above if target is not None and _is_within(target, whole)]
        is_known = all(target is not None for _, target in above)
        return found if is_known and all(it.flag("chown") is None for it in found) else []

    def made_within(self, ran: Ran, path: str, paths: Collection[str]) -> tuple[MadeFolder, ...]:
        """The folder at a path and those below it that `WORKDIR` may have made before one of its commands, each once.

        It makes those over the one that it names, too. Of `paths`, those of the repository, a copy brings what it has
        of folders.
        """
        whole = posixpath.normpath(posixpath.join(folder_of(self.dockerfile, ran) or "", path))
        line = self.dockerfile.ancestry(self.stage)
        named = [(one, it) for one in reversed(line) for it in one.instructions if it.keyword == "WORKDIR"]
        start = ran.instruction.span.start
        found = [
            (it, folder)
            for stage, it in named
            if it.span.start < start
            for folder in _down_to(whole, self.dockerfile.folder_at(stage, it.span.end))
        ]
        lines = "\n".join(f"/{one}" for one in paths) if found else ""
        made = dict.fromkeys(
            folder for it, folder in found if not self._has_before(it.span.start, folder, lines)
        )
        return tuple(MadeFolder(one, self._has_before(start, one, lines)) for one in made)

    def _has_before(self, start: int, folder: str, lines: str) -> bool:
        """Whether a copy above a place put files into a folder, straight or with a folder over it.

        `lines` are the paths of the repository, each behind a `/`: one text, which is searched at once for each folder.
        """
        above = [one for one in self._copied if one[0].span.start < start]
        if any(target is not None and _is_within(target, folder) for _, target in above):
            return True
        over = {target for copy, target in above if target is not None and copy.flag("from") is None}
        own = [f"/{posixpath.relpath(folder, one)}/" for one in over if _is_within(folder, one)]
        return any(one in lines for one in own)

    def modes_of(self, ran: Ran, path: str) -> Ran | None:
        """The command of another `RUN` that changes the modes of all in a folder, and so writes each copied file once more."""
        folder, copied = folder_of(self.dockerfile, ran), self.copies_into(ran, path)
        first = copied[0].span.start if copied else 0
        whole = posixpath.normpath(posixpath.join(folder or "", path))
        for other in self.dockerfile.commands():
            is_other = other.stage is self.stage and other.instruction is not ran.instruction
            is_other &= other.instruction.span.start > first
            changed = _recursive(other, _CHMOD) if is_other and other.command.program == "chmod" else None
            at = folder_of(self.dockerfile, other) or ""
            paths = changed[1] if changed is not None else ()
            if any(_is_within(whole, posixpath.normpath(posixpath.join(at, one))) for one in paths):
                return other
        return None

    def installs_later(self, ran: Ran) -> Ran | None:
        """The first command behind it that installs what a project asks for, run by another user than root."""
        users = [it for it in self.stage.instructions if it.keyword == "USER"]
        for other in self.dockerfile.commands():
            start = other.instruction.span.start
            if other.stage is not self.stage or start < ran.instruction.span.end:
                continue
            user = next((it for it in reversed(users) if it.span.start < start), None)
            is_behind = user is not None and user.span.start > ran.instruction.span.start
            if is_behind and user is not None and _is_of_others(user) and _installs(other.command):
                return other
        return None

    @cached_property
    def _copied(self) -> tuple[tuple[Instruction, str | None], ...]:
        return tuple(_copied_into(self.dockerfile, self.stage))

    @cached_property
    def _making(self) -> tuple[_Making, ...]:
        """What may have made files in it and in what it builds on."""
        line = self.dockerfile.ancestry(self.stage)
        found: dict[Instruction, _Making] = {}
        for ran in self.dockerfile.commands():
            command, it = ran.command, ran.instruction
            if ran.stage in line and command.words and command.program not in _MAKES_NO_FILES:
                folder = self.dockerfile.folder_at(ran.stage, it.span.start)
                found.setdefault(it, _Making(it, folder, command.span.start, ran.script.source))
        return tuple(found.values())

    def _may_be_filled_by_command(self, ran: Ran, path: str) -> bool:
        start = ran.instruction.span.start
        for other in self._making:
            is_before = other.instruction.span.start < start or (
                other.instruction is ran.instruction and other.first < ran.command.span.start
            )
            if is_before and (other.folder is None or _is_within(other.folder, path) or path in other.script):
                return True
        if _OF_PACKAGES.match(path) and any(it.span.start < start for it in self._installing):
            return True
        return any(
            it.keyword == "RUN" and it.shell is None and it.span.start < start
            for it in self.stage.instructions
        )

    @cached_property
    def _installing(self) -> tuple[Instruction, ...]:
        """What installs packages in it and in what it builds on."""
        line = self.dockerfile.ancestry(self.stage)
        commands = (one for one in self.dockerfile.commands() if one.stage in line)
        return tuple(one.instruction for one in commands if one.command.program in _PACKAGE_MANAGERS)

    def _is_written_later(self, ran: Ran, path: str) -> bool:
        """Whether a later command runs in the folder as another user, and may need to write there."""
        users = (it.span.start for it in self.stage.instructions if it.keyword == "USER")
        later = next((at for at in users if at > ran.instruction.span.start), None)
        return later is not None and any(
            folder is None or _is_within(folder, path) or path in self.dockerfile.text[it.span]
            for it, folder in self._runs
            if it.span.start > later
        )

    @cached_property
    def _runs(self) -> tuple[tuple[Instruction, str | None], ...]:
        """Its `RUN`s, each with the folder that it starts in."""
        runs = (it for it in self.stage.instructions if it.keyword == "RUN")
        return tuple((it, self.dockerfile.folder_at(self.stage, it.span.start)) for it in runs)


def brought_by(dockerfile: Dockerfile, it: Instruction) -> list[Instruction]:
    """The copies from the context that brought what a copy takes: itself, or those of a stage that has nothing else there.

    Empty where that is not known.
    """
    if it.flag("from") is None:
        return [it]
    stage = next(dockerfile.sources_of(it), None)
    if stage is None:
        return []
    paths = [dockerfile.evaluation.expand(it, word.value) for word in it.sources]
    found = [_alone_below(dockerfile, stage, path) if path else [] for path in paths]
    return [one for copies in found for one in copies] if all(found) else []


def _alone_below(dockerfile: Dockerfile, stage: Stage, path: str) -> list[Instruction]:
    """The copies from the context that alone put what a stage has at a path; none if something else may have."""
    whole, line = posixpath.normpath(posixpath.join("/", path)), dockerfile.ancestry(stage)
    copied = [one for on in line for one in _copied_into(dockerfile, on)]
    if any(target is None or (_is_within(whole, target) and target != whole) for _, target in copied):
        return []
    found = [it for it, target in copied if target is not None and _is_within(target, whole)]
    is_of_context = all(it.flag("from") is None for it in found)
    base = line[-1].base.literal or dockerfile.expanded_base(line[-1])
    is_plain = base is not None and "/" not in image_name(base)
    told = (dockerfile.text[it.span] for on in line for it in on.instructions if it.keyword in ("ARG", "ENV"))
    if not is_plain or any(map(_MOVES_PIP.search, told)):
        return []
    return found if is_of_context and not _may_be_made(dockerfile, line, whole) else []


def _copied_into(dockerfile: Dockerfile, stage: Stage) -> Iterator[tuple[Instruction, str | None]]:
    """The copies of a stage, each with where it puts its sources."""
    for it in stage.instructions:
        if it.keyword in ("COPY", "ADD"):
            target = target_of(dockerfile, stage, it)
            yield it, target if target is None else target.rstrip("/") or "/"


def _may_be_made(dockerfile: Dockerfile, stages: Collection[Stage], path: str) -> bool:
    """Whether a command of stages may make files at a path or below: one that runs there, above or below, or names it."""
    runs = (it for stage in stages for it in stage.instructions if it.keyword == "RUN")
    making = [
        ran
        for ran in dockerfile.commands()
        if ran.stage in stages
        and ran.command.words
        and ran.command.program not in _MAKES_NO_FILES
        and not _installs_elsewhere(ran)
    ]
    folders = [(folder_of(dockerfile, ran), ran.script.source) for ran in making]
    return any(it.shell is None for it in runs) or any(
        folder is None
        or _is_within(folder, path)
        or _is_within(path, folder)
        or path in script
        or "$" in script
        for folder, script in folders
    )


def _installs_elsewhere(ran: Ran) -> bool:
    """Whether a command has pip install packages, by their names or those in a file: where Python looks for them.

    https://pip.pypa.io/en/stable/cli/pip_install/
    """
    words = ran.command.words
    if len(words) > 2 and [word.literal for word in words[1:3]] == ["-m", "pip"]:
        words = words[2:]
    elif ran.command.program not in _PIPS:
        return False
    read = read_arguments(words[1:], _PIP)
    names = [word.literal or "." for word in read.operands]
    return read.certain and names[:1] == ["install"] and not any("/" in one or one[0] == "." for one in names)


def _installs(command: Command) -> bool:
    """Whether a command starts an installer, also as a module of Python."""
    words = [word.literal or "" for word in command.words[:3]]
    is_module = bool(words) and bool(_PYTHONS.fullmatch(words[0])) and words[1:2] == ["-m"]
    return (words[-1] if is_module else command.program) in _INSTALLERS


def _is_of_others(user: Instruction) -> bool:
    """Whether a `USER` names another one than root."""
    return bool(user.arguments) and user.arguments[0].value.partition(":")[0] not in _ROOTS


def _down_to(top: str, folder: str | None) -> list[str]:
    """A folder and those over it, from one of them on; empty where it does not lie there."""
    if folder is None or not _is_within(folder, top):
        return []
    over = [top]
    for name in folder[len(top) :].split("/")[1:]:
        over.append(f"{over[-1]}/{name}")
    return over


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
