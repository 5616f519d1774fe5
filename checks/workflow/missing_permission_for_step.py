"""Step lacks a permission

A `permissions:` key sets every scope that it does not name to `none`. A job whose block names `contents`
alone has no OIDC token, so that keyless signing, `configure-aws-credentials` with a role and
`actions/attest` stop; uploading SARIF needs `security-events: write`.

Name the scope in the block that holds for the job: the job's own, which replaces the workflow's whole.

The check is silent where no `permissions:` key stands anywhere, since the default of the repository can't
be seen, for `write-all`, for a reusable workflow whose callers may grant less or more, for signers with a
key or a token of their own, and for uploads of SARIF that only run on pull requests, which GitHub always
accepts.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
- https://docs.github.com/en/actions/reference/security/oidc#required-permission
- https://docs.github.com/en/code-security/code-scanning/troubleshooting-code-scanning/resource-not-accessible
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
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.events import Event, RefKind, of_job, of_step
from checks.facts.needs import Need, needs
from checks.facts.tree import Edit, Mapping, Scalar, append_entry, replace_value
from checks.facts.workflows import Job, Permissions, Step

check = Check(
    id="missing-permission-for-step",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("permissions", "oidc", "cosign"),
    examples=(
        Example(
            title="keyless signing without an OIDC token",
            files="""\
-- .github/workflows/release.yml --
on:
  push:
    tags: ['v*']
permissions:
  id-token: write
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions:
      contents: read  # for the checkout
    steps:
      - uses: actions/checkout@v7
      - run: |
          set -euo pipefail
          cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
""",
            at='cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"',
            fixed="""\
-- .github/workflows/release.yml --
on:
  push:
    tags: ['v*']
permissions:
  id-token: write
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions:
      contents: read  # for the checkout
      id-token: write
    steps:
      - uses: actions/checkout@v7
      - run: |
          set -euo pipefail
          cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
""",
        ),
        Example(
            title="a job that also runs for pull requests; the block is the workflow's",
            files="""\
-- .github/workflows/scan.yml --
on: [push, pull_request]
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: trivy.sarif}
""",
            at="github/codeql-action/upload-sarif@v4",
            fixed="""\
-- .github/workflows/scan.yml --
on: [push, pull_request]
permissions: {contents: read, security-events: write}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: trivy.sarif}
""",
        ),
        Example(
            title="a scope that is named with too little, and an empty block",
            files="""\
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: none
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
-- .github/workflows/empty.yml --
on: {push: {branches: [main]}}
permissions: {}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
""",
            at=("aws-actions/configure-aws-credentials@v6", "aws-actions/configure-aws-credentials@v6"),
            fixed="""\
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
""",
        ),
        Example(
            title="granted by the job, by the workflow, or as write-all; no block anywhere",
            files="""\
-- .github/workflows/a.yml --
on: push
permissions:
  id-token: write
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "$IMAGE"
-- .github/workflows/b.yml --
on: push
permissions: write-all
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "$IMAGE"
-- .github/workflows/c.yml --
on: push
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "$IMAGE"
""",
        ),
        Example(
            title="a key, a token of one's own, static credentials, a reusable workflow, words about cosign",
            files="""\
-- .github/workflows/a.yml --
on: push
permissions: {contents: read}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes --key env://COSIGN_PRIVATE_KEY "$IMAGE"
      - run: cosign sign --yes --identity-token "$TOKEN" "$IMAGE"
      - run: cosign sign --yes "$IMAGE"
        env: {SIGSTORE_ID_TOKEN: '${{ steps.token.outputs.token }}'}
      - run: cosign verify --key cosign.pub "$IMAGE"
      - run: echo "now run cosign sign --yes"
      - run: cosign sign $FLAGS "$IMAGE"
      - uses: aws-actions/configure-aws-credentials@v6
        with: {aws-access-key-id: '${{ secrets.ID }}', aws-secret-access-key: '${{ secrets.KEY }}', role-to-assume: x}
-- .github/workflows/b.yml --
on: workflow_call
permissions: {contents: read}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "$IMAGE"
""",
        ),
        Example(
            title="SARIF that is uploaded for pull requests only",
            files="""\
-- .github/workflows/scan.yml --
on: [push, pull_request]
permissions: {contents: read}
jobs:
  scan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@v4
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        for job in workflow.jobs:
            if job.permissions is not None and not _grants_elsewhere(job):
                yield from _findings(job, job.permissions)


def _grants_elsewhere(job: Job) -> bool:
    """Whether a caller decides what the job may do, or an expression does."""
    return "workflow_call" in job.workflow.triggers


def _findings(job: Job, permissions: Permissions) -> Iterator[Finding]:
    told: set[str] = set()
    for step in job.steps:
        for need in needs(step):
            lacking = permissions.access(need.scope) != "write"
            if lacking and need.scope not in told and not _works_without(need, step):
                told.add(need.scope)
                yield _finding(job, permissions, need)


def _works_without(need: Need, step: Step) -> bool:
    """GitHub accepts SARIF of pull requests with any token; a step that never runs fails never."""
    events: tuple[Event, ...] = of_step(step) or ()
    if need.scope == "security-events":
        return all(event.ref_kind is RefKind.PULL for event in events)
    return not events


def _finding(job: Job, permissions: Permissions, need: Need) -> Finding:
    own = job.own_permissions is not None
    where = "the job's" if own else "the workflow's"
    entry = permissions.entry
    block = Location(
        job.workflow.text, entry.key.span, "replaces the defaults, and every scope it leaves out is off"
    )
    line = f"{need.scope}: write"
    caution = _caution(job, own=own)
    return Finding(
        message=f"{code(need.what)} needs {code(line)}, and {where} {code('permissions')} do not have it.",
        consequence=need.failure,
        location=need.location,
        related=(block,),
        fixes=offer(
            f"grant {code(line)}",
            Applicability.UNSAFE if caution else Applicability.SAFE,
            _grant(permissions, need.scope),
            caution=caution,
        ),
    )


def _caution(job: Job, *, own: bool) -> str:
    """What to look at before granting; nothing where only this job gets it, and never for a pull request."""
    if any(event.ref_kind is RefKind.PULL for event in of_job(job)):
        return "The job also runs for pull requests: may code of an unmerged branch have this token?"
    if not own and len(job.workflow.jobs) > 1:
        return "Every job of the workflow gets it: is a block of this job's own better?"
    return ""


def _grant(permissions: Permissions, scope: str) -> Edit | None:
    block = permissions.entry.value
    if not isinstance(block, Mapping):
        return None
    named = block.get(scope)
    if named is not None:
        return replace_value(named, "write") if isinstance(named, Scalar) else None
    return append_entry(block, f"{scope}: write")
