"""Kyverno's policy does not read what cosign 3 writes

cosign 3 stores signatures as Sigstore bundles among an image's referrers. A `verifyImages` rule of the type
`Cosign`, which is the default, looks for the tag `sha256-….sig` of earlier releases: each new image is
refused with "no signatures found".

Have cosign write the former format, or set `type: SigstoreBundle` (Kyverno 1.13 or newer, whose earlier
releases do not verify keys of one's own in it), or move to an `ImageValidatingPolicy` (which reads bundles
from Kyverno 1.17.0 on).

The check is silent for other types and for `ImageValidatingPolicy`, where the release of cosign is not known,
where the image is signed in the former format too, for rules that are not for all pods, and for samples.

References:

- https://github.com/kyverno/kyverno/issues/16854
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/sigstore/
- https://github.com/sigstore/cosign/blob/main/CHANGELOG.md
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
from checks.facts.image.signing import LEGACY_FLAGS, Signature
from checks.facts.policy.kyverno import COSIGN, ImageVerification
from checks.facts.policy.policies import BUNDLE

_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""
_POLICY = """\
-- policy/verify.yaml --
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signed
spec:
  validationFailureAction: Enforce
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: ["ghcr.io/acme/*"]
          attestors:
            - entries:
                - keyless:
                    issuer: https://token.actions.githubusercontent.com
                    subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
"""
_CALL = 'cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"'

check = Check(
    id="kyverno-cannot-see-cosign-v3",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.KUBERNETES),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("kyverno", "policy", "cosign"),
    examples=(
        Example(
            title="cosign 3 and a rule of the default type",
            files=_WORKFLOW + _POLICY,
            at=_CALL,
            fixed=_WORKFLOW.replace("cosign sign", f"cosign sign {LEGACY_FLAGS}"),
        ),
        Example(
            title="another type, the flags, cosign 2, another image",
            files=_WORKFLOW
            + _POLICY.replace("- imageReferences", "- type: SigstoreBundle\n          imageReferences")
            + _WORKFLOW.replace("sign.yml", "old.yml").replace("v4.1.2", "v3.8.1").replace("acme/", "team/")
            + _WORKFLOW.replace("sign.yml", "flags.yml")
            .replace("cosign sign", f"cosign sign {LEGACY_FLAGS}")
            .replace("acme/", "team/")
            + _POLICY.replace("verify.yaml", "team.yaml").replace("ghcr.io/acme", "ghcr.io/team"),
        ),
        Example(
            title="a rule of the default type that audits",
            files=_WORKFLOW + _POLICY.replace("Enforce", "Audit"),
            at=_CALL,
            fixed=_WORKFLOW.replace("cosign sign", f"cosign sign {LEGACY_FLAGS}"),
        ),
        Example(
            title="a rule for some pods, one that verifies attestations only, a sample, an attestation",
            files=_WORKFLOW
            + _POLICY.replace("kinds: [Pod]", "kinds: [Pod], selector: {matchLabels: {a: b}}")
            + _POLICY.replace("verify.yaml", "none.yaml").partition("          attestors")[0]
            + "          attestations: [{type: https://spdx.dev/Document}]\n"
            + _POLICY.replace("policy/verify", "docs/verify")
            + _WORKFLOW.replace("sign.yml", "attest.yml")
            .replace("acme/", "team/")
            .replace("cosign sign --yes", "cosign attest --yes --predicate a.json")
            + _POLICY.replace("verify.yaml", "team.yaml").replace("ghcr.io/acme", "ghcr.io/team"),
        ),
        Example(
            title="signed in both formats",
            files=_WORKFLOW + f"      - run: {_CALL} {LEGACY_FLAGS}\n" + _POLICY,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    rules = [
        one
        for one in repo.image_verifications
        if one.type == COSIGN and one.attestors and one.is_for_all_pods and not one.is_sample
    ]
    told: set[ImageVerification] = set()
    for signature in repo.signatures if rules else ():
        if signature.is_attestation or not _is_bundle_only(repo, signature):
            continue
        for rule in rules:
            if rule not in told and all(rule.covers(image) is True for image in signature.images):
                told.add(rule)
                yield _finding(rule, signature)


def _is_bundle_only(repo: Repository, signature: Signature) -> bool:
    """Whether all signatures of the image are bundles, wherever it is signed."""
    mine = set(signature.images)
    formats = {one.format for one in repo.signatures if not one.is_attestation and mine & set(one.images)}
    return formats == {BUNDLE} and bool(mine)


def _finding(rule: ImageVerification, signature: Signature) -> Finding:
    entry = rule.node.entry("type") or rule.node.entries[0]
    version = ".".join(map(str, signature.cosign.version or ()))
    outcome = "are refused" if rule.enforces else "fail the policy"
    return Finding(
        message=f"cosign {version} stores this signature as a bundle, and {code(rule.name)} looks for the format of cosign 2.",
        consequence=f"Pods with {code(str(signature.images[0]))} {outcome}: “no signatures found”, although the image is signed.",
        location=signature.location,
        related=(Location(rule.node.text, entry.span, "verifies with the type `Cosign`"),),
        fixes=offer(
            "write the signature as the policy reads it",
            Applicability.UNSAFE,
            signature.with_option(LEGACY_FLAGS)
            if signature.arguments.span_of("new-bundle-format") is None
            else None,
            caution="Does anything else verify these images by bundles already?",
        ),
    )
