"""Two lifecycle policies for one repository

An ECR repository has one lifecycle policy. Two `aws_ecr_lifecycle_policy` resources for it overwrite each other:
which one holds depends on the order of the apply, and every further plan wants to change the other one back.

Merge the rules into one policy.

The check speaks where both resources certainly are for one repository, by the same reference or the same literal name
in one module. It is silent where `count` or `for_each` decides whether there are two, and where the resources name
different providers or regions.

References:

- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_lifecycle_policy
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.lifecycle import LifecyclePolicy

check = Check(
    id="lifecycle-two-policies-one-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="one policy for untagged images, one for tagged ones",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "untagged" {
  repository = aws_ecr_repository.web.name
  policy     = file("untagged.json")
}
-- more.tf --
resource "aws_ecr_lifecycle_policy" "tagged" {
  repository = aws_ecr_repository.web.name
  policy     = file("tagged.json")
}
""",
            at='resource "aws_ecr_lifecycle_policy" "tagged"',
        ),
        Example(
            title="another repository, another region, one of two by a condition",
            files="""\
-- ecr.tf --
variable "keep" {}
resource "aws_ecr_lifecycle_policy" "a" {
  repository = aws_ecr_repository.a.name
  policy     = file("a.json")
}
resource "aws_ecr_lifecycle_policy" "b" {
  repository = aws_ecr_repository.b.name
  policy     = file("b.json")
}
resource "aws_ecr_lifecycle_policy" "west" {
  provider   = aws.west
  repository = "a"
  policy     = file("a.json")
}
resource "aws_ecr_lifecycle_policy" "north" {
  region     = "eu-north-1"
  repository = "a"
  policy     = file("a.json")
}
resource "aws_ecr_lifecycle_policy" "keep" {
  count      = var.keep ? 1 : 0
  repository = aws_ecr_repository.c.name
  policy     = file("a.json")
}
resource "aws_ecr_lifecycle_policy" "expire" {
  count      = var.keep ? 0 : 1
  repository = aws_ecr_repository.c.name
  policy     = file("b.json")
}
resource "aws_ecr_repository" "a" {
  name                 = "a"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "b" {
  name                 = "b"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "c" {
  name                 = "c"
  image_tag_mutability = "IMMUTABLE"
}
-- other/ecr.tf --
resource "aws_ecr_lifecycle_policy" "a" {
  repository = "a"
  policy     = file("a.json")
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    first: dict[tuple[str, str, str, str], LifecyclePolicy] = {}
    for policy in repo.lifecycle_policies:
        if not policy.is_resource or policy.is_repeated or policy.target is None:
            continue
        key = (policy.module.folder, policy.target, *policy.provider)
        earlier = first.setdefault(key, policy)
        if earlier is not policy:
            place = earlier.location()
            yield Finding(
                message=f"{code(policy.target)} has a second lifecycle policy.",
                consequence=(
                    "A repository holds one: the two overwrite each other, and every plan "
                    "wants to change the other one back."
                ),
                location=policy.location(),
                related=(Location(place.text, place.span, "is the first"),),
            )
