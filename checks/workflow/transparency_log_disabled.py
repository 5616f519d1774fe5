"""Transparency log is left out

`--insecure-ignore-tlog` takes the entry in the transparency log out of what is verified,
`--insecure-ignore-sct` that of the certificate. A certificate of Fulcio is valid for ten minutes: without the
log, nothing shows that the signature was made in that time, or that its owner could have noticed it.
`--tlog-upload=false` of cosign 2 makes signatures that have no entry at all; cosign 3 refuses it, which
cosign-bundle-flags-conflict tells.

Delete the option.

The check is silent where the script or the job sets up an instance of Sigstore of its own, where the file
speaks of one or of a network without a way to the public one, where a comment in the script says why the log
is left out, for keys, in tests, and for images that are made for tests of verification.

References:

- https://docs.sigstore.dev/cosign/verifying/verify/
- https://github.com/sigstore/cosign/blob/main/doc/cosign_verify.md
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
from checks.facts.image.signing import CosignCall, Signature, is_fixture
from checks.facts.policy.policies import is_test
from checks.facts.tree import Span
from checks.regex import regex

_APART = regex(r"air.?gap|private (?:sigstore|rekor|instance|infrastructure)", re.IGNORECASE)
_LOG = r"\b(?:rekor|tlog|transparency)\b"
_LEFT_OUT = r"(?:\b(?:because|disable\w*|exceed\w*|ignor\w*|large|limits?|no|not|offline|omit\w*|private|since|size|skip\w*|too|without)\b|n't\b)"
_LEAVES_LOG = regex(
    rf"^\s{{0,40}}#(?!.*\b(?:todo|fixme)\b)(?=.*{_LOG}).*{_LEFT_OUT}", re.IGNORECASE | re.MULTILINE
)
"""A comment of a script that says why the log is left out, or that it is."""
_OPTIONS = ("insecure-ignore-tlog", "insecure-ignore-sct", "private-infrastructure")
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
_SIGN = """\
-- .github/workflows/sign.yml --
on: {{push: {{branches: [main]}}}}
permissions: {{id-token: write}}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes {}ghcr.io/acme/web@sha256:0b7f4b6c3d0b7a1f6f9c7f0b7f4b6c3d0b7a1f6f9c7f0b7f4b6c3d0b7a1f6f9c
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
            title="a keyless signature without an entry",
            files=_SIGN.format("--tlog-upload=false "),
            at="--tlog-upload=false",
            fixed=_SIGN.format(""),
        ),
        Example(
            title="a key, an instance of one's own, a release that refuses it or is not known, uploaded, a fixture of tests",
            files=_SIGN.format("--tlog-upload=false --key k ")
            + _SIGN.format("--tlog-upload=false --rekor-url https://rekor.acme.test ").replace(
                "sign.yml", "own.yml"
            )
            + _SIGN.format("--tlog-upload=false ")
            .replace("sign.yml", "three.yml")
            .replace("v3.8.1", "v4.1.2")
            + _SIGN.format("--tlog-upload=false ").replace("sign.yml", "main.yml").replace("v3.8.1", "main")
            + _SIGN.format("--tlog-upload=true ").replace("sign.yml", "on.yml")
            + _SIGN.format("--tlog-upload=false ")
            .replace("sign.yml", "fixtures.yml")
            .replace("acme/web", "acme/fixtures/web"),
        ),
        Example(
            title="the file says that it runs apart from the network",
            files=_VERIFY.format("--insecure-ignore-tlog ").replace(
                "cosign", "# In the air-gapped zone\ncosign"
            ),
        ),
        Example(
            title="a comment says why there is no entry, and how it is verified therefore",
            files=_SIGN.format("--tlog-upload=false ").replace(
                "run: cosign", "run: |\n          # too large for an entry in Rekor\n          cosign"
            )
            + _VERIFY.format("--insecure-ignore-tlog ").replace(
                "cosign", "# signed without an entry in the transparency log\ncosign"
            ),
        ),
        Example(
            title="a comment on something else",
            files=_VERIFY.format("--insecure-ignore-tlog ").replace(
                "cosign", "# TODO: this has to look into the transparency log\ncosign"
            ),
            at="--insecure-ignore-tlog",
            fixed=_VERIFY.format("").replace(
                "cosign", "# TODO: this has to look into the transparency log\ncosign"
            ),
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
        if own or is_test(call.location.path) or not call.arguments.certain or _is_apart(call):
            continue
        for name in _OPTIONS if call.name in _CALLS else ():
            span = call.arguments.span_of(name)
            if span is not None and call.arguments.has(name):
                yield _of_verification(call, name, span)
    for signature in repo.signatures:
        span = signature.arguments.span_of("tlog-upload")
        pushes = repo.pushes_in.get(signature.location.text, ())
        are_fixtures = any(is_fixture(image, pushes) for _, image in signature.references)
        if span is not None and not are_fixtures and _is_kept_out(signature):
            yield _of_signature(signature, span)


def _is_apart(call: CosignCall) -> bool:
    """Whether the file says that there is no way to the public instance, or another one, or a comment of the
    script that the log is left out."""
    source = call.invocation.script.source
    return bool(_APART.search(call.location.text.content) or _LEAVES_LOG.search(source))


def _is_kept_out(signature: Signature) -> bool:
    """Whether a keyless signature of cosign 2 certainly gets no entry; cosign 3 refuses the option."""
    is_off = signature.arguments.has("tlog-upload") is False and signature.cosign.major == 2
    own = signature.has_any(*_OWN) or "cosign initialize" in signature.invocation.script.source
    return (
        is_off
        and signature.uses_public_sigstore
        and not own
        and not is_test(signature.location.path)
        and not _is_apart(signature)
    )


def _of_verification(call: CosignCall, name: str, span: Span) -> Finding:
    place = call.invocation.place(span)
    return Finding(
        message=f"{code('--' + name)} leaves the log out of the verification.",
        consequence="A certificate is valid for ten minutes: without the log nothing shows that the signature was made in that time, and a stolen one passes for ever.",
        location=Location(place.text, place.span),
        fixes=_without(call, span, "Were these images signed with an entry in the log?"),
    )


def _of_signature(signature: Signature, span: Span) -> Finding:
    place = signature.invocation.place(span)
    return Finding(
        message=f"{code(place.fragment)} keeps a keyless signature out of the transparency log.",
        consequence="A certificate is valid for ten minutes: without an entry nothing shows that the signature was made in that time, and verification refuses it.",
        location=Location(place.text, place.span),
        fixes=_without(
            signature, span, "May everybody read the image's name and the workflow's in the public log?"
        ),
    )


def _without(call: CosignCall, span: Span, caution: str) -> tuple[Fix, ...]:
    source = call.invocation.script.source
    end = span.end + 1 if source[span.end : span.end + 1] == " " else span.end
    edit = call.replaced(Span(span.start, end), "") if end > span.end else None
    return offer("delete the option", Applicability.UNSAFE, edit, caution=caution)
