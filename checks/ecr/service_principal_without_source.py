"""Repository policy lets an AWS service in for every account

`lambda.amazonaws.com` as a principal is the service, whoever it works for. That it asks for the image on
behalf of an account of one's own only a condition says: the policy that Lambda itself adds has one.

Name the functions, or the account: `aws:SourceArn` or `aws:SourceAccount`.

The check is silent for statements with a condition, whatever it is, and speaks of Lambda and CodeBuild, which
say on whose behalf they ask.

References:

- https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions
- https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
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
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.iam import Policy, Principal, Statement, policy_of
from checks.facts.identity.policy_edits import add_condition
from checks.facts.terraform.documents import with_field
from checks.regex import regex

check = Check(
    id="service-principal-without-source",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    scope=Scope.REPOSITORY,
    fix=Applicability.UNSAFE,
    tags=("ecr", "iam", "security"),
    security_severity=5.5,
    examples=(
        Example(
            title="functions of another account, which is named beside them",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
    ]
  })
}
""",
            at='"lambda.amazonaws.com"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Condition = { StringLike = { "aws:SourceArn" = "arn:aws:lambda:*:111122223333:function:*" } }
      },
    ]
  })
}
""",
        ),
        Example(
            title="a policy document, and the account that Terraform works in",
            files="""\
-- ecr.tf --
data "aws_caller_identity" "current" {}
data "aws_iam_policy_document" "web" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy     = data.aws_iam_policy_document.web.json
}
""",
            at='"codebuild.amazonaws.com"',
            fixed="""\
-- ecr.tf --
data "aws_caller_identity" "current" {}
data "aws_iam_policy_document" "web" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy     = data.aws_iam_policy_document.web.json
}
""",
        ),
        Example(
            title="JSON, and an account that nothing names",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy     = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": ["lambda.amazonaws.com"]},
      "Action": "ecr:BatchGetImage"
    }
  ]
}
EOF
}
""",
            at='"lambda.amazonaws.com"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy     = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": ["lambda.amazonaws.com"]},
      "Action": "ecr:BatchGetImage",
      "Condition": {"StringLike": {"aws:SourceArn": "arn:aws:lambda:*:<account>:function:*"}}
    }
  ]
}
EOF
}
""",
        ),
        Example(
            title="a condition that can't be read",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = var.condition
    }]
  })
}
""",
        ),
        Example(
            title="a condition, another service, a Deny, a policy of something else",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "ecr:BatchGetImage"
        Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
      },
      { Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "ecr:BatchGetImage" },
      { Effect = "Deny", Principal = { Service = "lambda.amazonaws.com" }, Action = "ecr:BatchGetImage" },
    ]
  })
}
resource "aws_sqs_queue_policy" "jobs" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sqs:SendMessage" }]
  })
}
""",
        ),
    ),
)
_SOURCES = {
    "lambda.amazonaws.com": "functions",
    "codebuild.amazonaws.com": "projects",
}
"""What of a service asks for the image."""
_ACCOUNT = regex(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::.*)?")
_CALLER = "aws_caller_identity"
_HOLE = "<account>"


def run(repo: Repository) -> Iterator[Finding]:
    for declared in repo.registry.policies:
        resource = declared.resource
        expression = resource.block.body.get("policy")
        if resource.type != "aws_ecr_repository_policy" or expression is None:
            continue
        policy = policy_of(resource.module, expression)
        for statement in policy.statements:
            services = [one for one in statement.principals if (one.leaf.string or "") in _SOURCES]
            is_open = statement.allows and statement.complete and not statement.conditions
            if services and is_open:
                yield _finding(policy, statement, services[0])


def _finding(policy: Policy, statement: Statement, service: Principal) -> Finding:
    name = service.leaf.string or ""
    return Finding(
        message=f"The statement lets {code(name)} in, and does not say for whose {_SOURCES[name]}.",
        consequence=(
            "A condition on the account or the source keeps the service from being asked for the images on behalf of "
            "another account."
        ),
        location=Location(service.leaf.text, service.leaf.span),
        fixes=_fixes(policy, statement, name),
    )


def _fixes(policy: Policy, statement: Statement, service: str) -> tuple[Fix, ...]:
    account = _account(policy, statement)
    has_hole = account == _HOLE
    return offer(
        "name the account that it acts for",
        Applicability.DISPLAY if has_hole else Applicability.UNSAFE,
        *(_edits(statement, account) or (None,)),
        caution="" if has_hole else f"Do {_SOURCES[service]} of further accounts use the image?",
    )


def _edits(statement: Statement, account: str) -> tuple[Edit, ...] | None:
    """The condition; an account that is a reference alone stands without quotes in HCL."""
    edits = _condition(statement, account)
    if edits is None or (statement.fields is not None and statement.fields.is_json):
        return edits
    bare = account.removeprefix("${").removesuffix("}")
    return tuple(Edit(one.path, one.span, one.replacement.replace(f'"${{{bare}}}"', bare)) for one in edits)


def _condition(statement: Statement, account: str) -> tuple[Edit, ...] | None:
    is_only = [one.leaf.string for one in statement.principals] == ["lambda.amazonaws.com"]
    operator, key, value = (
        ("StringLike", "aws:SourceArn", f"arn:aws:lambda:*:{account}:function:*")
        if is_only
        else ("StringEquals", "aws:SourceAccount", account)
    )
    if statement.block is not None:
        return add_condition(statement, operator, key, value)
    fields = statement.fields
    if fields is None or not fields.fields:
        return None
    condition = (
        f'{{"{operator}": {{"{key}": "{value}"}}}}'
        if fields.is_json
        else f'{{ {operator} = {{ "{key}" = "{value}" }} }}'
    )
    return with_field(fields, fields.fields[-1], "Condition", condition)


def _account(policy: Policy, statement: Statement) -> str:
    """The one account that the policy lets in by its number, else the one that Terraform works in, else a hole."""
    principals = [one.leaf.string or "" for other in policy.statements for one in other.principals]
    numbers = {found[1] for one in principals if (found := _ACCOUNT.fullmatch(one))}
    if len(numbers) == 1:
        return numbers.pop()
    blocks = [block for body in statement.module.bodies for block in body.of_type("data", _CALLER)]
    if len(blocks) == 1 and not numbers:
        return f"${{data.{_CALLER}.{blocks[0].labels[1].value}.account_id}}"
    return _HOLE
