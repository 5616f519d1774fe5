"""Role that can push trusts pull requests

`repo:acme/web:pull_request` is the subject of every job that a pull request of the repository starts,
whatever the branch holds. On a role that may push images it gives each branch that nobody has merged the
power to publish.

Take the subject out, and let jobs of pull requests that have to pull become a role of their own that only
reads.

The check is silent for roles that only read, for roles whose policies can't be seen, for statements that
deny, and for roles that are named for previews and pull requests.

References:

- https://docs.github.com/en/actions/reference/security/oidc#filtering-for-pull_request-events
- https://github.com/aws-actions/configure-aws-credentials#oidc
"""

from __future__ import annotations

import re
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
from checks.facts.identity.policy_edits import without_value
from checks.facts.identity.roles import trusted
from checks.facts.identity.subjects import Written, written
from checks.regex import regex


def _role(condition: str, rest: str = "", operator: str = "StringLike") -> str:
    """A role that trusts GitHub Actions, for the examples."""
    return f"""\
resource "aws_iam_role" "push" {{
  name = "push"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }}
      Condition = {{
        StringEquals = {{
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        }}
        {operator} = {{
          "token.actions.githubusercontent.com:sub" = {condition}
        }}
      }}
    }}]
  }})
}}
{rest}"""


_PUSH = """\
resource "aws_iam_role_policy" "push" {
  role   = aws_iam_role.push.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["ecr:PutImage"], Resource = "*" }] })
}
"""

_PULL = """\
resource "aws_iam_role_policy" "pull" {
  role   = aws_iam_role.push.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["ecr:BatchGetImage"], Resource = "*" }] })
}
"""

check = Check(
    id="pull-request-subject-on-push-role",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "oidc", "ecr"),
    security_severity=8.5,
    examples=(
        Example(
            title="beside the branch",
            files="-- iam.tf --\n"
            + _role('["repo:acme/web:ref:refs/heads/main", "repo:acme/web:pull_request"]', _PUSH),
            at='"repo:acme/web:pull_request"',
            fixed="-- iam.tf --\n" + _role('["repo:acme/web:ref:refs/heads/main"]', _PUSH),
        ),
        Example(
            title="alone, with a managed policy",
            files="-- iam.tf --\n"
            + _role(
                '"repo:acme/web:pull_request"',
                'resource "aws_iam_role_policy_attachment" "a" {\n  role       = aws_iam_role.push.name\n  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"\n}\n',
            ),
            at='"repo:acme/web:pull_request"',
        ),
        Example(
            title="a role that only pulls",
            files="-- iam.tf --\n" + _role('"repo:acme/web:pull_request"', _PULL),
        ),
        Example(title="policies elsewhere", files="-- iam.tf --\n" + _role('"repo:acme/web:pull_request"')),
        Example(
            title="a role of previews",
            files="-- iam.tf --\n"
            + (_role('"repo:acme/web:pull_request"') + _PUSH)
            .replace("role.push", "role.preview_push")
            .replace('"aws_iam_role" "push"', '"aws_iam_role" "preview_push"'),
        ),
    ),
)


_PREVIEWS = regex(
    r"(?:^|[-_])(?:previews?|prs?|pull_?requests?|reviews?|ephemeral|sandbox|dev)(?:$|[-_])", re.IGNORECASE
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in written(trusted(repo.roles)):
        if not one.text.endswith(":pull_request") or _PREVIEWS.search(one.trusted.role.resource.name):
            continue
        if one.trusted.role.grants.allows("ecr:PutImage"):
            yield _finding(one)


def _finding(one: Written) -> Finding:
    role = one.trusted.role
    edit = without_value(one.condition.values, one.leaf)
    return Finding(
        message=f"{code(one.text)} may become {code(role.resource.address)}, which pushes images.",
        consequence="Every pull request from a branch of the repository has the role, before anybody has looked at the change.",
        location=Location(one.leaf.text, one.leaf.span),
        fixes=offer(
            "take the subject out",
            Applicability.UNSAFE,
            edit,
            caution="Jobs of pull requests that log in with the role stop: do they have another one to pull with?",
        ),
        withheld="" if edit else "without the subject nobody could become the role",
    )
