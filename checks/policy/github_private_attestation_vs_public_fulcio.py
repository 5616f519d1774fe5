"""Policy trusts the public Sigstore, and the attestation comes from GitHub's own

In a private or internal repository `actions/attest` and its like sign with GitHub's instance of Sigstore. An
authority without `trustRootRef` takes certificates of the public instance only: it finds no valid
attestation, and each new image is refused.

Install GitHub's `TrustRoot` and add an authority for it: `signatureFormat: bundle`,
`keyless.url: https://fulcio.githubapp.com`, `keyless.trustRootRef`, `keyless.insecureIgnoreSCT: true`, and
`rfc3161timestamp.trustRootRef` with the same root. GitHub's Helm chart of trust policies has both. Or attest
with cosign, which signs with the public instance.

The check is silent for public repositories, where the visibility is not known, where another authority may
admit the image, where cosign, or a workflow of others, may attest the same type, and for policies that only
warn.

References:

- https://docs.github.com/en/actions/concepts/security/artifact-attestations
- https://github.com/actions/attest/blob/main/src/main.ts
- https://github.com/github/artifact-attestations-helm-charts
- https://github.com/sigstore/policy-controller/blob/main/pkg/webhook/validator.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
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
)  # fmt: skip
from checks.facts.image.github_attestations import GitHubAttestation
from checks.facts.image.signing import PREDICATES
from checks.facts.policy.policies import Authority, ClusterImagePolicy

_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: attested
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - name: ci
      signatureFormat: bundle
      keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/push.yml@refs/heads/main
      attestations:
        - name: provenance
          predicateType: https://slsa.dev/provenance/v1
"""
_WORKFLOW = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write, attestations: write, packages: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/attest-build-provenance@v4
        with:
          subject-name: ghcr.io/acme/web
          subject-digest: ${{ needs.build.outputs.digest }}
          push-to-registry: true
"""
_PRIVATE = Outside(slug="acme/web", visibility="private")

check = Check(
    id="github-private-attestation-vs-public-fulcio",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "attestation"),
    examples=(
        Example(
            title="a private repository, and no URL, which means the public instance",
            files=_POLICY + _WORKFLOW,
            at="keyless",
            outside=_PRIVATE,
        ),
        Example(
            title="an internal one, the action without a type, and the public URL",
            files=_POLICY.replace("identities:", "url: https://fulcio.sigstore.dev\n        identities:")
            + _WORKFLOW.replace("attest-build-provenance", "attest"),
            at="url: https://fulcio.sigstore.dev",
            outside=Outside(slug="acme/web", visibility="internal"),
        ),
        Example(
            title="a public repository",
            files=_POLICY + _WORKFLOW,
            outside=Outside(slug="acme/web", visibility="public"),
        ),
        Example(title="a visibility that is not known", files=_POLICY + _WORKFLOW),
        Example(
            title="a root of trust is named",
            files=_POLICY.replace(
                "identities:",
                "url: https://fulcio.githubapp.com\n        trustRootRef: github\n"
                "        insecureIgnoreSCT: true\n        identities:",
            ).replace("attestations:", "rfc3161timestamp: {trustRootRef: github}\n      attestations:")
            + _WORKFLOW,
            outside=_PRIVATE,
        ),
        Example(
            title="another authority may admit the image",
            files=_POLICY + "    - key: {kms: 'awskms:///alias/cosign'}\n" + _WORKFLOW,
            outside=_PRIVATE,
        ),
        Example(
            title="another image, another type, an attestation that is not in the registry",
            files=_POLICY
            + _WORKFLOW.replace("acme/web", "team/web")
            + _WORKFLOW.replace("push.yml", "vex.yml").replace(
                "attest-build-provenance@v4\n        with:",
                "attest@v4\n        with:\n          predicate-type: https://openvex.dev/ns\n          predicate-path: vex.json",
            )
            + _WORKFLOW.replace("push.yml", "away.yml").replace(
                "push-to-registry: true", "push-to-registry: false"
            ),
            outside=_PRIVATE,
        ),
        Example(
            title="a workflow of others may attest",
            files=_POLICY + _WORKFLOW + "  more:\n    uses: acme/shared/.github/workflows/attest.yml@v1\n",
            outside=_PRIVATE,
        ),
        Example(
            title="a policy that warns",
            files=_POLICY.replace("spec:", "spec:\n  mode: warn") + _WORKFLOW,
            outside=_PRIVATE,
        ),
        Example(
            title="a sample",
            files=_POLICY.replace("policy/images", "docs/images") + _WORKFLOW,
            outside=_PRIVATE,
        ),
        Example(
            title="cosign attests the same type",
            files=_POLICY
            + _WORKFLOW
            + "      - run: cosign attest --yes --type slsaprovenance1 --predicate p.json ghcr.io/acme/web@$DIGEST\n",
            outside=_PRIVATE,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if repo.outside.visibility not in ("private", "internal") or _may_be_attested_otherwise(repo):
        return
    stored = [one for one in repo.github_attestations if one.is_in_registry and one.predicate_type]
    for policy in repo.policies if stored else ():
        if policy.is_sample or not policy.enforces:
            continue
        refused = [_refused(repo, policy, one, stored) for one in policy.authorities]
        if refused and refused[0] is not None and None not in refused:
            yield _finding(repo, policy, policy.authorities[0], refused[0])


def _may_be_attested_otherwise(repo: Repository) -> bool:
    """Whether a workflow of others is called, which may attest with the public instance."""
    return any(job.calls_others for workflow in repo.workflows for job in workflow.jobs)


def _refused(
    repo: Repository, policy: ClusterImagePolicy, authority: Authority, stored: list[GitHubAttestation]
) -> GitHubAttestation | None:
    """An attestation that an authority asks for, and that certainly comes from GitHub's instance alone."""
    if not authority.uses_public_fulcio:
        return None
    wanted = {one.predicate_type.value for one in authority.attestations if one.predicate_type}
    types = {PREDICATES.get(one, one) for one in wanted}
    for one in stored:
        if one.predicate_type in types and policy.covers(one.image) is True and not _by_cosign(repo, one):
            return one
    return None


def _by_cosign(repo: Repository, attestation: GitHubAttestation) -> bool:
    """Whether cosign attests the same type, or may, of whatever image."""
    types = (one.predicate_type for one in repo.signatures if one.is_attestation)
    return any(one is None or one == attestation.predicate_type for one in types)


def _finding(
    repo: Repository, policy: ClusterImagePolicy, authority: Authority, attestation: GitHubAttestation
) -> Finding:
    keyless = authority.keyless
    url = keyless.entry("url") if keyless else None
    key = authority.node.entry("keyless")
    place = url.span if url else key.key.span if key else authority.node.span
    name = code(policy.name) if policy.name else "the policy"
    return Finding(
        message=f"{name} takes certificates of the public Sigstore only, and this {repo.outside.visibility} repository attests with GitHub's own.",
        consequence=(
            f"No attestation of {code(str(attestation.image))} is valid for it, and each new image is "
            "refused. GitHub's instance needs a `TrustRoot` and a `trustRootRef`."
        ),
        location=Location(authority.node.text, place),
        related=(
            Location(
                attestation.location.text,
                attestation.location.span,
                "signs with GitHub's instance, outside of public repositories",
            ),
        ),
    )
