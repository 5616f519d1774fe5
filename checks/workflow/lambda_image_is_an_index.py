"""Lambda function gets an image index

Lambda takes an image manifest, not an index. An image for several platforms is an index, and so is one for a
single platform with an attestation: a builder of docker/setup-buildx-action adds a provenance by default, unless
version 3 of docker/build-push-action tells it otherwise.
Creating or updating the function ends with "The image manifest, config or layer media type for the source
image … is not supported".

Build the function's image for one platform, with `provenance: false` and `sbom: false`.

The check speaks if every push that the function may run certainly makes an index. It is silent where the
default attestations are off, for builders of the Docker daemon, and where the repository's name is not known.

References:

- https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-reqs
- https://docs.docker.com/build/metadata/attestations/
- https://github.com/docker/build-push-action#inputs
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    offer,
)  # fmt: skip
from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.build.provenance import is_off_unasked
from checks.facts.image.image_writers import is_same_repository, may_be_same_image
from checks.facts.image.pushes import Push
from checks.facts.image.references import Reference, reference
from checks.facts.tree import append_entry
from checks.facts.value import Value

_BUILDX = "docker/setup-buildx-action"

check = Check(
    id="lambda-image-is-an-index",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.TERRAFORM, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lambda", "attestation"),
    examples=(
        Example(
            title="a default provenance",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ steps.ecr.outputs.registry }}/fn:${{ github.sha }}
-- fn.tf --
variable "tag" {}
resource "aws_ecr_repository" "fn" {
  name                 = "fn"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_lambda_function" "fn" {
  function_name = "fn"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.fn.repository_url}:${var.tag}"
}
""",
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ steps.ecr.outputs.registry }}/fn:${{ github.sha }}
          provenance: false
          sbom: false
""",
        ),
        Example(
            title="two platforms, and a command that updates the function",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  IMAGE: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/fn
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          provenance: false
          platforms: linux/amd64,linux/arm64
          tags: ${{ env.IMAGE }}:${{ github.sha }}
      - run: aws lambda update-function-code --function-name fn --image-uri ${{ env.IMAGE }}:${{ github.sha }}
""",
            at="docker/build-push-action@v7",
        ),
        Example(
            title="attestations are off, by input, by variable or in an older action; the daemon's builder; another repository",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  HOST: 111122223333.dkr.ecr.eu-west-1.amazonaws.com
jobs:
  input:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, provenance: false, tags: '${{ env.HOST }}/one:${{ github.sha }}'}
  variable:
    runs-on: ubuntu-latest
    env: {BUILDX_NO_DEFAULT_ATTESTATIONS: 1}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.HOST }}/two:${{ github.sha }}'}
-- .github/workflows/more.yml --
on: {push: {branches: [main]}}
env:
  HOST: 111122223333.dkr.ecr.eu-west-1.amazonaws.com
jobs:
  daemon:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.HOST }}/three:${{ github.sha }}'}
  another:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.HOST }}/web:${{ github.sha }}'}
  older:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v2
      - uses: docker/build-push-action@v3
        with: {context: ., push: true, tags: '${{ env.HOST }}/four:${{ github.sha }}'}
-- fn.tf --
resource "aws_lambda_function" "one" {
  image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/one:latest"
}
resource "aws_lambda_function" "two" {
  image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/two@${var.digest}"
}
resource "aws_lambda_function" "three" {
  image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/three@${var.digest}"
}
resource "aws_lambda_function" "four" {
  image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/four@${var.digest}"
}
""",
        ),
        Example(
            title="the function runs the image of one platform, which another build pushes",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  IMAGE: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/fn
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.IMAGE }}:all-${{ github.sha }}'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, provenance: false, tags: '${{ env.IMAGE }}:fn-${{ github.sha }}'}
-- fn.tf --
resource "aws_lambda_function" "fn" {
  image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/fn:${var.tag}"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[Build] = set()
    for value, place in _consumed(repo):
        image = reference(value)
        pushes = [push for push in repo.pushes_that_may_be(image) if _may_be(image, push.reference)]
        own = [push for push in pushes if is_same_repository(push.reference, image)]
        if not own or len(own) != len(pushes):
            continue
        made = [(push.build, _why(push)) for push in own]
        build, why = made[0]
        if all(reason for _, reason in made) and build is not None and build not in told:
            told.add(build)
            yield _finding(build, why, place)


def _consumed(repo: Repository) -> Iterator[tuple[Value, Location]]:
    """The images of functions, by Terraform and by commands."""
    for one in repo.function_images:
        yield one.image.value, one.image.location
    for call in repo.running("aws"):
        words = call.subcommand("lambda", "update-function-code") or ()
        for option, word in pairwise(words):
            if option.literal == "--image-uri":
                yield call.value(word), call.place(word.span)


def _may_be(image: Reference, pushed: Reference) -> bool:
    """Whether a push may make the image; of a tag that is not known, any push to the repository."""
    tag = image.tag.literal if image.tag else None
    if image.path.literal is None:
        return False
    if tag is not None:
        return may_be_same_image(image, tag, pushed)
    return pushed.path.literal in (None, image.path.literal)


def _why(push: Push) -> str:
    """Why a push certainly makes an index; empty where it may not."""
    build = push.build
    step = build.step if build else None
    if (
        build is None
        or step is None
        or step.job is None
        or not push.certain
        or not step.uses_action(BUILD_PUSH)
    ):
        return ""
    if build.outputs != () or step.input_entry("attests") is not None:
        return ""
    if build.platforms is not None and len(build.platforms) > 1:
        return f"is built for {len(build.platforms)} platforms"
    setup = next((one for one in step.earlier if one.uses_action(_BUILDX)), None)
    if setup is None or setup.condition is not None or setup.input_entry("driver") is not None:
        return ""
    if "BUILDX_NO_DEFAULT_ATTESTATIONS" in step.text.content or build.platforms is None:
        return ""
    written = step.input_entry("provenance")
    given = step.input("provenance")
    is_on = (written is None and not is_off_unasked(step)) or (
        given is not None and given.value in ("true", "mode=min", "mode=max")
    )
    return "gets a provenance" if is_on else ""


def _finding(build: Build, why: str, place: Location) -> Finding:
    return Finding(
        message=f"This image {why}, so that an index is pushed, and a Lambda function runs it.",
        consequence=(
            "Lambda takes a manifest of one image only: creating or updating the function fails, "
            "“The image manifest, config or layer media type … is not supported”."
        ),
        location=build.location,
        related=(Location(place.text, place.span, "gives the image to the function"),),
        fixes=_without_attestations(build) if "provenance" in why else (),
    )


def _without_attestations(build: Build) -> tuple[Fix, ...]:
    inputs = build.step.inputs if build.step else None
    if build.step is None or inputs is None:
        return ()
    if build.step.input_entry("provenance") is not None or build.step.input_entry("sbom") is not None:
        return ()
    between = ", " if inputs.flow else "\n"
    return offer(
        "push the image without attestations",
        Applicability.UNSAFE,
        append_entry(inputs, between.join(("provenance: false", "sbom: false"))),
        caution="Does anything read the provenance that the image carries now?",
    )
