"""Wildcard stands in a `StringEquals` on the token's subject

`StringEquals` compares character by character: a `*` in its value stands for an asterisk. No subject of a
GitHub token has one, so the condition never holds, and every job that wants the role is refused with "Not
authorized to perform sts:AssumeRoleWithWebIdentity".

Use `StringLike` for the subject, and leave the audience under `StringEquals`.

The check is silent for `StringLike`, for other keys than `sub`, and for values that are not known.

References:

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
- https://github.com/aws-actions/configure-aws-credentials/issues/1137
"""

from __future__ import annotations

from collections.abc import Iterator

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
from checks.facts.identity.policy_edits import move_to_operator
from checks.facts.identity.roles import trusted
from checks.facts.identity.subjects import Written, written

check = Check(
    id="wildcard-in-string-equals",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "oidc"),
    examples=(
        Example(
            title="beside the audience in `jsonencode`",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/release/*"
        }
      }
    }]
  })
}
""",
            at='"repo:acme/web:ref:refs/heads/release/*"',
            fixed="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        }
        StringLike = {
          "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/release/*"
        }
      }
    }]
  })
}
""",
        ),
        Example(
            title="in a data source, with a quantifier",
            files="""\
-- iam.tf --
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/web:environment:prod", "repo:acme/web:ref:refs/tags/v*"]
    }
  }
}
resource "aws_iam_role" "push" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
""",
            at='"repo:acme/web:ref:refs/tags/v*"',
            fixed="""\
-- iam.tf --
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "ForAnyValue:StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/web:environment:prod", "repo:acme/web:ref:refs/tags/v*"]
    }
  }
}
resource "aws_iam_role" "push" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
""",
        ),
        Example(
            title="`StringLike`, a denial, another provider, a value that is not known",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  assume_role_policy = jsonencode({
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/tags/v*" }
          StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        }
      },
      {
        Effect    = "Deny"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme/*" } }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/gitlab.acme.test" }
        Condition = { StringEquals = { "gitlab.acme.test:sub" = "project_path:acme/*" } }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:sub"              = var.subject
            "token.actions.githubusercontent.com:job_workflow_ref" = "acme/shared/.github/workflows/*"
          }
        }
      },
    ]
  })
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in written(trusted(repo.roles)):
        if one.condition.test == "stringequals" and one.has_wildcard:
            yield _finding(one)


def _finding(one: Written) -> Finding:
    return Finding(
        message=f"{code(one.condition.operator)} compares the subject with {code(one.text)}, wildcard and all.",
        consequence=(
            "No token has such a subject, so through this value nobody becomes the role: jobs stop with “Not "
            "authorized to perform sts:AssumeRoleWithWebIdentity”."
        ),
        location=Location(one.leaf.text, one.leaf.span),
        fixes=_fixes(one),
    )


def _fixes(one: Written) -> tuple[Fix, ...]:
    operator = one.condition.operator.replace("StringEquals", "StringLike")
    edits = move_to_operator(one.trusted.statement, one.condition, operator)
    return offer(
        f"compare with {code(operator)}",
        Applicability.UNSAFE,
        *(edits or (None,)),
        caution=f"The role then lets in every subject like {code(one.text)}: is that what it is for?",
    )
