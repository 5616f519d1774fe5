"""What a Dockerfile says: its stages, what they copy, and the users that they make."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.source import shell
from checks.source.command_line import Syntax, read_arguments
from checks.source.dockerfile import DockerfileSource, Form, Instruction, Pair, ShellText, Stage, Word
from checks.source.dockerfile import parse as parse_source
from checks.source.dockerfile.evaluation import Evaluation, evaluate
from checks.source.text import Location, Span, Text

__all__ = [
    "Copy", "CopySource", "Dockerfile", "Form", "Instruction", "Pair", "Ran", "ShellText", "Stage", "User", "Word",
    "parse_dockerfile",
]  # fmt: skip

_USERADD = Syntax.of(
    "uid/u= gid/g= groups/G= home-dir/d= shell/s= comment/c= skel/k= password/p= base-dir/b= expiredate/e= inactive/f= "
    "key/K= root/R= prefix/P= selinux-user/Z= create-home/m no-create-home/M no-user-group/N user-group/U system/r "
    "no-log-init/l non-unique/o"
)
"""https://man7.org/linux/man-pages/man8/useradd.8.html"""
_ADDUSER = Syntax.of(
    "uid/u= ingroup/G= gid= home/h= shell/s= gecos/g= comment= skel/k= conf= firstuid= lastuid= add_extra_groups "
    "system/S disabled-password/D disabled-login no-create-home/H group quiet/q allow-bad-names allow-all-names "
    "empty-password force-badname"
)
"""BusyBox's and Debian's: https://manpages.debian.org/bookworm/adduser/adduser.8.en.html"""
_GROUPADD = Syntax.of("gid/g= force/f system/r non-unique/o key/K= password/p= root/R= prefix/P= users/U=")
_ADDGROUP = Syntax.of("gid/g= system/S quiet/q conf= firstgid= lastgid= allow-bad-names force-badname")

_VENDORED = re.compile(r"(?:^|/)(?:vendor|third_party|node_modules|testdata|fixtures)/")
_ASIDE = re.compile(
    r"(?:^|/)(?:\.devcontainer|tests?|test-[\w-]+|examples?|samples?|e2e|docs?|demo|hack|tools?|dev|ci|\.github)/",
    re.IGNORECASE,
)
_GENERATED = re.compile(r"\bgenerated\b.*\b(?:by|from|via|do not edit)\b|\bdo not edit\b", re.IGNORECASE)
_WINDOWS = re.compile(r"windows|nanoserver", re.IGNORECASE)
_REMOTE = re.compile(r"https?://|git@|ssh://|git://")


@dataclass(frozen=True)
class CopySource:
    """One source of a `COPY` or `ADD`."""

    word: Word
    path: str | None
    """Relative to the context, cleaned; empty for the context itself. None for a URL or an unknown value."""


@dataclass(frozen=True)
class Copy:
    """A `COPY` or `ADD` from the build context."""

    stage: Stage
    instruction: Instruction
    sources: tuple[CopySource, ...]


@dataclass(frozen=True)
class User:
    """A user that a `RUN` creates."""

    name: str
    uid: int | None
    group: str | None
    """The name of its group, where one is given."""
    span: Span
    """The command that creates it."""


@dataclass(frozen=True, eq=False)
class Ran:
    """A command that a `RUN` in shell form runs."""

    text: Text
    stage: Stage
    instruction: Instruction
    script: shell.Script
    command: shell.Command

    def place(self, span: Span) -> Location:
        """Where a span of the script stands in the file."""
        source = self.instruction.shell
        start = source.span.start if source else 0
        return Location(self.text, Span(start + span.start, start + span.end))


