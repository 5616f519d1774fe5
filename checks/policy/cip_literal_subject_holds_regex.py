r"""Literal subject of a policy holds a regular expression

`subject` and `issuer` are compared character by character; only `subjectRegExp` and `issuerRegExp` are
expressions. A `subject` with `.*` in it is the identity of nobody, and the authority accepts no signature.


Use the field that the value is written for.

The check is silent for dots and other characters that stand in real identities, and for templated values.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-keyless-authorities
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md#identity
- https://pkg.go.dev/regexp/syntax
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
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts import go_regexp
from checks.facts.identities import Identity, rewritten
from checks.facts.tree import Scalar

_SIGNS = re.compile(r"\.[*+]|\[[^\]]*\][*+]|\\\.|^\^|\$$|\([^)]*\|[^)]*\)|\*")

check = Check(
    id="cip-literal-subject-holds-regex",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    tags=("security", "sigstore", "policy"),
    security_severity=5.0,
    examples=(
        Example(
            title="`subject` with `.*`",
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
            subject: "https://github.com/acme/web/.github/workflows/.*@refs/heads/main"
""",
            at='"https://github.com/acme/web/.github/workflows/.*@refs/heads/main"',
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
            subjectRegExp: "^https://github.com/acme/web/.github/workflows/.*@refs/heads/main$"
""",
        ),
        Example(
            title="a glob in each of the fields",
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
            subject: https://github.com/acme/web/.github/workflows/release.yml@refs/tags/*
          - issuer: https://*.example.com
            subject: somebody@example.com
""",
            at=(
                "https://github.com/acme/web/.github/workflows/release.yml@refs/tags/*",
                "https://*.example.com",
            ),
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
            subjectRegExp: ^https://github\\.com/acme/web/\\.github/workflows/release\\.yml@refs/tags/.*$
          - issuer: https://*.example.com
            subject: somebody@example.com
""",
        ),
        Example(
            title="real identities, expressions in their field, templates",
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
            subject: https://github.com/acme/web/.github/workflows/a+b.yml@refs/heads/release-1.2
          - issuer: https://accounts.google.com
            subject: build@acme.iam.gserviceaccount.com
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: ^https://github\\.com/acme/web/.*@refs/tags/v.*$
          - issuer: https://token.actions.githubusercontent.com
            subject: "https://github.com/{{ .Values.owner }}/.*"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_test):
        for authority in policy.authorities:
            for identity in authority.identities:
                if identity.subject is not None and _SIGNS.search(identity.subject.value):
                    yield _finding(identity.subject, "subject", _subject(identity, identity.subject))
                if identity.issuer is not None and _SIGNS.search(identity.issuer.value):
                    yield _finding(identity.issuer, "issuer", ())


def _finding(written: Scalar, field: str, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        message=f"{code(field)} is compared literally, and {code(written.value)} is no identity.",
        consequence="No certificate has it: the authority accepts no signature, and images that only it vouches for are refused.",
        location=Location(written.text, written.span),
        fixes=fixes,
    )


def _subject(identity: Identity, written: Scalar) -> tuple[Fix, ...]:
    if re.search(r"\.[*+]|\\\.|^\^|\$$|\(|\[", written.value):
        pattern = f"^{written.value.removeprefix('^').removesuffix('$')}$"
        edits = rewritten(identity, "subjectRegExp", pattern) if go_regexp.is_valid(pattern) else (None,)
    else:
        pattern = ".*".join(
            re.sub(r"[.+?()|\[\]{}^$\\]", r"\\\g<0>", part) for part in written.value.split("*")
        )
        edits = rewritten(identity, "subjectRegExp", f"^{pattern}$")
    return offer(
        "compare it as a regular expression",
        Applicability.UNSAFE,
        *edits,
        caution="From then on the authority accepts signatures: is everybody meant that the expression matches?",
    )
