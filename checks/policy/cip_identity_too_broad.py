"""Policy accepts every workflow of an organisation as a signer

`subjectRegExp: https://github.com/acme/.*` is satisfied by a certificate of any workflow file, of any
repository of `acme`, on any ref, those of pull requests (`refs/pull/N/merge`) among them. Whoever can push a
branch to one of these repositories can sign an image that the cluster admits.

Name the workflow that signs and the refs it signs on: as `subject` where it is one, else as a regular
expression from `^` to `$`.

The check is silent for expressions that hold to one repository or pin the workflow file with its refs, and
where a `policy:` looks at the claims of the certificate. What holds to one owner is a warning: GitHub's own
chart writes it so.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-keyless-authorities
- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md#github
- https://github.com/sigstore/cosign/blob/main/pkg/cosign/verify.go
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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.deployment.kubernetes import at
from checks.facts.image.signing import Signer, is_pull_request
from checks.facts.policy.admission import Subject, subject_for
from checks.facts.policy.identities import Identity, rewritten
from checks.facts.policy.policies import Authority, ClusterImagePolicy
from checks.facts.value import literal
from checks.regex import regex

_ELSEWHERE = "another-repository/.github/workflows/another.yml@refs/pull/1/merge"
_ANYBODY = (
    "somebody@example.com",
    "https://example.com/somebody",
    f"https://github.com/another/{_ELSEWHERE}",
)
_OWNER = regex(r"github\\?\.com/([\w.-]+)/")

_WIDE = """\
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
            subjectRegExp: https://github.com/acme/.*
"""
_SIGNS = """\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}, pull_request: {}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""

check = Check(
    id="cip-identity-too-broad",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    of_one_file=True,
    tags=("security", "sigstore", "policy"),
    security_severity=8.0,
    examples=(
        Example(
            title="every repository of an organisation; the workflow that signs runs on `main`",
            files="""\
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
            subjectRegExp: "https://github.com/acme/.*"
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
""",
            outside=Outside(slug="acme/web"),
            at='"https://github.com/acme/.*"',
            fixed="""\
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
            subject: "https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main"
""",
        ),
        Example(
            title="anybody at all, and a whole organisation by an expression with the folder of workflows",
            files="""\
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
          - issuer: https://accounts.google.com
            subjectRegExp: .*
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: ^https://github\\.com/acme/.*/\\.github/workflows/.*
""",
            at=(".*", r"^https://github\.com/acme/.*/\.github/workflows/.*"),
        ),
        Example(
            title="the repository's name is not known; pull requests sign, too",
            files=_WIDE + _SIGNS,
            at="https://github.com/acme/.*",
            fixed=_WIDE.replace(
                "https://github.com/acme/.*",
                r"^https://github\.com/acme/REPOSITORY/\.github/workflows/release\.yml@refs/heads/main$",
            ),
        ),
        Example(title="data of a test", files=_WIDE.replace("policy/images", "test/testdata/images")),
        Example(
            title="one repository, one workflow of many repositories, a look at the claims, another issuer",
            files="""\
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
            subjectRegExp: ^https://github\\.com/acme/web/.*
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: ^https://github\\.com/acme/.*/\\.github/workflows/release\\.yml@refs/tags/.*
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main
          - issuer: https://gitlab.com
            subjectRegExp: ^https://gitlab\\.com/acme/.*
          - issuer: https://accounts.google.com
            subjectRegExp: .*@acme\\.test$
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: "https://github.com/{{ .Values.owner }}/.*"
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: ^https://github\\.com/acme/.*
      attestations:
        - name: provenance
          predicateType: https://slsa.dev/provenance/v1
          policy:
            type: cue
            data: 'predicateType: "https://slsa.dev/provenance/v1"'
""",
        ),
        Example(title="a sample", files=_WIDE.replace("policy/images", "examples/images")),
    ),
)


_SHOWN = 5
"""Jobs that sign that a finding leads to."""


def run(repo: Repository) -> Iterator[Finding]:
    meant = _Meant(repo)
    for policy in (one for one in repo.policies if not one.is_sample):
        for authority in policy.authorities:
            if not _looks_at_claims(policy, authority):
                for identity in authority.identities:
                    yield from _findings(meant, policy, identity)


def _looks_at_claims(policy: ClusterImagePolicy, authority: Authority) -> bool:
    conditions = [one.node.get("policy") for one in authority.attestations]
    return at(policy.node, "spec", "policy") is not None or any(one is not None for one in conditions)


def _findings(meant: _Meant, policy: ClusterImagePolicy, identity: Identity) -> Iterator[Finding]:
    pattern = identity.subject_regexp
    if pattern is None or not identity.is_readable:
        return
    if all(identity.accepts_subject(literal(one)) for one in _ANYBODY):
        issuer = f" that {code(identity.issuer.value)} vouches for" if identity.issuer else ""
        yield _finding(meant, policy, identity, f"everybody{issuer}", "", Severity.ERROR)
        return
    match = _OWNER.search(pattern.value)
    owner = match[1] if match else "another"
    if identity.is_of_github and identity.accepts_subject(
        literal(f"https://github.com/{owner}/{_ELSEWHERE}")
    ):
        who = f"every workflow of every repository of {code(owner)}" if match else "every workflow on GitHub"
        yield _finding(
            meant,
            policy,
            identity,
            who,
            owner if match else "",
            Severity.WARNING if match else Severity.ERROR,
        )


def _finding(
    meant: _Meant, policy: ClusterImagePolicy, identity: Identity, who: str, owner: str, severity: Severity
) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    place = identity.location
    found = meant(identity)
    refs = ", on every ref, those of pull requests too" if "workflow" in who else ""
    related = [
        Location(one.job.workflow.text, one.job.key.span, "signs") for one in _one_per_job(found)[:_SHOWN]
    ]
    return Finding(
        message=f"{code(place.fragment)} accepts {who}{refs}.",
        consequence=(
            f"An image that any of them signed passes {name}; a branch in any of these repositories is enough to make one."
            if refs
            else f"An image that any of them signed passes {name}, so that the signature says nothing."
        ),
        location=place,
        related=tuple(related),
        fixes=_fixes(identity, found, owner),
        severity=severity,
    )


class _Meant:
    """The signers of this repository that an identity is meant for; of those that say the same, one is asked."""

    def __init__(self, repo: Repository) -> None:
        signers = (one for signature in repo.signatures for one in repo.signers(signature))
        self._signers = [one for one in signers if not is_pull_request(one.event)]
        self._found: dict[tuple[str | None, ...], list[Signer]] = {}

    def __call__(self, identity: Identity) -> list[Signer]:
        if identity.says not in self._found:
            self._found[identity.says] = [
                one for one in self._signers if identity.accepts(one.subject) is not False
            ]
        return self._found[identity.says]


def _one_per_job(found: list[Signer]) -> list[Signer]:
    return list({one.job: one for one in found}.values())


def _fixes(identity: Identity, found: list[Signer], owner: str) -> tuple[Fix, ...]:
    better = subject_for(found, owner)
    if better is None:
        return ()
    return _narrow(identity, better)


def _narrow(identity: Identity, better: Subject) -> tuple[Fix, ...]:
    edits = rewritten(identity, better.field, better.text)
    if "REPOSITORY" in better.text:
        return offer("accept the workflow that signs, and only that", Applicability.DISPLAY, *edits)
    return offer(
        "accept the workflow that signs here, and only that",
        Applicability.UNSAFE,
        *edits,
        caution="Do other repositories sign images that this policy covers? Each of them needs an identity of its own.",
    )
