"""Digest comes from a step that pushes another image, or none

`steps.<id>.outputs.digest` is the digest of what that step pushed. Joined to the name of another image it
names something that the registry doesn't have; from a step that pushes nothing, or from an id that no earlier
step of the job has, it is empty, and `name@` is no reference.

Take the digest of the step that pushes the image.

The check is silent for steps other than `docker/build-push-action`, for steps whose names are not all known,
and for digests that come from another job.

References:

- https://github.com/docker/build-push-action#outputs
- https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#steps-context
- https://github.com/sigstore/cosign/blob/main/doc/cosign_sign.md
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
from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.image.references import reference
from checks.facts.image.signing import CosignCall, name_of
from checks.facts.tree import Span, Word
from checks.facts.value import Value
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_DIGEST = regex(r"@\$\{\{\s*steps\.(?P<id>[\w-]+)\.outputs\.digest\s*\}\}")
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
        id: web
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
      - uses: docker/build-push-action@v7
        id: api
        with: {context: api, push: true, tags: 'ghcr.io/acme/api:1'}
      - run: cosign sign --yes ghcr.io/acme/api@${{ steps.web.outputs.digest }}
"""

check = Check(
    id="digest-from-wrong-step",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("cosign", "sign"),
    examples=(
        Example(
            title="the digest of the image that was built before",
            files=_WORKFLOW,
            at="web",
            fixed=_WORKFLOW.replace("steps.web.outputs", "steps.api.outputs"),
        ),
        Example(
            title="a build that does not push, beside the one that does",
            files=_WORKFLOW.replace(
                "push: true, tags: 'ghcr.io/acme/web:1'", "push: false, tags: 'ghcr.io/acme/api:1'"
            ),
            at="web",
            fixed=_WORKFLOW.replace(
                "push: true, tags: 'ghcr.io/acme/web:1'", "push: false, tags: 'ghcr.io/acme/api:1'"
            ).replace("steps.web.outputs", "steps.api.outputs"),
        ),
        Example(
            title="Docker Hub by another of its names",
            files=_WORKFLOW.replace("ghcr.io/acme/web:1", "acme/web:1").replace(
                "sign --yes ghcr.io/acme/api", "sign --yes index.docker.io/acme/web"
            ),
        ),
        Example(
            title="the right step, a name that is not known, a step of another kind, another job's output",
            files=_WORKFLOW.replace("steps.web.outputs", "steps.api.outputs")
            + _WORKFLOW.replace("sign.yml", "name.yml").replace(
                "tags: 'ghcr.io/acme/web:1'", "tags: '${{ steps.meta.outputs.tags }}'"
            )
            + _WORKFLOW.replace("sign.yml", "meta.yml")
            .replace("id: web", "id: other")
            .replace("steps.web", "steps.copied")
            + _WORKFLOW.replace("sign.yml", "needs.yml").replace("steps.web.outputs", "needs.build.outputs")
            + _WORKFLOW.replace("sign.yml", "outputs.yml").replace(
                "push: true, tags: 'ghcr.io/acme/web:1'",
                "outputs: 'type=image,name=ghcr.io/acme/api,push-by-digest=true,push=true'",
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for call in repo.cosign_calls:
        for word in call.subjects if call.step and call.step.job else ():
            yield from _findings(repo, call, word)


def _findings(repo: Repository, call: CosignCall, word: Word) -> Iterator[Finding]:
    match = _DIGEST.search(call.invocation.script[word.span])
    step = call.step
    if match is None or step is None or step.job is None:
        return
    source = step.job.step(match["id"])
    images = {name_of(reference(value)) for value in call.invocation.values(word)}
    if source is None or not source.uses_action(BUILD_PUSH) or any(one.is_unknown for one in images):
        return
    builds = [one for one in repo.builds_as_written if one.step is source]
    if not builds or not all(_is_elsewhere(one, images) for one in builds):
        return
    start = word.span.start + match.start("id")
    place = call.invocation.place(Span(start, start + len(match["id"])))
    if place.fragment != match["id"]:
        return
    pushes = any(one.pushes for one in builds)
    image = code(str(next(iter(images))))
    right = _right(repo, step, images)
    yield Finding(
        message=f"The digest of {image} is taken from step {code(match['id'])}, which pushes {'another image' if pushes else 'nothing'}.",
        consequence=(
            f"{code(call.name)} fails: the registry has no such digest under the name."
            if pushes
            else f"{code(call.name)} gets a digest that the registry does not have, or none at all, and fails."
        ),
        location=place,
        related=(Location(source.text, source.uses.scalar.span, "is the step"),) if source.uses else (),
        fixes=offer(
            f"take the digest of step {code(right)}",
            Applicability.SAFE,
            call.replaced(Span(start, start + len(match["id"])), right) if right else None,
        ),
    )


def _is_elsewhere(build: Build, images: set[Value]) -> bool:
    """Whether a build certainly pushes none of the images under their names."""
    if build.outputs is None or build.outputs or build.pushes is None:
        return False
    if build.pushes is False:
        return True
    names = [name_of(tag.reference) for tag in build.tags]
    return bool(names) and not any(one.is_unknown for one in names) and not images & set(names)


def _right(repo: Repository, step: Step, images: set[Value]) -> str:
    """The id of the one earlier step that pushes the images; empty if there is none, or more than one."""
    found = {
        one.step.id
        for one in repo.builds_as_written
        if one.step is not None
        and one.step.job is step.job
        and one.step.index < step.index
        and one.pushes
        and images <= {name_of(tag.reference) for tag in one.tags}
    }
    return found.pop() if len(found) == 1 else ""
