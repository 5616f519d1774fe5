"""Kyverno accepts every workflow of an organisation, or an identity that nobody has

In a rule of the type `Cosign` the `*` of a `subject` stands for any text: `https://github.com/acme/*` accepts
every workflow of every repository of `acme`, on every ref, pull requests included, and an `issuer` of `*`
accepts the same text from whoever hands it out. In a rule of the type `SigstoreBundle` subject and issuer are
compared literally, and with a `*` in it neither matches a certificate.

Name the workflow that signs, with its ref, and the issuer of its tokens.

The check is silent where an entry stands beside others that all have to vouch, for subjects that hold to one
repository or to one workflow with its refs, and for templated values. What holds to one owner is a warning,
and a note where the rule only audits.

References:

- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/sigstore/#keyless-signing-and-verification
- https://github.com/kyverno/kyverno/blob/main/pkg/image/verifiers/cpol/cosign/cosign.go
- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md#github
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import is_pull_request
from checks.facts.policy.admission import subject_for
from checks.facts.policy.identities import ISSUER, Identity, rewritten
from checks.facts.policy.kyverno import COSIGN, SIGSTORE_BUNDLE, ImageVerification
from checks.facts.tree import replace_value
from checks.facts.value import literal
from checks.regex import regex

_ELSEWHERE = "another-repository/.github/workflows/another.yml@refs/pull/1/merge"
_OWNER = regex(r"github\\?\.com/([\w.-]+)/")
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
            - count: 1
              entries:
                - keyless:
                    issuer: https://token.actions.githubusercontent.com
                    subject: "https://github.com/acme/*"
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

_ISSUER = _POLICY.replace(ISSUER, '"*"').replace(
    'acme/*"\n', 'acme/web/.github/workflows/sign.yml@refs/heads/main"\n'
)
_UNRELATED = ("https://accounts.google.com", "https://issuer.example.com/realms/x", ISSUER)

check = Check(
    id="kyverno-identity-wildcard",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "kyverno", "policy"),
    security_severity=8.0,
    examples=(
        Example(
            title="every repository of an organisation",
            files=_POLICY + _WORKFLOW,
            outside=Outside(slug="acme/web"),
            at='"https://github.com/acme/*"',
            fixed=_POLICY.replace('acme/*"\n', 'acme/web/.github/workflows/sign.yml@refs/heads/main"\n'),
        ),
        Example(
            title="a wildcard that is compared literally",
            files=_POLICY.replace("- imageReferences", "- type: SigstoreBundle\n          imageReferences"),
            at='"https://github.com/acme/*"',
        ),
        Example(
            title="any issuer, and one that is compared literally",
            files=_ISSUER
            + _ISSUER.replace("verify.yaml", "bundle.yaml")
            .replace("- imageReferences", "- type: SigstoreBundle\n          imageReferences")
            .replace('"*"', "https://token.actions.*"),
            at=('"*"', "https://token.actions.*"),
            fixed=_ISSUER.replace('"*"', f'"{ISSUER}"'),
        ),
        Example(
            title="everybody on GitHub, by an expression; the rule audits",
            files=_POLICY.replace("subject: ", "subjectRegExp: ")
            .replace("github.com/acme/*", "github.com/.*")
            .replace("Enforce", "Audit")
            .replace("          attestors", "          mutateDigest: false\n          attestors"),
            at='"https://github.com/.*"',
        ),
        Example(
            title="another issuer, another type, data of a test",
            files=_POLICY.replace("https://token.actions.githubusercontent.com", "https://gitlab.acme.test")
            + _POLICY.replace("verify.yaml", "notary.yaml").replace(
                "- imageReferences", "- type: Notary\n          imageReferences"
            )
            + _ISSUER.replace("policy/verify", "tests/verify")
            + _ISSUER.replace("policy/verify", "examples/verify"),
        ),
        Example(
            title="one repository, one workflow, a strict entry that has to vouch too, a template",
            files=_POLICY.replace('acme/*"\n', 'acme/web/*"\n')
            + _POLICY.replace("verify.yaml", "workflow.yaml").replace(
                'acme/*"\n', 'acme/*/.github/workflows/release.yml@refs/tags/*"\n'
            )
            + _POLICY.replace("verify.yaml", "template.yaml").replace('acme/*"\n', '{{ owner }}/*"\n')
            + _POLICY.replace("verify.yaml", "and.yaml").replace(
                "- count: 1\n              entries", "- entries"
            )
            + "                - keys: {kms: 'awskms:///alias/cosign'}\n",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for rule in (one for one in repo.image_verifications if not one.is_sample):
        for attestors in rule.attestors:
            for identity in attestors.identities if attestors.is_any else ():
                if identity is not None and identity.is_readable:
                    yield from _findings(repo, rule, identity)


def _findings(repo: Repository, rule: ImageVerification, identity: Identity) -> Iterator[Finding]:
    severity = Severity.NOTE if rule.enforces is False else None
    yield from _of_issuer(rule, identity, severity)
    place = identity.place
    if place is None:
        return
    literally = rule.type == SIGSTORE_BUNDLE and identity.subject is not None
    if literally and re.search(r"[*?]", place.value):
        yield Finding(
            message=f"{code(place.value)} is compared literally in a rule of the type {code(SIGSTORE_BUNDLE)}.",
            consequence="No certificate has a `*` in its subject: no image passes the rule. `subjectRegExp` takes an expression.",
            location=Location(place.text, place.span),
            severity=severity,
        )
        return
    match = _OWNER.search(place.value)
    owner = match[1] if match else "another"
    if rule.type not in (COSIGN, SIGSTORE_BUNDLE) or not identity.is_of_github:
        return
    if identity.accepts_subject(literal(f"https://github.com/{owner}/{_ELSEWHERE}")):
        who = f"every workflow of every repository of {code(owner)}" if match else "every workflow on GitHub"
        yield Finding(
            message=f"{code(place.value)} accepts {who}, on every ref, those of pull requests too.",
            consequence=f"An image that any of them signed passes {code(rule.name)}; a branch in any of these repositories is enough to make one.",
            location=Location(place.text, place.span),
            severity=severity or (Severity.WARNING if match else None),
            fixes=_fixes(repo, identity),
        )


def _of_issuer(rule: ImageVerification, identity: Identity, severity: Severity | None) -> Iterator[Finding]:
    """An issuer that is everybody's, or with a `*` that is compared literally and so nobody's."""
    written = identity.issuer
    if written is None or not re.search(r"[*?]", written.value):
        return
    if rule.type == SIGSTORE_BUNDLE:
        yield Finding(
            message=f"{code(written.value)} is compared literally in a rule of the type {code(SIGSTORE_BUNDLE)}.",
            consequence="No certificate has a `*` in its issuer: no image passes the rule. `issuerRegExp` takes an expression.",
            location=Location(written.text, written.span),
            severity=severity,
        )
    elif rule.type == COSIGN and all(identity.accepts_issuer(one) for one in _UNRELATED):
        is_of_github = identity.place is not None and "github" in identity.place.value
        yield Finding(
            message=f"{code(written.value)} accepts every issuer.",
            consequence=(
                "The subject may come from any provider of the instance of Fulcio: who gets one of the same text elsewhere "
                f"signs images that pass {code(rule.name)}."
            ),
            location=Location(written.text, written.span),
            severity=severity,
            fixes=offer(
                "accept GitHub Actions only",
                Applicability.UNSAFE,
                replace_value(written, ISSUER) if is_of_github else None,
                caution="Does a signer of this identity get its certificate from another provider?",
            ),
        )


def _fixes(repo: Repository, identity: Identity) -> tuple[Fix, ...]:
    found = [
        one
        for signature in repo.signatures
        for one in repo.signers(signature)
        if not is_pull_request(one.event) and identity.accepts(one.subject) is True
    ]
    better = subject_for(found)
    return offer(
        "accept the workflow that signs here, and only that",
        Applicability.UNSAFE,
        *(rewritten(identity, better.field, better.text) if better else (None,)),
        caution="Do other repositories sign images that this rule covers? Each of them needs an entry of its own.",
    )
