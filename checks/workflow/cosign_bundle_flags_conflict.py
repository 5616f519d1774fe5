"""Options of cosign exclude each other

cosign 3 takes the addresses of the services from a signing configuration (`--use-signing-config`, on by
default) and stores bundles. `--new-bundle-format=false`, `--tlog-upload=false` and the addresses of own
services (`--rekor-url`, `--fulcio-url`, `--oidc-issuer`, `--timestamp-server-url`) are refused beside it: the
command ends with an error.

Add `--use-signing-config=false`.

The check is silent for cosign 2, where the release is not known, and for the public services' own addresses.

References:

- https://github.com/sigstore/cosign/blob/v3.0.6/cmd/cosign/cli/signcommon/common.go
- https://github.com/sigstore/cosign/blob/main/CHANGELOG.md
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import Signature

_PUBLIC = {
    "rekor-url": "https://rekor.sigstore.dev",
    "fulcio-url": "https://fulcio.sigstore.dev",
    "oidc-issuer": "https://oauth2.sigstore.dev/auth",
    "timestamp-server-url": "",
}
_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
      - run: cosign sign --yes --new-bundle-format=false ghcr.io/acme/web@${{ needs.build.outputs.digest }}
"""
_CALL = "cosign sign --yes --new-bundle-format=false ghcr.io/acme/web@${{ needs.build.outputs.digest }}"

check = Check(
    id="cosign-bundle-flags-conflict",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("cosign", "sign"),
    examples=(
        Example(
            title="the former format with the signing configuration",
            files=_WORKFLOW,
            at=_CALL,
            fixed=_WORKFLOW.replace("cosign sign", "cosign sign --use-signing-config=false"),
        ),
        Example(
            title="switched off, cosign 2, the public address, an unknown release, a key without the log",
            files=_WORKFLOW.replace("--yes", "--yes --use-signing-config=false")
            + _WORKFLOW.replace("sign.yml", "two.yml").replace("v4.1.2", "v3.10.1")
            + _WORKFLOW.replace("sign.yml", "url.yml").replace(
                "--new-bundle-format=false", "--rekor-url=https://rekor.sigstore.dev"
            )
            + _WORKFLOW.replace("sign.yml", "main.yml").replace("v4.1.2", "main")
            + _WORKFLOW.replace("sign.yml", "env.yml").replace(
                "permissions:", "env: {COSIGN_USE_SIGNING_CONFIG: 'false'}\npermissions:"
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for signature in repo.signatures:
        major = signature.cosign.major
        if major is None or major < 3 or signature.arguments.span_of("signing-config") is not None:
            continue
        refused = _refused(signature)
        if refused and signature.flag("use-signing-config", default=True) is True:
            yield Finding(
                message=f"{code(refused)} is refused beside {code('--use-signing-config')}, which cosign 3 has on by default.",
                consequence=f"{code(signature.name)} ends with an error before it signs anything.",
                location=signature.location,
                fixes=offer(
                    "switch the signing configuration off",
                    Applicability.SAFE,
                    signature.with_option("--use-signing-config=false")
                    if signature.arguments.span_of("use-signing-config") is None
                    else None,
                ),
            )


def _refused(signature: Signature) -> str:
    """The option that cosign 3 refuses, as it is written, or nothing."""
    arguments = signature.arguments
    for name in ("new-bundle-format", "tlog-upload"):
        span = arguments.span_of(name)
        if span is not None and arguments.has(name) is False and arguments.last("bundle") is None:
            return signature.invocation.script[span]
    for name, public in _PUBLIC.items():
        word, span = arguments.last(name), arguments.span_of(name)
        if word is not None and span is not None and word.literal and word.literal.rstrip("/") != public:
            return signature.invocation.script[span]
    return ""
