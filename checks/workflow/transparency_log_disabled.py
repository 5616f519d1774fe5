"""Transparency log is left out of a verification

`--insecure-ignore-tlog` takes the entry in the transparency log out of what is verified, `--insecure-ignore-sct` that of the
certificate. A certificate of Fulcio is valid for ten minutes: without the log, nothing shows that the signature was made in that
time, or that its owner could have noticed it.

Delete the option.

The check is silent where the script or the job sets up an instance of Sigstore of its own, for keys, and in tests.

References:

- https://docs.sigstore.dev/cosign/verifying/verify/
- https://github.com/sigstore/cosign/blob/main/doc/cosign_verify.md
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
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.policies import is_test
from checks.facts.signing import CosignCall
from checks.facts.tree import Span

_OPTIONS = ("insecure-ignore-tlog", "insecure-ignore-sct")
_CALLS = ("cosign verify", "cosign verify-attestation", "cosign verify-blob")
_OWN = (
    "rekor-url",
    "trusted-root",
    "ca-roots",
    "timestamp-certificate-chain",
    "key",
    "sk",
    "certificate-chain",
)
_VERIFY = """\
-- verify.sh --
cosign verify {}--certificate-identity https://github.com/acme/web/.github/workflows/x.yml@refs/heads/main \\
  --certificate-oidc-issuer https://token.actions.githubusercontent.com ghcr.io/acme/web:1
"""

check = Check(
    id="transparency-log-disabled",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.SCRIPT, Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    tags=("security", "cosign", "verify"),
    security_severity=5.0,
    examples=(
        Example(
            title="the log is ignored",
            files=_VERIFY.format("--insecure-ignore-tlog "),
            at="--insecure-ignore-tlog",
            fixed=_VERIFY.format(""),
        ),
        Example(
            title="verified with the log, switched on again, a key, an instance of one's own, a test",
            files=_VERIFY.format("")
            + _VERIFY.format("--insecure-ignore-tlog=false ").replace("verify.sh", "on.sh")
            + _VERIFY.format("--insecure-ignore-tlog ").replace("verify.sh", "test/verify.sh")
            + _VERIFY.format("--insecure-ignore-tlog --trusted-root root.json ").replace(
                "verify.sh", "own.sh"
            )
            + """\
-- key.sh --
cosign verify --insecure-ignore-tlog --key cosign.pub ghcr.io/acme/web:1
-- mirror.sh --
cosign initialize --mirror https://tuf.acme.test --root root.json
cosign verify --insecure-ignore-sct --certificate-identity a --certificate-oidc-issuer b ghcr.io/acme/web:1
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for call in repo.cosign_calls:
        own = call.has_any(*_OWN) or "cosign initialize" in call.invocation.script.source
        if call.name not in _CALLS or own or is_test(call.location.path) or not call.arguments.certain:
            continue
        for name in _OPTIONS:
            span = call.arguments.span_of(name)
            if span is not None and call.arguments.has(name):
                place = call.invocation.place(span)
                yield Finding(
                    message=f"{code('--' + name)} leaves the log out of the verification.",
                    consequence="A certificate is valid for ten minutes: without the log nothing shows that the signature was made in that time, and a stolen one passes for ever.",
                    location=Location(place.text, place.span),
                    fixes=_without(call, span),
                )


def _without(call: CosignCall, span: Span) -> tuple[Fix, ...]:
    source = call.invocation.script.source
    end = span.end + 1 if source[span.end : span.end + 1] == " " else span.end
    return offer(
        "delete the option",
        Applicability.UNSAFE,
        call.replaced(Span(span.start, end), "") if end > span.end else None,
        caution="Were these images signed with an entry in the log?",
    )
