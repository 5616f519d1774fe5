"""Lifecycle rule deletes releases by their number

`imageCountMoreThan` on the tags of releases deletes the oldest one with every new one, however old it is and
whether or not something still names it. A day with many releases goes through the count quickly; a rollback,
an audit or a customer who asks for an older release then finds neither tag nor digest, and a rebuild is
another image.

Count high enough never to matter, or move old releases to the archive by the day of their last pull, from
where they can be restored.

The check speaks of rules that expire tags such as `v*`, `v*.*.*` or `release-*`, up to 500 of them. It is
silent where a description or a comment says what is kept or how many, and where the repository is replicated:
the replica has a policy of its own.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
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
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import COUNT
from checks.facts.image.tag_shapes import globs
from checks.facts.terraform.documents import Field
from checks.regex import regex

_ENOUGH = 500
_RELEASE = regex(
    r"v\*|v?[\d*]+(?:\.[\d*]+){2}|v?\d+\.(?:[\d.]*\*)?|(?:release|rel)s?[-_.]?(?:v?\*|v?[\d*.]+)?"
)
"""`v*`, `v*.*.*`, `1.2.*`, `release-*`."""
_STATED = regex(
    r"\b(?:keep|keeps|kept|keeping|retain\w*|retention|last|latest|newest|recent|history|limit\w*|max\w*|roll ?backs?|policy)\b",
    re.IGNORECASE,
)

check = Check(
    id="lifecycle-expires-releases-by-count",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="ten releases by prefix, and thirty by pattern",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire old releases"
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v"]
          countType     = "imageCountMoreThan"
          countNumber   = 10
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["release-*"]
          countType      = "imageCountMoreThan"
          countNumber    = 30
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
            at=("countNumber   = 10", "countNumber    = 30"),
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire old releases"
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v"]
          countType     = "imageCountMoreThan"
          countNumber   = 500
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["release-*"]
          countType      = "imageCountMoreThan"
          countNumber    = 30
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="other tags, many, archived, by age, and what is kept is said",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPatternList = ["v*.*.*"], countType = "imageCountMoreThan", countNumber = 500 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection    = { tagStatus = "tagged", tagPrefixList = ["v1."], countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "transition", targetStorageClass = "archive" }
      },
      {
        rulePriority = 4
        selection    = { tagStatus = "tagged", tagPrefixList = ["v2."], countType = "sinceImagePushed", countUnit = "days", countNumber = 90 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 5
        description  = "20 versions"
        selection    = { tagStatus = "tagged", tagPrefixList = ["v3."], countType = "imageCountMoreThan", countNumber = 20 }
        action       = { type = "expire" }
      },
      # retention of releases: the 30 that are supported
      {
        rulePriority = 6
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 30 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="a number that a local gives; two patterns, which an image has to have both",
            files="""\
-- ecr.tf --
locals {
  number = 10
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = local.number }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPatternList = ["v*", "*-eu"], countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="a repository that is replicated",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }
    ]
  })
}
-- replication.tf --
resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-central-1"
        registry_id = "444455556666"
      }
    }
  }
}
""",
        ),
    ),
)  # fmt: skip


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        for rule in policy.rules or ():
            glob, field = _releases(rule), rule.field("countNumber")
            if glob and field and not _is_stated(policy, rule) and not _is_replicated(repo, policy):
                yield _finding(rule, field, glob)


def _releases(rule: Rule) -> str:
    """The pattern of releases that the rule expires by a number that is written in it; empty if it does not."""
    selector, field = rule.selector, rule.field("countNumber")
    if field is None or not field.value.text[field.value.span].isdecimal():
        return ""
    if selector is None or selector.action != "expire" or selector.count_type != COUNT:
        return ""
    patterns = globs(selector) if selector.tag_status == "tagged" else ()
    is_few = len(patterns) == 1 and selector.count_number < _ENOUGH
    return patterns[0] if is_few and _RELEASE.fullmatch(patterns[0]) else ""


def _is_stated(policy: LifecyclePolicy, rule: Rule) -> bool:
    """Whether a description, or a comment in the rule or above it, says what is kept."""
    text = rule.node.text
    lines = text.lines_of(rule.node.span)
    near = range(lines.start - 1, lines.stop)
    bodies = (body for body in policy.module.bodies if body.text is text)
    comments = (
        text[one.span] for body in bodies for one in body.comments if text.line_of(one.span.start) in near
    )
    number = re.compile(rf"(?<!\d){rule.count_number}(?!\d)")
    return any(_STATED.search(one) or number.search(one) for one in (rule.description, *comments))


def _is_replicated(repo: Repository, policy: LifecyclePolicy) -> bool:
    names = [one.name for one in repo.lifecycle_targets[policy]]
    rules = [rule for replication in repo.registry.replications for rule in replication.rules]
    return any(name is None or rule.covers(name) for rule in rules for name in names or [policy.target])


def _finding(rule: Rule, field: Field, glob: str) -> Finding:
    return Finding(
        message=f"All but the newest {rule.count_number} releases, {code(glob)}, are deleted.",
        consequence=(
            "Each new release deletes the oldest one: a rollback or an audit that asks for it finds neither tag nor digest, "
            "and a rebuild is another image."
        ),
        location=field.location,
        fixes=offer(
            f"keep {_ENOUGH}",
            Applicability.UNSAFE,
            Edit(field.value.text.path, field.value.span, str(_ENOUGH)),
            caution=f"Is the storage of {_ENOUGH} releases worth its price, or is the archive the place for them?",
        ),
    )
