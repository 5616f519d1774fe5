"""Role of a pushing job is allowed to push to other repositories only

A role for pushes names the repositories it may push to. When a workflow gets a second image, the role is
easily forgotten: the login succeeds, since that is allowed on `*`, and the push of the new image is denied
with 403 after its layers are built. The same happens where the ARN names another region or another account
than the push.

Add the repository to the statement's resources.

The check is silent where one of the statements that allow a push has a resource that is not known or a
wildcard that covers the repository, where a policy of the role can't be seen, where a policy of the
repository itself may let the role in, and for pushes whose repository isn't known.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
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
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.identity.iam import Statement
from checks.facts.identity.policy_edits import add_leaf
from checks.facts.identity.role_pushes import arn_of, pushes_with
from checks.facts.identity.roles import Role
from checks.facts.image.pushes import Push
from checks.facts.policy.automaton import of_wildcard
from checks.facts.terraform.documents import Leaf
from checks.regex import regex


def _files(resource: str, more: str = "", name: str = "web") -> str:
    """A role that may push to a resource, and a job that has it, for the examples."""
    return f"""\
-- iam.tf --
resource "aws_ecr_repository" "api" {{
  name = "api"
}}
resource "aws_ecr_repository" "web" {{
  name = "web"
}}
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
      {{ Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }},
      {{
        Effect   = "Allow"
        Action   = ["ecr:Batch*", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Resource = {resource}
      }},
    ]
  }})
}}
{more}-- .github/workflows/push.yml --
on: {{push: {{branches: [main]}}}}
permissions: {{id-token: write}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {{role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}}
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
      - uses: docker/build-push-action@v7
        with: {{push: true, tags: '${{{{ steps.login.outputs.registry }}}}/api:${{{{ github.sha }}}}'}}
      - uses: docker/build-push-action@v7
        with: {{push: true, tags: '${{{{ steps.login.outputs.registry }}}}/{name}:${{{{ github.sha }}}}'}}
"""


def _fixed(resource: str) -> str:
    return _files(resource).partition("-- .github")[0]


_POLICY = """\
resource "aws_ecr_repository_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}
"""

_ATTACHED = """\
resource "aws_iam_role_policy_attachment" "more" {{
  role       = aws_iam_role.push.name
  policy_arn = {}
}}
"""

check = Check(
    id="role-resource-does-not-cover-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "ecr"),
    examples=(
        Example(
            title="the second image of a workflow",
            files=_files("aws_ecr_repository.api.arn"),
            at="aws_ecr_repository.api.arn",
            fixed=_fixed("[aws_ecr_repository.api.arn, aws_ecr_repository.web.arn]"),
        ),
        Example(
            title="ARNs in a list, one of another region",
            files=_files(
                """[
          "arn:aws:ecr:eu-west-1:111122223333:repository/api",
          "arn:aws:ecr:us-east-1:111122223333:repository/web",
        ]"""
            ),
            at='"arn:aws:ecr:eu-west-1:111122223333:repository/api"',
            fixed=_fixed(
                """[
          "arn:aws:ecr:eu-west-1:111122223333:repository/api",
          "arn:aws:ecr:us-east-1:111122223333:repository/web",
          aws_ecr_repository.web.arn,
        ]"""
            ),
        ),
        Example(
            title="a repository that is declared elsewhere",
            files=_files('"arn:aws:ecr:*:111122223333:repository/api"', name="worker"),
            at='"arn:aws:ecr:*:111122223333:repository/api"',
        ),
        Example(title="both named", files=_files("[aws_ecr_repository.api.arn, aws_ecr_repository.web.arn]")),
        Example(title="a wildcard", files=_files('"arn:aws:ecr:eu-west-1:111122223333:repository/*"')),
        Example(title="everything", files=_files('"*"')),
        Example(
            title="a value that is not known", files=_files("[aws_ecr_repository.api.arn, var.repository]")
        ),
        Example(
            title="a policy of AWS's own beside it",
            files=_files(
                "aws_ecr_repository.api.arn", _ATTACHED.format('"arn:aws:iam::aws:policy/PowerUserAccess"')
            ),
        ),
        Example(
            title="a policy that can't be seen",
            files=_files("aws_ecr_repository.api.arn", _ATTACHED.format("var.policy")),
        ),
        Example(title="a policy of the repository", files=_files("aws_ecr_repository.api.arn", _POLICY)),
    ),
)
_ACTION = "ecr:PutImage"
_REFERENCE = regex(r"\W*aws_ecr_repository\.(?P<label>[\w-]+)\.arn\W*")


def run(repo: Repository) -> Iterator[Finding]:
    if repo.registry.policies:
        return
    told: set[tuple[int, str | None]] = set()
    for assumption in repo.assumptions:
        role = assumption.role
        statements = _pushing(role) if role else ()
        if role is None or not statements:
            continue
        for push in pushes_with(assumption, repo.pushes_in.get(assumption.step.text, ())):
            key = (id(role.resource.block), push.reference.path.literal)
            if key not in told and push.reference.path.literal and not _may_cover(statements, push):
                told.add(key)
                yield _finding(role, statements[0], push, repo)


def _pushing(role: Role) -> tuple[Statement, ...]:
    """The statements that allow a push; none where something that isn't seen may allow more."""
    grants = role.grants
    if not grants.complete or grants.managed or any(not one.allows for one in grants.statements):
        return ()
    naming = tuple(one for one in grants.statements if one.names_action(_ACTION) is not False)
    known = all(one.complete and one.resources and one.names_action(_ACTION) for one in naming)
    return naming if known else ()


def _may_cover(statements: tuple[Statement, ...], push: Push) -> bool:
    arn = arn_of(push)
    shapes = [_shape(leaf, statement) for statement in statements for leaf in statement.resources]
    return any(shape is None or of_wildcard(shape).accepts(arn) is not False for shape in shapes)


def _shape(leaf: Leaf, statement: Statement) -> str | None:
    """The pattern that a resource is, with `*` for what isn't known of it; None where nothing is."""
    reference = _REFERENCE.fullmatch(leaf.text[leaf.span])
    if reference is not None:
        found = [
            one for one in statement.module.of_type("aws_ecr_repository") if one.name == reference["label"]
        ]
        value = found[0].value("name") if len(found) == 1 and not found[0].is_repeated else None
        name = value.literal if value else None
        return f"arn:*:ecr:*:*:repository/{name}" if name else None
    shape = "".join(part if isinstance(part, str) else "*" for part in leaf.shape.parts)
    return shape if shape.startswith("arn:") or leaf.string is not None else None


def _finding(role: Role, statement: Statement, push: Push, repo: Repository) -> Finding:
    path = push.reference.path.literal or ""
    first = statement.resources[0]
    job = push.step.job if push.step else None
    edit = _edit(statement, path, repo)
    return Finding(
        message=f"{code(role.resource.address)} may push to {code(first.text[first.span].strip(chr(34)))}, and not to {code(path)}.",
        consequence=f"The job {code(job.id if job else '')} logs in, builds the image and is denied with 403 when it pushes.",
        location=Location(first.text, first.span),
        related=(Location(push.location.text, push.location.span, "pushes with the role"),),
        fixes=offer(
            f"allow it for {code(path)}",
            Applicability.UNSAFE,
            edit,
            caution="Does a policy that is not in this repository allow it to the role already?",
        ),
        withheld="" if edit else f"{code(path)} is not declared beside the role",
    )


def _edit(statement: Statement, path: str, repo: Repository) -> Edit | None:
    declared = [one for one in repo.ecr_repositories if _is_beside(one, statement, path)]
    if len(declared) != 1:
        return None
    arn = f"{declared[0].resource.address}.arn"
    is_json = statement.fields is not None and statement.fields.is_json
    return add_leaf(statement.resources, f'"${{{arn}}}"' if is_json else arn)


def _is_beside(one: EcrRepository, statement: Statement, path: str) -> bool:
    resource = one.resource
    return one.name == path and resource.module is statement.module and not resource.is_repeated
