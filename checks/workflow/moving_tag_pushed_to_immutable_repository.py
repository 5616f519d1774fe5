"""Moving tag is pushed to a repository that refuses to move tags

A tag such as `main-latest` names another image after each push. ECR refuses that where the repository has
`image_tag_mutability = "IMMUTABLE"`: the push ends with "tag … cannot be overwritten because the tag is
immutable", and with it the job. The first push to a new repository succeeds, so that neither a test of the
workflow nor one of the Terraform shows it.

Push a tag that is new on every run, with the commit or the version in it, and deploy by that. Where
something has to follow a moving tag, exclude that one tag from the repository's immutability.

The check speaks only when the tag is certainly the same on every run and when exactly one declared
repository has the name. It is silent for tags with a commit, a run or a version in them, for excluded tags
and for registries that are not certainly ECR.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
- https://github.com/docker/build-push-action/issues/1042
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
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.pushes import Push
from checks.facts.image.references import is_moving
from checks.facts.tree import Edit, Span, add_block, replace_value_of
from checks.facts.value import Value
from checks.facts.workflow.lists import without

_FILTERS_SINCE = (6, 8, 0)
"""The first version of the AWS provider that has exclusion filters."""
_MOST_FILTERS = 5

_CALLED = """\
-- .github/workflows/build.yml --
on:
  workflow_call:
    inputs:
      image: {type: string, required: true}
      tag: {type: string, required: true}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/${{ inputs.image }}:${{ inputs.tag }}'
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
"""

check = Check(
    id="moving-tag-pushed-to-immutable-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.TERRAFORM, Kind.TERRAFORM_LOCK, Kind.KUBERNETES, Kind.COMPOSE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "tags", "push"),
    examples=(
        Example(
            title="`main-latest` beside a commit's tag",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            ${{ steps.ecr.outputs.registry }}/web:sha-${{ github.sha }}
            ${{ steps.ecr.outputs.registry }}/web:main-latest
-- terraform/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at="main-latest",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            ${{ steps.ecr.outputs.registry }}/web:sha-${{ github.sha }}
""",
            others=(
                """\
-- terraform/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "main-latest"
    filter_type = "WILDCARD"
  }
}
""",
            ),
        ),
        Example(
            title="the only tag is that of the branch; the registry is written out, the name is a local",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main, next]}}
env:
  IMAGE: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.IMAGE }}:${{ github.ref_name }}'}
-- ecr.tf --
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
locals {
  name = "web"
}
resource "aws_ecr_repository" "web" {
  name                 = "team/${local.name}"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at="${{ github.ref_name }}",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main, next]}}
env:
  IMAGE: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.IMAGE }}:sha-${{ github.sha }}'}
""",
        ),
        Example(
            title="a manifest of the repository deploys the tag",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:stable
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - name: web
      image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:stable
""",
            at="stable",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "stable"
    filter_type = "WILDCARD"
  }
}
""",
        ),
        Example(
            title="a reusable workflow is handed the tag",
            files=_CALLED
            + """\
-- .github/workflows/main.yml --
on: {push: {branches: [main]}}
jobs:
  web:
    uses: ./.github/workflows/build.yml
    with: {image: web, tag: latest}
""",
            at="${{ inputs.tag }}",
            fixed="""-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
}
""",
        ),
        Example(
            title="a reusable workflow that is handed the commit, and one whose callers hand over different images",
            files=_CALLED
            + _CALLED.replace("build.yml", "other.yml")
            + """\
-- .github/workflows/main.yml --
on: {push: {branches: [main]}}
jobs:
  web:
    uses: ./.github/workflows/build.yml
    with: {image: web, tag: '${{ github.sha }}'}
  jobs:
    uses: ./.github/workflows/other.yml
    with: {image: jobs, tag: latest}
  more:
    uses: ./.github/workflows/other.yml
    with: {image: web, tag: '${{ github.sha }}'}
