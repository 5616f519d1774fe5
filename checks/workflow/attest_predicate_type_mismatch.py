"""Type of an attestation does not fit its file

`cosign attest --type` says what the predicate is, and how cosign reads the file: `spdx` takes it for text and
stores JSON as one string; `cyclonedx` and `spdxjson` parse it. A policy that looks into the predicate then
finds a string, or the other format's fields.

Use `spdxjson` for SPDX in JSON, and `cyclonedx` for CycloneDX.

The check speaks where the same script has the tool write the file in a known format, or the file's name ends
with `.spdx.json`. It is silent for `cosign attach sbom`, where `spdx` is right, and for types given as a URI.

References:

- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/predicate.go
- https://github.com/sigstore/cosign/blob/main/pkg/cosign/attestation/attestation.go
- https://github.com/anchore/syft#output-formats
"""

from __future__ import annotations

import re
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

_RIGHT = {"spdx-json": "spdxjson", "cyclonedx-json": "cyclonedx"}
_READS = {"spdx": "SPDX in its text form", "spdxjson": "SPDX in JSON", "cyclonedx": "CycloneDX"}
_SHOWN = {"spdx-json": "SPDX in JSON", "cyclonedx-json": "CycloneDX"}

check = Check(
    id="attest-predicate-type-mismatch",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.SAFE,
    tags=("cosign", "sbom"),
    examples=(
        Example(
            title="the text form's type for a file in JSON",
            files="""\
-- attest.sh --
syft scan "$IMAGE" -o spdx-json=sbom.json
cosign attest --yes --type spdx --predicate sbom.json "$IMAGE@$DIGEST"
""",
            at='cosign attest --yes --type spdx --predicate sbom.json "$IMAGE@$DIGEST"',
            fixed="""\
-- attest.sh --
syft scan "$IMAGE" -o spdx-json=sbom.json
cosign attest --yes --type spdxjson --predicate sbom.json "$IMAGE@$DIGEST"
""",
        ),
        Example(
            title="CycloneDX's type for SPDX, told by the file's name",
            files="""\
-- attest.sh --
cosign attest --yes --predicate=web.spdx.json --type=cyclonedx "$IMAGE@$DIGEST"
""",
            at='cosign attest --yes --predicate=web.spdx.json --type=cyclonedx "$IMAGE@$DIGEST"',
            fixed="""\
-- attest.sh --
cosign attest --yes --predicate=web.spdx.json --type spdxjson "$IMAGE@$DIGEST"
""",
        ),
        Example(
            title="types that fit, a format that is not known, an attachment, a URI",
            files="""\
-- attest.sh --
syft scan "$IMAGE" -o spdx-json=sbom.json -o cyclonedx-json=bom.json -o spdx-tag-value=sbom.spdx
cosign attest --yes --type spdxjson --predicate sbom.json "$IMAGE@$DIGEST"
cosign attest --yes --type cyclonedx --predicate bom.json "$IMAGE@$DIGEST"
cosign attest --yes --type spdx --predicate sbom.spdx "$IMAGE@$DIGEST"
cosign attest --yes --type spdx --predicate other.json "$IMAGE@$DIGEST"
cosign attest --yes --type https://spdx.dev/Document --predicate sbom.json "$IMAGE@$DIGEST"
cosign attach sbom --sbom sbom.json --type spdx "$IMAGE@$DIGEST"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for signature in repo.signatures:
        type_, predicate = signature.arguments.last("type"), signature.arguments.last("predicate")
        if not signature.is_attestation or type_ is None or predicate is None or not predicate.literal:
            continue
        written = _format(signature, predicate.literal)
        right = _RIGHT.get(written)
        span = signature.arguments.span_of("type")
        if right is None or type_.literal not in _READS or type_.literal == right or span is None:
            continue
        yield Finding(
            message=f"{code(predicate.literal)} is {_SHOWN[written]}, and {code('--type ' + type_.literal)} is for {_READS[type_.literal]}.",
            consequence="The attestation is signed with the wrong contents: a policy that looks into it finds one string, or other fields.",
            location=signature.location,
            fixes=offer(
                f"attest it as {code(right)}",
                Applicability.SAFE,
                signature.replaced(span, f"--type {right}"),
            ),
        )


def _format(signature: Signature, path: str) -> str:
    """The format of a file as syft's name for it; empty where it is not known."""
    script = signature.invocation.script.source
    found = set(
        re.findall(
            rf"\b(spdx-json|cyclonedx-json|spdx-tag-value)=(?:\./)?{re.escape(path.removeprefix('./'))}(?![\w.-])",
            script,
        )
    )
    if len(found) == 1:
        return str(found.pop())
    return "spdx-json" if not found and path.endswith(".spdx.json") else ""