@dataclass(frozen=True, eq=False)
class Dockerfile:
    """A Dockerfile, understood."""

    source: DockerfileSource

    @property
    def text(self) -> Text:
        return self.source.text

    @property
    def path(self) -> str:
        return self.source.text.path

    @property
    def stages(self) -> tuple[Stage, ...]:
        return self.source.stages

    @property
    def final(self) -> Stage:
        """The last stage: what a build without `target` makes."""
        return self.source.stages[-1]

    @property
    def is_vendored(self) -> bool:
        """Whether it lies among copies of other projects or data of tests, which nobody here edits or ships."""
        return bool(_VENDORED.search(self.path))

    @cached_property
    def is_generated(self) -> bool:
        """Whether a comment above the first `FROM` says that a program writes the file: an edit would not last."""
        head = self.stages[0].instruction.span.start
        return any(_GENERATED.search(one.text) for one in self.source.comments if one.span.start < head)

    @property
    def is_aside(self) -> bool:
        """Whether its folder says that it is for development, tests or examples."""
        return self.is_vendored or bool(_ASIDE.search(self.path))

    def location(self, span: Span, note: str = "") -> Location:
        return Location(self.text, span, note)

    def ancestry(self, stage: Stage) -> tuple[Stage, ...]:
        """A stage and the stages of this file that it builds on, nearest first."""
        line = [stage]
        while True:
            name = line[-1].base.literal
            earlier = [
                other for other in self.stages[: line[-1].index] if name and other.name == name.lower()
            ]
            if not earlier:
                return tuple(line)
            line.append(earlier[-1])

    def base_image(self, stage: Stage) -> str | None:
        """The image that a stage builds on in the end; None if it depends on an argument without default."""
        return self.ancestry(stage)[-1].base.literal

    @cached_property
    def evaluation(self) -> Evaluation:
        """The file with the defaults of its arguments; those without one are not known."""
        return evaluate(self.source)

    def expanded_base(self, stage: Stage) -> str | None:
        """What a stage's `FROM` names if no build passes arguments; None for an earlier stage, or if it is not known."""
        values = self.evaluation.stages[stage.index]
        return None if values.parent is not None else values.base

    def on_windows(self, stage: Stage) -> bool:
        """Whether a stage makes an image for Windows, where shells, signals and users are others."""
        return self.source.escape == "`" or bool(_WINDOWS.search(self.base_image(stage) or ""))

    @cached_property
    def built(self) -> frozenset[Stage]:
        """The stages that the final one needs; BuildKit leaves the others out."""
        needed: set[Stage] = set()
        waiting = [self.final]
        while waiting:
            stage = waiting.pop()
            if stage not in needed:
                needed.add(stage)
                waiting += self.ancestry(stage)[1:]
                waiting += (other for it in stage.instructions for other in self._sources_of(it))
        return frozenset(needed)

    def _sources_of(self, instruction: Instruction) -> Iterator[Stage]:
        """The stages that an instruction copies or mounts from."""
        flag = instruction.flag("from")
        stages = [self.source.copied_stage(flag.value)] if flag and flag.value else []
        for mount in instruction.flags:
            field = mount.field("from") if mount.name == "mount" else None
            stages.append(self.source.stage_named(field.value) if field and field.value else None)
        return (stage for stage in stages if stage is not None)

    @cached_property
    def copies(self) -> tuple[Copy, ...]:
        """What is copied from the context, in file order; heredocs and copies from elsewhere left out."""
        return tuple(
            Copy(
                stage,
                instruction,
                tuple(CopySource(word, _context_path(word)) for word in instruction.sources),
            )
            for stage in self.stages
            for instruction in stage.instructions
            if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None
        )

    def commands(self) -> tuple[Ran, ...]:
        """The commands of all `RUN`s in shell form that are certain, in file order."""
        return self._ran

    @cached_property
    def _ran(self) -> tuple[Ran, ...]:
        found: list[Ran] = []
        for stage in self.stages:
            for it in stage.instructions:
                if (
                    it.keyword == "RUN"
                    and it.shell is not None
                    and not it.shell.shebang
                    and not self.on_windows(stage)
                ):
                    script = shell.parse(it.shell.source)
                    found += (
                        Ran(self.text, stage, it, script, command)
                        for command in script.commands
                        if not command.uncertain
                    )
        return tuple(found)

    def users(self, stage: Stage) -> dict[str, User]:
        """The users that a stage has from its own and its ancestors' `RUN`s, by name."""
        return {user.name: user for ancestor in reversed(self.ancestry(stage)) for user in _users(ancestor)}

    def groups(self, stage: Stage) -> dict[str, int]:
        """The groups likewise, with their ids where these are given."""
        return {name: gid for ancestor in reversed(self.ancestry(stage)) for name, gid in _groups(ancestor)}


def parse_dockerfile(text: Text) -> Dockerfile:
    """The Dockerfile in a file. `CannotRead` where BuildKit refuses it."""
    return Dockerfile(parse_source(text))


def _context_path(word: Word) -> str | None:
    if word.literal is None or _REMOTE.match(word.literal) or word.literal.endswith(".git"):
        return None
    path = posixpath.normpath("/" + word.literal.replace("/./", "/"))
    return path.lstrip("/")


def _commands(stage: Stage) -> Iterator[tuple[shell.Command, int]]:
    """The commands that a stage's `RUN`s run in any case, each with the offset of its script in the file."""
    for instruction in stage.instructions:
        if instruction.keyword == "RUN" and instruction.shell is not None and not instruction.shell.shebang:
            for command in shell.parse(instruction.shell.source).commands:
                yield command, instruction.shell.span.start


def _users(stage: Stage) -> Iterator[User]:
    for command, offset in _commands(stage):
        syntax = {"useradd": _USERADD, "adduser": _ADDUSER}.get(command.program or "")
        if syntax is None or command.uncertain:
            continue
        arguments = read_arguments(command.arguments, syntax)
        name = arguments.operands[0].literal if len(arguments.operands) == 1 else None
        if name is not None and arguments.certain:
            uid, group = arguments.last("uid"), arguments.last("ingroup") or arguments.last("gid")
            span = Span(offset + command.span.start, offset + command.span.end)
            yield User(name, _number(uid.literal if uid else None), group.literal if group else None, span)


def _groups(stage: Stage) -> Iterator[tuple[str, int]]:
    for command, _offset in _commands(stage):
        syntax = {"groupadd": _GROUPADD, "addgroup": _ADDGROUP}.get(command.program or "")
        if syntax is None or command.uncertain:
            continue
        arguments = read_arguments(command.arguments, syntax)
        gid = arguments.last("gid")
        number = _number(gid.literal if gid else None)
        if len(arguments.operands) == 1 and arguments.operands[0].literal and number is not None:
            yield arguments.operands[0].literal, number


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 11 else None
