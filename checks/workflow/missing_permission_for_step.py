"""Step lacks a permission

A `permissions:` key sets every scope that it does not name to `none`. A job whose block names `contents`
alone has no OIDC token, so that keyless signing, `configure-aws-credentials` with a role and
`actions/attest` stop; uploading SARIF needs `security-events: write`, and pushing to `ghcr.io` with the
token of the job `packages: write`.

Name the scope in the job's own block. It replaces the workflow's whole, so what the job uses of that one has
to stand in it too.

The check is silent where no `permissions:` key stands anywhere, since the default of the repository can't
be seen, for `write-all`, for a reusable workflow whose callers may grant less or more, for signers with a
key or a token of their own, and for uploads of SARIF that only run on pull requests, which GitHub always
accepts.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
- https://docs.github.com/en/actions/reference/security/oidc#required-permission
- https://docs.github.com/en/code-security/code-scanning/troubleshooting-code-scanning/resource-not-accessible
- https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from msgspec.structs import replace

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
from checks.facts.image.pushes import Push
from checks.facts.scan.sarif import taken_together
from checks.facts.scan.scans import Scan
from checks.facts.token.needs import Need, need_of_push, needs
from checks.facts.token.permission_edits import granted, outdated
from checks.facts.token.token_use import TokenUse
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.job_events import may_run_before_merge, of_step
from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.workflows import Job, Step, Workflow

_ALSO_PULL_REQUESTS = "The job also runs for pull requests: may code of an unmerged branch have this token?"
_ONE_BY_ONE = "Is each report of the folder uploaded by itself, with a category of its own, as the upload fails without that?"


def _folder(output: str = "out/image.sarif", more: str = "") -> str:
    return f"""\
-- .github/workflows/scan.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      contents: read
{more}    steps:
      - uses: anchore/scan-action@v7
        with: {{path: ., output-file: out/files.sarif}}
      - uses: anchore/scan-action@v7
        with: {{image: 'acme/web:1', output-file: {output}}}
      - uses: github/codeql-action/upload-sarif@v4
        with: {{sarif_file: out/}}
"""


_COMMENTED = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: {level}  # bases are pulled with it
    steps:
      - uses: docker/login-action@v4
        with: {{registry: ghcr.io, username: '${{{{ github.actor }}}}', password: '${{{{ secrets.GITHUB_TOKEN }}}}'}}
      - run: docker build --push --tag ghcr.io/acme/web:next .
"""


check = Check(
    id="missing-permission-for-step",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
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
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write
    steps:
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: trivy.sarif}
""",
        ),
        Example(
            title="a job that uses nothing of what the workflow lets it write with, and reads on",
            files="""\
-- .github/workflows/scan.yml --
on: {push: {branches: [main]}}
permissions:
  contents: write
  packages: write
  id-token: write
  issues: read
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: command -v trivy && "$HOME/bin/trivy" --version
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: trivy.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: trivy.sarif}
""",
            at="github/codeql-action/upload-sarif@v4",
            fixed="""\
-- .github/workflows/scan.yml --
on: {push: {branches: [main]}}
permissions:
  contents: write
  packages: write
  id-token: write
  issues: read
jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      issues: read
      security-events: write
    steps:
      - uses: actions/checkout@v7
      - run: command -v trivy && "$HOME/bin/trivy" --version
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, format: sarif, output: trivy.sarif}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: trivy.sarif}
""",
        ),
        Example(
            title="a job of which nobody can tell what it writes: it keeps all that the workflow gives",
            files="""\
-- .github/workflows/scan.yml --
on: {push: {branches: [main]}}
permissions: {contents: write, packages: write}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: ./build-and-scan.sh
        env: {GITHUB_TOKEN: '${{ github.token }}'}
      - uses: github/codeql-action/upload-sarif@v4
        with: {sarif_file: trivy.sarif}
""",
            at="github/codeql-action/upload-sarif@v4",
            fixed="""\
