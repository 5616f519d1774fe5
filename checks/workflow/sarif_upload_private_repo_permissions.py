"""Upload to code scanning can't read its own run in a private repository

`upload-sarif` asks GitHub which workflow it runs in. In a private or an internal repository that needs
`actions: read`, and the analysis is tied to a commit, which needs `contents: read`; in a public one anybody
may read both. A `permissions:` block that doesn't name a scope sets it to `none`, so that a workflow which
works in a public repository stops with "Resource not accessible by integration" in a private one.

Name both beside `security-events: write`.

The check is silent for public repositories and where the visibility isn't known, and where no block stands:
then the settings of the repository decide.

References:

- https://docs.github.com/en/code-security/code-scanning/troubleshooting-code-scanning/resource-not-accessible
- https://github.com/github/codeql-action/blob/main/src/api-client.ts
- https://github.com/actions/starter-workflows/blob/main/code-scanning/trivy.yml
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
    Outside,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.token.needs import uploads_results
from checks.facts.token.permission_edits import granted
from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.workflows import Job, Step

_PRIVATE = Outside(visibility="private")


def _scan(permissions: str) -> str:
    return f"""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
{permissions}    steps:
      - uses: github/codeql-action/upload-sarif@v4
        with: {{sarif_file: trivy.sarif}}
      - uses: github/codeql-action/upload-sarif@v4
        with: {{sarif_file: grype.sarif, category: grype}}
"""


check = Check(
    id="sarif-upload-private-repo-permissions",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("permissions", "code-scanning"),
    yields_to=("missing-permission-for-step",),
    examples=(
        Example(
            title="copied from a public repository",
            files=_scan(
                "    permissions:\n      contents: read\n      security-events: write  # for the upload\n"
            ),
            at="github/codeql-action/upload-sarif@v4",
            fixed=_scan(
                "    permissions:\n      contents: read\n      security-events: write  # for the upload\n"
                "      actions: read\n"
            ),
            outside=_PRIVATE,
        ),
        Example(
            title="an internal repository, the block of the workflow, and an analysis",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {security-events: write}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v4
""",
            at="github/codeql-action/analyze@v4",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {security-events: write}
jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      security-events: write
      actions: read
      contents: read
    steps:
      - uses: github/codeql-action/analyze@v4
""",
            outside=Outside(visibility="internal"),
        ),
        Example(
            title="a public repository",
            files=_scan("    permissions: {security-events: write}\n"),
            outside=Outside(visibility="public"),
        ),
        Example(
            title="one that we know nothing of", files=_scan("    permissions: {security-events: write}\n")
        ),
        Example(
            title="all that is needed",
            files=_scan("    permissions: {security-events: write, actions: read, contents: read}\n"),
            outside=_PRIVATE,
        ),
        Example(title="no block", files=_scan(""), outside=_PRIVATE),
        Example(
            title="the upload itself is not allowed: that is told by another check",
            files=_scan("    permissions: {contents: read}\n"),
            outside=_PRIVATE,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if repo.outside.visibility not in ("private", "internal"):
        return
    for workflow in repo.workflows:
        for job in workflow.jobs:
            permissions = job.permissions
            upload = next((step for step in job.steps if uploads_results(step)), None)
            if permissions is not None and upload is not None:
                yield from _finding(repo, job, permissions, upload)


def _finding(repo: Repository, job: Job, permissions: Permissions, upload: Step) -> Iterator[Finding]:
    missing = [scope for scope in ("actions", "contents") if permissions.access(scope) == "none"]
    if not missing or upload.uses is None:
        return
    scopes = " and ".join(code(f"{scope}: read") for scope in missing)
    note = "replaces the defaults, and every scope it leaves out is off"
    yield Finding(
        message=f"{code(upload.uses.action)} needs {scopes} in this repository, which is {repo.outside.visibility}.",
        consequence="Each upload fails: “Resource not accessible by integration”. In a public repository it would work.",
        location=upload.uses.location,
        related=(Location(upload.text, permissions.entry.key.span, note),),
        fixes=offer(
            f"grant {scopes}", Applicability.SAFE, *granted(job, permissions, dict.fromkeys(missing, "read"))
        ),
    )
