"""Scans for vulnerabilities by actions.

https://github.com/aquasecurity/trivy-action, https://github.com/anchore/scan-action,
https://github.com/docker/scout-action, https://github.com/snyk/actions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from msgspec.structs import replace

from checks.facts.scan.scans import (
    FIXABLE,
    SCAN_ACTION,
    SCOUT_ACTION,
    SNYK_ACTION,
    TRIVY_ACTION,
    Scan,
    Target,
    from_severity,
    part_scout,
)
from checks.facts.value import UNKNOWN, Value, literal
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.text import Location


def scans_by_actions(
    steps: Iterable[Step], slug: str | None, handed: HandedIn | None = None
) -> Iterator[Scan]:
    """The scans of steps, in file order, one for each leg of a matrix."""
    for step in steps:
        reader = _ACTIONS.get(step.uses.action) if step.uses else None
        if reader is None:
            continue
        for scope in scopes_of(step, slug, handed):
            found = reader(_Inputs(step, scope))
            if found is not None:
                yield found


class _Inputs(Record):
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
        written = self.step.variable(name)
        return self.scope.value(written.value) if written else None

    def place(self, name: str) -> Location:
        entry = self.step.input_entry(name)
        return Location(self.step.text, entry.value.span) if entry else self.here

    @property
    def here(self) -> Location:
        return self.step.uses.location if self.step.uses else self.step.location

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
    found = inputs.scan(
        "grype",
        target,
        name,
        inputs.value(name),
        inputs.env("GRYPE_PLATFORM"),
        gates,
        report,
        inputs.value("output-file", default),
    )
    return replace(found, threshold=from_severity(inputs.value("severity-cutoff", "medium").literal))


def _scout_action(inputs: _Inputs) -> Scan | None:
    command = inputs.value("command").literal
    if command is None or not {"cves", "quickview"} & {
        part.strip() for part in command.replace("\n", ",").split(",")
    }:
        return None
    target, image = part_scout(inputs.value("image"))
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
    found = inputs.scan(
        "snyk",
        Target.IMAGE,
        "image",
        inputs.value("image"),
        platform,
        gates,
        "sarif",
        literal("snyk.sarif"),
    )
    return replace(found, threshold=FIXABLE if "--fail-on" in (arguments or "") else "")


_ACTIONS = MappingProxyType(
    {
        TRIVY_ACTION: _trivy_action,
        SCAN_ACTION: _scan_action,
        SCOUT_ACTION: _scout_action,
        SNYK_ACTION: _snyk_action,
    }
)
