"""Lifecycle policy is refused by ECR

Terraform takes any JSON for a lifecycle policy. ECR reads it at apply: a rule that it does not understand
makes the whole call fail with `InvalidParameterException … Lifecycle policy validation failure`, and the
repository keeps the policy that it had, or none.

What ECR refuses: two rules with one `rulePriority`; a second rule for untagged images; `tagPrefixList` or
`tagPatternList` with `untagged` or `any`; a rule for `tagged` with neither list, or with both; one prefix in
two rules; an age without `countUnit = "days"`, a count with a unit; a `countNumber` under 1; more than 4 `*`
in a pattern; more than 50 rules; words that it does not know, keys that are `null`, and parts that are
missing.

Rules for different storage classes are told apart. The check is silent wherever a value is not known from the
files, and for the storage classes and the place of the rule for any image, which have checks of their own.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from checks.facts.ecr.lifecycle import AGES, MAX_RULES, MAX_WILDCARDS, LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import COUNT
from checks.facts.terraform.documents import Field, Fields, Leaf, with_field, without
from checks.facts.tree import Edit, Span
from checks.record import Record

_STATUSES = ("tagged", "untagged", "any")
_ACTIONS = ("expire", "transition")
_LISTS = ("tagPrefixList", "tagPatternList")

check = Check(
    id="lifecycle-policy-rejected-by-api",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    fix=Applicability.SAFE,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="an age without a unit, in a file that Terraform takes in",
            files="""\
-- infra/ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy     = file("${path.module}/policies/lifecycle.json")
}
-- infra/policies/lifecycle.json --
{
  "rules": [
    {
      "rulePriority": 1,
      "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countNumber": 14
      },
      "action": {"type": "expire"}
    }
  ]
}
""",
            at='"countType": "sinceImagePushed"',
            fixed="""\
-- infra/policies/lifecycle.json --
{
  "rules": [
    {
      "rulePriority": 1,
      "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14
      },
      "action": {"type": "expire"}
    }
  ]
}
""",
        ),
        Example(
            title="a count with a unit",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus   = "untagged"
          countType   = "imageCountMoreThan"
          countUnit   = "days"
          countNumber = 10
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
            at='countUnit   = "days"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus   = "untagged"
          countType   = "imageCountMoreThan"
          countNumber = 10
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="an age without its unit, in a heredoc",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = <<-EOT
    {
      "rules": [
        {
          "rulePriority": 1,
          "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countNumber": 14
          },
          "action": {"type": "expire"}
        }
      ]
    }
  EOT
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at='"countType": "sinceImagePushed"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = <<-EOT
    {
      "rules": [
        {
          "rulePriority": 1,
          "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14
          },
          "action": {"type": "expire"}
        }
      ]
    }
  EOT
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="one priority twice, one prefix twice, a second rule for untagged images",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["dev-"], countType = "imageCountMoreThan", countNumber = 9 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["dev-"]
          countType     = "sinceImagePushed"
          countUnit     = "days"
          countNumber   = 90
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 4
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
            at=("rulePriority = 1", 'tagPrefixList = ["dev-"]', 'tagStatus = "untagged"'),
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["dev-"], countType = "imageCountMoreThan", countNumber = 9 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["dev-"]
          countType     = "sinceImagePushed"
          countUnit     = "days"
          countNumber   = 90
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 4
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="lists where there may be none, none where there must be one, both, too many wildcards",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus     = "untagged"
          tagPrefixList = ["v"]
          countType     = "imageCountMoreThan"
          countNumber   = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection = {
          tagStatus      = "tagged"
          tagPrefixList  = ["a"]
          tagPatternList = ["*a*"]
          countType      = "imageCountMoreThan"
          countNumber    = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 4
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*a*b*c*d*"]
          countType      = "imageCountMoreThan"
          countNumber    = 1
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
            at=(
                'tagPrefixList = ["v"]',
                'tagStatus = "tagged"',
                'tagPatternList = ["*a*"]',
                'tagPatternList = ["*a*b*c*d*"]',
            ),
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus   = "untagged"
          countType   = "imageCountMoreThan"
          countNumber = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection = {
          tagStatus      = "tagged"
          tagPrefixList  = ["a"]
          tagPatternList = ["*a*"]
          countType      = "imageCountMoreThan"
          countNumber    = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 4
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*a*b*c*d*"]
          countType      = "imageCountMoreThan"
          countNumber    = 1
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="unknown words, a zero, a null, a missing action",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy     = <<EOF
{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "Untagged", "countType": "imageCountMoreThan", "countNumber": 1},
   "action": {"type": "expire"}},
  {"rulePriority": 2, "selection": {"tagStatus": "tagged", "tagPrefixList": ["a"], "countType": "imageCountMoreThan",
    "countNumber": 0}, "action": {"type": "delete"}},
  {"rulePriority": 3, "selection": {"tagStatus": "tagged", "tagPrefixList": ["b"], "countType": "count", "countNumber": 1,
    "countUnit": null}, "action": {"type": "expire"}},
  {"rulePriority": 4, "selection": {"tagStatus": "tagged", "tagPrefixList": ["c"],
    "countType": "imageCountMoreThan", "countNumber": 1}}
]}
EOF
}
""",
            at=(
                '"tagStatus": "Untagged"',
                '"countNumber": 0',
                '"type": "delete"',
                '"countType": "count"',
                '"countUnit": null',
                """\
{"rulePriority": 4, "selection": {"tagStatus": "tagged", "tagPrefixList": ["c"],
    "countType": "imageCountMoreThan", "countNumber": 1}}""",
            ),
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy     = <<EOF
{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
   "action": {"type": "expire"}},
  {"rulePriority": 2, "selection": {"tagStatus": "tagged", "tagPrefixList": ["a"], "countType": "imageCountMoreThan",
    "countNumber": 0}, "action": {"type": "delete"}},
  {"rulePriority": 3, "selection": {"tagStatus": "tagged", "tagPrefixList": ["b"], "countType": "count", "countNumber": 1,
    "countUnit": null}, "action": {"type": "expire"}},
  {"rulePriority": 4, "selection": {"tagStatus": "tagged", "tagPrefixList": ["c"],
    "countType": "imageCountMoreThan", "countNumber": 1}}
]}
EOF
}
""",
        ),
        Example(
            title="a whole policy, archive rules beside standard ones, priorities with gaps",
            files="""\
