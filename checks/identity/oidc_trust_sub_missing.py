"""Role trusts every token of GitHub Actions

GitHub's OIDC provider gives tokens to the workflows of everybody. A trust policy that asks neither for the
subject nor for the repository's or its owner's id lets each of them become the role. IAM refuses to create or
change such a policy today; a role that has it already is open.

Ask for the subject, with the repository and the branch or environment that needs the role:

    StringEquals = {
      "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main"
    }

A ref, an environment or a workflow's name alone binds nobody, as everybody can choose them.

The check is silent where another condition may narrow who gets in, for statements that deny, and for trust
policies that other modules make.

References:

- https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html#idp_oidc_Create_GitHub
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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.policy_edits import add_condition
from checks.facts.identity.roles import Trusted, key_prefix, trusted
from checks.facts.identity.subjects import narrowed

_BIND_NOBODY = (
    "aud", "ref", "ref_type", "environment", "workflow", "event_name", "head_ref", "base_ref", "sha", "run_id",
    "run_number", "run_attempt", "runner_environment", "repository_visibility",
)  # fmt: skip
"""Claims that any repository's workflow can have with any value."""

_ENTERPRISE = """\
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com/acme" }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com/acme:aud" = "sts.amazonaws.com"
        }
      }
    }]
  })
}
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
"""

check = Check(
    id="oidc-trust-sub-missing",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "oidc"),
    security_severity=9.8,
    peers=("checkov:CKV_AWS_358",),
    examples=(
        Example(
            title="only the audience is asked for; a workflow of the repository has the role",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        }
      }
    }]
  })
}
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
""",
            at='{\n      Effect    = "Allow"\n      Action    = "sts:AssumeRoleWithWebIdentity"\n      Principal = { Federated = '
            "aws_iam_openid_connect_provider.github.arn }\n      Condition = {\n        StringEquals = {\n          "
            '"token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"\n        }\n      }\n    }',
            fixed="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main"
        }
      }
    }]
  })
}
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="an enterprise's own issuer, whose keys begin otherwise",
            files=_ENTERPRISE,
            at=_ENTERPRISE.partition("Statement = [")[2].partition("]\n  })")[0],
            fixed=_ENTERPRISE.partition("-- .github")[0].replace(
                '"sts.amazonaws.com"\n        }\n',
                '"sts.amazonaws.com"\n          "token.actions.githubusercontent.com/acme:sub" = '
                '"repo:acme/web:ref:refs/heads/main"\n        }\n',
            ),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a data source with a claim that anybody can have; for whom the role is can't be told",
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
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:environment"
      values   = ["production"]
    }
  }
}
resource "aws_iam_role" "push" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
""",
            at='statement {\n    actions = ["sts:AssumeRoleWithWebIdentity"]\n    principals {\n      type        = "Federated"\n'
            '      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]\n    }\n'
            '    condition {\n      test     = "StringEquals"\n      variable = "token.actions.githubusercontent.com:environment"\n'
            '      values   = ["production"]\n    }\n  }',
        ),
        Example(
            title="the subject, ids, a key that is not known, a dynamic condition, a denial beside, another provider",
            files="""\
-- iam.tf --
locals {
  github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
}
resource "aws_iam_role" "subject" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = var.subjects } }
    }]
  })
}
resource "aws_iam_role" "ids" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:repository_id" = "1234"
          "token.actions.githubusercontent.com:ref"           = "refs/heads/main"
        }
      }
    }]
  })
}
resource "aws_iam_role" "unknown" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringEquals = { (var.key) = "x" } }
    }]
  })
}
data "aws_iam_policy_document" "dynamic" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.github]
    }
    dynamic "condition" {
      for_each = var.conditions
      content {
        test     = "StringLike"
        variable = condition.key
        values   = condition.value
      }
    }
  }
}
resource "aws_iam_role" "dynamic" {
  assume_role_policy = data.aws_iam_policy_document.dynamic.json
}
resource "aws_iam_role" "denied" {
  assume_role_policy = jsonencode({
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = local.github }
      },
      {
        Effect    = "Deny"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = local.github }
        Condition = { StringNotLike = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:*" } }
      },
    ]
  })
}
resource "aws_iam_role" "cluster" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.eks.arn }
    }]
  })
}
resource "aws_iam_openid_connect_provider" "eks" {
  url = aws_eks_cluster.main.identity[0].oidc[0].issuer
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in trusted(repo.roles):
        if not narrowed(one, besides=_BIND_NOBODY):
            yield _finding(repo, one)


def _finding(repo: Repository, one: Trusted) -> Finding:
    fixes = _fixes(repo, one)
    return Finding(
        message=f"{code(one.role.resource.address)} asks no token of GitHub Actions for its repository.",
        consequence=(
            "A workflow in any repository on GitHub, anybody's, can become the role and do what its policies allow. "
            "IAM refuses the next change of such a trust policy."
        ),
        location=one.statement.location,
        fixes=fixes,
        withheld="" if fixes else "which repository the role is for can't be told from here",
    )


def _fixes(repo: Repository, one: Trusted) -> tuple[Fix, ...]:
    subjects = {
        str(subject)
        for assumption in repo.assumptions
        if assumption.role is one.role
        for start in assumption.starts
        for subject, _ in assumption.subjects(start, repo.outside.slug)
        if subject.literal is not None
    }
    if len(subjects) != 1 or not repo.outside.slug:
        return ()
    (subject,) = subjects
    prefix = key_prefix(one.statement)
    edits = add_condition(one.statement, "StringEquals", f"{prefix}:sub", subject) if prefix else None
    return offer(
        f"ask for {code(subject)}",
        Applicability.UNSAFE,
        *(edits or (None,)),
        caution="Does a job of another repository have the role, or one that runs for other refs?",
    )
