"""Severity is ignored because the output is SARIF

`aquasecurity/trivy-action` with `format: sarif` unsets the severity before it calls Trivy, so that the
report has all findings. With `exit-code: '1'` the step then fails on a `LOW` vulnerability too, although
`severity:` asks for less. `limit-severities-for-sarif: true` keeps the severity; nothing but exactly
`true` does.

Keeping the severity also leaves the other findings out of code scanning. To have all of them there and a
gate on some, scan twice: once to SARIF without `exit-code`, once to a table with both.

The check is silent when the severity names all five levels, or all but `UNKNOWN` where nothing fails by them,
where there is no `exit-code` and nothing reads the report, and where Trivy opens no image: `input:` has the name of
one that the job builds, and takes a file. Where no `exit-code` stops the job it is a
note, since only the report is larger than asked for; and it is silent there where a comment in the job, or in
the action, tells that SARIF has every severity, or speaks of both where another scan is the gate. Secrets and
misconfigurations have severities too, and leave the report with the vulnerabilities.

References:

- https://github.com/aquasecurity/trivy-action/blob/master/entrypoint.sh
- https://github.com/aquasecurity/trivy-action#inputs
- https://trivy.dev/docs/latest/configuration/filtering
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import BUILD_PUSH
from checks.facts.tree import Edit, Entry, Scalar, insert_after, replace_value
from checks.facts.workflow.step_comments import comments_before
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_ACTION = "aquasecurity/trivy-action"
_LEVELS = frozenset(("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"))
_GATED = "leave code scanning, and the gate lets them pass: is that meant?"
_REPORTED = "leave the report and code scanning: is that meant?"
_OF_OTHERS = {
    "config": "misconfigurations",
    "license": "licenses",
    "misconfig": "misconfigurations",
    "secret": "secrets",
}
"""What scanners find beside vulnerabilities, to which the severity applies too."""

_BUILT = """\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., tags: 'web:test', outputs: 'type=docker,dest=web.tar'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          input: INPUT
          format: sarif
          severity: HIGH
          exit-code: '1'
"""

check = Check(
    id="sarif-severity-ignored",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    tags=("scan", "trivy"),
    examples=(
        Example(
            title="a gate on HIGH and CRITICAL that fails on LOW",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: acme/web
          format: sarif
          severity: HIGH,CRITICAL  # what we act on
          exit-code: '1'
""",
            at="severity: HIGH,CRITICAL",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: acme/web
          format: sarif
          severity: HIGH,CRITICAL  # what we act on
          limit-severities-for-sarif: true
          exit-code: '1'
""",
        ),
        Example(title="the name of an image for a file", files=_BUILT.replace("INPUT", "web:test")),
        Example(
            title="a folder that is called as the image is",
            files=_BUILT.replace("INPUT", "web")
            .replace("web:test", "web")
            .replace("dest=web.tar", "dest=web,tar=false"),
            at="severity: HIGH",
            fixed=_BUILT.replace("INPUT", "web")
            .replace("web:test", "web")
            .replace("dest=web.tar", "dest=web,tar=false")
            .replace("HIGH\n", "HIGH\n          limit-severities-for-sarif: true\n"),
        ),
        Example(
            title="the file of an image",
            files=_BUILT.replace("INPUT", "web.tar"),
            at="severity: HIGH",
            fixed=_BUILT.replace("INPUT", "web.tar").replace(
                "HIGH\n", "HIGH\n          limit-severities-for-sarif: true\n"
            ),
        ),
        Example(
            title="any other spelling of true does not count",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          format: sarif
          severity: CRITICAL
          limit-severities-for-sarif: 'True'
""",
            at="severity: CRITICAL",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          format: sarif
          severity: CRITICAL
          limit-severities-for-sarif: 'true'
