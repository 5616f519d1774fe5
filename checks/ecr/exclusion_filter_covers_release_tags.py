"""Exclusion filter lets release tags move

`IMMUTABLE_WITH_EXCLUSION` keeps all tags but those that a filter matches. A filter such as `*` or `v*`, meant
for `latest`, matches the tags of releases or of commits too: they can be overwritten, and the immutability
that the mode promises is gone for the tags that matter.

Let the filter name the moving tag alone.

The check speaks where every tag of a shape that a workflow pushes, with a commit, a run or a git tag in it,
certainly matches a filter, and no tag of another shape that is new each time is pushed. It is silent for
`MUTABLE_WITH_EXCLUSION`, where the filter lists the tags that may not move.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
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
from checks.facts.ecr.registry import text_of
from checks.facts.ecr.repositories import EcrRepository, wildcard_matches
from checks.facts.image.pushes import Push
from checks.facts.image.references import changes_every_run
from checks.facts.image.tag_shapes import must_match
from checks.facts.tree import Block, replace_value_of

check = Check(
    id="exclusion-filter-covers-release-tags",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "tags", "security"),
    security_severity=5.5,
    examples=(
        Example(
            title="a filter that matches everything",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "*"
    filter_type = "WILDCARD"
  }
}
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
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:main-latest
""",
            at='filter      = "*"',
            fixed="""\
-- ecr.tf --
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
        Example(
            title="a filter for the moving tag; the mode that is the other way round; tags that may match",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "*-latest"
    filter_type = "WILDCARD"
  }
  image_tag_mutability_exclusion_filter {
    filter      = "a*"
    filter_type = "WILDCARD"
  }
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "MUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "*"
    filter_type = "WILDCARD"
  }
}
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
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:main-latest
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs:${{ github.sha }}
""",
        ),
        Example(
            title="the tags of development move, those of releases do not",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "dev-*"
    filter_type = "WILDCARD"
  }
}
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
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:dev-${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.0.${{ github.run_number }}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[Block] = set()
    for one in repo.ecr_repositories:
        if one.mutability != "IMMUTABLE_WITH_EXCLUSION":
            continue
        pushes = [push for image in repo.pushed_to.get(one, ()) for push in image.pushes]
        new = [push for push in pushes if push.reference.tag and changes_every_run(push.reference.tag)]
        for block in one.exclusion_blocks:
            pattern = text_of(one.resource.module, block, "filter")
            fresh = [push for push in new if pattern and _is_covered(push, pattern)]
            if pattern and fresh and len(fresh) == len(new) and block not in told:
                told.add(block)
                yield _finding(one, block, pattern, fresh[0], pushes)


def _is_covered(push: Push, pattern: str) -> bool:
    tag = push.reference.tag
    return tag is not None and must_match(pattern, tag)


def _finding(one: EcrRepository, block: Block, pattern: str, push: Push, pushes: list[Push]) -> Finding:
    attribute = block.body.attribute("filter")
    shown = code(str(push.reference.tag))
    return Finding(
        message=f"The exclusion filter {code(pattern)} matches tags such as {shown}.",
        consequence=(
            f"They can be overwritten: {code(one.name or '')} keeps none of the tags that `IMMUTABLE` is there for."
        ),
        location=Location(block.text, attribute.span if attribute else block.header),
        related=(Location(push.location.text, push.location.span, f"pushes {shown}"),),
        fixes=_narrower(block, pattern, pushes),
    )


def _narrower(block: Block, pattern: str, pushes: list[Push]) -> tuple[Fix, ...]:
    """The one moving tag that is pushed, instead."""
    attribute = block.body.attribute("filter")
    texts = {push.reference.tag.literal for push in pushes if push.reference.tag}
    moving = [text for text in texts if text and wildcard_matches(pattern, text)]
    if attribute is None or len(moving) != 1:
        return ()
    edit = replace_value_of(attribute, f'"{moving[0]}"')
    caution = "Does anything outside this repository move another tag?"
    return offer(f"exclude {code(moving[0])} alone", Applicability.UNSAFE, edit, caution=caution)
