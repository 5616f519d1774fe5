"""Policy accepts more than one issuer, or none that exists

`issuerRegExp: .*` accepts a certificate that rests on any provider of the instance of Fulcio: a subject that
another provider hands out passes as well. An `issuer` with a slash at its end is compared literally and is
nobody's.

Name the one issuer whose tokens the signer has: that of GitHub Actions is
`https://token.actions.githubusercontent.com`.

The check is silent for expressions that name their alternatives, such as one of GitHub Enterprise Server.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-keyless-authorities
- https://github.com/sigstore/fulcio/blob/main/docs/oidc.md
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
from checks.facts.policy.identities import ISSUER, Identity
from checks.facts.tree import Edit, Scalar, replace_value

_UNRELATED = ("https://accounts.google.com", "https://issuer.example.com/realms/x", ISSUER)
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
          - {}
            subject: https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main
"""

check = Check(
    id="cip-issuer-too-broad",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    tags=("security", "sigstore", "policy"),
    security_severity=6.5,
    examples=(
        Example(
            title="every issuer",
            files=_POLICY.format("issuerRegExp: .*"),
            at=".*",
            fixed=_POLICY.format(f"issuer: {ISSUER}"),
        ),
        Example(
            title="a slash at the end",
            files=_POLICY.format(f"issuer: '{ISSUER}/'"),
            at=f"'{ISSUER}/'",
            fixed=_POLICY.format(f"issuer: '{ISSUER}'"),
        ),
        Example(
            title="every issuer of a scheme, for a subject of which nothing tells the provider",
            files=_POLICY.format("issuerRegExp: ^https://.*").replace(
                "https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main", "build@acme.test"
            ),
            at="^https://.*",
        ),
        Example(
            title="data of a test",
            files=_POLICY.format("issuerRegExp: .*").replace("policy/images", "test/testdata/images"),
        ),
        Example(
            title="one issuer, alternatives that are named, another provider",
            files=_POLICY.format(f"issuer: {ISSUER}")
            + _POLICY.format(
                r"issuerRegExp: ^https://(token\.actions\.githubusercontent\.com|github\.acme\.test/_services/token)$"
            ).replace("images.yaml", "ghes.yaml")
            + _POLICY.format("issuer: https://accounts.google.com").replace("images.yaml", "google.yaml"),
        ),
        Example(
            title="a sample",
            files=_POLICY.format("issuerRegExp: .*").replace("policy/images", "examples/images"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_sample):
        for authority in policy.authorities:
            for identity in authority.identities:
                yield from _findings(identity)


def _findings(identity: Identity) -> Iterator[Finding]:
    pattern, exact = identity.issuer_regexp, identity.issuer
    if pattern is not None and all(identity.accepts_issuer(one) for one in _UNRELATED):
        yield Finding(
            message=f"{code(pattern.value)} accepts every issuer.",
            consequence=(
                "The subject may come from any provider of the instance of Fulcio: who gets one of the same text elsewhere "
                "signs images that this policy admits."
            ),
            location=Location(pattern.text, pattern.span),
            fixes=offer(
                "accept GitHub Actions only",
                Applicability.UNSAFE,
                *(_to_github(identity, pattern) if _is_of_github(identity) else (None,)),
                caution="Does a signer of this identity get its certificate from another provider?",
            ),
        )
    elif exact is not None and exact.value == f"{ISSUER}/":
        yield Finding(
            message=f"{code(exact.value)} ends with a slash, and the issuer of GitHub Actions does not.",
            consequence="Issuers are compared literally: the authority accepts no signature of a workflow.",
            location=Location(exact.text, exact.span),
            fixes=offer(
                "drop the slash",
                Applicability.UNSAFE,
                replace_value(exact, ISSUER),
                caution="From then on the authority accepts signatures: is its subject as narrow as it is meant to be?",
            ),
        )


def _is_of_github(identity: Identity) -> bool:
    place = identity.place
    return place is not None and "github" in place.value


def _to_github(identity: Identity, pattern: Scalar) -> tuple[Edit | None, ...]:
    entry = identity.node.entry("issuerRegExp")
    key = Edit(pattern.text.path, entry.key.span, "issuer") if entry else None
    return key, replace_value(pattern, ISSUER)
