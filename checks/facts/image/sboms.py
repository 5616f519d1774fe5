"""Lists of what is in an image (SBOMs): which command writes which file about what, and what is done with it.

https://github.com/anchore/syft, https://github.com/anchore/sbom-action, https://trivy.dev/latest/docs/supply-chain/sbom/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from checks.facts.scan.scans import Target, part_scheme
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.value import UNKNOWN, Value, joined, literal
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.command_line import Arguments
from checks.source.text import Location
from checks.source.word import Word

SBOM_ACTION = "anchore/sbom-action"
_FORMATS = ("cyclonedx", "cyclonedx-json", "spdx", "spdx-json", "github")


class Sbom(Record, eq=False):
    """One file that lists what something holds."""

    tool: str
    step: Step | None
    scope: Scope | None
    location: Location
    """The action's name or the command."""
    target: Target
    source: Value
    """What it lists: an image's name, or a path."""
    source_location: Location
    file: Value
    """Where it is written to; unknown where that can't be told."""
    format: str | None
    invocation: Invocation | None = None


class Attested(Record, eq=False):
    """A file that is attached to an image: signed, or not."""

    step: Step | None
    scope: Scope | None
    location: Location
    file: Value
    subject: Value
    """The image; unknown where it is put together by the action."""
    subject_location: Location
    is_signed: bool
    invocation: Invocation | None = None


def clean(path: Value) -> Value:
    """A path without `./` at its start."""
    text = path.literal
    return path if not text else literal(posixpath.normpath(text))


def sboms_of(
    steps: Iterable[Step],
    invocations: Iterable[Invocation],
    slug: str | None,
    handed: HandedIn | None = None,
) -> tuple[Sbom, ...]:
    """The SBOMs of actions, then those of commands, one for each leg of a matrix and each file."""
    return (*_of_actions(steps, slug, handed), *_of_commands(invocations))


def _of_actions(steps: Iterable[Step], slug: str | None, handed: HandedIn | None) -> Iterator[Sbom]:
    for step in steps:
        if step.uses is None or not step.uses_action(SBOM_ACTION):
            continue
        for scope in scopes_of(step, slug, handed):
            name = next((one for one in ("image", "path", "file") if step.input(one)), "path")
            written, output = step.input(name), step.input("output-file")
            kind = step.input("format")
            yield Sbom(
                "syft",
                step,
                scope,
                step.uses.location,
                Target.IMAGE if name == "image" else Target.FOLDER,
                scope.value(written.value) if written else literal("."),
                Location(step.text, written.span if written else step.uses.scalar.span),
                clean(scope.value(output.value)) if output else UNKNOWN,
                kind.value if kind else "spdx-json",
            )


def _of_commands(invocations: Iterable[Invocation]) -> Iterator[Sbom]:
    for one in invocations:
        if one.program not in ("syft", "trivy", "docker", "podman") or one.command.uncertain:
            continue
        read = read_command(one.command)
        if read is None or read.name not in ("syft scan", "syft packages", "trivy image", "trivy fs"):
            continue
        for scope in one.scopes or (None,):
            reader = _Reader(one, read.arguments, scope)
            yield from reader.syft() if read.name.startswith("syft") else reader.trivy(read.name)


class _Reader:
    """Reads one command, in one leg."""

    def __init__(self, one: Invocation, arguments: Arguments, scope: Scope | None) -> None:
        self.one, self.arguments, self.scope = one, arguments, scope

    def value(self, word: Word | None) -> Value:
        found = self.one.values_in(word, self.scope) if word else ()
        return found[0] if len(found) == 1 else UNKNOWN

    def redirected(self) -> Value:
        """The file that standard output goes to; unknown if it goes elsewhere."""
        for redirection in self.one.command.redirections:
            if redirection.operator in (">", ">|", "&>") and redirection.descriptor in ("", "1"):
                return clean(self.value(redirection.target))
        return UNKNOWN

    def syft(self) -> Iterator[Sbom]:
        """`-o FORMAT=FILE`, `--file`, or standard output."""
        if not self.arguments.operands:
            return
        word = self.arguments.operands[0]
        scheme, source = part_scheme(self.value(word))
        target = scheme or (Target.FOLDER if _is_path(source) else Target.IMAGE)
        outputs = self.arguments.all("output")
        for output in outputs:
            kind, equals, file = self.value(output).partition("=")
            named = self.arguments.last("file")
            where = clean(file) if equals else clean(self.value(named)) if named else self.redirected()
            yield self._sbom("syft", target, source, word, where, kind.literal)

    def trivy(self, name: str) -> Iterator[Sbom]:
        kind = self.value(self.arguments.last("format")).literal
        archive = self.arguments.last("input")
        word = archive or next(iter(self.arguments.operands), None)
        if kind not in _FORMATS or word is None:
            return
        target = Target.ARCHIVE if archive else Target.IMAGE if name == "trivy image" else Target.FOLDER
        output = self.arguments.last("output")
        where = clean(self.value(output)) if output else self.redirected()
        yield self._sbom("trivy", target, self.value(word), word, where, kind)

    def _sbom(
        self, tool: str, target: Target, source: Value, word: Word, file: Value, kind: str | None
    ) -> Sbom:
        one = self.one
        return Sbom(
            tool,
            one.step,
            self.scope,
            one.location,
            target,
            source,
            one.place(word.span),
            file,
            kind,
            one,
        )


def _is_path(source: Value) -> bool:
    first = source.parts[0] if source.parts else ""
    return not isinstance(first, str) or first.startswith((".", "/", "~"))


def attested_of(
    steps: Iterable[Step],
    invocations: Iterable[Invocation],
    slug: str | None,
    handed: HandedIn | None = None,
) -> tuple[Attested, ...]:
    """The files that actions and commands attach to images."""
    return (*_attested_by_actions(steps, slug, handed), *_attested_by_commands(invocations))


def _attested_by_actions(
    steps: Iterable[Step], slug: str | None, handed: HandedIn | None
) -> Iterator[Attested]:
    for step in steps:
        if step.uses is None or not step.uses_action("actions/attest-sbom", "actions/attest"):
            continue
        file, name, digest = step.input("sbom-path"), step.input("subject-name"), step.input("subject-digest")
        if file is None or name is None or digest is None:
            continue
        for scope in scopes_of(step, slug, handed):
            subject = joined((*scope.value(name.value).parts, "@", *scope.value(digest.value).parts))
            yield Attested(
                step,
                scope,
                step.uses.location,
                clean(scope.value(file.value)),
                subject,
                Location(step.text, name.span),
                is_signed=True,
            )


def _attested_by_commands(invocations: Iterable[Invocation]) -> Iterator[Attested]:
    for one in invocations:
        if one.program not in ("cosign", "docker") or one.command.uncertain:
            continue
        read = read_command(one.command)
        option = {"cosign attest": "predicate", "cosign attach sbom": "sbom"}.get(read.name if read else "")
        if read is None or option is None or len(read.arguments.operands) != 1:
            continue
        for scope in one.scopes or (None,):
            reader = _Reader(one, read.arguments, scope)
            word, file = read.arguments.operands[0], read.arguments.last(option)
            if file is not None:
                yield Attested(
                    one.step,
                    scope,
                    one.location,
                    clean(reader.value(file)),
                    reader.value(word),
                    one.place(word.span),
                    is_signed=option == "predicate",
                    invocation=one,
                )
