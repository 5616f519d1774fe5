"""`ForAllValues` in a trust policy holds for an absent claim

`ForAllValues:` is true when the key has no value at all. In a statement that allows, the condition then does
not bind a token without the claim; AWS warns of it for single-valued keys such as `sub` and `aud`.

Write the operator without the quantifier.

The check is silent for statements that deny, and where a `Null` condition or another operator demands the
key.

References:

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
- https://github.com/aws-actions/configure-aws-credentials#readme
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
from checks.facts.identity.iam import Statement
from checks.facts.identity.iam_conditions import Condition
from checks.facts.identity.policy_edits import move_to_operator
from checks.facts.identity.roles import trusted

check = Check(
    id="forallvalues-in-allow",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "oidc"),
    security_severity=5.0,
    examples=(
        Example(
            title="on the subject",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRoleWithWebIdentity"]
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        "ForAllValues:StringLike" = {
          "token.actions.githubusercontent.com:sub" = ["repo:acme/web:ref:refs/heads/main"]
        }
      }
    }]
  })
}
""",
            at='"ForAllValues:StringLike"',
            fixed="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRoleWithWebIdentity"]
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        "StringLike" = {
          "token.actions.githubusercontent.com:sub" = ["repo:acme/web:ref:refs/heads/main"]
        }
      }
    }]
  })
}
""",
        ),
        Example(
            title="another quantifier, a denial, a key that has to be there, or that another condition asks for",
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
          "ForAnyValue:StringEquals" = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main"
          }
        }
      },
      {
        Effect    = "Deny"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = { "ForAllValues:StringLike" = { "token.actions.githubusercontent.com:sub" = "repo:acme/old:*" } }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringEquals            = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
          Null                    = { "token.actions.githubusercontent.com:sub" = "false" }
          "ForAllValues:StringLike" = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main" }
        }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringEquals              = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
          StringLike                = { "token.actions.githubusercontent.com:sub" = formatlist("repo:*/%s:*", local.services) }
          "ForAllValues:StringLike" = { "token.actions.githubusercontent.com:sub" = "repo:acme/*" }
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
    for one in trusted(repo.roles):
        for condition in one.statement.conditions_on("sub", "aud"):
            if condition.quantifier == "forallvalues" and not _is_demanded(one.statement, condition.claim):
                yield _finding(one.statement, condition)


def _is_demanded(statement: Statement, claim: str) -> bool:
    return any(one.test == "null" or one.holds(None) is False for one in statement.conditions_on(claim))


def _finding(statement: Statement, condition: Condition) -> Finding:
    plain = condition.operator.rpartition(":")[2]
    edits = move_to_operator(statement, condition, plain)
    return Finding(
        message=f"{code(condition.operator)} also holds for a token without {code(condition.claim)}.",
        consequence=(
            "The statement allows, so that for such a token this condition guards nothing. GitHub's tokens have "
            "the claim; the guard should not rest on that."
        ),
        location=Location(condition.text, condition.operator_span),
        fixes=offer(f"compare with {code(plain)}", Applicability.SAFE, *(edits or (None,))),
    )
