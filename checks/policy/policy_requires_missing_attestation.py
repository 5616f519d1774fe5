"""Policy asks for an attestation that nothing makes

A policy that lists `attestations` admits an image only if it has each of them, signed, under its predicate type. Where
the workflow signs the image and attests nothing of that type, each new image is refused with "no matching
attestations". An attestation that BuildKit puts into the index (`sbom: true`, `provenance: true`) is not signed and
does not count.

Attest it after the push, under the same type.

The check is silent where a workflow calls another one or an action that may attest, where the type of an
attestation is not known, and where the policy may not cover the image.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-attestations
- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/predicate.go
- https://docs.docker.com/build/metadata/attestations/
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.admission import covering
from checks.facts.policies import Authority, ClusterImagePolicy
from checks.facts.signing import ATTEST_ACTIONS, PREDICATES, SIGNATURE, Signature
from checks.facts.tree import Scalar
from checks.facts.workflows import Job

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
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
      attestations:
        - name: sbom
          predicateType: https://spdx.dev/Document
"""
_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""
_ATTEST = """\
      - run: cosign attest --yes --type {} --predicate a.json "ghcr.io/acme/web@${{{{ needs.build.outputs.digest }}}}"
"""

check = Check(
    id="policy-requires-missing-attestation",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW),
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "sbom"),
    examples=(
        Example(
            title="an SBOM is asked for, and only vulnerabilities are attested",
            files=_POLICY + _WORKFLOW + _ATTEST.format("vuln"),
            at="https://spdx.dev/Document",
        ),
        Example(
            title="the short name of the type",
            files=_POLICY.replace("https://spdx.dev/Document", "cyclonedx") + _WORKFLOW,
            at="cyclonedx",
        ),
        Example(
            title="attested under the type, by either name; the signature itself as a bundle",
            files=_POLICY
            + _WORKFLOW
            + _ATTEST.format("spdxjson")
            + _POLICY.replace("images.yaml", "bundle.yaml").replace("https://spdx.dev/Document", SIGNATURE),
        ),
        Example(
            title="a type that is not known, an action that may attest, a workflow that is called",
            files=_POLICY + _WORKFLOW + _ATTEST.format("$TYPE"),
        ),
        Example(
            title="an action of somebody else attests",
            files=_POLICY + _WORKFLOW + "      - uses: acme/attest-sbom@v1\n",
        ),
        Example(
            title="another image",
            files=_POLICY.replace("acme/**", "team/**") + _WORKFLOW,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[Scalar] = set()
    for signature in repo.signatures:
        if signature.is_attestation or signature.step is None or signature.step.job is None:
            continue
        for policy in covering(signature, repo.coverage):
            for missing in _missing(repo, signature, policy):
                if missing not in told:
                    told.add(missing)
                    yield _finding(policy, signature, missing)


def _missing(repo: Repository, signature: Signature, policy: ClusterImagePolicy) -> list[Scalar]:
    """The types that nothing makes, if that holds for each authority of the policy."""
    if _may_come_from_elsewhere(repo):
        return []
    made = _made(repo, signature)
    if made is None:
        return []
    found = [_lacking(one, made) for one in policy.authorities]
    return [scalar for one in found for scalar in one] if found and all(found) else []


def _lacking(authority: Authority, made: set[str]) -> list[Scalar]:
    types = [one.predicate_type for one in authority.attestations]
    return [
        scalar
        for scalar in types
        if scalar is not None and PREDICATES.get(scalar.value, scalar.value) not in (*made, SIGNATURE)
    ]


def _made(repo: Repository, signature: Signature) -> set[str] | None:
    """The predicate types that the repository attests of the image; None if one is not known."""
    found: set[str] = set()
    for one in repo.signatures:
        if one.is_attestation:
            if one.predicate_type is None or any(image.is_unknown for image in one.images):
                return None
            if set(one.images) & set(signature.images):
                found.add(one.predicate_type)
    return found


def _may_come_from_elsewhere(repo: Repository) -> bool:
    """Whether a workflow uses something that may attest: an action of that name, or a workflow that is called."""
    jobs: list[Job] = [job for workflow in repo.workflows for job in workflow.jobs]
    if any(job.uses is not None and not job.uses.is_local for job in jobs):
        return True
    uses = [step.uses for step in repo.steps if step.uses is not None]
    return any(
        one.action in ATTEST_ACTIONS
        or any(word in one.action for word in ("attest", "sbom", "slsa", "cosign-", "sign"))
        for one in uses
        if one.action != "sigstore/cosign-installer"
    )


def _finding(policy: ClusterImagePolicy, signature: Signature, missing: Scalar) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    return Finding(
        message=f"Nothing attests {code(missing.value)} for {code(str(signature.images[0]))}, and {name} asks for it.",
        consequence="Each new image is signed and refused all the same: “no matching attestations”. What BuildKit puts into the index is not signed and does not count.",
        location=Location(missing.text, missing.span),
        related=(
            Location(
                signature.location.text,
                signature.location.span,
                "signs the image, and attests nothing of this type",
            ),
        ),
    )
