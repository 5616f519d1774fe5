"""Keyless authority names another Fulcio and no root of trust for it

`keyless.url` says which Fulcio is meant, and policy-controller takes no certificates from there: without
`trustRootRef` it holds signatures against the roots that it was started with, those of the public Sigstore by
default. What another Fulcio has certified is then valid for no image.

Declare a `TrustRoot` with the certificates of that instance, and name it in `trustRootRef`, here and under
`ctlog` or `rfc3161timestamp`.

The check is silent for the public URL, and where a file of the repository starts the controller with a TUF
mirror of its own.

References:

- https://github.com/sigstore/policy-controller/blob/main/pkg/webhook/validator.go
- https://docs.sigstore.dev/policy-controller/overview/#configuring-trustroot-for-custom-tuf-root
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Attention,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.policy.identities import known
from checks.facts.policy.policies import Authority
from checks.facts.tree import Scalar

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
        url: https://fulcio.acme.test
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
"""

check = Check(
    id="cip-keyless-without-url-or-trustroot",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.KUBERNETES, Kind.HELM_VALUES, Kind.SCRIPT, Kind.WORKFLOW, Kind.MAKEFILE, Kind.TERRAFORM),
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("sigstore", "policy"),
    examples=(
        Example(
            title="a Fulcio of one's own, and the default roots", files=_POLICY, at="https://fulcio.acme.test"
        ),
        Example(
            title="GitHub's Fulcio with its root, the public one, none, a certificate",
            files=_POLICY.replace(
                "url: https://fulcio.acme.test",
                "url: https://fulcio.githubapp.com\n        trustRootRef: github\n        insecureIgnoreSCT: true",
            )
            + _POLICY.replace("images.yaml", "public.yaml").replace(
                "fulcio.acme.test", "fulcio.sigstore.dev/"
            )
            + _POLICY.replace("images.yaml", "none.yaml").replace(
                "        url: https://fulcio.acme.test\n", ""
            )
            + _POLICY.replace("images.yaml", "root.yaml").replace(
                "url: https://fulcio.acme.test", "ca-cert: {secretRef: {name: ca}}"
            ),
        ),
        Example(
            title="a template, a test",
            files=_POLICY.replace("https://fulcio.acme.test", '"{{ .Values.fulcio }}"')
            + _POLICY.replace("policy/images", "test/testdata/images"),
        ),
        Example(
            title="the controller has a TUF mirror of its own",
            files=_POLICY
            + """\
-- helm/values.yaml --
webhook:
  extraArgs:
    tuf-mirror: https://tuf.acme.test
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    policies = [one for one in repo.policies if not one.is_sample]
    if not policies or _has_own_roots(repo):
        return
    for policy in policies:
        for authority in policy.authorities:
            url = _other_fulcio(authority)
            if url is not None:
                yield _finding(url)


def _has_own_roots(repo: Repository) -> bool:
    """Whether something in the repository gives the controller other roots than the public ones."""
    kinds = (Kind.KUBERNETES, Kind.HELM_VALUES, Kind.SCRIPT, Kind.WORKFLOW, Kind.MAKEFILE, Kind.TERRAFORM)
    names = ("tuf-mirror", "tuf-root", "TUF_MIRROR", "TUF_ROOT", "SIGSTORE_ROOT_FILE")
    return any(name in text.content for kind in kinds for text in repo.texts(kind) for name in names)


def _other_fulcio(authority: Authority) -> Scalar | None:
    """The URL of a Fulcio that is not the public one, where no root is named for it."""
    keyless = authority.keyless
    if keyless is None or keyless.get("trustRootRef") is not None or keyless.get("ca-cert") is not None:
        return None
    return None if authority.uses_public_fulcio else known(keyless.get("url"))


def _finding(url: Scalar) -> Finding:
    return Finding(
        message=f"{code(url.value)} stands without {code('trustRootRef')}.",
        consequence=(
            "policy-controller takes no certificates from that URL: unless it is started with roots of its own, it knows those "
            "of the public Sigstore only, and no signature that this Fulcio certifies is valid."
        ),
        location=Location(url.text, url.span),
    )
