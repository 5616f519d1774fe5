r"""Subject of a policy is written for another way to compare it

`subject` and `issuer` are compared character by character; only `subjectRegExp` and `issuerRegExp` are
expressions. A `subject` with `.*` in it is the identity of nobody, and the authority accepts no signature.
The same happens the other way round: in an expression the `*` of `acme/*/.github` stands for any number of
slashes, and for nothing else.

Use the field that the value is written for, and `.*` in an expression.

The check is silent for dots and other characters that stand in real identities, for expressions that accept
what their `*` would stand for, for templated values, and in the data of tests.

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
from checks.facts.policy import go_regexp
from checks.facts.policy.identities import Identity, rewritten
from checks.facts.tree import Scalar
from checks.regex import regex

_STAR = regex(r"(?<![\])}.*+?\\\w])\*")
"""A `*` behind a character that nobody repeats on purpose: a slash, a colon, an `@`."""
_FILLING = "filled-in"
_SIGNS = regex(r"\.[*+]|\[[^\]]*\][*+]|\\\.|^\^|\$$|\([^)]*\|[^)]*\)|\*")

_GLOB = """\
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
            subjectRegExp: https://github.com/acme/*/.github/workflows/*@refs/heads/main
"""

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
            title="an expression that is written as a glob",
            files=_GLOB,
            at="https://github.com/acme/*/.github/workflows/*@refs/heads/main",
            fixed=_GLOB.replace(
                "https://github.com/acme/*/.github/workflows/*@refs/heads/main",
                r"^https://github\.com/acme/.*/\.github/workflows/.*@refs/heads/main$",
            ),
        ),
        Example(
            title="data of a test, and expressions that accept what their stars were to stand for",
            files=_GLOB.replace("policy/images", "test/testdata/images")
            + _GLOB.replace("policy/images", "examples/images")
            + _GLOB.replace("images.yaml", "prefix.yaml").replace(
                "acme/*/.github/workflows/*@refs/heads/main", "acme/*"
            )
            + _GLOB.replace("images.yaml", "other.yaml").replace(
                "https://github.com/", "https://gitlab.com//*"
            ),
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
    for policy in (one for one in repo.policies if not one.is_sample):
        for authority in policy.authorities:
            for identity in authority.identities:
                if identity.subject is not None and _SIGNS.search(identity.subject.value):
                    yield _finding(identity.subject, "subject", _subject(identity, identity.subject))
                if identity.issuer is not None and _SIGNS.search(identity.issuer.value):
                    yield _finding(identity.issuer, "issuer", ())
                if identity.subject_regexp is not None and _is_glob(identity.subject_regexp.value):
                    yield _of_glob(identity, identity.subject_regexp)


def _finding(written: Scalar, field: str, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        message=f"{code(field)} is compared literally, and {code(written.value)} is no identity.",
        consequence="No certificate has it: the authority accepts no signature, and images that only it vouches for are refused.",
        location=Location(written.text, written.span),
        fixes=fixes,
    )


def _is_glob(pattern: str) -> bool:
    """Whether an expression for a workflow of GitHub accepts nothing of what it would as a glob."""
    if not _STAR.search(pattern) or not re.match(r"\^?https://github\\?\.com/", pattern):
        return False
    meant = _STAR.sub(_FILLING, pattern)
    filled = re.sub(r"\\(\W)", r"\1", re.sub(r"\.[*+]", _FILLING, meant).removeprefix("^").removesuffix("$"))
    if re.search(r"[\[\](){}|?+^$\\]", filled):
        return False
    return go_regexp.matches(pattern, filled) is False and go_regexp.matches(meant, filled) is True


def _of_glob(identity: Identity, written: Scalar) -> Finding:
    star = _STAR.search(written.value)
    before = written.value[star.start() - 1] if star and star.start() else ""
    return Finding(
        message=f"{code(written.value)} is an expression, in which {code(before + '*')} stands for any number of {code(before)}.",
        consequence="No certificate of a workflow has such a subject: the authority accepts no signature, and images that only it vouches for are refused.",
        location=Location(written.text, written.span),
        fixes=offer(
            "write `.*` for each star",
            Applicability.UNSAFE,
            *rewritten(identity, "subjectRegExp", f"^{_expression(_STAR, written.value.strip('^$'))}$"),
            caution="From then on the authority accepts signatures: is everybody meant that the expression matches?",
        ),
    )


def _expression(star: re.Pattern[str], glob: str) -> str:
    """A glob as an expression: its stars stand for any text, and what means more in an expression for itself."""
    parts = (re.sub(r"(?<!\\)[.+?()|\[\]{}^$]", r"\\\g<0>", part) for part in star.split(glob))
    return ".*".join(parts)


def _subject(identity: Identity, written: Scalar) -> tuple[Fix, ...]:
    if re.search(r"\.[*+]|\\\.|^\^|\$$|\(|\[", written.value):
        pattern = f"^{written.value.removeprefix('^').removesuffix('$')}$"
        edits = rewritten(identity, "subjectRegExp", pattern) if go_regexp.is_valid(pattern) else (None,)
    else:
        pattern = _expression(re.compile(r"\*"), written.value)
        edits = rewritten(identity, "subjectRegExp", f"^{pattern}$")
    return offer(
        "compare it as a regular expression",
        Applicability.UNSAFE,
        *edits,
        caution="From then on the authority accepts signatures: is everybody meant that the expression matches?",
    )