""",
        ),
        Example(
            title="tags that are new on every run, an excluded tag, a build that does not push",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main], tags: ['v*']}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:build-${{ github.run_number }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:main-latest
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web
      - uses: docker/build-push-action@v7
        with: {context: ., tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:test'}
      - uses: docker/build-push-action@v7
        if: startsWith(github.ref, 'refs/tags/')
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.ref_name }}'}
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "*-latest"
    filter_type = "WILDCARD"
  }
}
""",
        ),
        Example(
            title="another registry, a mutable repository, two of one name, a tag that is not known",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            ghcr.io/acme/web:latest
            web:latest
            ${{ vars.REGISTRY }}/web:latest
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs:latest
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/twice:latest
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ inputs.tag }}
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name = "jobs"
}
-- one/ecr.tf --
resource "aws_ecr_repository" "twice" {
  name                 = "twice"
  image_tag_mutability = "IMMUTABLE"
}
-- two/ecr.tf --
resource "aws_ecr_repository" "twice" {
  name                 = "twice"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for push in repo.pushes:
        if push.generated is not None:
            continue
        image = push.reference
        target = repo.declared(image)
        if target and image.tag and is_moving(image.tag) and target.may_move(image.tag) is False:
            yield _finding(repo, push, image.tag, target)


def _finding(repo: Repository, push: Push, moving: Value, target: EcrRepository) -> Finding:
    name = code(target.name or "")
    always = "on every run" if moving.literal else "again on every run of a branch"
    mode = target.mutability or ""
    deployed = [
        Location(one.location.text, one.location.span, "deploys it")
        for one in repo.deployed_images
        if one.reference.path.literal == target.name and one.reference.tag == moving
    ]
    instead = _exclude(target, moving)
    first = () if deployed else _push_another(push, moving, target)
    return Finding(
        message=f"{code(str(moving))} is pushed {always}, and the repository {name} refuses to move a tag.",
        consequence=(
            "The second push fails: “tag … cannot be overwritten because the tag is immutable”. "
            "A first push to a fresh repository succeeds, so a test run will not show it."
        ),
        location=_place(push),
        related=(target.resource.location("image_tag_mutability", f"sets {code(mode)}"), *deployed),
        fixes=(*first, *instead),
    )


def _place(push: Push) -> Location:
    """The tag itself where it is written at the end of the name, else the whole name."""
    whole = push.location
    text = whole.fragment.rstrip("\"'")
    colon = text.rfind(":")
    tag = text[colon + 1 :]
    if colon < 0 or not tag or tag.count("}}") != tag.count("${{") or "\n" in text:
        return whole
    start = whole.span.start + colon + 1
    return Location(whole.text, Span(start, start + len(tag)))


def _push_another(push: Push, moving: Value, target: EcrRepository) -> tuple[Fix, ...]:
    """Deletes the tag, or puts one that is new on every run in its place if the image has no other."""
    if push.item is None or push.is_handed_over:
        return ()
    deletion = without(push.item)
    caution = f"Does anything outside this repository deploy {code(f'{target.name}:{moving}')}?"
    if deletion is not None:
        return offer("delete the tag", Applicability.UNSAFE, deletion, caution=caution)
    place = _place(push)
    is_only = push.item.text == push.item.scalar.value.strip()
    isolated = place.span != push.location.span
    return offer(
        "push a tag with the commit instead",
        Applicability.UNSAFE,
        Edit(place.path, place.span, "sha-${{ github.sha }}") if isolated and is_only else None,
        caution=caution,
    )


def _exclude(target: EcrRepository, moving: Value) -> tuple[Fix, ...]:
    """Lets this one tag move, where the provider in use knows exclusion filters."""
    pattern = moving.literal
    module, block = target.resource.module, target.resource.block
    full = len(target.exclusion_blocks) >= _MOST_FILTERS
    if pattern is None or full or not module.aws_provider_is_at_least(*_FILTERS_SINCE):
        return ()
    mutability = block.body.attribute("image_tag_mutability")
    lines = f'image_tag_mutability_exclusion_filter {{\n  filter      = "{pattern}"\n  filter_type = "WILDCARD"\n}}'
    edits: list[Edit | None] = [add_block(block, lines)]
    if target.mutability == "IMMUTABLE":
        edits.insert(0, replace_value_of(mutability, '"IMMUTABLE_WITH_EXCLUSION"') if mutability else None)
    return offer("let this one tag move", Applicability.DISPLAY, *edits)
