"""Role of a pushing job may not do what a push does

A push to ECR calls six actions. A role that lacks one of them logs in and uploads for minutes, and is denied
with 403 at the layer or at the manifest that needs it.

Allow the missing actions on the repository.

The check is silent where a policy of the role can't be seen, for AWS's own policies that may allow more, for
wildcards that cover the actions, and in jobs that push nothing to ECR.

References:

- https://github.com/aws-actions/amazon-ecr-login#permissions
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.iam import Statement
from checks.facts.identity.role_pushes import pushes_with
from checks.facts.identity.roles import Role
from checks.facts.image.pushes import Push

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


_LOGIN_ACTION = "ecr:GetAuthorizationToken"
_PUSH = (
    _LOGIN_ACTION, "ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload", "ecr:PutImage",
)  # fmt: skip
"""What every push calls, by AWS's page; pulls of layers for a cache call more."""
_LOGIN = """\
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
"""

check = Check(
    id="role-lacks-ecr-actions",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "ecr"),
    examples=(
        Example(
            title="no word of the upload's start",
            files=_files(
                _LOGIN
                + """\
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:PutImage"]
        Resource = aws_ecr_repository.web.arn
      },
"""
            ),
            at='["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:PutImage"]',
            fixed=_files(
                _LOGIN
                + """\
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"]
        Resource = aws_ecr_repository.web.arn
      },
"""
            ).partition("-- .github")[0],
        ),
        Example(
            title="all of them, by name and by wildcards",
            files=_files(
                _LOGIN
                + """\
      { Effect = "Allow", Action = ["ecr:Batch*", "ecr:*Layer*", "ecr:PutImage"], Resource = aws_ecr_repository.web.arn },
"""
            ),
        ),
        Example(
            title="a further policy that is not here",
            files=_files(
                _LOGIN
                + """\
      { Effect = "Allow", Action = ["ecr:PutImage"], Resource = aws_ecr_repository.web.arn },
"""
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
            title="a job that pushes elsewhere",
            files=_files(
                _LOGIN
                + """\
      { Effect = "Allow", Action = ["ecr:BatchGetImage"], Resource = "*" },
""",
                """\
      - uses: docker/build-push-action@v7
        with: {push: true, tags: 'ghcr.io/acme/web:1'}
""",
            ),
        ),
        Example(
            title="a policy of the repository may allow the rest",
            files=_files(
                _LOGIN
                + """\
      { Effect = "Allow", Action = ["ecr:PutImage"], Resource = aws_ecr_repository.web.arn },
"""
            )
            + """\
-- access.tf --
resource "aws_ecr_repository_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("access.json")
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for assumption in repo.assumptions:
        role = assumption.role
        later = pushes_with(assumption, repo.pushes_in.get(assumption.step.text, ()))
        if role is None or not later:
            continue
        if repo.registry.policies and role.grants.allows(_LOGIN_ACTION) is not False:
            continue
        missing = [action for action in _PUSH if role.grants.allows(action) is False]
        place = _place(role, missing)
        if missing and place is not None:
            yield _finding(role, missing, place, later[0])


def _place(role: Role, missing: list[str]) -> Statement | None:
    """The statement that allows some of what a push does, on repositories."""
    rest = [action for action in _PUSH if action not in missing and action != _LOGIN_ACTION]
    fitting = [
        one
        for one in role.grants.statements
        if one.allows and one.actions and any(one.names_action(action) for action in rest)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _finding(role: Role, missing: list[str], statement: Statement, push: Push) -> Finding:
    shown = ", ".join(code(action) for action in missing)
    first, last = statement.actions[0], statement.actions[-1]
    content = last.text.content
    start, end = content.rfind("[", 0, first.span.start), content.find("]", last.span.end)
    is_list = first.text is last.text and start >= 0 and not content[start + 1 : first.span.start].strip()
    span = Span(start, end + 1) if is_list else Span(first.span.start, last.span.end)
    added = "".join(f', "{action}"' for action in missing)
    simple = is_list and "\n" not in content[start:end] and last.text[last.span].startswith('"')
    edit = Edit(last.text.path, Span(last.span.end, last.span.end), added) if simple else None
    return Finding(
        message=f"{code(role.resource.address)} may not {shown}.",
        consequence=f"A push of the job {code(_job(push))} logs in and is denied with 403 where it comes to that.",
        location=Location(last.text, span),
        related=(Location(push.location.text, push.location.span, "pushes with the role"),),
        fixes=offer(
            "allow the missing actions",
            Applicability.UNSAFE,
            edit,
            caution="Does a policy that is not in this repository allow them to the role already?",
        )
        if _LOGIN_ACTION not in missing
        else (),
    )


def _job(push: Push) -> str:
    return push.step.job.id if push.step and push.step.job else ""
