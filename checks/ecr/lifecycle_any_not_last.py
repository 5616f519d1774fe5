"""Lifecycle rule for any image is not the last one

A rule with `tagStatus` `any` looks at every image that no rule before it has claimed. ECR takes it only with
the highest `rulePriority` of all; anywhere else it refuses the whole policy at apply, “Lifecycle policy
validation failure”.

Give the rule a number above all others. It then acts on whatever no other rule names, untagged images and
signatures among them.

Rules for another storage class don't count. The check is silent where a number is not known.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html#lp_rule_priority
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
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.tree import Edit

check = Check(
    id="lifecycle-any-not-last",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    fix=Applicability.UNSAFE,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="`any` before a rule for a prefix",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 100 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 30 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
            at="rulePriority = 1",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 3
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 100 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 30 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="`any` last though written first, another storage class, a number that is not known",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 20
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 100 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 10
        selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 30
        selection = {
          tagStatus    = "any"
          storageClass = "archive"
          countType    = "sinceImageTransitioned"
          countUnit    = "days"
          countNumber  = 365
        }
        action = { type = "expire" }
      },
      {
        rulePriority = var.last
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      }
    ]
  })
}
variable "last" {}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        for rule in policy.rules or ():
            if rule.text("tagStatus") == "any" and (later := _later(policy, rule)):
                yield _finding(policy, rule, later)


def _later(policy: LifecyclePolicy, rule: Rule) -> Rule | None:
    """A rule of the same storage class with a higher number."""
    mine, storage = rule.priority, rule.storage_class
    if mine is None or storage is None:
        return None
    for other in policy.rules or ():
        if other.storage_class == storage and other.priority is not None and other.priority > mine:
            return other
    return None


def _finding(policy: LifecyclePolicy, rule: Rule, later: Rule) -> Finding:
    field, other = rule.node.field("rulePriority"), later.node.field("rulePriority")
    known = [one.priority for one in policy.rules or () if one.priority is not None]
    last = max(known) + 1
    everything_known = len(known) == len(policy.rules or ())
    edit = Edit(rule.node.text.path, field.value.span, str(last)) if field and everything_known else None
    return Finding(
        message=f"The rule for {code('any')} image has number {rule.priority}, and other rules come after it.",
        consequence="ECR refuses the whole policy at apply: such a rule has to have the highest number of all.",
        location=field.location if field else rule.location,
        related=(Location(other.value.text, other.span, "is a later rule"),) if other else (),
        fixes=offer(
            f"make it {code(str(last))}",
            Applicability.UNSAFE,
            edit,
            caution="It then acts on every image that no other rule names: is its limit meant for those?",
        ),
    )
