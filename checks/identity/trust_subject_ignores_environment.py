"""Trust policy does not list the job's environment

A job with `environment:` gets a token whose subject is `repo:OWNER/NAME:environment:NAME`: the environment
takes the place of the ref. A trust policy that lists refs alone refuses it with "Not authorized to perform
sts:AssumeRoleWithWebIdentity", from the day on which someone adds the `environment:`.

List the environment's subject in the trust policy.

The check is silent where a wildcard lets the subject in, where conditions on other claims decide, where the
environment or the role is computed, and where the role is for another repository.

References:

- https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment
- https://github.com/aws-actions/configure-aws-credentials/issues/1238
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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.assumptions import Assumption, accepts
from checks.facts.identity.policy_edits import add_value
from checks.facts.identity.roles import Role, Trusted, trusted
from checks.facts.identity.subjects import Written, of_repository, written
from checks.facts.tree import Scalar

check = Check(
    id="trust-subject-ignores-environment",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "oidc"),
    examples=(
        Example(
            title="the trust lists the branch, the job has an environment",
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
          "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main"
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
    environment: production
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
""",
            at='"repo:acme/web:ref:refs/heads/main"',
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
          "token.actions.githubusercontent.com:sub" = ["repo:acme/web:ref:refs/heads/main", "repo:acme/web:environment:production"]
        }
      }
    }]
  })
}
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="another environment is listed, in a data source; a reusable workflow has the job",
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
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values = [
        "repo:acme/web:ref:refs/tags/v*",
        "repo:acme/web:environment:staging", # the first stage
      ]
    }
  }
}
resource "aws_iam_role" "push" {
  name               = "push"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  push:
    uses: ./.github/workflows/push.yml
    permissions: {id-token: write}
-- .github/workflows/push.yml --
on: workflow_call
jobs:
  push:
    runs-on: ubuntu-latest
    environment: {name: production, url: 'https://acme.test'}
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
""",
            at='"repo:acme/web:environment:staging"',
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
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values = [
        "repo:acme/web:ref:refs/tags/v*",
        "repo:acme/web:environment:staging", # the first stage
        "repo:acme/web:environment:production",
      ]
    }
  }
}
resource "aws_iam_role" "push" {
  name               = "push"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="listed in another case, of which GitHub's page does not say how the token spells it",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:environment:Production" } }
    }]
  })
}
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  push:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a wildcard, the form with ids, another claim, a computed environment, another repository's role",
            files="""\
-- iam.tf --
locals {
  github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
}
resource "aws_iam_role" "wildcard" {
  name = "wildcard"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:environment:*" } }
    }]
  })
}
resource "aws_iam_role" "ids" {
  name = "ids"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme@12/web@34:environment:production" } }
    }]
  })
}
resource "aws_iam_role" "claim" {
  name = "claim"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:repository_id" = "34" } }
    }]
  })
}
resource "aws_iam_role" "branch" {
  name = "branch"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main" } }
    }]
  })
}
resource "aws_iam_role" "other" {
  name = "other"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme/api:ref:refs/heads/main" } }
    }]
  })
}
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  listed:
    runs-on: ubuntu-latest
    environment: production
    strategy:
      matrix:
        role: [wildcard, ids, claim, other]
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/${{ matrix.role }}', aws-region: eu-west-1}
  computed:
    runs-on: ubuntu-latest
    environment: ${{ inputs.environment }}
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/branch', aws-region: eu-west-1}
  none:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/branch', aws-region: eu-west-1}
""",
            outside=Outside(slug="acme/web"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    slug = repo.outside.slug
    for assumption in repo.assumptions:
        environment, role = assumption.job.environment, assumption.role
        if environment is None or role is None or slug is None or "${{" in environment.value:
            continue
        listed = _listed(role, slug)
        if (
            listed
            and assumption.starts
            and _is_refused(assumption, role, slug)
            and not _lists(listed, environment)
        ):
            yield _finding(assumption, environment, listed[-1], slug)


def _listed(role: Role, slug: str) -> list[Written]:
    """The subjects of this repository that the role's trust lists; none where more decides than them."""
    found = [one for one in trusted((role,)) if one.is_whole]
    return [one for one in written(found) if of_repository(one.text, slug)] if _all(role, found) else []


def _all(role: Role, found: list[Trusted]) -> bool:
    """Whether these are all statements by which a federated login gets in."""
    return len(found) == len(
        [
            one
            for one in role.trust.statements
            if one.names_action("sts:AssumeRoleWithWebIdentity") is not False
        ]
    )


def _is_refused(assumption: Assumption, role: Role, slug: str) -> bool:
    return all(
        accepts(statement, subjects, assumption.audience) is False
        for statement in role.github
        for start in assumption.starts
        for subjects in assumption.subjects(start, slug)
    )


def _lists(listed: list[Written], environment: Scalar) -> bool:
    """Whether the environment is listed in another case: how tokens spell it then can't be told."""
    return any(one.text.lower().endswith(f":environment:{environment.value}".lower()) for one in listed)


def _finding(assumption: Assumption, environment: Scalar, last: Written, slug: str) -> Finding:
    subject = f"repo:{slug}:environment:{environment.value.replace(':', '%3A')}"
    return Finding(
        message=f"The trust of {code(last.trusted.role.resource.address)} does not list {code(subject)}.",
        consequence=(
            f"That is the subject of the job {code(assumption.job.id)}, whose environment takes the ref's place: it "
            "stops with “Not authorized to perform sts:AssumeRoleWithWebIdentity”."
        ),
        location=Location(last.leaf.text, last.leaf.span),
        related=(
            Location(environment.text, environment.span, f"names the environment {code(environment.value)}"),
            Location(assumption.written.text, assumption.written.span, "asks for the role"),
        ),
        fixes=_fixes(last, subject, environment),
    )


def _fixes(last: Written, subject: str, environment: Scalar) -> tuple[Fix, ...]:
    return offer(
        f"list {code(subject)}",
        Applicability.UNSAFE,
        add_value(last.condition, subject),
        caution=f"May every job that names the environment {code(environment.value)} have the role?",
    )
