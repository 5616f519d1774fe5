"""Digest is joined to the image's name by a colon

`name:sha256:…` is no reference: a digest follows an `@`, a colon begins a tag, and a tag has no colon in it.
The command ends with "could not parse reference".

Write `@` in place of the colon.

The check is silent for tags made of a digest's characters without `sha256:`, and for values that are not
certainly a digest.

References:

- https://github.com/distribution/reference/blob/main/reference.go
- https://github.com/docker/build-push-action#outputs
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
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
from checks.facts.image.signing import CosignCall
from checks.facts.tree import Edit, Span, Word
from checks.regex import regex

_COLON = regex(
    r":(?=\$\{\{\s*(?:steps|needs)\.[\w.-]+\.outputs\.[\w-]*digest\s*\}\}|sha256:[0-9a-f]{64}|\$\{?[A-Z_]*DIGEST\}?[\"']?$)"
)
_CALLS = ("cosign sign", "cosign attest", "cosign verify", "cosign verify-attestation")
_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - uses: docker/build-push-action@v7
        id: build
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
      - run: cosign sign --yes "ghcr.io/acme/web:${{ steps.build.outputs.digest }}"
"""

check = Check(
    id="digest-joined-by-colon",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.SAFE,
    tags=("cosign", "sign"),
    examples=(
        Example(
            title="the digest of a build, where a tag would stand",
            files=_WORKFLOW,
            at=":",
            fixed=_WORKFLOW.replace("web:${{", "web@${{"),
        ),
        Example(
            title="a digest, a tag of a digest's characters, a variable of another name",
            files=_WORKFLOW.replace("web:${{", "web@${{")
            + """\
-- sign.sh --
cosign verify --key k ghcr.io/acme/web:sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.sig
cosign verify --key k "ghcr.io/acme/web:$TAG"
cosign sign --yes "ghcr.io/acme/web:${DIGEST#sha256:}"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for call in repo.cosign_calls:
        for word in call.subjects if call.name in _CALLS else ():
            found = _colon(call, word)
            if found is not None:
                yield Finding(
                    message=f"{code(call.invocation.script[word.span].strip(chr(34)))} joins a digest to the name by a colon.",
                    consequence=f"{code(call.name)} ends with “could not parse reference”: a digest follows an `@`.",
                    location=found,
                    fixes=offer("write `@`", Applicability.SAFE, Edit(found.path, found.span, "@")),
                )


def _colon(call: CosignCall, word: Word) -> Location | None:
    """The colon before a digest, where it can be placed."""
    match = _COLON.search(call.invocation.script[word.span])
    if match is None or any("@" in part for part in word.parts if isinstance(part, str)):
        return None
    start = word.span.start + match.start()
    place = call.invocation.place(Span(start, start + 1))
    return place if place.fragment == ":" and _is_known(call, word) else None


def _is_known(call: CosignCall, word: Word) -> bool:
    """Whether a variable in the word is certainly a whole digest: not where the script cuts its prefix off."""
    script = call.invocation.script.source
    written = call.invocation.script[word.span]
    return "DIGEST" not in written or "sha256:" in script
