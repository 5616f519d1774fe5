"""Storage class of a lifecycle rule does not fit the rest of it

Archived images are another world to a lifecycle policy. `sinceImageTransitioned` counts the days in the
archive, and goes with `storageClass = "archive"`; every other `countType` goes with `standard`, which is what
a rule without `storageClass` has. A transition leads from `standard` to `targetStorageClass = "archive"`.
What does not fit is refused at apply, and with it the whole policy.

An image stays in the archive for 90 days at least: a rule that expires it earlier is refused too.

`sinceImagePulled` with `expire`, and `sinceImageTransitioned` with `transition`, are documented as not
supported; these are warnings. The check is silent where a value is not known.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
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
    Repository,
    Scope,
    Severity,
    code,
    offer,
)
from checks.facts.ecr.lifecycle import AGES, Rule
from checks.facts.ecr.lifecycle_selection import COUNT, STANDARD
from checks.facts.terraform.documents import Field, with_field
from checks.record import Record

_ARCHIVE = "archive"
_TRANSITIONED = "sinceImageTransitioned"
_PULLED = "sinceImagePulled"
_LEAST_DAYS = 90

_NOWHERE = """\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 365 }
        action = {
          type = "transition"
        }
      }
    ]
  })
}
"""
_EARLY = """\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v"]
          storageClass  = "archive"
          countType     = "sinceImageTransitioned"
          countUnit     = "days"
          countNumber   = 30
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["w"]
          storageClass  = "cold"
          countType     = "imageCountMoreThan"
          countNumber   = 30
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["x"]
          storageClass  = "archive"
          countType     = "sinceImageTransitioned"
          countUnit     = "days"
          countNumber   = 365
        }
        action = { type = "transition", targetStorageClass = "archive" }
      }
    ]
  })
}
"""

check = Check(
    id="lifecycle-storage-class-invalid",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    fix=Applicability.SAFE,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="days in the archive without the archive",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus   = "any"
          countType   = "sinceImageTransitioned"
          countUnit   = "days"
          countNumber = 365
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
            at='countType   = "sinceImageTransitioned"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus    = "any"
          countType    = "sinceImageTransitioned"
          storageClass = "archive"
          countUnit    = "days"
          countNumber  = 365
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="a transition to nowhere, the only place that there is",
            files=_NOWHERE,
            at='type = "transition"',
            fixed=_NOWHERE.replace(
                'type = "transition"',
                'type               = "transition"\n          targetStorageClass = "archive"',
            ),
        ),
        Example(
            title="too few days in the archive, a class that there is not, a transition out of the archive",
            files=_EARLY,
            at=("countNumber   = 30", 'storageClass  = "cold"', 'type = "transition"'),
            fixed=_EARLY.replace("= 30", "= 90", 1),
        ),
        Example(
            title="the archive with a count, a transition to nowhere, an early expiry, an age that expires nothing",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus    = "untagged"
          storageClass = "archive"
          countType    = "imageCountMoreThan"
          countNumber  = 5
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["v"]
          countType     = "sinceImagePushed"
          countUnit     = "days"
          countNumber   = 90
        }
        action = { type = "transition" }
      },
      {
        rulePriority = 3
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["w"]
          storageClass  = "archive"
          countType     = "sinceImageTransitioned"
          countUnit     = "days"
          countNumber   = 30
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 4
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["x"]
          countType     = "sinceImagePulled"
          countUnit     = "days"
          countNumber   = 30
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
            at=(
                'storageClass = "archive"',
                'type = "transition"',
                "countNumber   = 30",
                'countType     = "sinceImagePulled"',
            ),
        ),
        Example(
            title="archive and expire, as documented; values that are not known",
            files="""\
-- ecr.tf --
variable "class" {}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus   = "any"
          countType   = "sinceImagePulled"
          countUnit   = "days"
          countNumber = 90
        }
        action = {
          type               = "transition"
          targetStorageClass = "archive"
        }
      },
      {
        rulePriority = 2
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
        rulePriority = 3
        selection = {
          tagStatus    = "untagged"
          storageClass = var.class
          countType    = "sinceImageTransitioned"
          countUnit    = "days"
          countNumber  = 365
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
    ),
)


class _Problem(Record):
    message: str
    consequence: str
    field: Field | None
    fixes: tuple[Fix, ...] = ()
    severity: Severity | None = None


