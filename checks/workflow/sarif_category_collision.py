"""Two reports of one tool replace each other in code scanning

Code scanning keeps one report for each tool and category of a commit. Two uploads of the same tool in one job
have the same category unless they name one: the second is refused, or stands for both and closes the alerts
of the first.

Give each upload a `category` of its own.

The check is silent for uploads in different jobs, whose default category differs, for different tools, for
categories that differ or are computed, where only one of the two steps can run, and behind a build that
copies what the repository does not have.

References:

- https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/uploading-a-sarif-file-to-github#uploading-more-than-one-sarif-file-for-a-commit
- https://github.com/github/codeql-action/blob/main/src/upload-lib.ts
"""

from __future__ import annotations

import posixpath
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
from checks.facts.tree import append_entry


def _workflow(more: str = "") -> str:
    return f"""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: docker build -t web:scan -f app/Dockerfile app
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {{image-ref: 'web:scan', format: sarif, output: api.sarif}}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {{scan-type: fs, format: sarif, output: web.sarif}}
      - uses: github/codeql-action/upload-sarif@v4
        if: always()
        with:
          sarif_file: api.sarif
      - uses: github/codeql-action/upload-sarif@v4
        if: always()
        with:
          sarif_file: web.sarif
{more}"""


def _scanned(copy: str) -> str:
    return f"""\
{_workflow()}-- app/Dockerfile --
FROM alpine:3.24
{copy}
USER 1000
"""


check = Check(
    id="sarif-category-collision",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.DOCKERFILE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("scan", "sarif"),
    examples=(
        Example(
            title="an image and the folder, both by Trivy",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: image.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: image.sarif
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: files.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: files.sarif
""",
            at="sarif_file: files.sarif",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: image.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: image.sarif
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: files.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: files.sarif
          category: files
""",
        ),
        Example(
            title="the build before the scans copies what is not in the repository: there are no reports",
            files=_scanned("COPY web out/web /web/"),
            paths=("app/web",),
        ),
        Example(
            title="the build before the scans copies what is there",
            files=_scanned("COPY web /web"),
            paths=("app/web",),
            at="sarif_file: web.sarif",
            fixed=_workflow("          category: web\n"),
        ),
        Example(
            title="categories, other tools, other jobs, one or the other",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: a.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: a.sarif, category: a}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: b.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: b.sarif}
      - uses: anchore/scan-action@v7
        with: {image: acme/web, output-file: c.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: c.sarif}
  b:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: d.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        if: github.event_name == 'push'
        with: {sarif_file: d.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        if: github.event_name != 'push'
        with: {sarif_file: d.sarif}
""",
        ),
        Example(
            title="a category that is computed; a scanner that names its runs by itself",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web, format: sarif, output: web.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: web.sarif, category: '${{ github.job }}'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/api, format: sarif, output: api.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: api.sarif, category: '${{ github.job }}'}
-- .github/workflows/snyk.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: snyk/actions/docker@v1
        with: {image: acme/web, args: --sarif-file-output=web.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: web.sarif}
      - uses: snyk/actions/docker@v1
        with: {image: acme/api, args: --sarif-file-output=api.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: api.sarif}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    first: dict[tuple[int, str, str], Upload] = {}
    told: set[int] = set()
    never = repo.steps_behind_stops
    for upload in repo.sarif_uploads:
        step = upload.step
        category = step.input("category")
        written = category.value if category else ""
        if step.job is None or "${{" in written or upload.scan.tool == "snyk" or upload.scan.step in never:
            continue
        key = (id(step.job.node), upload.scan.tool, written)
        earlier = first.setdefault(key, upload)
        if earlier.step is step or id(step.node) in told or _exclude(earlier, upload):
            continue
        told.add(id(step.node))
        yield _finding(earlier, upload)


def _exclude(one: Upload, other: Upload) -> bool:
    """Whether the two may not both run: their conditions, or those of their scans, differ."""
    conditions = [
        (step.condition.value if step and step.condition else "")
        for upload in (one, other)
        for step in (upload.step, upload.scan.step)
    ]
    usual = {"", "always()", "success() || failure()", "!cancelled()", "${{ always() }}"}
    return any(condition not in usual for condition in conditions)


def _finding(earlier: Upload, upload: Upload) -> Finding:
    entry, other = upload.step.input_entry("sarif_file"), earlier.step.input_entry("sarif_file")
    category = upload.step.input("category")
    shown = f"the category {code(category.value)}" if category else "the same default category"
    return Finding(
        message=f"{code(upload.file.value)} and {code(earlier.file.value)} are reports of one tool with {shown}.",
        consequence="Code scanning refuses the second, or takes it for both: the alerts of the first are closed.",
        location=Location(upload.step.text, entry.span) if entry else upload.step.location,
        related=(Location(earlier.step.text, other.span, "uploads the other one"),) if other else (),
        fixes=_fixes(upload) if category is None else (),
    )


def _fixes(upload: Upload) -> tuple[Fix, ...]:
    name = posixpath.basename(upload.file.value).removesuffix(".sarif")
    if upload.step.inputs is None or not name.replace("-", "").replace("_", "").isalnum():
        return ()
    return offer(f"call it {name}", Applicability.SAFE, append_entry(upload.step.inputs, f"category: {name}"))