-- .github/workflows/scan.yml --
on: {push: {branches: [main]}}
permissions: {contents: write, packages: write}
jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      contents: write
      packages: write
      security-events: write
    steps:
      - uses: actions/checkout@v7
      - run: ./build-and-scan.sh
        env: {GITHUB_TOKEN: '${{ github.token }}'}
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
            title="signing by way of xargs, and an analysis that uploads what it finds",
            files="""\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions:
  contents: read
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$TAGS" | xargs -I {} cosign sign --yes {}@$DIGEST
  analyze:
    runs-on: ubuntu-latest  # small
    steps:
      - uses: github/codeql-action/analyze@v4
      - uses: github/codeql-action/analyze@v4
        with: {upload: never}
""",
            at=("xargs -I {} cosign sign --yes {}@$DIGEST", "github/codeql-action/analyze@v4"),
            fixed="""\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions:
  contents: read
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - run: echo "$TAGS" | xargs -I {} cosign sign --yes {}@$DIGEST
  analyze:
    runs-on: ubuntu-latest  # small
    steps:
      - uses: github/codeql-action/analyze@v4
      - uses: github/codeql-action/analyze@v4
        with: {upload: never}
""",
        ),
        Example(
            title="a level for pulls, and a comment that says so: it is asked about",
            files=_COMMENTED.format(level="read"),
            at="ghcr.io/acme/web:next",
            fixed=_COMMENTED.format(level="write"),
        ),
        Example(
            title="an attestation needs two scopes",
            files="""\
-- .github/workflows/attest.yml --
on: {push: {tags: ['v*']}}
jobs:
  attest:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: none}
    steps:
      - uses: actions/attest@v4
        with: {subject-path: dist/web}
""",
            at="actions/attest@v4",
            fixed="""\
-- .github/workflows/attest.yml --
on: {push: {tags: ['v*']}}
jobs:
  attest:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write, attestations: write}
    steps:
      - uses: actions/attest@v4
        with: {subject-path: dist/web}
""",
        ),
        Example(
            title="a push to GitHub's registry with the token of the job",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  IMAGE: ghcr.io/acme/web
jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ secrets.GITHUB_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ env.IMAGE }}:${{ github.sha }}
""",
            at="${{ env.IMAGE }}:${{ github.sha }}",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  IMAGE: ghcr.io/acme/web
jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: write
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ secrets.GITHUB_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ env.IMAGE }}:${{ github.sha }}
""",
        ),
        Example(
            title="a push with somebody's own token, to another registry, or only perhaps",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  own:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: robot, password: '${{ secrets.PACKAGES_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: 'ghcr.io/acme/web:1'}
  others:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ github.token }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: 'quay.io/acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {push: '${{ inputs.push }}', tags: 'ghcr.io/acme/web:1'}
