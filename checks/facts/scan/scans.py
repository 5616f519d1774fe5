"""Scans for vulnerabilities: what is scanned, for which platform, and whether what is found fails the step.

https://github.com/aquasecurity/trivy-action, https://trivy.dev/latest/docs/, https://github.com/anchore/scan-action,
https://github.com/anchore/grype, https://github.com/docker/scout-action, https://docs.snyk.io/snyk-cli/commands
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from checks.facts.script.invocations import Invocation
from checks.facts.value import Value
from checks.facts.workflow.events import Event
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.text import Location

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


class Scan(Record, eq=False):
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
    threshold: str = ""
    """What of it fails the step where that is not all that the report has, for messages: `critical` alone, or what can be fixed."""

    @property
    def events(self) -> tuple[Event, ...] | None:
        return self.scope.events if self.scope else None


def from_severity(severity: str | None) -> str:
    """What grype fails for by `--fail-on` or `severity-cutoff`, whatever its report has; None is a severity that only the run knows.

    https://github.com/anchore/grype#gating-on-severity-of-vulnerabilities
    """
    if severity is None:
        return "at or above its severity cutoff"
    return f"`{severity}`" if severity == "critical" else f"`{severity}` or worse"


FIXABLE = "that can be fixed"
"""What Snyk fails for by `--fail-on`, whatever its report has: https://docs.snyk.io/snyk-cli/commands/container-test"""


def stops_the_job(scan: Scan) -> bool:
    """Whether what a scan finds certainly fails its job, so that nothing runs that comes after."""
    step = scan.step
    job = step.job if step else None
    if scan.gates is not True or step is None or job is None:
        return False
    if step.is_lenient:
        return False
    if scan.invocation is None:
        return True
    command = scan.invocation.command
    return not (
        command.fallbacks
        or command.in_condition
        or command.piped_to is not None
        or command.conditional
        or command.negated
        or command.background
        or command.in_substitution
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


def part_scheme(source: Value) -> tuple[Target | None, Value]:
    """What `sbom:./file` or `docker-archive:x.tar` is, and the name without the scheme."""
    first = source.parts[0] if source.parts else ""
    if isinstance(first, str):
        scheme, colon, rest = first.partition(":")
        if colon and scheme in _SCHEMES:
            return _SCHEMES[scheme], Value(((rest,) if rest else ()) + source.parts[1:])
    return None, source


_SCOUT_SCHEMES = {
    **dict.fromkeys(("image", "local", "registry"), Target.IMAGE),
    **dict.fromkeys(("archive", "oci-dir"), Target.ARCHIVE),
    "fs": Target.FOLDER,
    "sbom": Target.SBOM,
}


def part_scout(source: Value) -> tuple[Target, Value]:
    """The same for Docker Scout, whose schemes end in `://`: https://docs.docker.com/scout/image-prefix/"""
    first = source.parts[0] if source.parts else ""
    scheme, found, rest = first.partition("://") if isinstance(first, str) else ("", "", "")
    if found and scheme in _SCOUT_SCHEMES:
        return _SCOUT_SCHEMES[scheme], Value(((rest,) if rest else ()) + source.parts[1:])
    return Target.IMAGE, source
