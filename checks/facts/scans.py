"""Scans for vulnerabilities: what is scanned, for which platform, and whether what is found fails the step.

https://github.com/aquasecurity/trivy-action, https://trivy.dev/latest/docs/, https://github.com/anchore/scan-action,
https://github.com/anchore/grype, https://github.com/docker/scout-action, https://docs.snyk.io/snyk-cli/commands
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from checks.facts.command_lines import invocation as read_command
from checks.facts.events import Event, of_step
from checks.facts.invocations import Invocation
from checks.facts.matrix import legs
from checks.facts.resolve import Scope
from checks.facts.value import UNKNOWN, Value, literal
from checks.facts.workflows import Step
from checks.source.command_line import Arguments
from checks.source.text import Location
from checks.source.word import Word
from checks.source.yaml import Scalar

TRIVY_ACTION = "aquasecurity/trivy-action"
SCAN_ACTION = "anchore/scan-action"
SCOUT_ACTION = "docker/scout-action"
SNYK_ACTION = "snyk/actions/docker"


class Target(StrEnum):
    """What a scan reads."""

    IMAGE = "image"
    ARCHIVE = "archive"
    FOLDER = "folder"
    SBOM = "SBOM"


@dataclass(frozen=True, eq=False)
class Scan:
    """One scan, in one leg of its job's matrix."""

    tool: str
    """`trivy`, `grype`, `scout` or `snyk`."""
    step: Step | None
    scope: Scope | None
    location: Location
    """The action's name or the command."""
    target: Target
    subject: Value
    """The image's name, or a path."""
    subject_location: Location
    """Where that is written."""
    platform: Value | None
    """None where none is asked for."""
    gates: bool | None
    """Whether the step fails because of what is found; None if that can't be known."""
    report: str | None
    """The format of the report; None if it is not known."""
    output: Value | None
    """The file that it is written to."""
    invocation: Invocation | None = None

    @property
    def events(self) -> tuple[Event, ...] | None:
        return of_step(self.step) if self.step else None


def scans_of(steps: Iterable[Step], invocations: Iterable[Invocation], slug: str | None) -> tuple[Scan, ...]:
    """The scans of actions, then those of commands, one for each leg of a matrix."""
    return (*_of_actions(steps, slug), *_of_commands(invocations))


def _of_actions(steps: Iterable[Step], slug: str | None) -> Iterator[Scan]:
    for step in steps:
        reader = _ACTIONS.get(step.uses.action) if step.uses else None
        if reader is None:
            continue
        for leg in (legs(step.job) or ({},)) if step.job else ({},):
            found = reader(_Inputs(step, Scope(step, leg, slug)))
            if found is not None:
                yield found


def environment(step: Step, name: str) -> Scalar | None:
    """The environment variable that a step's `env`, its job's or its workflow's sets."""
    job = step.job
    for env in (step.env, job.env if job else None, job.workflow.env if job else None):
        node = env.get(name) if env else None
        if isinstance(node, Scalar):
            return node
    return None


@dataclass(frozen=True)
class _Inputs:
    """The inputs of a step, in one leg."""

    step: Step
    scope: Scope

    def value(self, name: str, default: str = "") -> Value:
        """An input's value; its default where it is absent or empty."""
        written = self.step.input(name)
        if written is None:
            return literal(default) if self.step.input_entry(name) is None else UNKNOWN
        return self.scope.value(written.value) if written.value else literal(default)

    def env(self, name: str) -> Value | None:
        written = environment(self.step, name)
        return self.scope.value(written.value) if written else None

    def place(self, name: str) -> Location:
        entry = self.step.input_entry(name)
        return Location(self.step.text, entry.value.span) if entry else self.here

    @property
    def here(self) -> Location:
        return Location(self.step.text, self.step.uses.scalar.span) if self.step.uses else self.step.location

    def scan(
        self,
        tool: str,
        target: Target,
        name: str,
        subject: Value,
        platform: Value | None,
        gates: bool | None,
        report: str | None,
        output: Value | None,
    ) -> Scan:
        return Scan(
            tool,
            self.step,
            self.scope,
            self.here,
            target,
            subject,
            self.place(name),
            platform,
            gates,
            report,
            output,
        )


def _truth(value: Value) -> bool | None:
    return {"true": True, "false": False}.get((value.literal or "").lower())