-- ecr.tf --
locals {
  days = 7
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 10
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = local.days
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 20
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*-rc*", "v*.*.*"]
          countType      = "imageCountMoreThan"
          countNumber    = 30
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 30
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v"]
          countType     = "sinceImagePulled"
          countUnit     = "days"
          countNumber   = 90
        }
        action = { type = "transition", targetStorageClass = "archive" }
      },
      {
        rulePriority = 40
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v"]
          storageClass  = "archive"
          countType     = "sinceImageTransitioned"
          countUnit     = "days"
          countNumber   = 365
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="values that are not known, and the data source",
            files="""\
-- ecr.tf --
variable "unit" {}
variable "number" {}
variable "prefixes" { default = ["v"] }
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = var.number
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = var.prefixes
          countType     = "sinceImagePushed"
          countUnit     = var.unit
          countNumber   = var.number
        }
        action = { type = "expire" }
      },
      merge(local.rule, { rulePriority = 1 }),
      {
        for key in ["rulePriority"] : key => 1
      }
    ]
  })
}
data "aws_ecr_lifecycle_policy_document" "web" {
  rule {
    priority = 1
    selection {
      tag_status   = "untagged"
      count_type   = "imageCountMoreThan"
      count_number = 1
    }
  }
  rule {
    priority = 2
    dynamic "selection" {
      for_each = ["any"]
      content {
        tag_status   = selection.value
        count_type   = "imageCountMoreThan"
        count_number = 10
      }
    }
  }
}
resource "aws_ecr_lifecycle_policy" "other" {
  repository = "other"
  policy     = data.aws_ecr_lifecycle_policy_document.web.json
}
""",
        ),
    ),
)


class _Problem(Record):
    """What ECR refuses, as a sentence, and how to say it right."""

    message: str
    location: Location
    fixes: tuple[Fix, ...] = ()
    related: tuple[Location, ...] = ()


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        for problem in _problems(policy):
            yield Finding(
                message=problem.message,
                consequence=(
                    "ECR refuses the whole policy at apply, “Lifecycle policy validation failure”; "
                    "the repository keeps the policy that it had, or none."
                ),
                location=problem.location,
                related=problem.related,
                fixes=problem.fixes,
            )


