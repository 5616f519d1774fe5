"""SBOM is attached to the image without a signature

`cosign attach sbom` stores the file beside the image under a tag and signs nothing: whoever can push to the
repository can replace it, and no policy can ask for it. It is deprecated since 2022; cosign 4 is to be
without it.

`cosign attest` signs the SBOM as an attestation of the image's digest. Its type for SPDX in JSON is
`spdxjson`; `spdx` is the tag-value form.

The check is silent for `cosign attach signature` and `cosign attach attestation`, and where a later command
signs the attached SBOM by its own digest.

References:

- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/attach.go
- https://docs.sigstore.dev/cosign/verifying/attestation/
- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/predicate.go
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
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import CosignCall
from checks.facts.workflow.job_order import comes_before

_OURS = frozenset(
    ("sbom", "type", "input-format", "yes", "allow-insecure-registry", "registry-referrers-mode")
)

check = Check(
    id="cosign-attach-sbom",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    tags=("security", "sbom", "cosign"),
    security_severity=4.0,
    examples=(
        Example(
            title="SPDX in JSON, attached by digest",
            files="""\
-- .github/workflows/sbom.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write, packages: write}
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: |
          syft scan "$IMAGE" -o spdx-json=sbom.spdx.json
          cosign attach sbom --sbom sbom.spdx.json --type spdx "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
""",
            at='cosign attach sbom --sbom sbom.spdx.json --type spdx "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"',
            fixed="""\
-- .github/workflows/sbom.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write, packages: write}
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: |
          syft scan "$IMAGE" -o spdx-json=sbom.spdx.json
          cosign attest --yes --type spdxjson --predicate sbom.spdx.json "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
""",
        ),
        Example(
            title="by tag, over several lines of a script",
            files="""\
-- sbom.sh --
syft scan myapp:latest --output cyclonedx-json=bom.json

cosign attach sbom \\
  --sbom bom.json \\
  --type cyclonedx \\
  registry.acme.test/myapp:v1.2.3
grype sbom:./bom.json
""",
            at="cosign attach sbom \\\n  --sbom bom.json \\\n  --type cyclonedx \\\n  registry.acme.test/myapp:v1.2.3",
            fixed="""\
-- sbom.sh --
syft scan myapp:latest --output cyclonedx-json=bom.json

cosign attest --yes \\
  --predicate bom.json \\
  --type cyclonedx \\
  "registry.acme.test/myapp@$DIGEST"
grype sbom:./bom.json
""",
        ),
        Example(
            title="a release that has the command, and a script that downloads what it attaches: a note",
            files="""\
-- .github/workflows/sbom.yml --
on: {push: {tags: ['v*']}}
permissions: {contents: read, id-token: write, packages: write}
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign attach sbom --sbom web.spdx --type unknown "ghcr.io/acme/web:1"
-- read.sh --
cosign download sbom ghcr.io/acme/web:1
""",
            at='cosign attach sbom --sbom web.spdx --type unknown "ghcr.io/acme/web:1"',
        ),
        Example(
            title="attestations, other things that are attached, a word in a text",
            files="""\
-- sbom.sh --
cosign attest --yes --type spdxjson --predicate sbom.json "$IMAGE@$DIGEST"
cosign attach signature --signature web.sig "$IMAGE@$DIGEST"
echo "we no longer run cosign attach sbom"
# cosign attach sbom --sbom sbom.json image
""",
        ),
        Example(
            title="the attached SBOM is signed itself",
            files="""\
-- .github/workflows/sbom.yml --
on: {push: {tags: ['v*']}}
permissions: {contents: read, id-token: write, packages: write}
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3
      - run: cosign attach sbom --sbom web.spdx "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
      - env:
          DIGEST: ${{ needs.build.outputs.digest }}
        run: |
          sbom_digest="sha256:$(crane manifest "ghcr.io/acme/web:${DIGEST/:/-}.sbom" | sha256sum | cut -c -64)"
          cosign sign --yes "ghcr.io/acme/web@${sbom_digest}"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for call in repo.cosign_calls:
        if call.name == "cosign attach sbom" and not _is_signed(repo, call):
            yield Finding(
                message=f"{code('cosign attach sbom')} stores the SBOM without a signature.",
                consequence=(
                    "Whoever can push to the repository can replace it, and no policy can ask for it; the command "
                    "is deprecated and leaves with cosign 4."
                ),
                location=call.location,
                fixes=_fixes(call),
                severity=Severity.NOTE if _is_read_so(repo, call) else None,
            )


def _is_signed(repo: Repository, call: CosignCall) -> bool:
    """Whether a later command of the job, or of the script, seems to sign what was attached."""
    return any(
        "sbom" in one.location.fragment.lower()
        and comes_before(call.step, call.location, one.step, one.location)
        for one in repo.cosign_calls
        if one.name == "cosign sign" and one.location.text is call.location.text
    )


def _fixes(call: CosignCall) -> tuple[Fix, ...]:
    """The same command as `cosign attest`, word for word in the author's layout."""
    arguments = call.arguments
    sbom, type_ = arguments.last("sbom"), arguments.last("type")
    names = {option.name for option in arguments.options}
    if not arguments.certain or sbom is None or len(arguments.operands) != 1 or not names <= _OURS:
        return ()
    predicate = _predicate(type_.literal if type_ else "spdx", sbom.literal or "")
    verbs = [word for word in call.invocation.command.arguments if word.literal in ("attach", "sbom")][:2]
    image = arguments.operands[0]
    if predicate is None or len(verbs) != 2:
        return ()
    by_digest = any("@" in part for part in image.parts if isinstance(part, str))
    type_span = arguments.span_of("type")
    sbom_span = arguments.span_of("sbom")
    name = (image.literal or "").rpartition(":")[0]
    if sbom_span is None or (not by_digest and (not name or "/" in (image.literal or "").rpartition(":")[2])):
        return ()
    script = call.invocation.script
    options = "--yes" if type_span else f"--yes --type {predicate}"
    edits = [
        call.replaced(verbs[0].span.to(verbs[1].span), f"attest {options}"),
        call.replaced(sbom_span, f"--predicate {script[sbom.span]}"),
    ]
    reordered = (
        type_span is not None
        and sbom_span.start < type_span.start
        and "\n" not in script[sbom_span.to(type_span)]
    )
    if reordered and type_span:
        edits[1] = call.replaced(
            sbom_span.to(type_span), f"--type {predicate} --predicate {script[sbom.span]}"
        )
    elif type_span is not None and type_ is not None and type_.literal != predicate:
        edits.append(call.replaced(type_span, f"--type {predicate}"))
    if by_digest:
        return offer(
            "attest the SBOM instead",
            Applicability.UNSAFE,
            *edits,
            caution="Does something read the SBOM by `cosign download sbom`? From then on it is `cosign download attestation`.",
        )
    edits.append(call.replaced(image.span, f'"{name}@$DIGEST"'))
    return offer("attest the SBOM of the digest instead", Applicability.DISPLAY, *edits)


def _is_read_so(repo: Repository, call: CosignCall) -> bool:
    """Whether a release that certainly has the command writes what another command of the repository downloads."""
    is_pinned = call.cosign.major is not None and call.cosign.major <= 2
    return is_pinned and any(one.name == "cosign download sbom" for one in repo.cosign_calls)


def _predicate(type_: str | None, path: str) -> str | None:
    """cosign's name for the predicate type of a file; None where it can't be told."""
    if type_ == "cyclonedx":
        return "cyclonedx"
    if type_ in ("spdx", "text"):
        return "spdxjson" if path.endswith(".json") else None
    return None
