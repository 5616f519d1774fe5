"""policy-controller refuses the policy

The admission webhook of policy-controller validates a `ClusterImagePolicy` before it is stored. A policy that
it refuses is never in force: `kubectl apply`, or the sync of a GitOps tool, ends with "admission webhook …
denied the request", and the cluster keeps what it had.

What it asks for: `images` with globs; authorities with exactly one of `key`, `keyless` and `static`; for
`keyless` identities with exactly one of `issuer` and `issuerRegExp`, and of `subject` and `subjectRegExp`,
whose expressions Go compiles; a `mode` of `enforce` or `warn`; attestations with a name and a type.

The check is silent for templated values, and for fields that newer releases may know.

References:

- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md
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
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.policy.policy_validation import Refusal, refusals
from checks.facts.tree import delete_entry

check = Check(
    id="cip-rejected-by-webhook",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    tags=("sigstore", "policy"),
    examples=(
        Example(
            title="both forms of a subject",
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
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
            subjectRegExp: .*
""",
            at="subjectRegExp: .*",
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
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
""",
        ),
        Example(
            title="what else it refuses",
            files="""\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  mode: audit
  images:
    - glob: "ghcr.io/acme/[a-z]+"
  authorities:
    - name: nothing
    - key: {kms: 'awskms:///alias/cosign'}
      static: {action: pass}
    - keyless:
        url: https://fulcio.sigstore.dev
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: ^https://github.com/(acme/.*
          - subject: somebody@acme.test
    - static: {action: allow}
    - keyless:
        identities: [{issuer: 'https://accounts.google.com', subject: a@acme.test}]
      attestations:
        - predicateType: https://spdx.dev/Document
        - name: sbom
          predicateType: https://spdx.dev/Document
          policy: {type: kyverno, data: x}
""",
            at=(
                "audit",
                '"ghcr.io/acme/[a-z]+"',
                "name: nothing",
                "static: {action: pass}",
                "keyless",
                "^https://github.com/(acme/.*",
                "subject: somebody@acme.test",
                "allow",
                "predicateType: https://spdx.dev/Document",
                "kyverno",
            ),
        ),
        Example(
            title="data of a test, in which a refusal is meant",
            files="""\
-- test/testdata/invalid.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: refused
spec:
  mode: audit
  images:
    - glob: "**"
""",
        ),
        Example(
            title="what it accepts, and templates",
            files="""\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  mode: warn
  images:
    - glob: "**"
  authorities:
    - static: {action: pass}
    - key: {secretRef: {name: cosign}}
    - keyless:
        ca-cert: {data: '{{ .Values.ca }}'}
        identities:
          - issuerRegExp: ^https://token\\.actions\\.githubusercontent\\.com$
            subjectRegExp: ^https://github\\.com/acme/.*$
      attestations:
        - name: sbom
          predicateType: spdxjson
          policy: {type: cue, data: 'predicate: {}'}
      newer: field
-- policy/template.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  mode: ${MODE}
  images:
    - glob: "{{ .Values.glob }}"
  authorities:
    - keyless:
        identities:
          - issuer: "{{ .Values.issuer }}"
            subjectRegExp: "{{ .Values.subject }}"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_test):
        for refusal in refusals(policy):
            yield Finding(
                message=f"{refusal.what}.",
                consequence=(
                    f"policy-controller refuses {code(policy.name) if policy.name else 'the policy'} at admission: it is not in "
                    "force, and the cluster keeps what it had."
                ),
                location=refusal.location,
                fixes=_fixes(refusal),
            )


def _fixes(refusal: Refusal) -> tuple[Fix, ...]:
    if refusal.mapping is None or refusal.entry is None:
        return ()
    return offer(
        "delete the second of the two",
        Applicability.UNSAFE,
        delete_entry(refusal.mapping, refusal.entry),
        caution="Which of the two is meant?",
    )
