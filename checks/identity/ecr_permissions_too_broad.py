"""Role of a workflow may delete images of every repository

A workflow that pushes one image needs seven actions on one repository. With `ecr:*`, or `ecr:Delete…` and
`ecr:Put…Policy`, on `*` a step that goes wrong, or an action that was taken over, can delete the images of every
repository of the account and open them to others.

Allow the actions of a push on the repository, and `ecr:GetAuthorizationToken` on `*`.

The check is silent for roles that no workflow has, for `ecr:GetAuthorizationToken`, for statements with conditions
or on repositories, and for administrators' `*`.

References:

- https://github.com/aws-actions/amazon-ecr-login#permissions
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.assumptions import Assumption
from checks.facts.automaton import of_wildcard
from checks.facts.documents import Leaf
from checks.facts.iam import Statement
from checks.facts.roles import Role
from checks.facts.value import literal

_PUSHES = """\
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
      - uses: docker/build-push-action@v7
        with: {push: true, tags: '${{ steps.login.outputs.registry }}/web:${{ github.sha }}'}
"""


def _files(policy: str, steps: str = _PUSHES) -> str:
    """A role with its policy, and a job that has it, for the examples."""
    return f"""\
-- iam.tf --
resource "aws_iam_role" "push" {{
  name = "push"
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }}
      Condition = {{ StringLike = {{ "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main" }} }}
    }}]
  }})
}}
resource "aws_iam_role_policy" "push" {{
  role = aws_iam_role.push.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
{policy}    ]
  }})
}}
-- .github/workflows/push.yml --
on: {{push: {{branches: [main]}}}}
permissions: {{id-token: write}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {{role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}}
{steps}"""


check = Check(
    id="ecr-permissions-too-broad",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "ecr"),
    security_severity=5.5,
    examples=(
        Example(
            title="everything, and deletion by name",
            files=_files("""\
      { Effect = "Allow", Action = "ecr:*", Resource = "*" },
      { Effect = "Allow", Action = ["ecr:PutImage", "ecr:DeleteRepository"], Resource = ["*"] },
"""),
            at=('"ecr:*"', '"ecr:DeleteRepository"'),
        ),
        Example(
            title="the login, a repository, a condition, a push",
            files=_files("""\
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      { Effect = "Allow", Action = "ecr:*", Resource = aws_ecr_repository.web.arn },
      { Effect = "Allow", Action = "ecr:*", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/team" = "web" } } },
      { Effect = "Allow", Action = ["ecr:PutImage", "ecr:BatchGetImage"], Resource = "*" },
      { Effect = "Deny", Action = "ecr:Delete*", Resource = "*" },
"""),
        ),
        Example(
            title="a role that no workflow has",
            files=_files("""\
      { Effect = "Allow", Action = "ecr:*", Resource = "*" },
""").replace("role/push", "role/other"),
        ),
    ),
)
_GRAVE = (
    "ecr:DeleteRepository",
    "ecr:BatchDeleteImage",
    "ecr:SetRepositoryPolicy",
    "ecr:PutRegistryPolicy",
    "ecr:PutLifecyclePolicy",
)


def run(repo: Repository) -> Iterator[Finding]:
    had: dict[Role, Assumption] = {}
    for assumption in repo.assumptions:
        if assumption.role is not None:
            had.setdefault(assumption.role, assumption)
    for role, assumption in had.items():
        for statement in role.grants.statements:
            if (
                statement.allows
                and statement.complete
                and not statement.conditions
                and _on_everything(statement)
            ):
                yield from (_finding(role, leaf, assumption) for leaf in statement.actions if _is_grave(leaf))


def _on_everything(statement: Statement) -> bool:
    return any(leaf.string == "*" for leaf in statement.resources)


def _is_grave(leaf: Leaf) -> bool:
    """Whether an action of ECR's, or a wildcard among them, deletes images or opens repositories."""
    text = (leaf.string or "").lower()
    return text.startswith("ecr:") and any(of_wildcard(text).accepts(literal(one.lower())) for one in _GRAVE)


def _finding(role: Role, leaf: Leaf, assumption: Assumption) -> Finding:
    return Finding(
        message=f"{code(role.resource.address)} has {code(leaf.string or '')} on every repository of the account.",
        consequence=(
            f"A step of the job {code(assumption.job.id)}, or an action that it uses, can delete images of all teams or "
            "open their repositories to others."
        ),
        location=Location(leaf.text, leaf.span),
        related=(Location(assumption.written.text, assumption.written.span, "asks for the role"),),
    )
