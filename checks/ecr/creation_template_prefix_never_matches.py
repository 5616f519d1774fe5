"""Prefix of a creation template matches no repository

The prefix of a repository creation template ends with a `/` of its own: `web` is for `web/api`, and not for
`web`. A template with the name of a repository never applies to it: the repository is made with ECR's
defaults, with mutable tags and without a policy.

Write `ROOT`, which holds for every repository without a closer template, or the first part of names that have
one.

The check speaks where the prefix is the whole name of a repository that is declared or pushed to, and none in
the files has a name below it. It is silent for templates of pull-through caches, whose repositories always
have a name below the prefix.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.registry import ROOT
from checks.facts.tree import replace_value_of

_CACHE = "PULL_THROUGH_CACHE"

_TEMPLATE = """\
-- ecr.tf --
resource "aws_ecr_repository_creation_template" "web" {
  prefix      = "web"
  applied_for = ["CREATE_ON_PUSH"]
}
"""
_PUSHES = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}'}
"""

check = Check(
    id="creation-template-prefix-never-matches",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "replication"),
    examples=(
        Example(
            title="the name of the replicated repository",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository_creation_template" "replicas" {
  provider             = aws.west
  prefix               = "web"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
}
""",
            at='prefix               = "web"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository_creation_template" "replicas" {
  provider             = aws.west
  prefix               = "ROOT"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="the name of a repository that is pushed to, and declared nowhere here",
            files=_TEMPLATE + _PUSHES,
            at='prefix      = "web"',
            fixed=_TEMPLATE.replace('= "web"', '= "ROOT"'),
        ),
        Example(
            title="the same name in another registry; a prefix with the slash written out",
            files=_TEMPLATE + _PUSHES.replace("111122223333.dkr.ecr.eu-west-1.amazonaws.com", "ghcr.io"),
        ),
        Example(
            title="a prefix with the slash written out",
            files=_TEMPLATE.replace('= "web"', '= "web/"') + _PUSHES,
        ),
        Example(
            title="the first part of a name, `ROOT`, a cache, a prefix of which no repository is known",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "team" {
  name                 = "team"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "quay" {
  name                 = "quay"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository_creation_template" "team" {
  prefix      = "team"
  applied_for = ["REPLICATION"]
}
resource "aws_ecr_repository_creation_template" "root" {
  prefix      = "ROOT"
  applied_for = ["REPLICATION"]
}
resource "aws_ecr_repository_creation_template" "quay" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
}
resource "aws_ecr_repository_creation_template" "other" {
  prefix      = "other"
  applied_for = ["CREATE_ON_PUSH"]
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    names = {one.name for one in repo.ecr_repositories if one.name}
    names |= {path for push in repo.pushes if push.reference.is_ecr and (path := push.reference.path.literal)}
    for template in repo.registry.templates:
        prefix, occasions = template.prefix, template.applied_for
        if prefix is None or prefix == ROOT or occasions is None or _CACHE in occasions:
            continue
        if prefix in names and not any(name.startswith(prefix.rstrip("/") + "/") for name in names):
            attribute = template.resource.block.body.attribute("prefix")
            yield Finding(
                message=f"The template's prefix {code(prefix)} stands for {code(prefix + '/…')}, and not for {code(prefix)}.",
                consequence=(
                    f"Where ECR makes the repository {code(prefix)}, the template does not apply: "
                    "its tags are mutable, and it has no policy."
                ),
                location=template.resource.location("prefix"),
                fixes=offer(
                    f"write {code(ROOT)}",
                    Applicability.UNSAFE,
                    replace_value_of(attribute, f'"{ROOT}"') if attribute else None,
                    caution="It then holds for every repository that ECR makes and that has no closer template: is that right?",
                ),
            )
