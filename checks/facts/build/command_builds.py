"""Builds of images by commands: `docker build`, `docker buildx build`, `podman build`, `buildah bud`, `depot build`.

`docker buildx bake` reads its files, which may say anything: its build is one of which nothing is known. With `--print`,
`--list` or `--check` it shows what it would build.
https://docs.docker.com/reference/cli/docker/buildx/build/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from checks.facts.build import builds
from checks.facts.build.builds import Assigned, Build, Output, Tag
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.value import UNKNOWN, Value
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.source.command import Command, GuardKind
from checks.source.command_line import Arguments
from checks.source.variables import has_run
from checks.source.word import Word

_MOVES = frozenset(("cd", "popd", "pushd"))
_BUILD, _BAKE = "docker build", "docker buildx bake"
_PROGRAMS = frozenset(("docker", "podman", "nerdctl", "finch", "buildah", "docker-buildx", "depot"))


def builds_of_commands(invocations: Iterable[Invocation], *, for_others: bool = False) -> tuple[Build, ...]:
    """The builds of commands that are certain, one for each leg of a matrix.

    What is built `for_others` belongs to another repository, of which nothing is known.
    """
    made = _builds(invocations)
    return tuple(replace(build, context=None, dockerfile=None) if for_others else build for build in made)


def _builds(invocations: Iterable[Invocation]) -> Iterator[Build]:
    for one in invocations:
        if one.program not in _PROGRAMS or one.command.uncertain:
            continue
        read = read_command(one.command)
        if read is None or read.name not in (_BUILD, _BAKE) or _only_shows(read.arguments):
            continue
        for scope in one.scopes or (None,):
            reader = _Reader(one, read.arguments, scope)
            yield reader.build() if read.name == _BUILD else reader.bake()


def _only_shows(arguments: Arguments) -> bool:
    """Whether a command certainly shows or checks what it would build, and builds nothing.

    https://docs.docker.com/reference/cli/docker/buildx/bake/#print
    """
    call = arguments.last("call")
    is_other_call = call is not None and call.literal not in (None, "build")
    return is_other_call or any(arguments.has(name) for name in ("print", "check", "list"))


def _goes_to(command: Command) -> str | None:
    """Where a `cd` goes; None where that is not written out, or it may fail and go nowhere."""
    to = command.arguments[0].literal if len(command.arguments) == 1 else None
    is_plain = command.program == "cd" and not (command.in_condition or command.negated)
    return to if is_plain and to and not to.startswith("-") else None


class _Reader:
    """Reads one command line, in one leg."""

    def __init__(self, one: Invocation, arguments: Arguments, scope: Scope | None) -> None:
        self.one, self.arguments, self.scope = one, arguments, scope

    def build(self) -> Build:
        operands = self.arguments.operands
        single = operands[0] if len(operands) == 1 and self.arguments.certain else None
        context = self._folder(single)
        outputs = self._outputs()
        target = self.arguments.last("target")
        return replace(
            self.bake(),
            context=context,
            dockerfile=self._dockerfile(context),
            target=self._value(target).literal if target else "",
            recipe=(self._shown(single), self._shown(self.arguments.last("file")), self._shown(target)),
            platforms=builds.platforms_of(map(self._value, self.arguments.all("platform"))),
            outputs=outputs,
            tags=tuple(self._tags()),
            pushes=self._pushes(outputs),
            loads=self._loads(outputs),
            build_args=self._assigned("build-arg"),
            secrets=self._assigned("secret"),
        )

    def bake(self) -> Build:
        """A build of which only the place is known."""
        return Build(
            step=self.one.step,
            scope=self.scope,
            location=self.one.location,
            context=None,
            dockerfile=None,
            target=None,
            recipe=("", "", ""),
            platforms=None,
            platforms_entry=None,
            outputs=None,
            outputs_entry=None,
            tags=(),
            pushes=True if self.arguments.has("push") else None,
            loads=None,
            build_args=None,
            secrets=None,
            invocation=self.one,
            arguments=self.arguments,
        )

    def _values(self, word: Word) -> tuple[Value, ...]:
        return self.one.values_in(word, self.scope)

    def _value(self, word: Word) -> Value:
        found = self._values(word)
        return found[0] if len(found) == 1 else UNKNOWN

    def _shown(self, word: Word | None) -> str:
        return str(self._value(word)) if word else ""

    def _folder(self, word: Word | None) -> str | None:
        """The context from the root: only in a step whose folder is known."""
        text = self._value(word).literal if word else None
        return self._from_root(text) if text else None

    def _from_root(self, text: str) -> str | None:
        step = self.one.step
        if step is None or text == "-" or "://" in text or text.startswith("git@"):
            return None
        start = None if builds.has_other_files(step) else self._start(step)
        return None if start is None else builds.folder(posixpath.join(start, text))

    def _start(self, step: Step) -> str | None:
        """The folder that the command runs in, as the step and each `cd` ahead of it say; None where they don't."""
        mine, written = self.one.command, step.working_directory
        loops = {guard for guard in mine.guards if guard.kind is GuardKind.LOOP}
        start = written.value if written else ""
        for command in self.one.script.commands:
            if command.program not in _MOVES or command.in_substitution not in (None, mine.in_substitution):
                continue
            if not loops.isdisjoint(command.guards):
                return None
            if command.span.start < mine.span.start:
                to = _goes_to(command) if has_run(command, mine) else None
                if to is None:
                    return None
                start = posixpath.join(start, to)
        return None if "${{" in start else start

    def _dockerfile(self, context: str | None) -> str | None:
        """`--file` is relative to the folder of the command, its default to the context."""
        written = self.arguments.last("file")
        if not self.arguments.certain:
            return None
        if written is None:
            return None if context is None else posixpath.join(context, "Dockerfile")
        text = self._value(written).literal
        return self._from_root(text) if text else None

    def _outputs(self) -> tuple[Output, ...] | None:
        found: list[Output] = []
        for word in self.arguments.all("output"):
            text = str(self._value(word))
            attributes = builds.output_of(text, None)
            if attributes is None or "${{" in text:
                return None
            found.append(Output(text, self.one.place(word.span), attributes))
        return tuple(found) if self.arguments.certain else None

    def _tags(self) -> Iterator[Tag]:
        for word in self.arguments.all("tag"):
            for value in self._values(word):
                yield Tag(value, self.one.place(word.span))

    def _pushes(self, outputs: tuple[Output, ...] | None) -> bool | None:
        flag = self.arguments.has("push")
        if flag is not False:
            return flag
        return builds.exports_to_registry(outputs) if self.arguments.certain else None

    def _loads(self, outputs: tuple[Output, ...] | None) -> bool | None:
        """`docker build` fills the daemon's store; `docker buildx build` does where the builder is the daemon's own.

        `depot build` leaves the image where it is made.
        """
        if self.arguments.has("load"):
            return True
        if not self.arguments.certain or outputs is None:
            return None
        if self.arguments.has("push") or outputs or self.one.program == "depot":
            return False
        first = self.one.command.arguments[0].literal
        return None if first == "buildx" or self.one.program == "docker-buildx" else True

    def _assigned(self, option: str) -> tuple[Assigned, ...] | None:
        """`NAME=value` of each option; of `--secret` by its `id`."""
        found: list[Assigned] = []
        for word in self.arguments.all(option):
            text = str(self._value(word))
            fields = dict(part.partition("=")[::2] for part in text.split(","))
            name, _, content = (fields.get("id", ""), "", text) if option == "secret" else text.partition("=")
            if not name or "${{" in name:
                return None
            found.append(Assigned(name, self._rest(word, text, content), content, self.one.place(word.span)))
        return tuple(found) if self.arguments.certain else None

    def _rest(self, word: Word, text: str, content: str) -> Value:
        value = self._value(word)
        return value.partition("=")[2] if text.endswith(content) else value
