"""Role of a workflow may delete images of every repository

A workflow that pushes one image needs seven actions on one repository. With `ecr:*`, or `ecr:Delete…` and
`ecr:Put…Policy`, on `*` a step that goes wrong, or an action that was taken over, can delete the images of
every repository of the account and open them to others.

Allow the actions of a push on the repository, and `ecr:GetAuthorizationToken` on `*`.

The check is silent for roles that no workflow has, for `ecr:GetAuthorizationToken`, for statements with
conditions or on repositories, for administrators' `*`, and for jobs that run Terraform and its like, which
make repositories.

References:

- https://github.com/aws-actions/amazon-ecr-login#permissions
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

import re
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
from checks.facts.identity.assumptions import Assumption
from checks.facts.identity.iam import Statement
from checks.facts.identity.policy_edits import statement_after, without_value
from checks.facts.identity.role_pushes import pushes_with
from checks.facts.identity.roles import Role
from checks.facts.policy.automaton import of_wildcard
from checks.facts.terraform.documents import Leaf
from checks.facts.tree import Edit
from checks.facts.value import literal
from checks.regex import regex

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


_ALL = """      {
        Effect   = "Allow"
        Action   = "ecr:*"
        Resource = "*"
      }
"""
_WEB = """-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
"""

check = Check(
    id="ecr-permissions-too-broad",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    of_one_file=True,
    tags=("security", "iam", "ecr"),
    security_severity=5.5,
    examples=(
        Example(
            title="everything, for the push of one repository",
            files=_files(_ALL) + _WEB,
            at='"ecr:*"',
            fixed=_files(
                """      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Resource = aws_ecr_repository.web.arn
      },
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      }
"""
            ).partition("-- .github")[0],
        ),
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
        Example(
            title="a job that makes repositories",
            files=_files(_ALL, "      - run: terraform apply -auto-approve\n" + _PUSHES),
        ),
    ),
)
_OF_A_PUSH = (
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
)  # fmt: skip
"""What amazon-ecr-login's page lists for pushes, on the repository."""
_LOGIN = "ecr:GetAuthorizationToken"
_GRAVE = (
    "ecr:DeleteRepository",
    "ecr:BatchDeleteImage",
    "ecr:SetRepositoryPolicy",
    "ecr:PutRegistryPolicy",
    "ecr:PutLifecyclePolicy",
)


_INFRASTRUCTURE = regex(
    r"\b(?:terraform|tofu|terragrunt|cdk|pulumi|cloudformation|serverless)\b|\bsam deploy\b", re.IGNORECASE
)
"""Programs that make repositories, in the job that has the role."""


def run(repo: Repository) -> Iterator[Finding]:
    had: dict[Role, Assumption] = {}
    for assumption in repo.assumptions:
        if assumption.role is not None and not _INFRASTRUCTURE.search(_text(assumption)):
            had.setdefault(assumption.role, assumption)
    for role, assumption in had.items():
        for statement in role.grants.statements:
            if (
                statement.allows
                and statement.complete
                and not statement.conditions
                and _on_everything(statement)
            ):
                for leaf in statement.actions:
                    if _is_grave(leaf):
                        yield _finding(repo, role, statement, leaf, assumption)


def _text(assumption: Assumption) -> str:
    node = assumption.job.node
    return node.text[node.span]


def _on_everything(statement: Statement) -> bool:
    return any(leaf.string == "*" for leaf in statement.resources)


def _is_grave(leaf: Leaf) -> bool:
    """Whether an action of ECR's, or a wildcard among them, deletes images or opens repositories."""
    text = (leaf.string or "").lower()
    return text.startswith("ecr:") and any(of_wildcard(text).accepts(literal(one.lower())) for one in _GRAVE)


def _finding(
    repo: Repository, role: Role, statement: Statement, leaf: Leaf, assumption: Assumption
) -> Finding:
    fixes = _narrowed(repo, role, statement) or _without(statement, leaf)
    return Finding(
        message=f"{code(role.resource.address)} has {code(leaf.string or '')} on every repository of the account.",
        consequence=(
            f"A step of the job {code(assumption.job.id)}, or an action that it uses, can delete the images of each of them or "
            "open it to others."
        ),
        location=Location(leaf.text, leaf.span),
        related=(Location(assumption.written.text, assumption.written.span, "asks for the role"),),
        fixes=fixes,
        withheld="" if fixes else "which repository the role is for can't be told from here",
    )


def _without(statement: Statement, leaf: Leaf) -> tuple[Fix, ...]:
    return offer(
        f"take {code(leaf.string or '')} out",
        Applicability.UNSAFE,
        without_value(statement.actions, leaf),
        caution="Does a step of a workflow do this with the role?",
    )


def _narrowed(repo: Repository, role: Role, statement: Statement) -> tuple[Fix, ...]:
    """The actions of a push, on the one repository that the role is used for, and the login beside."""
    pushes = [push for one in repo.assumptions if one.role is role for push in pushes_with(one, repo.pushes)]
    targets = {repo.declared(push.reference) for push in pushes}
    target = targets.pop() if len(targets) == 1 else None
    if target is None or target.resource.module is not statement.module or target.resource.is_repeated:
        return ()
    if len(statement.actions) != 1 or len(statement.resources) != 1:
        return ()
    arn, is_json = f"{target.resource.address}.arn", bool(statement.fields and statement.fields.is_json)
    logs_in = any(one is not statement and one.names_action(_LOGIN) for one in role.grants.statements)
    login = () if logs_in else (statement_after(statement, _LOGIN, "*"),)
    return offer(
        f"allow what a push to {code(target.name or '')} does",
        Applicability.UNSAFE,
        _written(statement.actions[0], ", ".join(f'"{one}"' for one in _OF_A_PUSH)),
        _written(statement.resources[0], f'"${{{arn}}}"' if is_json else arn, is_one=True),
        *login,
        caution="Does a step of a workflow, or somebody outside of it, do more with the role?",
    )


def _written(leaf: Leaf, values: str, *, is_one: bool = False) -> Edit:
    """Other values in the place of one, in brackets where it stands in none."""
    before = leaf.text.content[: leaf.span.start].rstrip()[-1:]
    in_list = before == "["
    return Edit(leaf.text.path, leaf.span, values if in_list or is_one else f"[{values}]")
