"""Policy accepts another signer than the workflow that signs

Fulcio certifies a job of GitHub Actions as `https://github.com/<owner>/<name>/<path of the workflow>@<ref>`;
in a reusable workflow the path is that of the called file. When the workflow is renamed, moves into a
reusable one, or signs on another ref, the policy's identity no longer is the signer's, and images that are
signed are refused.

Write the identity that the workflow has.

The check compares with policies of policy-controller and with rules of Kyverno, whose type `Cosign` takes `*`
and `?` for wildcards. It is silent where the policy names another repository, may not cover the image, has an
authority or an entry with a key or a root of its own, or accepts the signer on one of its refs; for a called
workflow of another repository; and where the repository's own name is not known.

References:

- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md#github
- https://docs.sigstore.dev/policy-controller/overview/#configuring-keyless-authorities
- https://github.com/sigstore/cosign/blob/main/pkg/cosign/verify.go
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from checks.check import (
    Applicability,
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
    offer,
)  # fmt: skip
from checks.facts.image.signing import Signature, Signer, is_pull_request
from checks.facts.policy.admission import covering, subject_for
from checks.facts.policy.identities import Identity, rewritten
from checks.facts.policy.kyverno import COSIGN, SIGSTORE_BUNDLE, ImageVerification
from checks.facts.policy.policies import ClusterImagePolicy

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
            {}
"""
_WORKFLOW = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""
_OLD = "subject: https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main"
_NEW = "subject: https://github.com/acme/web/.github/workflows/build.yml@refs/heads/main"
_HERE = Outside(slug="acme/web")
_Judge: TypeAlias = ClusterImagePolicy | ImageVerification

_KYVERNO = """\
-- policy/verify.yaml --
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signed
spec:
  validationFailureAction: Enforce
  rules:
    - name: signed
      match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
      verifyImages:
        - imageReferences: ["ghcr.io/acme/*"]
          attestors:
            - count: 1
              entries:
                - keyless:
                    issuer: https://token.actions.githubusercontent.com
                    {}
"""

