"""Scans for vulnerabilities by commands: trivy, grype, Docker Scout and Snyk.

https://trivy.dev/latest/docs/, https://github.com/anchore/grype, https://docs.docker.com/reference/cli/docker/scout/cves/,
https://docs.snyk.io/developer-tools/snyk-cli/commands/container-test
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from checks.facts.scan.scan_actions import scans_by_actions
from checks.facts.scan.scans import FIXABLE, Scan, Target, from_severity, part_scheme, part_scout
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.value import UNKNOWN, Value, literal
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.source.command_line import Arguments
from checks.source.word import Word

_COMMANDS: Mapping[str, Target] = MappingProxyType(
    {
        "trivy image": Target.IMAGE,
        "trivy fs": Target.FOLDER,
        "trivy rootfs": Target.FOLDER,
        "trivy repo": Target.FOLDER,
        "trivy sbom": Target.SBOM,
        "grype": Target.IMAGE,
        "scout cves": Target.IMAGE,
        "snyk container test": Target.IMAGE,
    }
)
_REPORTS = ("cyclonedx", "cyclonedx-json", "spdx", "spdx-json", "github")
"""Formats of trivy that are SBOMs; such a command is no scan."""


def _by_commands(invocations: Iterable[Invocation]) -> Iterator[Scan]:
    for one in invocations:
        if one.program not in ("trivy", "grype", "snyk", "docker", "podman") or one.command.uncertain:
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
    written = value(arguments.last(_FORMAT[tool])) or literal(
        "sarif" if _is_sarif(tool, arguments) else "table"
    )
    if tool == "trivy" and (written.literal in _REPORTS or arguments.span_of("download-db-only")):
        return None
    word = archive or operand
    subject = value(word)
    if subject is None or word is None:
        return None
    if archive is not None:
        target = Target.ARCHIVE
    elif tool == "scout":
        target, subject = part_scout(subject)
    elif tool != "trivy":
        found, parted = part_scheme(subject)
        if found is not None and (tool == "grype" or found is Target.ARCHIVE):
            target, subject = found, parted
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
        value(arguments.last(_FILE[tool])),
        one,
        _threshold(tool, value(arguments.last("fail-on")) if tool in ("grype", "snyk") else None),
    )


def _threshold(tool: str, fail_on: Value | None) -> str:
    """What fails a command with a `--fail-on`, and that alone."""
    if fail_on is None:
        return ""
    return from_severity(fail_on.literal) if tool == "grype" else FIXABLE


_FORMAT = {"trivy": "format", "grype": "output", "scout": "format", "snyk": "format"}
_FILE = {"trivy": "output", "grype": "file", "scout": "output", "snyk": "sarif-file-output"}
"""The options with the report's format, and with its file."""


def _is_sarif(tool: str, arguments: Arguments) -> bool:
    named = any(arguments.span_of(name) is not None for name in ("sarif", "sarif-file-output"))
    return tool == "snyk" and named


def _platform_variable(one: Invocation, scope: Scope | None, tool: str) -> Value | None:
    """The platform by an environment variable, which a script may export too."""
    name = f"{tool.upper()}_PLATFORM"
    if one.step is None or scope is None:
        return UNKNOWN if name in one.text.content else None
    written = one.step.variable(name)
    if written is not None:
        return scope.value(written.value)
    return UNKNOWN if one.step.run is not None and name in one.step.run.value else None


def _command_gates(one: Invocation, tool: str, arguments: Arguments) -> bool | None:
    """Whether the command's status says what is found; its script may still ignore that."""
    variables = [f"{tool.upper()}_{name}" for name in ("EXIT_CODE", "FAIL_ON_SEVERITY", "CONFIG")]
    if one.step is None or any(one.step.variable(name) is not None for name in variables):
        return None
    if any(name in one.script.source for name in variables) or arguments.last("config") is not None:
        return None
    if tool == "snyk":
        return True if arguments.certain else None
    if tool == "scout":
        return arguments.has("exit-code") if arguments.certain else None
    option = arguments.last("exit-code" if tool == "trivy" else "fail-on")
    if option is None:
        return False if arguments.certain else None
    if tool == "grype":
        return True
    return None if option.literal is None else option.literal not in ("", "0")


def scans_of(
    steps: Iterable[Step],
    invocations: Iterable[Invocation],
    slug: str | None,
    handed: HandedIn | None = None,
) -> tuple[Scan, ...]:
    """The scans of actions, then those of commands, one for each leg of a matrix."""
    return (*scans_by_actions(steps, slug, handed), *_by_commands(invocations))
