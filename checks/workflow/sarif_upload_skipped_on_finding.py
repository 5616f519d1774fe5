"""Report is not uploaded when the scan finds something

The scan fails the step when it finds something, with Grype something from a severity on, and a step without a
condition of its own does not run after a failure. Code scanning gets the reports in which nothing such was
found, and none of the others.

Let the upload run unless the run was cancelled, and only if there is a report.

The check is silent where the scan can't fail the step or that is not known, where it has `continue-on-error`,
and where the upload has a condition that holds after a failure.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
- https://github.com/actions/starter-workflows/blob/main/code-scanning/trivy.yml
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
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
from checks.facts.tree import Scalar, insert_after, insert_before, replace_value
from checks.facts.workflow.conditions import may_follow_failure

check = Check(
    id="sarif-upload-skipped-on-finding",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("scan", "sarif"),
    examples=(
        Example(
            title="a gate, and an upload without a condition",
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
          output: trivy-results.sarif
          exit-code: '1'
      - name: Upload
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: trivy-results.sarif
""",
            at="github/codeql-action/upload-sarif@v4",
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
          output: trivy-results.sarif
          exit-code: '1'
      - name: Upload
        if: ${{ !cancelled() && hashFiles('trivy-results.sarif') != '' }}
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: trivy-results.sarif
""",
        ),
        Example(
            title="Anchore's action fails by default, and says where its report is",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - id: scan
        uses: anchore/scan-action@v7
        with: {image: acme/web}
      - uses: github/codeql-action/upload-sarif@v4
        if: github.ref == 'refs/heads/main'
        with:
          sarif_file: ${{ steps.scan.outputs.sarif }}
""",
            at="github/codeql-action/upload-sarif@v4",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - id: scan
        uses: anchore/scan-action@v7
        with: {image: acme/web}
      - uses: github/codeql-action/upload-sarif@v4
        if: ${{ !cancelled() && steps.scan.outcome != 'skipped' && (github.ref == 'refs/heads/main') }}
        with:
          sarif_file: ${{ steps.scan.outputs.sarif }}
""",
        ),
        Example(
            title="a scan that can't fail, conditions that hold after a failure, another job",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: a.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: a.sarif}
      - uses: aquasecurity/trivy-action@v0.36.0
        continue-on-error: true
        with: {image-ref: acme/web, format: sarif, output: b.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: b.sarif}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: c.sarif, exit-code: '1'}
      - uses: github/codeql-action/upload-sarif@v4
        if: success() || failure()
        with: {sarif_file: c.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        if: ${{ always() && hashFiles('c.sarif') != '' }}
        with: {sarif_file: c.sarif}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: d.sarif, exit-code: '${{ inputs.gate }}'}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: d.sarif}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for upload in repo.sarif_uploads:
        condition, scan = upload.step.condition, upload.scan
        if condition is not None and may_follow_failure(condition.value):
            continue
        if scan.gates is not True or scan.step is None or scan.step.node.get("continue-on-error") is not None:
            continue
        uses = upload.step.uses
        of_such = f" {scan.threshold}" if scan.threshold else ""
        yield Finding(
            message=f"The upload of {code(upload.file.value)} does not run when the scan finds something{of_such}.",
            consequence=f"Code scanning gets the reports in which nothing{of_such} was found; the others end with the failed run.",
            location=uses.location if uses else upload.step.location,
            related=(
                Location(
                    scan.location.text, scan.location.span, f"fails the job when it finds something{of_such}"
                ),
            ),
            fixes=_fixes(upload),
        )


def _fixes(upload: Upload) -> tuple[Fix, ...]:
    step, file = upload.step, upload.workspace_file
    scan_id = upload.scan.step.id if upload.scan.step else ""
    if file is None and not scan_id:
        return ()
    there = f"hashFiles('{file}') != ''" if file else f"steps.{scan_id}.outcome != 'skipped'"
    title = "upload whatever the scan says"
    condition = step.condition
    if condition is None:
        line = f"if: ${{{{ !cancelled() && {there} }}}}"
        first = step.node.entries[0]
        named = isinstance(first.key, Scalar) and first.key.value == "name"
        edit = insert_after(step.node, first, line) if named else insert_before(step.node, first, line)
        return offer(title, Applicability.SAFE, edit)
    inner = condition.value.strip().removeprefix("${{").removesuffix("}}").strip()
    if "${{" in inner or "\n" in inner:
        return ()
    return offer(
        title,
        Applicability.SAFE,
        replace_value(condition, f"${{{{ !cancelled() && {there} && ({inner}) }}}}"),
    )
