"""Kyverno refuses the policy: it audits and puts digests in

A rule of `verifyImages` replaces tags by digests unless it says `mutateDigest: false`. Together with the action `Audit`, which is the
default, Kyverno's webhook refuses the policy: "mutateDigest must be set to false for ‘Audit’ failure action". Nothing is verified then.

Enforce the rule, or say `mutateDigest: false` while it audits.

The check is silent for rules that enforce, for audits with `mutateDigest: false`, which is how a roll-out begins, and
where the action differs between namespaces.

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
from checks.facts.tree import Mapping, Scalar, insert_after, replace_value

_POLICY = """\
-- policy/verify.yaml --
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signed
spec:
  validationFailureAction: Audit
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: ["ghcr.io/acme/*"]
          attestors:
            - entries:
                - keys: {kms: 'awskms:///alias/cosign'}
"""

check = Check(
    id="kyverno-verify-audit-only",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    tags=("kyverno", "policy"),
    examples=(
        Example(
            title="audits, and puts digests in",
            files=_POLICY,
            at="validationFailureAction: Audit",
            fixed=_POLICY.replace("Audit", "Enforce"),
            others=(
                _POLICY.replace('["ghcr.io/acme/*"]', '["ghcr.io/acme/*"]\n          mutateDigest: false'),
            ),
        ),
        Example(
            title="enforces, audits without digests, a rule's own action",
            files=_POLICY.replace("Audit", "Enforce")
            + _POLICY.replace("verify.yaml", "two.yaml").replace(
                "          attestors", "          mutateDigest: false\n          attestors"
            )
            + _POLICY.replace("verify.yaml", "three.yaml").replace(
                "          attestors", "          failureAction: Enforce\n          attestors"
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for rule in (one for one in repo.image_verifications if not one.is_test):
        action = rule.failure_action
        if not isinstance(action, Scalar) or action.value.lower() != "audit" or rule.enforces is not False:
            continue
        if rule.switch("mutateDigest") is not True or not rule.attestors:
            continue
        spec = rule.manifest.node.get("spec")
        own = rule.node.entry("failureAction")
        entry = own or (spec.entry("validationFailureAction") if isinstance(spec, Mapping) else None)
        span = entry.span if entry else action.span
        first = rule.node.entry("imageReferences")
        yield Finding(
            message=f"{code(rule.name)} audits, and its {code('mutateDigest')} is on.",
            consequence="Kyverno refuses the policy at admission: “mutateDigest must be set to false for ‘Audit’ failure action”. No image is verified.",
            location=Location(action.text, span),
            fixes=(
                *offer(
                    "enforce the policy",
                    Applicability.UNSAFE,
                    replace_value(action, "Enforce"),
                    caution="From then on unsigned images are refused: are all that match signed?",
                ),
                *offer(
                    "put no digests in while it audits",
                    Applicability.DISPLAY,
                    insert_after(rule.node, first, "mutateDigest: false") if first else None,
                ),
            ),
        )
