"""Lifecycle rule is shadowed by an earlier one

ECR gives each image to the first rule, by `rulePriority`, whose tag requirement it meets; whether that rule
expires the image or keeps it, no later rule may touch it. A rule for `v1` behind one for `v` never acts:
every image that it selects belongs to the earlier one.

Give the narrower rule the lower number.

The check compares rules of one storage class whose tags are known, and speaks only if every image that the
later rule can select is certainly selected by the earlier one.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import Selector
from checks.facts.image.tag_shapes import globs, must_match
from checks.facts.value import Hole, Value, joined

check = Check(
    id="lifecycle-rule-shadowed",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    fix=Applicability.UNSAFE,
    tags=("ecr", "lifecycle"),
    yields_to=("lifecycle-policy-rejected-by-api",),
    examples=(
        Example(
            title="`v1` behind `v`",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPatternList = ["v1.*"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
            at='tagPatternList = ["v1.*"]',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPatternList = ["v1.*"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="the narrower one first, rules that overlap, two entries, another storage class",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["v1"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPatternList = ["*-rc*"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection    = { tagStatus = "tagged", tagPatternList = ["v*", "*-eu"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 4
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 5
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v1"]
          storageClass  = "archive"
          countType     = "sinceImageTransitioned"
          countUnit     = "days"
          countNumber   = 365
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 6
        selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        rules = [(rule, rule.selector) for rule in policy.rules or () if rule.selector]
        rules.sort(key=lambda pair: pair[1].priority)
        for at, (rule, selector) in enumerate(rules):
            found = next((one for one, other in rules[:at] if _selects_all_of(other, selector)), None)
            if found is not None:
                yield _finding(policy, found, rule)


def _selects_all_of(earlier: Selector, later: Selector) -> bool:
    """Whether the earlier rule certainly selects each image that the later one can."""
    if earlier.storage_class != later.storage_class or earlier.priority == later.priority:
        return False
    if earlier.tag_status != "tagged" or later.tag_status != "tagged" or not globs(earlier):
        return False
    shapes = [_shape(glob) for glob in globs(later)]
    return all(any(must_match(glob, shape) for shape in shapes) for glob in globs(earlier))


def _shape(glob: str) -> Value:
    """The tags that a pattern matches."""
    parts: list[str | Hole] = []
    for at, piece in enumerate(glob.split("*")):
        parts += [Hole(), piece] if at else [piece]
    return joined(parts)


def _finding(policy: LifecyclePolicy, earlier: Rule, rule: Rule) -> Finding:
    field = rule.field("tagPrefixList") or rule.field("tagPatternList")
    other = earlier.field("tagPrefixList") or earlier.field("tagPatternList")
    names = " and ".join(code(glob) for glob in (globs(earlier.selector) if earlier.selector else ()))
    return Finding(
        message=f"Rule {rule.priority} never acts: every image that it selects belongs to rule {earlier.priority}.",
        consequence=(
            "ECR gives an image to the first rule whose tags it has, and no later one may touch it: "
            f"the limit of rule {rule.priority} holds for nothing."
        ),
        location=field.location if field else rule.location,
        related=(Location(other.value.text, other.span, f"selects {names} first"),) if other else (),
        fixes=_swap(policy, earlier, rule),
    )


def _swap(policy: LifecyclePolicy, earlier: Rule, rule: Rule) -> tuple[Fix, ...]:
    first, second = earlier.node.field("rulePriority"), rule.node.field("rulePriority")
    is_certain = policy.selectors is not None and _differ(earlier, rule)
    if first is None or second is None or not is_certain:
        return ()
    path = rule.node.text.path
    return offer(
        "swap the numbers of the two",
        Applicability.UNSAFE,
        Edit(path, first.value.span, str(rule.priority)),
        Edit(path, second.value.span, str(earlier.priority)),
        caution=f"The limit of rule {rule.priority} comes alive: does anything still need what it expires?",
    )


def _differ(earlier: Rule, rule: Rule) -> bool:
    """Whether swapping helps: not where the two select the same."""
    one, other = earlier.selector, rule.selector
    return one is not None and other is not None and not _selects_all_of(other, one)