def _trivy_action(inputs: _Inputs) -> Scan | None:
    kind = inputs.value("scan-type", "image").literal
    config = inputs.step.input_entry("trivy-config") is not None or inputs.env("TRIVY_CONFIG") is not None
    archive = inputs.value("input")
    if kind == "image" and archive.literal != "":
        target, name, subject = Target.ARCHIVE, "input", archive
    elif kind == "image":
        target, name, subject = Target.IMAGE, "image-ref", inputs.value("image-ref")
    elif kind in ("fs", "rootfs", "repo", "config"):
        target, name, subject = Target.FOLDER, "scan-ref", inputs.value("scan-ref", ".")
    elif kind == "sbom":
        target, name, subject = Target.SBOM, "scan-ref", inputs.value("scan-ref", ".")
    else:
        return None
    code = inputs.value("exit-code").literal
    environment_code = inputs.env("TRIVY_EXIT_CODE")
    gates = None if code is None else code not in ("", "0")
    if gates is False and (config or (code == "" and environment_code is not None)):
        gates = None
    platform = inputs.env("TRIVY_PLATFORM") or (UNKNOWN if config else None)
    output = inputs.value("output")
    shown = None if output.literal == "" else output
    return inputs.scan(
        "trivy", target, name, subject, platform, gates, inputs.value("format", "table").literal, shown
    )


def _scan_action(inputs: _Inputs) -> Scan:
    """https://github.com/anchore/scan-action/blob/main/action.yml"""
    target, name = Target.IMAGE, "image"
    if inputs.value("image").literal == "":
        target, name = (
            (Target.SBOM, "sbom") if inputs.value("sbom").literal != "" else (Target.FOLDER, "path")
        )
    gates = _truth(inputs.value("fail-build", "true"))
    report = inputs.value("output-format", "sarif").literal
    default = {"sarif": "results.sarif", "json": "results.json"}.get(report or "", "")
    return inputs.scan(
        "grype",
        target,
        name,
        inputs.value(name),
        inputs.env("GRYPE_PLATFORM"),
        gates,
        report,
        inputs.value("output-file", default),
    )


def _scout_action(inputs: _Inputs) -> Scan | None:
    command = inputs.value("command").literal
    if command is None or not {"cves", "quickview"} & {
        part.strip() for part in command.replace("\n", ",").split(",")
    }:
        return None
    image = inputs.value("image")
    first = image.parts[0] if image.parts else ""
    archive = isinstance(first, str) and first.startswith(("archive://", "oci-dir://"))
    target = (
        Target.ARCHIVE
        if archive
        else Target.FOLDER
        if isinstance(first, str) and first.startswith("fs://")
        else Target.IMAGE
    )
    for scheme in ("archive://", "local://", "registry://", "image://", "oci-dir://"):
        if isinstance(first, str) and first.startswith(scheme):
            rest = first.removeprefix(scheme)
            image = Value(((rest,) if rest else ()) + image.parts[1:])
    platform = inputs.value("platform")
    gates = _truth(inputs.value("exit-code", "false"))
    sarif = inputs.value("sarif-file")
    report = None if sarif.literal == "" else "sarif"
    return inputs.scan(
        "scout",
        target,
        "image",
        image,
        None if platform.literal == "" else platform,
        gates,
        report,
        sarif if report else None,
    )


def _snyk_action(inputs: _Inputs) -> Scan:
    """https://github.com/snyk/actions/tree/master/docker"""
    command, arguments = inputs.value("command", "test").literal, inputs.value("args").literal
    known = arguments is not None and command is not None
    platform = UNKNOWN if not known or "--platform" in (arguments or "") else None
    gates = True if command == "test" and known else None
    return inputs.scan(
        "snyk",
        Target.IMAGE,
        "image",
        inputs.value("image"),
        platform,
        gates,
        "sarif",
        literal("snyk.sarif"),
    )


