"""Failure of the scan is ignored

The scan is told to fail on what it finds, and the step is told to go on: `continue-on-error: true`, or
`|| true` behind the command. The push that follows runs whatever was found.

Take out what swallows the failure; or, if the scan is only to report, take out the exit code, so that it says
so.

The check is silent where a later step looks at the outcome, where another scan of the workflow gates, and
where nothing is pushed afterwards.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error
- https://github.com/aquasecurity/trivy-action#inputs
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.scan.scans import Scan, Target
from checks.facts.tree import Scalar, delete_entry
from checks.facts.workflow.job_order import comes_before

check = Check(
    id="scan-failure-swallowed",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("scan", "security"),
    security_severity=4.0,
    examples=(
        Example(
            title="a gate that continues on error",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:1 .
      - uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
      - run: docker push ghcr.io/acme/web:1
""",
            at="continue-on-error: true",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:1 .
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
      - run: docker push ghcr.io/acme/web:1
""",
        ),
        Example(
            title="a command whose failure is swallowed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:1 .
      - run: grype ghcr.io/acme/web:1 --fail-on high || true
      - run: docker push ghcr.io/acme/web:1
""",
            at="grype ghcr.io/acme/web:1 --fail-on high",
        ),
        Example(
            title="the outcome is looked at, another scan gates, nothing is pushed, another fallback",
            files="""\
-- .github/workflows/outcome.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: scan
        uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
      - run: exit 1
        if: steps.scan.outcome == 'failure'
      - run: docker push ghcr.io/acme/web:1
-- .github/workflows/second.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ghcr.io/acme/web:1', severity: CRITICAL, exit-code: '1'}
      - run: docker push ghcr.io/acme/web:1
-- .github/workflows/report.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: grype ghcr.io/acme/web:1 --fail-on high || true
-- .github/workflows/told.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: grype ghcr.io/acme/web:1 --fail-on high || { ./tell.sh; exit 1; }
      - run: docker push ghcr.io/acme/web:1
""",
        ),
        Example(
            title="pushed before; a scan of the folder; a report that fails nothing",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker push ghcr.io/acme/web:1
      - uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
-- .github/workflows/folder.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {scan-type: fs, exit-code: '1'}
      - run: docker push ghcr.io/acme/web:1
-- .github/workflows/report.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {image-ref: 'ghcr.io/acme/web:1'}
      - run: docker push ghcr.io/acme/web:1
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for scan in repo.scans:
        step = scan.step
        if step is None or step.job is None or scan.gates is not True:
            continue
        if scan.target not in (Target.IMAGE, Target.ARCHIVE):
            continue
        if (
            not _swallows(scan)
            or _others_gate(repo, scan)
            or (step.id and f"steps.{step.id}." in step.text.content)
        ):
            continue
        pushed = next(
            (
                one
                for one in repo.pushes_in.get(scan.location.text, ())
                if one.certain and one.step and comes_before(step, scan.location, one.step, one.location)
            ),
            None,
        )
        if pushed is not None:
            yield _finding(scan, pushed.location)


def _swallows(scan: Scan) -> bool:
    step = scan.step
    value = step.node.get("continue-on-error") if step else None
    if isinstance(value, Scalar) and value.as_bool() is True:
        return True
    if scan.invocation is None:
        return False
    script = scan.invocation.script
    return any(script[span].strip() in ("true", ":", "exit 0") for span in scan.invocation.command.fallbacks)


def _others_gate(repo: Repository, scan: Scan) -> bool:
    return any(
        other.gates is not False and not _swallows(other)
        for other in repo.scans
        if other.location.text is scan.location.text
    )


def _finding(scan: Scan, pushed: Location) -> Finding:
    step = scan.step
    entry = step.node.entry("continue-on-error") if step else None
    place = Location(scan.location.text, entry.span) if entry else scan.location
    return Finding(
        message=f"The scan of {code(scan.subject_location.fragment)} fails on what it finds, and its failure is ignored.",
        consequence="The push that follows runs all the same: the gate is open.",
        location=place,
        related=(Location(pushed.text, pushed.span, "is pushed afterwards"),),
        fixes=offer(
            "let the failure count",
            Applicability.UNSAFE,
            delete_entry(step.node, entry),
            caution="Does the image pass today? Otherwise the next push waits for its repair.",
        )
        if step and entry
        else (),
    )
