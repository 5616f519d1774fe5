r"""Identity's regular expression is not anchored

Go looks for `subjectRegExp` anywhere in the identity, and a dot in it stands for any character. Without `^`
and `$` the expression accepts more than it shows: `…/release.yml@refs/heads/main` also accepts the branch
`main-test`.

Write `^(?:…)$` around an expression that is a whole identity.

The check is silent for prefixes, to which a `$` would do harm (`…@refs/tags/v`), for expressions with one of
the anchors on purpose, where the identity is too broad anyway, or written as a glob, and in the data of
tests.

References:

- https://pkg.go.dev/regexp/syntax
- https://github.com/sigstore/cosign/blob/main/pkg/cosign/verify.go
- https://docs.sigstore.dev/policy-controller/overview/#configuring-keyless-authorities
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
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
from checks.facts.policy import go_regexp
from checks.facts.policy.identities import Identity
from checks.facts.tree import replace_value
from checks.regex import regex

_WHOLE = regex(r"https://github\\?\.com/[^@|()]+@refs/(?:heads|tags)/[\w.\\-]*\w")
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
            subjectRegExp: {}
"""
_MAIN = r"https://github\.com/acme/web/\.github/workflows/.*\.yml@refs/heads/main"

check = Check(
    id="cip-regex-unanchored-or-unescaped",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("security", "sigstore", "policy"),
    security_severity=3.0,
    yields_to=(
        "cip-identity-too-broad",
        "cip-literal-subject-holds-regex",
        "policy-identity-differs-from-signer",
        "policy-accepts-pull-request-signer",
    ),
    examples=(
        Example(
            title="a whole identity without anchors",
            files=_POLICY.format(_MAIN),
            at=_MAIN,
            fixed=_POLICY.format(f"^{_MAIN}$"),
        ),
        Example(
            title="data of a test",
            files=_POLICY.format(_MAIN).replace("policy/images", "test/testdata/images"),
        ),
        Example(
            title="written as a glob, which is told as that",
            files=_POLICY.format("https://github.com/acme/*/.github/workflows/*@refs/heads/main"),
        ),
        Example(
            title="anchored, a prefix of tags, one anchor, an alternative",
            files="".join(
                _POLICY.format(pattern).replace("images.yaml", f"{number}.yaml")
                for number, pattern in enumerate(
                    (
                        f"^{_MAIN}$",
                        r"https://github\.com/acme/web/\.github/workflows/x\.yml@refs/tags/v",
                        rf"^{_MAIN}",
                        r"https://github\.com/acme/web/\.github/workflows/x\.yml@refs/(heads/main|tags/.*)",
                    )
                )
            ),
        ),
        Example(title="a sample", files=_POLICY.format(_MAIN).replace("policy/images", "examples/images")),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_sample):
        for authority in policy.authorities:
            for identity in authority.identities:
                yield from _findings(identity)


def _findings(identity: Identity) -> Iterator[Finding]:
    pattern = identity.subject_regexp
    if pattern is None or not _WHOLE.fullmatch(pattern.value) or not go_regexp.is_valid(pattern.value):
        return
    if not pattern.value.endswith(("/main", "/master")):
        return
    branch = pattern.value.rpartition("/")[2]
    yield Finding(
        message=f"{code(pattern.value)} is found anywhere in an identity.",
        consequence=f"Without a `$` it accepts the branch {code(branch + '-test')} as well as {code(branch)}.",
        location=Location(pattern.text, pattern.span),
        fixes=offer(
            "anchor it on both sides",
            Applicability.UNSAFE,
            replace_value(pattern, f"^{pattern.value}$"),
            caution=f"Does another branch sign, whose name begins with {code(branch)}?",
        ),
    )
