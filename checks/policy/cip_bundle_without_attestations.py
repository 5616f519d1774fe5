"""Policy reads bundles and lists no attestation

policy-controller up to 0.15.1, with the cosign that it is built with, does not verify signatures that are
stored as bundles: "bundle support for image signatures is not yet implemented". With
`signatureFormat: bundle` and no `attestations` the authority refuses every image. What cosign 3 stores for
`cosign sign` is an attestation of the type `https://sigstore.dev/cosign/sign/v1`, and as such it can be asked
for.

List that type under `attestations`.

The check is silent where attestations are listed, for keys, which bundles are not verified with at all, where
a file of the repository names an image of a newer controller, and in the data of tests. Before 0.13.0 the
controller does not know the field and verifies signatures of the former format.

References:

- https://github.com/sigstore/policy-controller/issues/1899
- https://github.com/sigstore/policy-controller/blob/main/pkg/webhook/validator.go
- https://github.com/sigstore/cosign/blob/v3.0.5/pkg/cosign/verify.go
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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import SIGNATURE
from checks.facts.policy.policies import BUNDLE
from checks.facts.tree import insert_after
from checks.regex import regex

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
    - signatureFormat: bundle
      keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
"""
_CONTROLLER = """\
-- controller.yaml --
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - image: ghcr.io/sigstore/policy-controller/policy-controller:v{}
"""
_RELEASE = regex(r"policy-controller:v?(\d+)\.(\d+)\.(\d+)")
_LAST_WITHOUT = (0, 15, 1)
"""The newest release, as of November 2026, that does not verify signatures in bundles."""
_LIST = """\
      attestations:
        - name: signature
          predicateType: https://sigstore.dev/cosign/sign/v1
"""

check = Check(
    id="cip-bundle-without-attestations",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.HELM_VALUES, Kind.SCRIPT, Kind.WORKFLOW, Kind.MAKEFILE, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "cosign"),
    examples=(
        Example(
            title="bundles, and no attestation",
            files=_POLICY,
            at="signatureFormat: bundle",
            fixed=_POLICY.replace("bundle\n", f"bundle\n{_LIST}"),
        ),
        Example(
            title="the controller's release is named, and is one of those",
            files=_POLICY + _CONTROLLER.format("0.15.1"),
            at="signatureFormat: bundle",
            fixed=_POLICY.replace("bundle\n", f"bundle\n{_LIST}"),
        ),
        Example(title="a newer controller", files=_POLICY + _CONTROLLER.format("0.16.0")),
        Example(title="data of a test", files=_POLICY.replace("policy/images", "test/testdata/images")),
        Example(
            title="an attestation is listed, the former format, a key",
            files=_POLICY
            + _LIST
            + _POLICY.replace("images.yaml", "legacy.yaml").replace("bundle", "legacy")
            + _POLICY.replace("images.yaml", "none.yaml").replace(
                "signatureFormat: bundle\n      keyless", "keyless"
            )
            + """\
-- policy/key.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: key
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - signatureFormat: bundle
      key: {kms: 'awskms:///alias/cosign'}
""",
        ),
        Example(title="a sample", files=_POLICY.replace("policy/images", "examples/images")),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    found = [
        authority
        for policy in repo.policies
        if not policy.is_sample
        for authority in policy.authorities
        if authority.signature_format == BUNDLE
        and authority.keyless is not None
        and authority.node.get("attestations") is None
    ]
    for authority in found if found and not _has_newer_controller(repo) else ():
        entry = authority.node.entry("signatureFormat")
        if entry is not None:
            lines = f"attestations:\n  - name: signature\n    predicateType: {SIGNATURE}"
            yield Finding(
                message=f"{code('signatureFormat: bundle')} stands without {code('attestations')}.",
                consequence=(
                    "policy-controller up to 0.15.1 verifies bundles of attestations only: the authority refuses every image with "
                    "“bundle support for image signatures is not yet implemented”."
                ),
                location=Location(authority.node.text, entry.span),
                fixes=offer(
                    "ask for the signature as an attestation",
                    Applicability.UNSAFE,
                    insert_after(authority.node, entry, lines),
                    caution="Are all these images signed by cosign 3 or newer?",
                ),
            )


def _has_newer_controller(repo: Repository) -> bool:
    """Whether a file names a release of policy-controller that may verify signatures in bundles."""
    kinds = (Kind.KUBERNETES, Kind.HELM_VALUES, Kind.SCRIPT, Kind.WORKFLOW, Kind.MAKEFILE, Kind.TERRAFORM)
    found = (
        match for kind in kinds for text in repo.texts(kind) for match in _RELEASE.finditer(text.content)
    )
    return any(tuple(map(int, match.groups())) > _LAST_WITHOUT for match in found)