check = Check(
    id="policy-identity-differs-from-signer",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "cosign"),
    yields_to=("cip-literal-subject-holds-regex", "kyverno-identity-wildcard"),
    examples=(
        Example(
            title="the workflow's file was renamed",
            files=_POLICY.format(_OLD) + _WORKFLOW,
            outside=_HERE,
            at="https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main",
            fixed=_POLICY.format(_NEW),
        ),
        Example(
            title="signing moved into a reusable workflow; the policy's expression pins the caller and its tags",
            files=_POLICY.format(
                r"subjectRegExp: ^https://github\.com/acme/web/\.github/workflows/release\.yml@refs/tags/v.*$"
            )
            + """\
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    uses: ./.github/workflows/sign.yml
-- .github/workflows/sign.yml --
on: workflow_call
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: cosign sign --yes "ghcr.io/acme/web@${{ inputs.digest }}"
""",
            outside=_HERE,
            at=r"^https://github\.com/acme/web/\.github/workflows/release\.yml@refs/tags/v.*$",
            fixed=_POLICY.format(
                r"subjectRegExp: ^https://github\.com/acme/web/\.github/workflows/sign\.yml@refs/tags/v.*$"
            ),
        ),
        Example(
            title="the signer's own identity, and one that accepts its tags only while it signs on `main` too",
            files=_POLICY.format(_NEW).replace("acme/**", "acme/web@*")
            + _WORKFLOW
            + """\
-- policy/tags.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: releases
spec:
  images:
    - glob: "ghcr.io/acme/api@*"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: ^https://github\\.com/acme/web/\\.github/workflows/api\\.yml@refs/tags/.+$
-- .github/workflows/api.yml --
on: {push: {branches: [main], tags: ['v*']}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "ghcr.io/acme/api@${{ needs.build.outputs.digest }}"
""",
            outside=_HERE,
        ),
        Example(
            title="another image, a key beside it, another repository's identity, an example of the documentation",
            files="""\
-- policy/other.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: other
spec:
  images:
    - glob: "ghcr.io/acme/api@*"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main
---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: key-too
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - key: {kms: 'awskms:///alias/cosign'}
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main
---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: placeholder
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/my-org/my-repo/.github/workflows/release.yml@refs/heads/main
"""
            + _POLICY.format(_OLD).replace("policy/images", "docs/example")
            + _WORKFLOW,
            outside=_HERE,
        ),
        Example(
            title="a rule of Kyverno, with wildcards",
            files=_KYVERNO.format(
                "subject: https://github.com/acme/web/.github/workflows/rel*.yml@refs/heads/*"
            )
            + _WORKFLOW,
            outside=_HERE,
            at="https://github.com/acme/web/.github/workflows/rel*.yml@refs/heads/*",
            fixed=_KYVERNO.format(_NEW),
        ),
        Example(
            title="a wildcard accepts the signer; one of two entries may, by a key or a root; another type; some pods",
            files=_KYVERNO.format("subject: https://github.com/acme/web/.github/workflows/*@refs/heads/main")
            + _KYVERNO.replace("verify.yaml", "key.yaml").format(_OLD)
            + "                - keys: {kms: 'awskms:///alias/cosign'}\n"
            + _KYVERNO.replace("verify.yaml", "root.yaml").format(f"roots: PEM\n                    {_OLD}")
            + _KYVERNO.replace("verify.yaml", "notary.yaml")
            .replace("- imageReferences", "- type: Notary\n          imageReferences")
            .format(_OLD)
            + _KYVERNO.replace("verify.yaml", "some.yaml")
            .replace("[Pod]", "[Pod], selector: {{matchLabels: {{a: b}}}}")
            .format(_OLD)
            + _WORKFLOW,
            outside=_HERE,
        ),
        Example(
            title="a workflow that others call, of which they choose the ref",
            files=_POLICY.format(_OLD)
            + _WORKFLOW.replace("{push: {branches: [main]}}", "workflow_call")
            + """\
-- .github/workflows/main.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    uses: acme/web/.github/workflows/build.yml@0123456789abcdef0123456789abcdef01234567
""",
            outside=_HERE,
        ),
        Example(
            title="an attestation, and a pull request, which sign as somebody else",
            files=_POLICY.format(_OLD)
            + _WORKFLOW.replace("cosign sign --yes", "cosign attest --yes --predicate a.json")
            + _WORKFLOW.replace("build.yml", "pull.yml").replace(
                "{push: {branches: [main]}}", "pull_request"
            ),
            outside=_HERE,
        ),
        Example(
            title="the repository's name is not known",
            files=_POLICY.format(_OLD) + _WORKFLOW,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    slug = repo.outside.slug
    told: set[_Judge] = set()
    for signature in repo.signatures if slug else ():
        found = [one for one in repo.signers(signature) if not is_pull_request(one.event)]
        for judge in _judges(repo, signature) if found and not signature.is_attestation else ():
            identities = _identities(judge) if isinstance(judge, ClusterImagePolicy) else _entries(judge)
            named = [one for one in identities if _names(one, slug or "")]
            if judge not in told and named and _all_refused(identities, found):
                told.add(judge)
                yield _finding(judge, signature, named, found)


def _judges(repo: Repository, signature: Signature) -> Iterator[_Judge]:
    """The policies, and Kyverno's rules for all pods, that certainly speak of every image that is signed."""
    yield from covering(signature, repo.coverage)
    for rule in repo.image_verifications:
        is_certain = rule.type in (COSIGN, SIGSTORE_BUNDLE) and rule.is_for_all_pods and not rule.is_sample
        if is_certain and signature.images and all(rule.covers(one) is True for one in signature.images):
            yield rule


def _entries(rule: ImageVerification) -> tuple[Identity, ...]:
    """The identities of a set of attestors, of which one has to be the signer's; none where something else may vouch."""
    for attestors in rule.attestors:
        found = [one for one in attestors.identities if one is not None and one.node.get("roots") is None]
        if found and len(found) == len(attestors.entries):
            return tuple(found)
    return ()


def _identities(policy: ClusterImagePolicy) -> tuple[Identity, ...]:
    """All identities that the policy accepts; none where something else than an identity may vouch."""
    if not all(one.uses_public_fulcio and one.names_all_identities for one in policy.authorities):
        return ()
    return tuple(identity for one in policy.authorities for identity in one.identities)


def _names(identity: Identity, slug: str) -> bool:
    place = identity.place
    return place is not None and f"/{slug}/".lower() in place.value.replace("\\", "").lower()


def _all_refused(identities: Sequence[Identity], found: Sequence[Signer]) -> bool:
    return all(identity.accepts(signer.subject) is False for identity in identities for signer in found)


def _finding(
    policy: _Judge, signature: Signature, named: Sequence[Identity], found: Sequence[Signer]
) -> Finding:
    identity = named[0]
    better = subject_for(found)
    name = code(policy.name) if policy.name else "the policy"
    signer = code(str(found[0].subject))
    refused = "refuses it" if policy.enforces else "reports it"
    edits = rewritten(identity, better.field, better.text) if better and len(named) == 1 else (None,)
    return Finding(
        message=f"{name} does not accept {signer}, which signs {code(str(signature.images[0]))}.",
        consequence=f"The image is signed, and the cluster {refused} all the same: no identity of the policy is that of the workflow.",
        location=identity.location,
        related=(
            Location(signature.location.text, signature.location.span, "signs the image as this workflow"),
        ),
        fixes=offer(
            "accept the workflow that signs",
            Applicability.UNSAFE,
            *edits,
            caution="Images that the former identity signed are refused from then on: does one of them still run?",
        ),
    )