""",
        ),
        Example(
            title="a name of which nothing is left, as no such property is there: nothing is pushed",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {contents: read}
env: {IMAGE: '${{ github.repository_lowercase }}'}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ github.token }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: 'ghcr.io/${{ env.IMAGE }}:1'}
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
            title="a folder with two reports of one tool, whose upload needs more than the permission",
            files=_folder(),
            at="github/codeql-action/upload-sarif@v4",
            fixed=_folder(more="      security-events: write\n"),
        ),
        Example(
            title="a folder with one report",
            files=_folder("image.sarif"),
            at="github/codeql-action/upload-sarif@v4",
            fixed=_folder("image.sarif", "      security-events: write\n"),
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
    yield from repo.each(repo.workflows, _in_workflow)


def _in_workflow(repo: Repository, workflow: Workflow) -> Iterator[Finding]:
    for job in workflow.jobs:
        if job.permissions is not None and not _grants_elsewhere(job):
            yield from _findings(repo, job, job.permissions)


def _grants_elsewhere(job: Job) -> bool:
    """Whether a caller decides what the job may do, or an expression does."""
    return "workflow_call" in job.workflow.triggers


def _findings(repo: Repository, job: Job, permissions: Permissions) -> Iterator[Finding]:
    lacking: dict[str, Need] = {}
    cautions: list[str] = []
    for step, need in _needs(job, repo.pushes_of.get(job, ())):
        if permissions.access(need.scope) == "write" or _works_without(need, step) or need.scope in lacking:
            continue
        together = taken_together(step, repo.scans_in.get(step.text, ()))
        lacking[need.scope] = _also_refused(need, together) if together else need
        cautions += [_ONE_BY_ONE] if together else []
    fixes = _fixes(repo.token_use(job), permissions, tuple(lacking), cautions)
    for _span, group in groupby(lacking.values(), key=lambda need: need.location.span):
        yield _finding(job, permissions, tuple(group), fixes)


def _needs(job: Job, pushes: Iterable[Push]) -> Iterator[tuple[Step, Need]]:
    for step in job.steps:
        yield from ((step, need) for need in needs(step))
    for push in pushes:
        if push.step is not None and (need := need_of_push(push)):
            yield push.step, need


def _also_refused(need: Need, together: tuple[Scan, ...]) -> Need:
    """An upload that the permission alone does not bring about."""
    return replace(
        need,
        failure=(
            f"The upload fails, with the permission, too: {len(together)} reports of {together[0].tool.capitalize()} in one "
            "folder have one category, and the action takes one report for each."
        ),
    )


def _works_without(need: Need, step: Step) -> bool:
    """GitHub accepts SARIF of pull requests with any token; a step that never runs fails never."""
    events: tuple[Event, ...] = of_step(step) or ()
    if need.scope == "security-events":
        return all(event.ref_kind is RefKind.PULL for event in events)
    return not events


def _finding(job: Job, permissions: Permissions, group: tuple[Need, ...], fixes: tuple[Fix, ...]) -> Finding:
    where = "the workflow's" if job.own_permissions is None else "the job's"
    note = "replaces the defaults, and every scope it leaves out is off"
    block = Location(job.workflow.text, permissions.entry.key.span, note)
    asked = _listed(need.scope for need in group)
    first = group[0]
    return Finding(
        message=f"{code(first.what)} needs {asked}, and {where} {code('permissions')} do not have it.",
        consequence=first.failure,
        location=first.location,
        related=(block,),
        fixes=fixes,
    )


def _listed(scopes: Iterable[str]) -> str:
    return " and ".join(code(f"{scope}: write") for scope in scopes)


def _fixes(
    use: TokenUse, permissions: Permissions, scopes: tuple[str, ...], more: list[str]
) -> tuple[Fix, ...]:
    """Grants all that the job lacks, to this job alone; of what the workflow gives, it keeps what it may use."""
    if not scopes:
        return ()
    job = use.job
    for_pull_requests = may_run_before_merge(job)
    kept = use.levels_kept(permissions) if job.own_permissions is None else permissions.scopes
    lost = tuple(
        scope
        for scope, level in permissions.scopes.items()
        if level == "write" and kept.get(scope) != "write"
    )
    cautions = [
        *((_of_lost(lost),) if lost else ()),
        *((_ALSO_PULL_REQUESTS,) if for_pull_requests else ()),
        *map(_of_comment, outdated(job, scopes)),
        *more,
    ]
    return offer(
        f"grant {_listed(scopes)}",
        Applicability.UNSAFE if cautions else Applicability.SAFE,
        *granted(job, permissions, dict.fromkeys(scopes, "write"), inherited=kept),
        caution=" ".join(cautions),
    )


def _of_comment(scope: str) -> str:
    return f"Is the comment behind {code(scope)} still true with {code('write')}?"


def _of_lost(scopes: tuple[str, ...]) -> str:
    *most, last = (code(f"{scope}: write") for scope in scopes)
    names = f"{', '.join(most)} or {last}" if most else last
    return f"Does the job use {names}, which the workflow gives it, in a way that the file does not show?"
