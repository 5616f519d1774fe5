"""Kyverno refuses the policy: it audits and puts digests in

A rule of `verifyImages` replaces tags by digests unless it says `mutateDigest: false`. Together with the
action `Audit`, which is the default, Kyverno's webhook refuses the policy: "mutateDigest must be set to false
for ‘Audit’ failure action". Nothing is verified then.

Enforce the rule, or say `mutateDigest: false` while it audits.

The check is silent for rules that enforce, for audits with `mutateDigest: false`, which is how a roll-out
begins, and where the action differs between namespaces.

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
from checks.facts.tree import Edit, Entry, Mapping, Scalar, insert_after, replace_value

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

_DEFAULT = _POLICY.replace("  validationFailureAction: Audit\n", "")

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
            title="the action is left out, which is to audit",
            files=_DEFAULT,
            at='imageReferences: ["ghcr.io/acme/*"]',
            fixed=_DEFAULT.replace(
                '["ghcr.io/acme/*"]', '["ghcr.io/acme/*"]\n          failureAction: Enforce'
            ),
            others=(
                _DEFAULT.replace('["ghcr.io/acme/*"]', '["ghcr.io/acme/*"]\n          mutateDigest: false'),
            ),
        ),
        Example(
            title="a rule's own action",
            files=_POLICY.replace("  validationFailureAction: Audit\n", "").replace(
                "          attestors", "          failureAction: Audit\n          attestors"
            ),
            at="failureAction: Audit",
            fixed=_POLICY.replace("  validationFailureAction: Audit\n", "").replace(
                "          attestors", "          failureAction: Enforce\n          attestors"
            ),
            others=(
                _POLICY.replace("  validationFailureAction: Audit\n", "")
                .replace('["ghcr.io/acme/*"]', '["ghcr.io/acme/*"]\n          mutateDigest: false')
                .replace("          attestors", "          failureAction: Audit\n          attestors"),
            ),
        ),
        Example(
            title="a template, an action for some namespaces, a rule that verifies nothing yet, data of a test",
            files=_POLICY.replace("Audit", "'{{ .Values.action }}'")
            + _POLICY.replace("verify.yaml", "some.yaml").replace(
                "Audit",
                "Audit\n  validationFailureActionOverrides: [{action: Enforce, namespaces: [shop]}]",
            )
            + _POLICY.replace("verify.yaml", "none.yaml").partition("          attestors")[0]
            + _POLICY.replace("policy/verify", "tests/verify")
            + _POLICY.replace("policy/verify", "examples/verify"),
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
    for rule in (one for one in repo.image_verifications if not one.is_sample):
        action = rule.failure_action
        if rule.enforces is not False or rule.switch("mutateDigest") is not True or not rule.attestors:
            continue
        first = rule.node.entry("imageReferences")
        how = code(action.value) if isinstance(action, Scalar) else f"{code('Audit')}, the default,"
        yield Finding(
            message=f"The action of {code(rule.name)} is {how} and its {code('mutateDigest')} is on.",
            consequence="Kyverno refuses the policy at admission: “mutateDigest must be set to false for ‘Audit’ failure action”. No image is verified.",
            location=_place(rule, first),
            fixes=(
                *offer(
                    "enforce the policy",
                    Applicability.UNSAFE,
                    _enforced(rule, first),
                    caution="From then on unsigned images are refused: are all that match signed?",
                ),
                *offer(
                    "put no digests in while it audits",
                    Applicability.DISPLAY,
                    insert_after(rule.node, first, "mutateDigest: false") if first else None,
                ),
            ),
        )


def _place(rule: ImageVerification, first: Entry | None) -> Location:
    """The action that holds for the rule, else its first line."""
    spec = rule.manifest.node.get("spec")
    policy = spec.entry("validationFailureAction") if isinstance(spec, Mapping) else None
    entry = rule.node.entry("failureAction") or policy or first or rule.node.entries[0]
    return Location(rule.node.text, entry.span)


def _enforced(rule: ImageVerification, first: Entry | None) -> Edit | None:
    action = rule.failure_action
    if isinstance(action, Scalar):
        return replace_value(action, "Enforce")
    return insert_after(rule.node, first, "failureAction: Enforce") if first and action is None else None
