"""Key stands twice in one object of a policy

In one object every key has one value. Where two rules or statements were merged into one pair of braces, the
last value of each key wins, and the first rule is gone. `jsonencode` says nothing, and neither does ECR. In a
heredoc of an IAM policy Terraform refuses the plan.

Part the object into two.

The check reads `jsonencode` and heredocs of lifecycle policies, IAM policies and resource policies. One key
in two objects of a list is no repetition; keys that differ by case are not the same.

References:

- https://developer.hashicorp.com/terraform/language/functions/jsonencode
- https://datatracker.ietf.org/doc/html/rfc8259#section-4
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.terraform.documents import DocumentNode, Field, Fields, Items, document
from checks.facts.terraform.modules import Resource

_ATTRIBUTES = ("policy", "assume_role_policy", "lifecycle_policy", "repository_policy")
_SHOWN = 3

check = Check(
    id="duplicate-key-in-policy-document",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    tags=("ecr", "iam", "policy"),
    examples=(
        Example(
            title="two rules in one pair of braces",
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
        rulePriority = 2
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
            at="rulePriority",
        ),
        Example(
            title="two statements, in a heredoc of IAM",
            files="""\
-- iam.tf --
resource "aws_iam_policy" "push" {
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ecr:PutImage",
      "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/web",
      "Action": "ecr:GetAuthorizationToken"
    }
  ]
}
EOF
}
""",
            at='"Action"',
        ),
        Example(
            title="one key in two objects, nested, and by case",
            files="""\
-- iam.tf --
resource "aws_iam_policy" "push" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:PutImage", Resource = "a", Condition = { StringEquals = { Effect = "x", effect = "x" } } },
      { Effect = "Deny", Action = "ecr:PutImage", Resource = "b" }
    ]
  })
}
resource "aws_iam_policy" "file" {
  policy = file("policy.json")
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for module in repo.terraform:
        for resource in module.resources:
            for name in _ATTRIBUTES:
                expression = resource.block.body.get(name)
                node = document(module, expression) if expression is not None else None
                for fields in _objects(node):
                    yield from _repeated(resource, fields)


def _objects(node: DocumentNode | None) -> Iterator[Fields]:
    waiting = [node] if node else []
    while waiting:
        current = waiting.pop()
        if isinstance(current, Fields):
            yield current
            waiting += [field.value for field in current.fields]
        elif isinstance(current, Items):
            waiting += current.items


def _repeated(resource: Resource, fields: Fields) -> Iterator[Finding]:
    first: dict[str, Field] = {}
    again: dict[str, Field] = {}
    for field in fields.fields:
        if first.setdefault(field.name, field) is not field:
            again.setdefault(field.name, field)
    if not again:
        return
    names = list(again)
    shown = " and ".join(
        filter(None, (", ".join(map(code, names[: _SHOWN - 1])), ", ".join(map(code, names[2:3]))))
    )
    name = names[0]
    is_refused = fields.is_json and resource.type.startswith("aws_iam_")
    yield Finding(
        message=f"{shown} {'stands' if len(names) == 1 else 'stand'} twice in one object.",
        consequence=(
            "Terraform refuses the plan: the policy has duplicate keys."
            if is_refused
            else "The last one wins, without a word: what the first one says is gone."
        ),
        location=Location(fields.text, again[name].name_span),
        related=(Location(fields.text, first[name].name_span, "is the first one"),),
    )
