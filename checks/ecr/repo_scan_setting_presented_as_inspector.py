"""Repository's scan setting is presented as Amazon Inspector

`scan_on_push` of a repository is ECR's basic scanning: once, at the push, packages of the operating system
only. Amazon Inspector scans an image if the registry's configuration says `ENHANCED`: again when a new
vulnerability becomes known, and the packages of languages too. A comment that calls the one the other is read
as a control that is there, and nothing shows that it is not.

Set the registry's scanning to `ENHANCED`, for all repositories: a filter that names one turns the scanning of
all others off. The configuration is one for each account and region. Or let the comment say what happens.

The check is silent where any Terraform of the repository speaks of `ENHANCED` or enables Inspector, and where
the comment denies or questions it.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_registry_scanning_configuration
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.tree import Attribute, Body, Comment, add_at_end
from checks.regex import regex

_CLAIM = regex(r"\binspector\b|\benhanced\s+(?:image\s+)?scan", re.IGNORECASE)
_DENIAL = regex(
    r"\b(?:not?|never|without|instead|unlike|rather|don't|doesn't|isn't|if|unless|todo|should|could|would|cost|costs)\b"
    r"|\?",
    re.IGNORECASE,
)
_ELSEWHERE = ("ENHANCED", "aws_inspector2_enabler", "aws_inspector2_organization_configuration")
_ENHANCED = """\
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}"""
_TRUE = "Basic scan at each push, not Amazon Inspector"

check = Check(
    id="repo-scan-setting-presented-as-inspector",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "scan", "security"),
    security_severity=4.0,
    examples=(
        Example(
            title="a comment at the end of the line",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true # Inspector scans every image
  }
}
""",
            at="# Inspector scans every image",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true # Inspector scans every image
  }
}

resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}
""",
            others=(
                """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true # Basic scan at each push, not Amazon Inspector
  }
}
""",
            ),
        ),
        Example(
            title="a comment that denies it, none, one elsewhere, scanning that is off",
            files="""\
-- ecr.tf --
# Inspector is set up by the platform team.
locals {}

resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true # basic scanning, not Inspector
  }
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}
resource "aws_ecr_repository" "off" {
  name                 = "off"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = false # Inspector scans every image
  }
}
""",
        ),
        Example(
            title="the registry is configured in another folder",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    # Amazon Inspector
    scan_on_push = true
  }
}
-- registry/main.tf --
module "registry" {
  source             = "terraform-aws-modules/ecr/aws"
  registry_scan_type = "ENHANCED"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if any(word in text.content for text in repo.texts(Kind.TERRAFORM) for word in _ELSEWHERE):
        return
    for one in repo.ecr_repositories:
        setting = _setting(one)
        body = next(body for body in one.resource.module.bodies if body.text is one.resource.text)
        comment = _claim(one, body) if setting else None
        if comment and setting:
            yield _finding(body, comment, setting)


def _setting(one: EcrRepository) -> Attribute | None:
    """`scan_on_push = true`."""
    for block in one.resource.block.body.of_type("image_scanning_configuration"):
        attribute = block.body.attribute("scan_on_push")
        if attribute and one.resource.module.value(attribute.value).literal == "true":
            return attribute
    return None


def _claim(one: EcrRepository, body: Body) -> Comment | None:
    """The comment in the resource that speaks of Inspector."""
    for comment in body.comments:
        words = body.text[comment.span]
        if (
            one.resource.block.span.covers(comment.span)
            and _CLAIM.search(words)
            and not _DENIAL.search(words)
        ):
            return comment
    return None


def _finding(body: Body, comment: Comment, setting: Attribute) -> Finding:
    text = body.text
    words = text[comment.span]
    sign = "//" if words.startswith("//") else "#"
    is_line = words.startswith(("#", "//"))
    correction = Edit(text.path, comment.span, f"{sign} {_TRUE}") if is_line else None
    return Finding(
        message=f"The comment speaks of Amazon Inspector, and {code('scan_on_push')} is ECR's basic scanning.",
        consequence=(
            "Inspector scans only where the registry is set to `ENHANCED`, which nothing here does. Without that, images are "
            "scanned once, at the push: what becomes known later, or concerns packages of a language, stays unseen."
        ),
        location=Location(text, comment.span),
        related=(Location(text, setting.span, "sets the basic scan"),),
        fixes=(
            *offer(
                "set the registry's scanning to `ENHANCED`",
                Applicability.UNSAFE,
                add_at_end(body, _ENHANCED),
                caution="It holds for the whole account and region, at Inspector's price: does nothing else set it?",
            ),
            *offer("let the comment say what happens", Applicability.SAFE, correction),
        ),
    )