_ACTIONS = MappingProxyType(
    {
        TRIVY_ACTION: _trivy_action,
        SCAN_ACTION: _scan_action,
        SCOUT_ACTION: _scout_action,
        SNYK_ACTION: _snyk_action,
    }
)
_COMMANDS: Mapping[str, Target] = MappingProxyType(
    {
        "trivy image": Target.IMAGE,
        "trivy fs": Target.FOLDER,
        "trivy rootfs": Target.FOLDER,
        "trivy repo": Target.FOLDER,
        "trivy sbom": Target.SBOM,
        "grype": Target.IMAGE,
    }
)
_SCHEMES = MappingProxyType(
    {
        "sbom": Target.SBOM,
        "docker-archive": Target.ARCHIVE,
        "oci-archive": Target.ARCHIVE,
        "oci-dir": Target.ARCHIVE,
        "dir": Target.FOLDER,
        "file": Target.FOLDER,
        "docker": Target.IMAGE,
        "registry": Target.IMAGE,
        "podman": Target.IMAGE,
        "local": Target.IMAGE,
    }
)
"""Schemes of grype and syft: https://github.com/anchore/syft/wiki/supported-sources"""
_REPORTS = ("cyclonedx", "cyclonedx-json", "spdx", "spdx-json", "github")
"""Formats of trivy that are SBOMs; such a command is no scan."""


def part_scheme(source: Value) -> tuple[Target | None, Value]:
    """What `sbom:./file` or `docker-archive:x.tar` is, and the name without the scheme."""
    first = source.parts[0] if source.parts else ""
    if isinstance(first, str):
        scheme, colon, rest = first.partition(":")
        if colon and scheme in _SCHEMES:
            return _SCHEMES[scheme], Value(((rest,) if rest else ()) + source.parts[1:])
    return None, source


def _of_commands(invocations: Iterable[Invocation]) -> Iterator[Scan]:
    for one in invocations:
        if one.program not in ("trivy", "grype", "docker", "podman") or one.command.uncertain:
            continue
        read = read_command(one.command)
        if read is None or read.name not in _COMMANDS:
            continue
        for scope in one.scopes or (None,):
            found = _of_command(one, read.name, read.arguments, scope)
            if found is not None:
                yield found


def _of_command(one: Invocation, name: str, arguments: Arguments, scope: Scope | None) -> Scan | None:
    def value(word: Word | None) -> Value | None:
        if word is None:
            return None
        found = one.values_in(word, scope)
        return found[0] if len(found) == 1 else UNKNOWN

    tool = name.split(" ", maxsplit=1)[0]
    target = _COMMANDS[name]
    operand = arguments.operands[0] if arguments.operands else None
    archive = arguments.last("input") if name == "trivy image" else None
    written = value(arguments.last("format" if tool == "trivy" else "output")) or literal("table")
    if tool == "trivy" and (written.literal in _REPORTS or arguments.span_of("download-db-only")):
        return None
    word = archive or operand
    subject = value(word)
    if subject is None or word is None:
        return None
    if archive is not None:
        target = Target.ARCHIVE
    elif tool == "grype":
        found, subject = part_scheme(subject)
        target = found or target
    return Scan(
        tool,
        one.step,
        scope,
        one.location,
        target,
        subject,
        one.place(word.span),
        value(arguments.last("platform")) or _platform_variable(one, scope, tool),
        _command_gates(one, tool, arguments),
        written.literal,
        value(arguments.last("output" if tool == "trivy" else "file")),
        one,
    )


def _platform_variable(one: Invocation, scope: Scope | None, tool: str) -> Value | None:
    """The platform by an environment variable, which a script may export too."""
    name = f"{tool.upper()}_PLATFORM"
    if one.step is None or scope is None:
        return UNKNOWN if name in one.text.content else None
    written = environment(one.step, name)
    if written is not None:
        return scope.value(written.value)
    return UNKNOWN if one.step.run is not None and name in one.step.run.value else None


def _command_gates(one: Invocation, tool: str, arguments: Arguments) -> bool | None:
    """Whether the command's status says what is found; its script may still ignore that."""
    variables = [f"{tool.upper()}_{name}" for name in ("EXIT_CODE", "FAIL_ON_SEVERITY", "CONFIG")]
    if one.step is None or any(environment(one.step, name) is not None for name in variables):
        return None
    if any(name in one.script.source for name in variables) or arguments.last("config") is not None:
        return None
    option = arguments.last("exit-code" if tool == "trivy" else "fail-on")
    if option is None:
        return False if arguments.certain else None
    if tool == "grype":
        return True
    return None if option.literal is None else option.literal not in ("", "0")
