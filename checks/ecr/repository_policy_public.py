"""Policy of a repository lets every AWS account in

`Principal = "*"` in the policy of a private repository means every principal of every AWS account. Whoever has an
account, and the repository's name, can do what the statement allows: pull the image, and with `ecr:PutImage` or
`ecr:*` push another one in its place.

Name the accounts, or let a condition name the organisation: `aws:PrincipalOrgID`.

The check is silent for statements with a condition, whatever it is, and for `Deny`; it reads `jsonencode` and
heredocs. `aws_ecrpublic_repository_policy` is about images that are public on purpose.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Repository, Severity
from checks.facts.documents import Field, Fields, leaves

_WRITES = (
    "ecr:*",
    "ecr:put",
    "ecr:initiate",
    "ecr:upload",
    "ecr:complete",
    "ecr:delete",
    "ecr:batchdelete",
    "ecr:set",
)

check = Check(
    id="repository-policy-public",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    tags=("ecr", "iam", "security"),
    security_severity=8.5,
    examples=(
        Example(
            title="anyone may pull, anyone may push",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      }
    ]
  })
}
resource "aws_ecr_repository_policy" "jobs" {
  repository = "jobs"
  policy     = <<EOF
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "ecr:*"}
}
EOF
}
""",
            at=('Principal = "*"', '"Principal": {"AWS": ["*"]}'),
        ),
        Example(
            title="an organisation, a Deny, an account, a condition, a service, a value that is not known",
            files="""\
-- ecr.tf --
variable "who" {}
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "ecr:BatchGetImage"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-abc123" } }
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "ecr:*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "ecr:*"
      },
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "ecr:BatchGetImage"
      },
      {
        Effect    = "Allow"
        Principal = var.who
        Action    = "ecr:*"
      }
    ]
  })
}
resource "aws_ecrpublic_repository_policy" "web" {
  repository_name = "web"
  policy          = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr-public:*" }] })
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.registry.policies:
        if isinstance(policy.document, Fields):
            for statement in policy.document.objects("Statement"):
                principal = statement.field("Principal")
                if principal and statement.complete and _is_open(statement, principal):
                    yield _finding(statement, principal)


def _is_open(statement: Fields, principal: Field) -> bool:
    """Whether a statement allows everyone, without any condition."""
    value = principal.value
    named = value.get("AWS") if isinstance(value, Fields) else value
    is_everyone = any(leaf.string == "*" for leaf in leaves(named))
    return is_everyone and statement.string("Effect") == "Allow" and statement.field("Condition") is None


def _finding(statement: Fields, principal: Field) -> Finding:
    actions = [leaf.string.lower() for leaf in leaves(statement.get("Action")) if leaf.string]
    may_write = "*" in actions or any(action.startswith(_WRITES) for action in actions)
    return Finding(
        message="The policy allows every principal of every AWS account.",
        consequence=(
            "Whoever has an AWS account and the repository's name can push to it, and what is deployed from it is theirs."
            if may_write
            else "Whoever has an AWS account and the repository's name can do what the statement allows."
        ),
        location=principal.location,
    )
