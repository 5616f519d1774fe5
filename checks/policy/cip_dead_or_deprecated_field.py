"""Policy has a field that is not read, or a deprecated value

policy-controller takes `vuln`, `spdx` and their like for `predicateType`, and answers each time that the
policy is applied with the warning "deprecated value, please use RFC 3986 conformant values": the short forms
are to be removed. Write the type's URI. With `policy:`, the short form also decides what the CUE or Rego code
gets: the predicate in the fields that a release of cosign knows, where a URI hands it over as it was signed.

With `signatureFormat: bundle` the controller never asks a log: `ctlog.url` is not read, and the logs that
count are those of the root of trust.

The check is silent for the public log's URL, which says what holds anyway; for fields of the former format;
for `apiVersion: …/v1alpha1`, which is served and stored; and in the data of tests and in examples.

References:

- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
- https://github.com/sigstore/policy-controller/blob/main/pkg/webhook/validator.go
- https://github.com/sigstore/cosign/blob/main/pkg/policy/attestation.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import PREDICATES
from checks.facts.policy.identities import known
from checks.facts.policy.policies import BUNDLE, Attestation, Authority, ClusterImagePolicy
from checks.facts.tree import Mapping, Scalar, delete_entry, replace_value

_PUBLIC_LOG = "https://rekor.sigstore.dev"
_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: scanned
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
      attestations:
        - name: scan
          predicateType: vuln
"""
_URI = _POLICY.replace("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1")
_CODE = """\
          policy:
            type: cue
            data: |
              predicateType: "https://cosign.sigstore.dev/attestation/vuln/v1"
"""

_BUNDLE = _URI.replace(
    "    - keyless:",
    """\
    - signatureFormat: bundle
      ctlog:
        trustRootRef: acme
        url: https://rekor.acme.test
      keyless:
        trustRootRef: acme""",
)

check = Check(
    id="cip-dead-or-deprecated-field",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.SAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("sigstore", "policy"),
    examples=(
        Example(title="the short form", files=_POLICY, at="vuln", fixed=_URI),
        Example(
            title="the short form, and code that reads the predicate",
            files=_POLICY + _CODE,
            at="vuln",
            fixed=_URI + _CODE,
        ),
        Example(
            title="two attestations",
            files=_POLICY + '        - name: sbom\n          predicateType: "spdxjson"\n',
            at=("vuln", '"spdxjson"'),
            fixed=_URI + '        - name: sbom\n          predicateType: "spdxjson"\n',
        ),
        Example(
            title="URIs, a name that is no short form, a template, another object of that kind",
            files=_URI
            + _POLICY.replace("images.yaml", "own.yaml").replace("vuln", "acme-review")
            + _POLICY.replace("images.yaml", "helm.yaml").replace("vuln", "'{{ .Values.type }}'")
            + _POLICY.replace("images.yaml", "openshift.yaml").replace(
                "policy.sigstore.dev/v1beta1", "config.openshift.io/v1"
            ),
        ),
        Example(
            title="an apiVersion that is still served, SCTs that are ignored, and a log's URL",
            files=_URI.replace("v1beta1", "v1alpha1")
            .replace("    - keyless:", "    - ctlog: {url: https://rekor.acme.test}\n      keyless:")
            .replace("        identities", "        insecureIgnoreSCT: true\n        identities"),
        ),
        Example(
            title="a log's URL beside bundles, with the root that says the same",
            files=_BUNDLE,
            at="url: https://rekor.acme.test",
            fixed=_BUNDLE.replace("        url: https://rekor.acme.test\n", ""),
        ),
        Example(
            title="the URL alone: the log of the public root counts",
            files=_BUNDLE.replace("        trustRootRef: acme\n", ""),
            at="url: https://rekor.acme.test",
        ),
        Example(
            title="the public log, which counts anyway; roots that differ, which the controller refuses by itself",
            files=_BUNDLE.replace("        trustRootRef: acme\n", "").replace(
                "rekor.acme.test", "rekor.sigstore.dev"
            )
            + _BUNDLE.replace("images.yaml", "roots.yaml").replace(
                "trustRootRef: acme\n        url", "trustRootRef: other\n        url"
            ),
        ),
        Example(title="data of a test", files=_POLICY.replace("policy/images", "test/testdata/images")),
        Example(
            title="an example of a project",
            files=_POLICY.replace("policy/images", "examples/policies/images"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.policies:
        if policy.is_sample:
            continue
        for authority in policy.authorities:
            for attestation in authority.attestations:
                written = attestation.predicate_type
                if written is not None and written.value in PREDICATES:
                    yield _short(policy, attestation, written, PREDICATES[written.value])
            if authority.signature_format == BUNDLE:
                yield from _log(authority)


def _log(authority: Authority) -> Iterator[Finding]:
    """The URL of a log other than the public one, with the same root of trust as the certificates."""
    log, keyless = authority.part("ctlog"), authority.keyless
    entry, url = (log.entry("url"), known(log.get("url"))) if log else (None, None)
    if log is None or keyless is None or entry is None or url is None or url.value.rstrip("/") == _PUBLIC_LOG:
        return
    root, other = known(log.get("trustRootRef")), known(keyless.get("trustRootRef"))
    if (root.value if root else "") != (other.value if other else ""):
        return
    counts = f"the logs of {code(root.value)}" if root else "by default the logs of the public Sigstore"
    yield Finding(
        message=f"{code('ctlog.url')} is not read beside {code('signatureFormat: bundle')}.",
        consequence=f"{code(url.value)} decides on nothing: {counts} count.",
        location=Location(log.text, entry.span),
        fixes=offer("delete the URL", Applicability.SAFE, delete_entry(log, entry)) if root else (),
    )


def _short(policy: ClusterImagePolicy, attestation: Attestation, written: Scalar, uri: str) -> Finding:
    return Finding(
        message=f"{code(written.value)} is a deprecated short form of {code(uri)}.",
        consequence=(
            "policy-controller warns each time that the policy is applied, “deprecated value, please use RFC 3986 conformant "
            "values”, and is to refuse it one day."
        ),
        location=Location(written.text, written.span),
        fixes=_fixes(policy, attestation, written, uri),
    )


def _fixes(
    policy: ClusterImagePolicy, attestation: Attestation, written: Scalar, uri: str
) -> tuple[Fix, ...]:
    spec = policy.node.get("spec")
    is_read = attestation.node.get("policy") is not None or (
        isinstance(spec, Mapping) and spec.get("policy") is not None
    )
    return offer(
        "write the type's URI",
        Applicability.UNSAFE if is_read else Applicability.SAFE,
        replace_value(written, uri),
        caution="Does the code under `policy:` read fields of the predicate by the names that cosign gives them?"
        if is_read
        else "",
    )
