"""Keyless signing waits for a confirmation

cosign 2 asks before it writes to the public transparency log. A job has no terminal, and the answer is no:
for a public image the command ends with status 1; for a private one it succeeds without an entry in the log,
and the signature fails where it is verified.

Give `--yes`, or set `COSIGN_YES`.

The check speaks only where cosign 2 is certainly installed, or a newer one with `--use-signing-config=false`:
with the defaults of cosign 3 nothing asks. It is silent for keys with `--tlog-upload=false`, and where the
variable is set.

References:

- https://github.com/sigstore/cosign/blob/v2.6.1/cmd/cosign/cli/sign/sign.go
- https://github.com/sigstore/cosign/blob/main/CHANGELOG.md#v200
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

_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""

check = Check(
    id="cosign-missing-yes",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("cosign", "sign"),
    examples=(
        Example(
            title="cosign 2 without `--yes`",
            files=_WORKFLOW,
            at='cosign sign "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"',
            fixed=_WORKFLOW.replace("cosign sign", "cosign sign --yes"),
        ),
        Example(
            title="`--yes`, its short form, its variable, cosign 3, an unknown release, a key without the log",
            files=_WORKFLOW.replace("cosign sign", "cosign sign --yes")
            + _WORKFLOW.replace("sign.yml", "short.yml").replace("cosign sign", "cosign sign -y")
            + _WORKFLOW.replace("sign.yml", "env.yml").replace(
                "permissions:", "env: {COSIGN_YES: 'true'}\npermissions:"
            )
            + _WORKFLOW.replace("sign.yml", "export.yml").replace(
                "cosign sign", "COSIGN_YES=true cosign sign"
            )
            + _WORKFLOW.replace("sign.yml", "three.yml").replace("v3.8.1", "v4.1.2")
            + _WORKFLOW.replace("sign.yml", "one.yml").replace("v3.8.1", "v3.0.0")
            + _WORKFLOW.replace("sign.yml", "main.yml").replace("v3.8.1", "main")
            + _WORKFLOW.replace("sign.yml", "key.yml").replace(
                "cosign sign", "cosign sign --key k --tlog-upload=false"
            )
            + _WORKFLOW.replace("sign.yml", "words.yml").replace("cosign sign", "cosign sign $COSIGN_FLAGS")
            + _WORKFLOW.replace("sign.yml", "pipe.yml").replace("cosign sign", "yes | cosign sign"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for signature in repo.signatures:
        if _asks(signature):
            yield Finding(
                message=f"{code(signature.name)} of cosign {'.'.join(map(str, signature.cosign.version or ()))} asks for a confirmation, and a job has nobody to give it.",
                consequence=(
                    "For a public image the step fails. For a private one it succeeds without an entry in the "
                    "transparency log, and verification fails later, in the cluster."
                ),
                location=signature.location,
                fixes=offer("confirm with `--yes`", Applicability.SAFE, signature.with_option("--yes")),
            )


def _asks(signature: Signature) -> bool:
    major = signature.cosign.major
    if major is None or major < 2 or signature.flag("yes", default=False) is not False:
        return False
    if major >= 3 and signature.flag("use-signing-config", default=True) is not False:
        return False
    if signature.flag("tlog-upload", default=True) is not True or signature.has_any("signing-config"):
        return False
    command = signature.invocation.command
    fed = command.piped_from is not None or any(one.operator.startswith("<") for one in command.redirections)
    return signature.is_keyless is True and not fed and not _uploads_nothing(signature)


def _uploads_nothing(signature: Signature) -> bool:
    return (
        signature.flag("upload", default=True) is not True
        or signature.flag("no-upload", default=False) is not False
    )