def _problems(policy: LifecyclePolicy) -> Iterator[_Problem]:
    rules = policy.rules or ()
    for rule in rules:
        yield from _of_rule(rule)
    yield from _same_priority(rules)
    yield from _several_untagged(rules)
    yield from _same_prefix(rules)
    if len(rules) > MAX_RULES:
        message = f"The policy has {len(rules)} rules, and ECR takes {MAX_RULES}."
        yield _Problem(message, rules[MAX_RULES].location)


def _of_rule(rule: Rule) -> Iterator[_Problem]:
    for part in (
        ("rulePriority", "selection") if rule.is_of_data_source else ("rulePriority", "selection", "action")
    ):
        if rule.node.complete and rule.node.field(part) is None:
            yield _Problem(f"The rule has no {code(part)}.", rule.location)
    selection, action = rule.selection, rule.action
    if action is not None and action.complete:
        yield from _words(action, "type", _ACTIONS)
    if selection is not None and selection.complete:
        yield from _words(selection, "tagStatus", _STATUSES)
        yield from _words(selection, "countType", (COUNT, *AGES))
        yield from _nulls(selection)
        yield from _lists(rule, selection)
        yield from _unit(rule, selection)
        yield from _number(rule, selection)
    if action is not None:
        yield from _nulls(action)


def _words(fields: Fields, name: str, allowed: tuple[str, ...]) -> Iterator[_Problem]:
    """A word that ECR does not know, or that is missing."""
    field = fields.field(name)
    if field is None:
        yield _Problem(f"The rule has no {code(name)}.", Location(fields.text, fields.span))
        return
    written = field.value.string if isinstance(field.value, Leaf) else None
    if written is None or written in allowed:
        return
    meant = [word for word in allowed if word.lower() == written.lower().strip()]
    fixes = (
        offer(
            f"write {code(meant[0])}",
            Applicability.SAFE,
            Edit(fields.text.path, field.value.span, f'"{meant[0]}"'),
        )
        if meant
        else ()
    )
    known = ", ".join(code(word) for word in allowed)
    yield _Problem(f"{code(name)} is {code(written)}, and ECR knows {known}.", field.location, fixes)


def _nulls(fields: Fields) -> Iterator[_Problem]:
    for field in fields.fields:
        if isinstance(field.value, Leaf) and field.value.is_null:
            yield _Problem(
                f"{code(field.name)} is {code('null')}, which stands in the JSON and which ECR does not take.",
                field.location,
                _deleting(fields, field, "leave the key out"),
            )


def _deleting(fields: Fields, field: Field, title: str) -> tuple[Fix, ...]:
    edits = without(fields, field)
    return offer(title, Applicability.SAFE, *edits) if edits else ()


def _lists(rule: Rule, selection: Fields) -> Iterator[_Problem]:
    """Which tag lists there are against which there may be."""
    status = rule.text("tagStatus")
    written = [field for name in _LISTS if (field := selection.field(name)) and not _is_null(field)]
    filled = [field for field in written if rule.entries(field.name) != ()]
    if status in ("untagged", "any"):
        for field in written:
            message = f"{code(field.name)} stands in a rule for {code(status)} images."
            fixes = _deleting(selection, field, f"delete {code(field.name)}") if status == "untagged" else ()
            yield _Problem(message, field.location, fixes)
    elif status == "tagged" and not filled:
        place = (written[0] if written else selection.field("tagStatus")) or None
        message = f"The rule for {code('tagged')} images has neither {code(_LISTS[0])} nor {code(_LISTS[1])}."
        if place is not None:
            yield _Problem(message, place.location)
    elif status == "tagged" and len(filled) == len(_LISTS):
        message = f"The rule has both {code(_LISTS[0])} and {code(_LISTS[1])}."
        yield _Problem(message, filled[1].location)
    for pattern in rule.entries("tagPatternList") or ():
        if pattern.count("*") > MAX_WILDCARDS:
            message = f"{code(pattern)} has {pattern.count('*')} wildcards, and ECR takes {MAX_WILDCARDS}."
            yield _Problem(message, written[-1].location)


def _is_null(field: Field) -> bool:
    return isinstance(field.value, Leaf) and field.value.is_null


