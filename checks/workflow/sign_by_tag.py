"""Image is signed by its tag

A tag names whatever was pushed under it last. `cosign sign name:tag` signs what the registry has at that
moment: if another run, or somebody else, has pushed in between, their image gets the signature, and the one
that was built and scanned may have none.

Sign the digest that the push has answered with: `name@${{ steps.<build>.outputs.digest }}`.

The check is silent for `cosign verify`, for names whose value is not known, for tags with the number of the
run, which nobody else pushes, for registries on the job's own machine, and in tests and samples. So it is for
images that are made for tests of verification: in their path stands `fixtures`, or the workflow pushes one of
the same path whose tag says `unsigned`. It is a note for tags that nothing is known to move: versions, and the
tag of a commit.

References:

- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/sign/sign.go
- https://docs.sigstore.dev/cosign/signing/signing_with_containers/
- https://github.com/docker/build-push-action#outputs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.code_span import listed
from checks.facts.image.references import Reference, is_moving, reference
from checks.facts.image.signing import Signature, is_fixture, name_of
from checks.facts.policy.policies import is_test
from checks.facts.script.scripts import Connector, GuardKind
from checks.facts.tree import Word
from checks.facts.value import Varies
from checks.facts.workflow.step_edits import with_variable
from checks.facts.workflow.workflows import Step
from checks.regex import regex

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
_TWO_TAGS = _WORKFLOW.replace(
    f"tags: {_TAG}", f"tags: |\n            {_TAG}\n            ghcr.io/acme/web:latest"
).replace("run: cosign sign --yes IMAGE", "run: |\n          cosign sign --yes IMAGES")
_SIGNED_ONCE = _TWO_TAGS.replace(
    "run: |\n          cosign sign --yes IMAGES",
    """env:
          DIGEST: ${{ steps.build.outputs.digest }}
        run: |
          cosign sign --yes "ghcr.io/acme/web@$DIGEST\"""",
)
_IN_LEGS = """\
-- .github/workflows/legs.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        include:
          - {tag: stable, by: key}
          - {tag: edge, by: key}
          - {tag: next, by: none}
          - {tag: nightly}
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: ${{ github.ref == 'refs/heads/main' }}
          tags: ghcr.io/acme/web:${{ matrix.tag }}
      - if: ${{ matrix.by == 'key' }}
        run: cosign sign --yes ghcr.io/acme/web:${{ matrix.tag }}
"""

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
            title="two tags of one push, by two lines, and by one",
            files=_TWO_TAGS.replace("IMAGES", f"{_TAG}\n          cosign sign --yes ghcr.io/acme/web:latest")
            + _TWO_TAGS.replace("sign.yml", "words.yml").replace("IMAGES", f"{_TAG} ghcr.io/acme/web:latest"),
            at=(_TAG, _TAG),
            fixed=_SIGNED_ONCE,
        ),
        Example(
            title="two tags of one push, one in a line with another command, one that is signed elsewhere in its own way",
            files=_TWO_TAGS.replace(
                "IMAGES",
                f"{_TAG}; cosign sign --yes ghcr.io/acme/web:latest\n          cosign sign --yes -a by=ci {_TAG}",
            ),
            at=(_TAG, _TAG),
        ),
        Example(
            title="tags of one push in two branches, each of which signs",
            files=_TWO_TAGS.replace(
                "          cosign sign --yes IMAGES",
                f"""\
          if [ "$GITHUB_REF_TYPE" = tag ]; then
            cosign sign --yes {_TAG}
          else
            cosign sign --yes ghcr.io/acme/web:latest
          fi""",
            ),
            at=(_TAG, "ghcr.io/acme/web:latest"),
            fixed=_TWO_TAGS.replace(
                "run: |\n          cosign sign --yes IMAGES",
                """\
env:
          DIGEST: ${{ steps.build.outputs.digest }}
        run: |
          if [ "$GITHUB_REF_TYPE" = tag ]; then
            cosign sign --yes "ghcr.io/acme/web@$DIGEST"
          else
            cosign sign --yes ghcr.io/acme/web:latest
          fi""",
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
            title="tags of a matrix, each in the leg that the step's condition leaves",
            files=_IN_LEGS,
            at="ghcr.io/acme/web:${{ matrix.tag }}",
        ),
        Example(
            title="a matrix with an image that stays unsigned, as tests of verification need one, and a path that says so",
            files=_IN_LEGS.replace("tag: next", "tag: unsigned")
            + _WORKFLOW.replace("sign.yml", "fixtures.yml").replace(
                "IMAGE", "ghcr.io/acme/fixtures/web:by-tag"
            ),
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

_SHOWN = 3
"""Tags that a message names."""
_VERSION = regex(r"v?\d+\.\d+\.\d+")
_SAMPLE = regex(r"(?:^|[/_.-])(?:examples?|samples?|demos?|tutorials?)[/_.-]|(?:^|/)docs?/", re.IGNORECASE)


class _Named(NamedTuple):
    """An image by its tag, in a command that signs it."""

    signature: Signature
    word: Word
    image: Reference
    pushing: Step | None
    """The one step that has certainly pushed it."""

    @property
    def head(self) -> str:
        """The image as it is written, without its tag."""
        return _head(self.signature, self.word)

    @property
    def place(self) -> Location:
        return self.signature.invocation.place(self.word.span)

    @property
    def rest(self) -> str:
        """The command without the tags of this image, which differ between commands that sign the same."""
        script, span = self.signature.invocation.script, self.signature.invocation.command.span
        same = [it.span for it in self.signature.subjects if _head(self.signature, it) == self.head]
        ends = [span.start, *(end for it in same for end in (it.start, it.end)), span.end]
        return " ".join("".join(script.source[a:b] for a, b in list(pairwise(ends))[::2]).split())


def run(repo: Repository) -> Iterator[Finding]:
    together: dict[object, list[_Named]] = {}
    for signature in repo.signatures:
        path, pushes = signature.location.path, repo.pushes_in.get(signature.location.text, ())
        for word, image in signature.references if not is_test(path) and not _SAMPLE.search(path) else ():
            if _is_by_tag(word, image) and not is_fixture(image, pushes):
                one = _Named(signature, word, image, _pushed_by(repo, signature, image))
                together.setdefault(_signs(one), []).append(one)
    for found in together.values():
        yield _finding(found)


def _signs(one: _Named) -> object:
    """What a command signs once it goes by the digest: the same for all that sign what one step has pushed.

    A word that names several is one, whichever leg of a matrix it signs in.
    """
    if one.pushing is None:
        return one.signature, one.word
    command = one.signature.invocation.command
    branches = tuple(guard for guard in command.guards if guard.kind is not GuardKind.AND)
    return one.signature.step, one.pushing, one.head, one.rest, branches, command.in_function


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


def _finding(found: list[_Named]) -> Finding:
    first, *more = {(one.signature, one.word): one for one in found}.values()
    tags = list(dict.fromkeys(str(one.image.tag) for one in found))
    verb = "attests" if first.signature.is_attestation else "signs"
    fixes, withheld = _repair(first, more)
    return Finding(
        message=f"{code(first.signature.name)} {verb} whatever {listed(tuple(map(code, tags)), _SHOWN)} "
        f"{'names' if len(tags) == 1 else 'name'} when it runs.",
        consequence=(
            "The tag is looked up when the command runs: if another run or somebody else has pushed under it by then, that "
            "gets the signature, and what was meant may have none."
        ),
        location=first.place,
        related=tuple(
            Location(one.place.text, one.place.span, f"{verb} what the same step has pushed") for one in more
        ),
        fixes=fixes,
        withheld=withheld,
        severity=None if any(map(_moves, found)) else Severity.NOTE,
    )


def _moves(one: _Named) -> bool:
    return is_moving(one.image.tag_or_default) and not _VERSION.match(str(one.image.tag))


def _repair(first: _Named, more: list[_Named]) -> tuple[tuple[Fix, ...], str]:
    """The digest in place of the first tag, without the others, which name the same; and why not."""
    pushing, step = first.pushing, first.signature.step
    if pushing is None or step is None or not _can_be_replaced(first):
        return (), ""
    gone = [_without(one, first) for one in more]
    if None in gone:
        return (
            (),
            f"step {code(pushing.id)} pushes one digest: it is to be signed once, and not by its other tags",
        )
    return offer(
        f"sign the digest that step {code(pushing.id)} has pushed{', once' if more else ''}",
        Applicability.UNSAFE,
        with_variable(step, "DIGEST", f"${{{{ steps.{pushing.id}.outputs.digest }}}}"),
        first.signature.replaced(first.word.span, f'"{first.head}@$DIGEST"'),
        *gone,
        caution="Does something look for the signature by another image than the one that this step pushes?",
    ), ""


def _can_be_replaced(one: _Named) -> bool:
    written = one.signature.invocation.script[one.word.span]
    _, colon, tail = written.strip("\"'").rpartition(":")
    return not (
        not colon
        or ("}}" in tail and "${{" not in tail)
        or one.place.fragment != written
        or "$(" in one.head
        or (written.startswith("'") and "$" in one.head.replace("${{", ""))
    )


def _head(signature: Signature, word: Word) -> str:
    return signature.invocation.script[word.span].strip("\"'").rpartition(":")[0]


def _without(one: _Named, first: _Named) -> Edit | None:
    """Deletes the word behind another one of its command, or the lines that its command has for itself."""
    text, place = one.place.text, one.place
    if one.signature is first.signature:
        before = text.content[: place.span.start].rstrip(" \t")
        return Edit(place.path, Span(len(before), place.span.end), "")
    command, at = one.signature.invocation.command, one.signature.location
    above = text.line(text.line_of(at.span.start) - 1)
    lines = Span(above.end, text.line(text.line_of(at.span.end)).end)
    stands_alone = (
        command.connector is Connector.SEQUENCE
        and len(one.signature.subjects) == 1
        and text[lines].strip() == at.fragment
        and not text[above].endswith("\\")
    )
    return Edit(text.path, lines, "") if stands_alone else None


def _pushed_by(repo: Repository, signature: Signature, image: Reference) -> Step | None:
    """The one earlier step of the job that certainly pushes the same name and tag, and has an id."""
    step = signature.step
    if step is None or step.job is None:
        return None
    found = {
        build.step
        for build in repo.builds_as_written
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
