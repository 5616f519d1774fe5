"""Image is signed by its tag

A tag names whatever was pushed under it last. `cosign sign name:tag` signs what the registry has at that moment: if
another run, or somebody else, has pushed in between, their image gets the signature, and the one that was built and
scanned may have none.

Sign the digest that the push has answered with: `name@${{ steps.<build>.outputs.digest }}`.

The check is silent for `cosign verify`, for names whose value is not known, for tags with the number of the run, which
nobody else pushes, for registries on the job's own machine, and in tests and samples. It is a note for tags that nothing
is known to move: versions, and the tag of a commit.

References:

- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/sign/sign.go
- https://docs.sigstore.dev/cosign/signing/signing_with_containers/
- https://github.com/docker/build-push-action#outputs
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
from checks.facts.policies import is_test
from checks.facts.references import Reference, is_moving, reference
from checks.facts.signing import Signature, name_of
from checks.facts.step_edits import with_variable
from checks.facts.tree import Word
from checks.facts.value import Varies
from checks.facts.workflows import Step

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
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:${{ github.sha }}
      - run: cosign sign --yes IMAGE
"""
_TAG = "ghcr.io/acme/web:${{ github.sha }}"

check = Check(
    id="sign-by-tag",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    tags=("security", "cosign", "sign"),
    security_severity=6.0,
    examples=(
        Example(
            title="the tag that an earlier step of the job has pushed",
            files=_WORKFLOW.replace("IMAGE", _TAG),
            at=_TAG,
            fixed=_WORKFLOW.replace(
                "run: cosign sign --yes IMAGE",
                """env:
          DIGEST: ${{ steps.build.outputs.digest }}
        run: cosign sign --yes "ghcr.io/acme/web@$DIGEST\"""",
            ),
        ),
        Example(
            title="an attestation of a version's tag, in a script",
            files="""\
-- attest.sh --
cosign attest --yes --type spdxjson --predicate sbom.spdx.json registry.acme.test/web:v1.2.3
""",
            at="registry.acme.test/web:v1.2.3",
        ),
        Example(
            title="digests, a verification, a port, names that are not known, a registry of the job's own",
            files=_WORKFLOW.replace("IMAGE", "ghcr.io/acme/web@${{ steps.build.outputs.digest }}")
            + """\
-- sign.sh --
cosign verify --certificate-identity me@acme.test --certificate-oidc-issuer https://accounts.google.com ghcr.io/acme/web:1
cosign sign --yes "$IMAGE"
cosign sign --yes "ghcr.io/acme/web${SUFFIX}"
cosign sign --yes "ghcr.io/acme/web:1@$DIGEST"
cosign sign --yes registry.acme.test:5000/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
cosign sign --yes registry.acme.test:5000/web
cosign sign --yes "ghcr.io/acme/web:$DIGEST_OR_TAG"
cosign sign --yes localhost:5000/acme/web:latest
cosign sign --yes registry.local:5001/acme/web:latest
-- samples/sign.sh --
cosign sign --yes ghcr.io/acme/web:v1
-- sign-sample.sh --
cosign sign --yes ghcr.io/acme/web:latest
"""
            + _WORKFLOW.replace("sign.yml", "run.yml").replace(
                "IMAGE", "ghcr.io/acme/web:${{ github.run_id }}"
            ),
        ),
    ),
)

_VERSION = re.compile(r"v?\d+\.\d+\.\d+")
_SAMPLE = re.compile(
    r"(?:^|[/_.-])(?:examples?|samples?|demos?|tutorials?)[/_.-]|(?:^|/)docs?/", re.IGNORECASE
)


def run(repo: Repository) -> Iterator[Finding]:
    for signature in repo.signatures:
        for word, image in signature.references:
            path = signature.location.path
            if _is_by_tag(word, image) and not is_test(path) and not _SAMPLE.search(path):
                yield _finding(repo, signature, word, image)


def _is_by_tag(word: Word, image: Reference) -> bool:
    """Whether a known tag, or one with a commit or a version, stands where a digest could."""
    tag = image.tag
    digest = any("@" in part for part in word.parts if isinstance(part, str))
    is_passing = image.is_on_this_machine or "ttl.sh" in str(image.host)
    if tag is None or digest or tag.is_unknown or not image.path.parts or is_passing:
        return False
    return not any(hole.varies in (Varies.DIGEST, Varies.RUN) for hole in tag.holes) and not str(
        tag
    ).startswith("sha256")


def _finding(repo: Repository, signature: Signature, word: Word, image: Reference) -> Finding:
    place = signature.invocation.place(word.span)
    tag = str(image.tag)
    verb = "attests" if signature.is_attestation else "signs"
    return Finding(
        message=f"{code(signature.name)} {verb} whatever {code(tag)} names when it runs.",
        consequence=(
            "The tag is looked up when the command runs: if another run or somebody else has pushed under it by then, that "
            "gets the signature, and what was meant may have none."
        ),
        location=place,
        fixes=_fixes(repo, signature, word, image, place),
        severity=None if is_moving(image.tag_or_default) and not _VERSION.match(tag) else Severity.NOTE,
    )


def _fixes(
    repo: Repository, signature: Signature, word: Word, image: Reference, place: Location
) -> tuple[Fix, ...]:
    pushing = _pushed_by(repo, signature, image)
    written = signature.invocation.script[word.span]
    bare = written.strip("\"'")
    head, colon, tail = bare.rpartition(":")
    if (
        pushing is None
        or signature.step is None
        or not colon
        or ("}}" in tail and "${{" not in tail)
        or place.fragment != written
        or "$(" in head
        or (written.startswith("'") and "$" in head.replace("${{", ""))
    ):
        return ()
    return offer(
        f"sign the digest that step {code(pushing.id)} has pushed",
        Applicability.UNSAFE,
        with_variable(signature.step, "DIGEST", f"${{{{ steps.{pushing.id}.outputs.digest }}}}"),
        signature.replaced(word.span, f'"{head}@$DIGEST"'),
        caution="Does something look for the signature by another image than the one that this step pushes?",
    )


def _pushed_by(repo: Repository, signature: Signature, image: Reference) -> Step | None:
    """The one earlier step of the job that certainly pushes the same name and tag, and has an id."""
    step = signature.step
    if step is None or step.job is None:
        return None
    found = {
        build.step
        for build in repo.builds
        if build.step is not None
        and build.step.job is step.job
        and build.step.index < step.index
        and build.step.id
        and build.step.uses is not None
        and build.pushes
        and any(_same(reference(tag.value), image) for tag in build.tags)
    }
    return found.pop() if len(found) == 1 else None


def _same(one: Reference, other: Reference) -> bool:
    return name_of(one) == name_of(other) and one.tag == other.tag