""",
        ),
        Example(
            title="limited, another format, or all levels",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, severity: 'HIGH,CRITICAL', limit-severities-for-sarif: true}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: table, severity: 'HIGH,CRITICAL', exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, severity: 'UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL', exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, severity: 'CRITICAL,HIGH,MEDIUM,LOW'}
""",
        ),
        Example(
            title="the format, the severity or the limit is not known",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          format: ${{ inputs.format }}
          severity: HIGH
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          format: sarif
          severity: ${{ inputs.severity }}
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          format: sarif
          severity: HIGH
          limit-severities-for-sarif: ${{ inputs.limit }}
""",
        ),
        Example(
            title="comments that know of it: every severity is meant, or a second scan is the gate",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  # The SARIF report ignores the severity: code scanning has them all.
  known:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, output: web.sarif, severity: 'HIGH,CRITICAL'}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: web.sarif}
  twice:
    runs-on: ubuntu-latest
    steps:
      # Zweimal: bei SARIF wirkt `severity` nicht.
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, output: web.sarif, severity: 'HIGH,CRITICAL'}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: web.sarif}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: table, severity: 'HIGH,CRITICAL', exit-code: '1'}
""",
        ),
        Example(
            title="comments that take the report for limited, or stand beside a gate that fails by more than is asked for",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  # SARIF for code scanning, of the worst severity alone
  report:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, output: web.sarif, severity: 'CRITICAL'}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: web.sarif}
  gate:
    runs-on: ubuntu-latest
    steps:
      # SARIF ignores the severity.
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, severity: 'HIGH,CRITICAL', exit-code: '1'}
""",
            at=("severity: 'CRITICAL'", "severity: 'HIGH,CRITICAL'"),
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  # SARIF for code scanning, of the worst severity alone
  report:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, output: web.sarif, severity: 'CRITICAL', limit-severities-for-sarif: true}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: web.sarif}
  gate:
    runs-on: ubuntu-latest
    steps:
      # SARIF ignores the severity.
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {format: sarif, severity: 'HIGH,CRITICAL', exit-code: '1'}
""",
        ),
        Example(
            title="a config file that may name the severity again",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          format: sarif
          severity: HIGH
          trivy-config: trivy.yaml
""",
        ),
    ),
)


_TAKES_FILES = regex(r"sarif|upload-artifact|actions/cache|git (?:add|commit)|\*\.")

_OF_BOTH = regex(r"^(?=.*\bsarif\b).*\bseverit(?:y|ies)\b", re.IGNORECASE)
_SUBJECT = r"\b(?:sarif|report|(?:trivy-)?action)\b"
_OBJECT = r"\s+(?:by\s+)?(?:(?:the|its|our|any)\s+)?(?:filter\s+(?:of\s+|by\s+)?)?[`'\"]?severit(?:y|ies)\b"
_SOME = r"(?:low\w*|medium|high\w*|critical|above|below|under|over|least|worst|worse)"
_HAS_ALL = regex(
    rf"{_SUBJECT}[^.;:!?]{{0,60}}\b(?:ignores|drops|unsets|disregards){_OBJECT}(?!.?\s+(?:of\s+)?{_SOME}\b)"
    rf"|{_SUBJECT}[^.;:!?]{{0,60}}(?:\b(?:not|never)|n['’]t)\s+(?:limit|filter|respect|hono|appl)\w*{_OBJECT}(?!.?\s+(?:of\s+)?{_SOME}\b)"
    rf"|\b(?:regardless\s+of|irrespective\s+of|независимо\s+от(?:\s+\w+)?){_OBJECT}"
    rf"|\b(?:all|every|any|each)\s+severit(?:y|ies)\b(?!.{{0,200}}\b{_SOME}\b)",
    re.IGNORECASE,
)
"""In a comment of both: the author knows that one does not limit the other, and not only that others than the
named ones are left out."""


def run(repo: Repository) -> Iterator[Finding]:
    scans = [step for step in repo.steps if step.uses_action(_ACTION)]
    for step in scans:
        yield from _findings(step, [one for one in scans if one.job is step.job and one.text is step.text])


def _findings(step: Step, scans: Sequence[Step]) -> Iterator[Finding]:
    """`scans` are all of its job or its action."""
    kind, severity = step.input("format"), step.input_entry("severity")
    if kind is None or kind.value != "sarif" or severity is None or not isinstance(severity.value, Scalar):
        return
    asked = severity.value.value
    levels = {level.strip() for level in asked.split(",") if level.strip()}
    if not levels or "${{" in asked or _may_be_limited(step):
        return
    if _fails_before(step):
        return
    gates = _fails(step)
    if not gates and (not _is_read(step) or _is_known(step, Location(step.text, severity.span), scans)):
        return
    if levels >= (_LEVELS if gates else _LEVELS - {"UNKNOWN"}):
        return
    yield Finding(
        message=f"{code(asked)} is dropped, since the output is SARIF.",
        consequence=(
            f"The step fails on vulnerabilities below {code(asked)} too: the action unsets the severity for SARIF."
            if gates
            else "The report has vulnerabilities of every severity: the action unsets the severity for SARIF."
        ),
        location=Location(step.text, severity.span),
        fixes=offer(
            "keep the severity for SARIF",
            Applicability.UNSAFE,
            _limit(step, severity),
            caution=f"Findings below that severity{_of_others(step)} {_GATED if gates else _REPORTED}",
        ),
        severity=None if gates else Severity.NOTE,
    )


def _fails_before(step: Step) -> bool:
    """Whether Trivy is given the name of an image that the job builds where it opens a file, so that there is no report.

    A name without a tag may be that of a file, too.
    https://trivy.dev/docs/latest/target/container_image/#tar-files
    """
    given = step.input("input")
    if given is None or ":" not in given.value or step.job is None:
        return False
    built = (one.input("tags") for one in step.earlier if one.uses_action(BUILD_PUSH))
    return any(given.value.strip() in re.split(r"[\s,]+", tags.value) for tags in built if tags is not None)


def _is_read(step: Step) -> bool:
    """Whether something may read the report: what stands behind the step names it, or takes files in."""
    output = step.input("output")
    lines = step.text.content[step.node.span.end :].splitlines()
    behind = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    name = posixpath.basename(output.value) if output is not None else ""
    return step.job is None or not name or name in behind or bool(_TAKES_FILES.search(behind))


def _of_others(step: Step) -> str:
    """What the scanners of a step that are named find beside vulnerabilities."""
    named = step.input("scanners") or step.input("security-checks")
    scanners = {one.strip() for one in named.value.split(",")} if named is not None else set[str]()
    others = dict.fromkeys(what for name, what in _OF_OTHERS.items() if name in scanners)
    return f", of {' and '.join(others)} too," if others and "vuln" in scanners else ""


def _is_known(step: Step, place: Location, scans: Sequence[Step]) -> bool:
    """Whether a comment before a place tells that SARIF has every severity, or speaks of both where another
    of these scans is the gate."""
    said = [one for one in comments_before(step, place) if _OF_BOTH.search(one)]
    return any(map(_HAS_ALL.search, said)) or (bool(said) and any(map(_is_gate, scans)))


def _is_gate(scan: Step) -> bool:
    """Whether a scan that is not for SARIF can stop the job."""
    return _fails(scan) and (kind := scan.input("format")) is not None and kind.value != "sarif"


def _fails(step: Step) -> bool:
    gate = step.input("exit-code")
    return gate is not None and gate.value not in ("", "0") and not step.is_lenient


def _may_be_limited(step: Step) -> bool:
    """Whether the limit is on, or a value that we can't see may keep the severity."""
    limit = step.input("limit-severities-for-sarif")
    if limit is not None and (limit.value == "true" or limit.as_bool() or "${{" in limit.value):
        return True
    return step.input("trivy-config") is not None


def _limit(step: Step, severity: Entry) -> Edit | None:
    limit = step.input("limit-severities-for-sarif")
    if limit is not None:
        return replace_value(limit, "true")
    return insert_after(step.inputs, severity, "limit-severities-for-sarif: true") if step.inputs else None