def _unit(rule: Rule, selection: Fields) -> Iterator[_Problem]:
    """`countUnit` belongs to ages, and to no count."""
    count, unit = rule.field("countType"), rule.field("countUnit")
    kind = rule.text("countType")
    if count is None or (unit is not None and _is_null(unit)):
        return
    if kind == COUNT and unit is not None:
        message = f"{code('countUnit')} stands beside {code(COUNT)}, which counts images and not days."
        yield _Problem(message, unit.location, _deleting(selection, unit, f"delete {code('countUnit')}"))
    elif kind in AGES and unit is None:
        edits = with_field(selection, count, "countUnit", '"days"')
        fixes = offer(f"add {code('countUnit')}", Applicability.SAFE, *edits) if edits else ()
        yield _Problem(f"{code(kind)} has no {code('countUnit')}.", count.location, fixes)
    elif kind in AGES and unit is not None:
        written = rule.text("countUnit")
        if written not in (None, "days"):
            edit = Edit(selection.text.path, unit.value.span, '"days"')
            caution = "Is the number beside it one of days?"
            fixes = offer(f"write {code('days')}", Applicability.UNSAFE, edit, caution=caution)
            message = f"{code('countUnit')} is {code(written or '')}, and ECR knows {code('days')} alone."
            yield _Problem(message, unit.location, fixes)


def _number(rule: Rule, selection: Fields) -> Iterator[_Problem]:
    field = rule.field("countNumber")
    if field is None:
        yield _Problem(f"The rule has no {code('countNumber')}.", Location(selection.text, selection.span))
    elif rule.count_number is not None and rule.count_number < 1:
        yield _Problem(
            f"{code('countNumber')} is {rule.count_number}, and ECR takes 1 or more.", field.location
        )


def _same_priority(rules: Iterable[Rule]) -> Iterator[_Problem]:
    first: dict[int, Rule] = {}
    for rule in rules:
        priority, field = rule.priority, rule.node.field("rulePriority")
        if priority is None or field is None:
            continue
        if priority in first:
            earlier = first[priority].node.field("rulePriority")
            related = (Location(rule.node.text, earlier.span, "is the first"),) if earlier else ()
            message = f"{code('rulePriority')} {priority} is that of another rule too."
            yield _Problem(message, field.location, _renumbered(rule, tuple(rules)), related)
        first.setdefault(priority, rule)


def _renumbered(rule: Rule, rules: tuple[Rule, ...]) -> tuple[Fix, ...]:
    """The next free number, if that keeps the order to all other rules."""
    field = rule.node.field("rulePriority")
    taken = {one.priority for one in rules}
    free = (rule.priority or 0) + 1
    if field is None or None in taken or free in taken:
        return ()
    edit = Edit(rule.node.text.path, Span(field.value.span.start, field.value.span.end), str(free))
    caution = "The rule is applied after the other one of its number: is that the order that you want?"
    return offer(f"make it {code(str(free))}", Applicability.UNSAFE, edit, caution=caution)


def _several_untagged(rules: Iterable[Rule]) -> Iterator[_Problem]:
    first: dict[str, Rule] = {}
    for rule in rules:
        storage, field = rule.storage_class, rule.field("tagStatus")
        if storage is None or field is None or rule.text("tagStatus") != "untagged":
            continue
        if storage in first:
            earlier = first[storage].field("tagStatus")
            related = (Location(field.value.text, earlier.span, "is the first"),) if earlier else ()
            message = "A second rule selects untagged images, and ECR takes one."
            yield _Problem(message, field.location, (), related)
        first.setdefault(storage, rule)


def _same_prefix(rules: Iterable[Rule]) -> Iterator[_Problem]:
    first: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        storage, field = rule.storage_class, rule.field("tagPrefixList")
        if storage is None or field is None or rule.text("tagStatus") != "tagged":
            continue
        for prefix in dict.fromkeys(rule.entries("tagPrefixList") or ()):
            earlier = first.setdefault((storage, prefix), rule).field("tagPrefixList")
            if earlier is not None and earlier is not field:
                related = (Location(earlier.value.text, earlier.span, "names it first"),)
                yield _Problem(f"The prefix {code(prefix)} stands in two rules.", field.location, (), related)
