"""Policy accepts a signature made in a pull request

A job that runs for pull requests with `id-token: write` can be certified as
`https://github.com/<owner>/<name>/<workflow>@refs/pull/<number>/merge`. Where a policy's identity accepts
that ref, anybody who may open a pull request from a branch of the repository can sign an image, before any
review, and the cluster admits it. Pull requests of forks get no such token.

Hold the identity to the refs that releases are made from, and give the token to no job of pull requests.

The check is silent where no job has the token on a pull request, for `pull_request_target`, which runs with
the base's ref, and where the repository's name decides and is not known.

References:

- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md#github
- https://docs.github.com/en/actions/reference/security/oidc#required-permission
- https://github.com/sigstore/cosign/blob/main/pkg/cosign/verify.go
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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import Signer, is_pull_request, name_of, signers
from checks.facts.policy.admission import subject_for
from checks.facts.policy.identities import Identity, rewritten
from checks.facts.policy.policies import ClusterImagePolicy
from checks.facts.value import Value
from checks.facts.workflow.job_events import of_job
from checks.facts.workflow.workflows import Job

_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            {}
"""
_WORKFLOW = """\
-- .github/workflows/build.yml --
on:
  push: {branches: [main]}
  pull_request:
permissions: {contents: read, id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - if: github.event_name == 'push'
        run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""
_WIDE = r"subjectRegExp: ^https://github\.com/acme/web/.*"
_HERE = Outside(slug="acme/web")

check = Check(
    id="policy-accepts-pull-request-signer",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "sigstore", "policy", "oidc"),
    security_severity=8.1,
    yields_to=("cip-identity-too-broad",),
    examples=(
        Example(
            title="every ref of the repository is accepted, and a job of pull requests has the token",
            files=_POLICY.format(_WIDE) + _WORKFLOW,
            outside=_HERE,
            at=r"^https://github\.com/acme/web/.*",
            fixed=_POLICY.format(
                "subject: https://github.com/acme/web/.github/workflows/build.yml@refs/heads/main"
            ),
        ),
        Example(
            title="no token on pull requests",
            files=_POLICY.format(_WIDE)
            + """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}, pull_request: }
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps: [{run: make test}]
  sign:
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
""",
            outside=_HERE,
        ),
        Example(
            title="the identity names a branch; `pull_request_target`; an unknown repository",
            files=_POLICY.format(
                r"subjectRegExp: ^https://github\.com/acme/web/\.github/workflows/build\.yml@refs/heads/main$"
            )
            + _WORKFLOW
            + """\
-- .github/workflows/label.yml --
on: pull_request_target
permissions: {id-token: write}
jobs:
  label:
    runs-on: ubuntu-latest
    steps: [{run: make label}]
""",
            outside=_HERE,
        ),
        Example(title="the repository's name is not known", files=_POLICY.format(_WIDE) + _WORKFLOW),
        Example(
            title="the policy is for other images",
            files=_POLICY.format(_WIDE).replace("ghcr.io/acme/**", "ghcr.io/acme/other@*") + _WORKFLOW,
            outside=_HERE,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    jobs = _on_pull_requests(repo) if repo.policies else []
    asked = repo.coverage.asking(_images(repo)) if jobs else ()
    for policy in repo.policies:
        if policy.is_sample or policy not in asked:
            continue
        for authority in policy.authorities:
            for identity in authority.identities if authority.uses_public_fulcio else ():
                found = [one for one in jobs if identity.accepts(one.subject) is True]
                if found:
                    yield _finding(repo, policy, identity, found[0])


def _images(repo: Repository) -> tuple[Value, ...]:
    """The images of this repository, as far as it pushes or signs any."""
    pushed = (name_of(one.reference) for one in repo.pushes)
    return tuple(dict.fromkeys((*pushed, *(image for one in repo.signatures for image in one.images))))


def _on_pull_requests(repo: Repository) -> list[Signer]:
    """The jobs that certainly get an OIDC token for a pull request."""
    found = (one for workflow in repo.workflows for job in workflow.jobs for one in _of_job(repo, job))
    return [one for one in found if is_pull_request(one.event) and one.may_sign is True]


def _of_job(repo: Repository, job: Job) -> Iterator[Signer]:
    if job.uses is None:
        events = [one for one in of_job(job) if one.name != "workflow_call"]
        yield from signers(job, events, repo.workflows, repo.outside.slug)


def _finding(repo: Repository, policy: ClusterImagePolicy, identity: Identity, one: Signer) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    meant = [
        signer
        for signature in repo.signatures
        for signer in repo.signers(signature)
        if identity.accepts(signer.subject) is not False
    ]
    better = subject_for(meant)
    edits = rewritten(identity, better.field, better.text) if better else (None,)
    job = one.caller or one.job
    return Finding(
        message=f"{code(identity.location.fragment)} accepts {code(str(one.subject))}.",
        consequence=(
            f"A pull request from a branch of the repository can change what job {code(one.job.id)} runs and sign an "
            f"image before anybody has reviewed it; {name} admits that image."
        ),
        location=identity.location,
        related=(
            Location(
                job.workflow.text, job.key.span, f"runs for {code(one.event.name)} with `id-token: write`"
            ),
        ),
        fixes=offer(
            "accept the refs that it signs on, and no pull request",
            Applicability.UNSAFE,
            *edits,
            caution="Do other workflows of the repository sign images that this policy covers?",
        ),
    )
