"""Filters of the registry's scanning miss a repository

Once a registry has a scanning configuration, its filters decide what is scanned. With `ENHANCED` a repository
that no filter matches is not scanned at all, whatever its own `scan_on_push` says. A filter without `*` is
found anywhere in the name; one with `*` has to match all of it.

Add a filter for the repository, or one `*` for all.

The check compares repositories and configurations of one module. It is silent for names and filters that are
not known, for other providers or regions, and for basic scanning, where the repository's own setting may
hold.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html#image-scanning-filters
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html
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
from checks.facts.ecr.registry import Scanning, provider_of
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.tree import add_block
from checks.regex import regex

_PASSING = regex(
    r"(?:^|[-_/])(?:cache|buildcache|dev|devel|sandbox|tests?|tmp|temp|preview|scratch|playground|archived|deprecated)(?:$|[-_/])"
)

check = Check(
    id="registry-scanning-filter-misses-repository",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "scan", "security"),
    security_severity=4.5,
    examples=(
        Example(
            title="a filter for one of two repositories",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "web*"
      filter_type = "WILDCARD"
    }
  }
}
""",
            at='resource "aws_ecr_repository" "jobs"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "web*"
      filter_type = "WILDCARD"
    }

    repository_filter {
      filter      = "jobs"
      filter_type = "WILDCARD"
    }
  }
}
""",
        ),
        Example(
            title="one of two by a condition, filters that are computed, repositories by the dozen",
            files="""\
-- a/ecr.tf --
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  count     = var.on ? 1 : 0
  scan_type = "ENHANCED"
}
-- b/ecr.tf --
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  dynamic "rule" {
    for_each = var.rules
    content {
      scan_frequency = rule.value
    }
  }
}
-- c/ecr.tf --
resource "aws_ecr_repository" "jobs" {
  for_each             = toset(["jobs"])
  name                 = each.key
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"
}
""",
        ),
        Example(
            title="a part of the name, basic scanning, another region, a filter that is not known",
            files="""\
-- a/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "team/web-api"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "west" {
  provider             = aws.west
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "web"
      filter_type = "WILDCARD"
    }
  }
}
-- b/ecr.tf --
variable "filter" {}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = var.filter
      filter_type = "WILDCARD"
    }
  }
}
-- c/ecr.tf --
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "BASIC"

  rule {
    scan_frequency = "SCAN_ON_PUSH"

    repository_filter {
      filter      = "web"
      filter_type = "WILDCARD"
    }
  }
}
""",
        ),
        Example(
            title="a cache",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "cache" {
  name                 = "web/cache"
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "web"
      filter_type = "WILDCARD"
    }
  }
}
""".replace('"web"', '"jobs"'),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for scanning in repo.registry.scannings:
        is_known = (
            scanning.scan_type == "ENHANCED" and not scanning.is_dynamic and not scanning.resource.is_repeated
        )
        for one in repo.ecr_repositories if is_known else ():
            is_passing = any(map(_PASSING.search, (one.name or "", one.resource.name)))
            if (
                one.name
                and not is_passing
                and _is_beside(scanning, one)
                and not _is_covered(scanning, one.name)
            ):
                yield _finding(scanning, one, one.name)


def _is_beside(scanning: Scanning, one: EcrRepository) -> bool:
    """Whether both certainly are of one account and region."""
    is_here = one.resource.module is scanning.resource.module and not one.resource.is_repeated
    return is_here and provider_of(one.resource) == scanning.provider


def _is_covered(scanning: Scanning, name: str) -> bool:
    return any(rule.covers(name) for rule in scanning.rules)


def _finding(scanning: Scanning, one: EcrRepository, name: str) -> Finding:
    place = scanning.location
    block = f'repository_filter {{\n  filter      = "{name}"\n  filter_type = "WILDCARD"\n}}'
    edit = add_block(scanning.rules[-1].block, block) if scanning.rules else None
    return Finding(
        message=f"No filter of the registry's enhanced scanning matches {code(name)}.",
        consequence="ECR and Inspector scan none of its images; the repository's own setting does not hold beside it.",
        location=Location(one.resource.text, one.resource.block.header),
        related=(Location(place.text, place.span, "decides what is scanned"),),
        fixes=offer(
            f"add a filter for {code(name)}",
            Applicability.UNSAFE,
            edit,
            caution="Is it left out on purpose, as one of a cache would be? Inspector has a price for each image.",
        ),
    )