_REFUSED = "ECR refuses the whole policy at apply; the repository keeps the policy that it had, or none."
_NOT_SUPPORTED = "ECR's documentation has no such rule: the apply may fail, or the rule act on nothing."


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        for rule in policy.rules or ():
            for problem in _problems(rule):
                yield Finding(
                    message=problem.message,
                    consequence=problem.consequence,
                    location=problem.field.location if problem.field else rule.location,
                    fixes=problem.fixes,
                    severity=problem.severity,
                )


def _problems(rule: Rule) -> Iterator[_Problem]:
    storage, count = rule.storage_class, rule.text("countType")
    action = rule.action.string("type") if rule.action else None
    if storage is None or count not in (COUNT, *AGES) or action is None:
        return
    yield from _of_class(rule, storage, count)
    if action == "transition":
        yield from _of_transition(rule, storage, count)
    elif count == _PULLED:
        message = f"{code('expire')} goes by {code(_PULLED)}, which is for transitions."
        yield _Problem(message, _NOT_SUPPORTED, rule.field("countType"), severity=Severity.WARNING)


def _of_class(rule: Rule, storage: str, count: str) -> Iterator[_Problem]:
    written, counted = rule.field("storageClass"), rule.field("countType")
    number = rule.count_number
    if storage not in (STANDARD, _ARCHIVE):
        message = (
            f"{code('storageClass')} is {code(storage)}, and ECR knows {code(STANDARD)} and {code(_ARCHIVE)}."
        )
        yield _Problem(message, _REFUSED, written)
    elif count == _TRANSITIONED and storage != _ARCHIVE:
        message = (
            f"{code(_TRANSITIONED)} counts days in the archive, and the rule is for {code(STANDARD)} images."
        )
        yield _Problem(message, _REFUSED, counted, _to_archive(rule))
    elif count != _TRANSITIONED and storage == _ARCHIVE:
        message = (
            f"{code('storageClass')} is {code(_ARCHIVE)}, and {code(count)} is for {code(STANDARD)} images."
        )
        yield _Problem(message, _REFUSED, written)
    elif storage == _ARCHIVE and number is not None and 0 < number < _LEAST_DAYS:
        message = f"Archived images expire after {number} days, and ECR takes {_LEAST_DAYS} or more."
        field = rule.field("countNumber")
        edit = Edit(rule.node.text.path, field.value.span, str(_LEAST_DAYS)) if field else None
        caution = f"Are {_LEAST_DAYS} days in the archive what you want to pay for?"
        fixes = offer(f"make it {code(str(_LEAST_DAYS))}", Applicability.UNSAFE, edit, caution=caution)
        yield _Problem(message, _REFUSED, field, fixes)


def _to_archive(rule: Rule) -> tuple[Fix, ...]:
    selection, count, written = rule.selection, rule.field("countType"), rule.field("storageClass")
    if selection is None or count is None:
        return ()
    title, caution = (
        "make it a rule for the archive",
        "The rule then deletes archived images: is that what is meant?",
    )
    if written is not None:
        edits: tuple[Edit, ...] | None = (Edit(selection.text.path, written.value.span, f'"{_ARCHIVE}"'),)
    else:
        edits = with_field(selection, count, "storageClass", f'"{_ARCHIVE}"')
    return offer(title, Applicability.UNSAFE, *edits, caution=caution) if edits else ()


def _of_transition(rule: Rule, storage: str, count: str) -> Iterator[_Problem]:
    action = rule.action
    if action is None or not action.complete:
        return
    kind, target = action.field("type"), action.field("targetStorageClass")
    where = action.string("targetStorageClass")
    if target is None:
        edits = with_field(action, kind, "targetStorageClass", f'"{_ARCHIVE}"') if kind else None
        fixes = offer(f"add {code('targetStorageClass')}", Applicability.SAFE, *edits) if edits else ()
        yield _Problem(f"The transition has no {code('targetStorageClass')}.", _REFUSED, kind, fixes)
    elif where not in (None, _ARCHIVE):
        message = f"The transition leads to {code(where or '')}, and ECR knows {code(_ARCHIVE)} alone."
        yield _Problem(message, _REFUSED, target)
    if count == _TRANSITIONED and storage == _ARCHIVE:
        message = (
            f"{code('transition')} goes by {code(_TRANSITIONED)}, which is for images that are there already."
        )
        yield _Problem(message, _NOT_SUPPORTED, kind, severity=Severity.WARNING)
