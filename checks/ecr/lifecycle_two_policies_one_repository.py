"""Two lifecycle policies for one repository

An ECR repository has one lifecycle policy. Two `aws_ecr_lifecycle_policy` resources for it overwrite each
other: which one holds depends on the order of the apply, and every further plan wants to change the other one
back.

Merge the rules into one policy.

The check speaks where both resources certainly are for one repository, by the same reference or the same
literal name in one module. It is silent where `count` or `for_each` decides whether there are two, and where
the resources name different providers or regions.

References:

- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_lifecycle_policy
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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.terraform.documents import Fields, Items
from checks.facts.tree import delete_block

_BOTH = """\
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "untagged" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 1 }
        action       = { type = "expire" }
      },
    ]
  })
}
"""
_SECOND = """\
resource "aws_ecr_lifecycle_policy" "tagged" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["dev-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  })
}
"""
_MOVED = """\
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["dev-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
    ]"""

check = Check(
    id="lifecycle-two-policies-one-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.UNSAFE,
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
            title="both are written out, with one number",
            files="-- ecr.tf --\n" + _BOTH + _SECOND,
            at='resource "aws_ecr_lifecycle_policy" "tagged"',
            fixed="-- ecr.tf --\n" + _BOTH.replace("      },\n    ]", _MOVED),
        ),
        Example(
            title="the first ends with a rule for all other images",
            files="-- ecr.tf --\n" + _BOTH.replace('"untagged", c', '"any", c') + _SECOND,
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
                fixes=_merged(earlier, policy),
                withheld="" if _merged(earlier, policy) else "the rules of both are not written out here",
            )


def _merged(first: LifecyclePolicy, second: LifecyclePolicy) -> tuple[Fix, ...]:
    """The rules of the second behind those of the first, with numbers that follow, and the second gone."""
    own, rules = _list(first), second.rules or ()
    numbers = [one.priority for one in (*(first.rules or ()), *rules)]
    if own is None or _list(second) is None or not own.items or not rules or None in numbers:
        return ()
    last = max(one.priority or 0 for one in first.rules or ())
    start = Span(own.items[-1].span.end, own.items[-1].span.end)
    text = own.text
    indent = text.indent_of(text.line_of(own.items[-1].span.start))
    copies = (_numbered(rule, last + at) for at, rule in enumerate(rules, 1))
    return offer(
        "move its rules into the first one",
        Applicability.UNSAFE,
        Edit(text.path, start, "".join(f",{text.newline}{indent}{one}" for one in copies)),
        delete_block(second.block),
        caution="All rules hold from then on, those of the second policy after those of the first: is that their order?",
    )


def _list(policy: LifecyclePolicy) -> Items | None:
    """The list of rules that is written out in the policy's own `jsonencode`."""
    found = policy.document.get("rules") if isinstance(policy.document, Fields) else None
    is_own = (
        isinstance(found, Items) and found.text is policy.block.text and policy.block.span.covers(found.span)
    )
    return found if isinstance(found, Items) and is_own and not found.is_json else None


def _numbered(rule: Rule, number: int) -> str:
    """The rule's text with another number."""
    field, text, span = rule.node.field("rulePriority"), rule.node.text, rule.node.span
    if field is None:
        return text[span]
    before, after = Span(span.start, field.value.span.start), Span(field.value.span.end, span.end)
    return f"{text[before]}{number}{text[after]}"
