"""Login to ECR is allowed on repositories only

`ecr:GetAuthorizationToken` is of the account's registry, not of a repository: IAM compares it with the
resource `*` alone. A statement that allows it on the ARNs of repositories allows nothing, and `docker login`
stops with "not authorized to perform: ecr:GetAuthorizationToken on resource: *".

Allow it in a statement of its own, with the resource `*`.

The check is silent where another statement of the role allows it on `*`, and where the role's policies can't
all be seen.

References:

- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
- https://github.com/aws-actions/amazon-ecr-login#permissions
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
from checks.facts.identity.iam import Statement, is_on_repositories
from checks.facts.identity.policy_edits import statement_after, without_value
from checks.facts.terraform.documents import Leaf

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


_ACTION = "ecr:GetAuthorizationToken"
_DATA = """\
-- iam.tf --
data "aws_iam_policy_document" "push" {{
  statement {{
    actions   = [{actions}]
    resources = [aws_ecr_repository.web.arn]
  }}
{more}}}
resource "aws_iam_role" "push" {{
  inline_policy {{
    policy = data.aws_iam_policy_document.push.json
  }}
}}
"""

check = Check(
    id="get-authorization-token-scoped",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "ecr"),
    examples=(
        Example(
            title="among the actions on the repository",
            files=_files("""\
      {
        Effect = "Allow"
        Action = ["ecr:GetAuthorizationToken", "ecr:PutImage"]
        Resource = aws_ecr_repository.web.arn
      }
"""),
            at='"ecr:GetAuthorizationToken"',
            fixed=_files("""\
      {
        Effect = "Allow"
        Action = ["ecr:PutImage"]
        Resource = aws_ecr_repository.web.arn
      },
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      }
""").partition("-- .github")[0],
        ),
        Example(
            title="in a data source",
            files=_DATA.format(actions='"ecr:PutImage", "ecr:GetAuthorizationToken"', more=""),
            at='"ecr:GetAuthorizationToken"',
            fixed=_DATA.format(
                actions='"ecr:PutImage"',
                more="""\

  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
""",
            ),
        ),
        Example(
            title="allowed on everything as well, or in a list with `*`",
            files=_files("""\
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      { Effect = "Allow", Action = ["ecr:GetAuthorizationToken", "ecr:PutImage"], Resource = aws_ecr_repository.web.arn },
"""),
        ),
        Example(
            title="a resource that is not known",
            files=_files("""\
      { Effect = "Allow", Action = ["ecr:GetAuthorizationToken", "ecr:PutImage"], Resource = var.resources },
"""),
        ),
        Example(
            title="a policy that can't be seen may allow it; a denial",
            files=_files(
                """\
      { Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = aws_ecr_repository.web.arn },
""",
            )
            + """\
-- more.tf --
resource "aws_iam_role_policy_attachment" "more" {
  role       = aws_iam_role.push.name
  policy_arn = var.policy
}
""",
        ),
        Example(
            title="denied on repositories",
            files=_files(
                """\
      { Effect = "Deny", Action = ["ecr:GetAuthorizationToken"], Resource = aws_ecr_repository.web.arn },
""",
            ),
        ),
        Example(
            title="a managed policy may allow it",
            files=_files(
                """\
      { Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = aws_ecr_repository.web.arn },
""",
            )
            + """\
-- more.tf --
resource "aws_iam_role_policy_attachment" "more" {
  role       = aws_iam_role.push.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for role in repo.roles:
        grants = role.grants
        if not grants.complete or grants.managed:
            continue
        naming = [one for one in grants.statements if one.allows and one.names_action(_ACTION) is not False]
        if naming and all(is_on_repositories(one) for one in naming):
            yield from (
                _finding(one, leaf) for one in naming for leaf in one.actions if leaf.string == _ACTION
            )


def _finding(statement: Statement, leaf: Leaf) -> Finding:
    return Finding(
        message=f"{code(_ACTION)} is allowed on repositories, and its resource is the registry.",
        consequence=(
            "IAM compares it with `*` alone: the login to ECR stops with “not authorized to perform: "
            "ecr:GetAuthorizationToken on resource: *”."
        ),
        location=Location(leaf.text, leaf.span),
        fixes=offer(
            "allow it on `*` in a statement of its own",
            Applicability.SAFE,
            without_value(statement.actions, leaf),
            statement_after(statement, _ACTION, "*"),
        ),
    )
