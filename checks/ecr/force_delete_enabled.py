"""Repository that is pushed to is deleted with its images

`force_delete = true` lets Terraform delete a repository that has images in it. A rename, a change of the
encryption, a resource that falls out of the code by a mistake in a merge: each deletes every image, those
that run among them, and no question is asked.

Delete the line: without it the apply stops, and somebody looks.

The check speaks of repositories to which a workflow pushes for other events than pull requests. It is silent
for repositories with `count` or `for_each`, where a variable decides, and where names or folders tell of
tests, previews and development.

References:

- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository#force_delete
- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html
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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.pushes import Push
from checks.facts.tree import delete_attribute
from checks.facts.workflow.events import RefKind
from checks.regex import regex

_PASSING = regex(
    r"(?:^|[-_/])(?:cache|dev|devel|sandbox|tests?|tmp|temp|preview|ephemeral|scratch|playground|demo|examples?)(?:$|[-_/])"
)

check = Check(
    id="force-delete-enabled",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    of_one_file=True,
    tags=("ecr",),
    examples=(
        Example(
            title="a repository of main",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}'}
""",
            at="force_delete         = true",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="off, a preview, pushed to by pull requests only, or by nothing that is known",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false
}
resource "aws_ecr_repository" "preview" {
  name                 = "web-preview"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
resource "aws_ecr_repository" "pulls" {
  name                 = "pulls"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
variable "force" { default = true }
resource "aws_ecr_repository" "chosen" {
  name                 = "chosen"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force
}
resource "aws_ecr_repository" "many" {
  count                = 1
  name                 = "many"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
resource "aws_ecr_repository" "quiet" {
  name                 = "quiet"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web-preview:${{ github.sha }}'}
      - run: |
          docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/chosen:${{ github.sha }}
          docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/many:${{ github.sha }}
-- .github/workflows/pull.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/pulls:${{ github.sha }}'}
""",
        ),
        Example(
            title="Terraform refuses to delete it",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true

  lifecycle {
    prevent_destroy = true
  }
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}'}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in repo.ecr_repositories:
        value = one.resource.value("force_delete")
        if value is None or value.literal != "true" or one.resource.is_repeated or _is_passing(one):
            continue
        if _is_chosen_elsewhere(one) or _is_prevented(one):
            continue
        pushes = (push for image in repo.pushed_to.get(one, ()) for push in image.pushes)
        push = next((push for push in pushes if _is_lasting(push)), None)
        if push is not None:
            yield _finding(one, push)


def _is_passing(one: EcrRepository) -> bool:
    return any(map(_PASSING.search, (one.name or "", one.resource.name, one.resource.module.folder)))


def _is_chosen_elsewhere(one: EcrRepository) -> bool:
    """Whether a variable decides, which may be set for one environment only."""
    written = one.resource.block.body.get("force_delete")
    return written is not None and "var." in written.text[written.span]


def _is_prevented(one: EcrRepository) -> bool:
    """Whether Terraform refuses to delete it at all."""
    blocks = one.resource.block.body.of_type("lifecycle")
    return any(block.body.get("prevent_destroy") is not None for block in blocks)


def _is_lasting(push: Push) -> bool:
    return any(event.ref_kind is not RefKind.PULL for event in push.events or ())


def _finding(one: EcrRepository, push: Push) -> Finding:
    body, place = one.resource.block.body, push.location
    attribute = body.attribute("force_delete")
    edits = delete_attribute(body, attribute) if attribute else None
    return Finding(
        message=f"Terraform may delete {code(one.name or '')} with every image in it.",
        consequence=(
            "A rename, another encryption, or a resource that drops out of the code deletes all images at apply, "
            "those that run among them."
        ),
        location=one.resource.location("force_delete"),
        related=(Location(place.text, place.span, "pushes to it"),),
        fixes=offer("delete the line", Applicability.SAFE, *edits) if edits else (),
    )
