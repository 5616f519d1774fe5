"""Upload of a report fails because an earlier step did

With `if: always()` the upload runs after everything, also when the build or the login failed and the scan
never wrote a report. It then fails with "Path does not exist", and that is the last error that the reader of
the log sees.

Upload only if there is a report.

The check is silent where the condition asks for the file or for the outcome of the scan, where nothing that
may fail stands before the scan, and where the upload may fail as it likes: `continue-on-error`.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#hashfiles
- https://github.com/github/codeql-action/blob/main/src/upload-lib.ts
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.scan.sarif import Upload
from checks.facts.tree import replace_value
from checks.facts.workflow.workflows import Step
from checks.regex import regex

check = Check(
    id="sarif-upload-masks-earlier-failure",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("scan", "sarif"),
    examples=(
        Example(
            title="always, behind a build",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/web .
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: trivy-results.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: always()
        with: {sarif_file: trivy-results.sarif}
""",
            at="always()",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/web .
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: trivy-results.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: always() && hashFiles('trivy-results.sarif') != ''
        with: {sarif_file: trivy-results.sarif}
""",
        ),
        Example(
            title="asked for, nothing before the scan that may fail, an upload that may fail, a path that hashFiles can't see",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/web .
      - id: scan
        uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: a.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: always() && steps.scan.outcome != 'skipped'
        with: {sarif_file: a.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        if: ${{ !cancelled() && hashFiles('a.sarif') != '' }}
        with: {sarif_file: a.sarif}
  files:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: b.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: always()
        with: {sarif_file: b.sarif}
  let-pass:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/web .
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: d.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: always()
        continue-on-error: true
        with: {sarif_file: d.sarif}
  outside:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/web .
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: /tmp/c.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: always()
        with: {sarif_file: /tmp/c.sarif}
""",
        ),
    ),
)

_BARE = regex(
    r"(?:\$\{\{)?\s*(?P<call>(?:always\(\)|!\s*cancelled\(\)|success\(\)\s*\|\|\s*failure\(\)))\s*(?:\}\})?"
)


def run(repo: Repository) -> Iterator[Finding]:
    for upload in repo.sarif_uploads:
        condition = upload.step.condition
        match = _BARE.fullmatch(condition.value) if condition else None
        scan = upload.scan.step
        failing = next((step for step in _before(scan) if _may_fail(step)), None)
        if condition is None or match is None or failing is None or upload.workspace_file is None:
            continue
        if upload.step.is_lenient:
            continue  # its failure fails nothing
        what = (
            failing.uses.scalar.span
            if failing.uses
            else failing.run.span
            if failing.run
            else failing.node.span
        )
        yield Finding(
            message=f"{code(match['call'])} runs the upload of {code(upload.file.value)} even if the scan never wrote it.",
            consequence="After a failure of an earlier step the upload fails too, with “Path does not exist”, below the error that matters.",
            location=Location(condition.text, condition.span),
            related=(Location(failing.text, what, "may fail before the scan"),),
            fixes=_fixes(upload, match["call"]),
        )


def _before(scan: Step | None) -> tuple[Step, ...]:
    return scan.earlier if scan else ()


def _may_fail(step: Step) -> bool:
    """Whether it builds or logs in."""
    if step.run is not None:
        return "build" in step.run.value or "docker" in step.run.value
    return step.uses is not None and step.uses.repository in (
        "docker/build-push-action",
        "docker/login-action",
        "docker/bake-action",
        "aws-actions/configure-aws-credentials",
        "aws-actions/amazon-ecr-login",
    )


def _fixes(upload: Upload, call: str) -> tuple[Fix, ...]:
    condition = upload.step.condition
    if condition is None:
        return ()
    asked = f"{call} && hashFiles('{upload.workspace_file}') != ''"
    if "||" in call:
        asked = f"({call}) && hashFiles('{upload.workspace_file}') != ''"
    written = f"${{{{ {asked} }}}}" if condition.value.strip().startswith("${{") else asked
    return offer("upload only a report that is there", Applicability.SAFE, replace_value(condition, written))
