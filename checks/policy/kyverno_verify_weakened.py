"""Kyverno's rule verifies a tag that may move afterwards

With `mutateDigest: false` and `verifyDigest: false` together the tag that was verified stays in the pod, and
what the node pulls later under that tag may be another image.

Have Kyverno verify the digest, or put it in.

The check is silent for one of the two switches alone: a rule without `mutateDigest` refuses tags, one without
`verifyDigest` replaces them. It is silent for rules that only audit, for those that verify nothing, and for
`required: false`, with which Kyverno still refuses what an attestor does not vouch for.

References:

- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/
- https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/image_verification_types.go
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
from checks.facts.policy.kyverno import ImageVerification
from checks.facts.tree import Scalar, replace_value

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
          SWITCHES
          attestors:
            - entries:
                - keys: {kms: 'awskms:///alias/cosign'}
"""

check = Check(
    id="kyverno-verify-weakened",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    tags=("security", "kyverno", "policy"),
    security_severity=7.0,
    examples=(
        Example(
            title="neither the digest's check nor its place",
            files=_POLICY.replace("SWITCHES", "mutateDigest: false\n          verifyDigest: false"),
            at="verifyDigest: false",
            fixed=_POLICY.replace("SWITCHES", "mutateDigest: false\n          verifyDigest: true"),
        ),
        Example(
            title="one of the two, audits, and a rule that verifies nothing",
            files=_POLICY.replace("SWITCHES", "mutateDigest: false")
            + _POLICY.replace("verify.yaml", "two.yaml").replace("SWITCHES", "verifyDigest: false")
            + _POLICY.replace("verify.yaml", "three.yaml").replace("SWITCHES", "required: false")
            + _POLICY.replace("verify.yaml", "four.yaml")
            .replace(
                "SWITCHES", "mutateDigest: false\n          verifyDigest: false\n          required: false"
            )
            .replace("Enforce", "Audit")
            + """\
-- five.yaml --
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: none}
spec:
  rules:
    - name: all
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: ["*"]
          failureAction: Enforce
          attestors: []
          required: false
          mutateDigest: false
          verifyDigest: false
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for rule in (one for one in repo.image_verifications if not one.is_sample):
        if rule.enforces is True and (rule.attestors or rule.attestations):
            yield from _findings(rule)


def _findings(rule: ImageVerification) -> Iterator[Finding]:
    verify = rule.node.entry("verifyDigest")
    if verify is not None and rule.switch("verifyDigest") is False and rule.switch("mutateDigest") is False:
        yield Finding(
            message=f"The rule neither puts a digest in ({code('mutateDigest')}) nor asks for one ({code('verifyDigest')}).",
            consequence="What is verified is the tag at admission; a node that pulls it later may get another image.",
            location=Location(rule.node.text, verify.span),
            fixes=offer(
                "ask for a digest",
                Applicability.UNSAFE,
                replace_value(verify.value, "true") if isinstance(verify.value, Scalar) else None,
                caution="From then on pods that name a tag are refused: do all of them name digests?",
            ),
        )
