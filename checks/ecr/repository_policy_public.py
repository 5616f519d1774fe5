"""Policy of a repository lets every AWS account in

`Principal = "*"` in the policy of a private repository means every principal of every AWS account. Whoever
has an account, and the repository's name, can do what the statement allows: pull the image, and with
`ecr:PutImage` or `ecr:*` push another one in its place.

Name the accounts, or let a condition name the organisation: `aws:PrincipalOrgID`.

A condition that everybody meets, such as `aws:SecureTransport`, narrows nothing.

The check is silent for statements with any other condition, for those that can't be read, and for `Deny`.
`aws_ecrpublic_repository_policy` is about images that are public on purpose.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.identity.iam import Principal, Statement, policy_of
from checks.facts.identity.iam_conditions import Condition

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
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    tags=("ecr", "iam", "security"),
    security_severity=8.5,
    peers=("checkov:CKV_AWS_32",),
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
            title="by a data source; for the registry, over an encrypted connection, from every ARN",
            files="""\
-- ecr.tf --
data "aws_iam_policy_document" "web" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy     = data.aws_iam_policy_document.web.json
}
resource "aws_ecr_registry_policy" "all" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["ecr:CreateRepository", "ecr:ReplicateImage"]
      Condition = {
        Bool       = { "aws:SecureTransport" = "true" }
        StringLike = { "aws:PrincipalArn" = "*" }
      }
    }]
  })
}
""",
            at=('"*"', 'Principal = { AWS = "*" }'),
        ),
        Example(
            title="a VPC, a condition that can't be read, a principal of another kind, an exact ARN",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "ecr:BatchGetImage"
        Condition = { StringEquals = { "aws:SourceVpce" = "vpce-1" }, Bool = { "aws:SecureTransport" = "true" } }
      },
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "ecr:BatchGetImage"
        Condition = var.condition
      },
      {
        Effect    = "Allow"
        Principal = { Federated = "*" }
        Action    = "ecr:BatchGetImage"
      },
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "ecr:BatchGetImage"
        Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/*" } }
      }
    ]
  })
}
""",
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
        written = policy.resource.block.body.get("policy")
        for statement in policy_of(policy.resource.module, written).statements if written else ():
            everyone = next((one for one in statement.principals if _is_everyone(one)), None)
            is_open = (
                statement.allows and statement.complete and all(map(_is_met_by_all, statement.conditions))
            )
            if everyone and is_open:
                yield _finding(policy.resource.address, statement, everyone)


def _is_everyone(principal: Principal) -> bool:
    return principal.leaf.string == "*" and principal.type.lower() in ("*", "aws")


def _is_met_by_all(condition: Condition) -> bool:
    """Whether every caller meets a condition."""
    name = (condition.key.literal or "").lower()
    any_text = condition.test in ("stringlike", "arnlike") and any(
        one.string == "*" for one in condition.values
    )
    return any_text or (name == "aws:securetransport" and condition.test == "bool")


def _finding(address: str, statement: Statement, everyone: Principal) -> Finding:
    actions = [leaf.string.lower() for leaf in statement.actions if leaf.string]
    may_write = "*" in actions or any(action.startswith(_WRITES) for action in actions)
    field = statement.fields.field("Principal") if statement.fields else None
    return Finding(
        message=f"{code(address)} lets every principal of every AWS account in.",
        consequence=(
            "Whoever has an AWS account and the repository's name can push to it, and what is deployed from it is theirs."
            if may_write
            else "Whoever has an AWS account and the repository's name can do what the statement allows."
        ),
        location=field.location if field else Location(everyone.leaf.text, everyone.leaf.span),
        severity=None if may_write else Severity.WARNING,
    )
