"""Role trusts every repository of an owner

A subject such as `repo:acme/*` lets each repository of the owner become the role, with every branch, tag and
pull request, those that are made tomorrow too. Without the slash, `repo:acme*` also lets in the owners
`acme-labs` and `acmeevil`, which anybody can register.

Name the repository, and the branch or environment that needs the role.

The check is silent where the owner and the start of the repository's name are given, where further conditions
narrow who gets in, and for statements that deny. Where the role certainly can't push to ECR it is a warning.

References:

- https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
- https://github.com/aws-actions/configure-aws-credentials#oidc
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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.policy_edits import replace_text
from checks.facts.identity.roles import trusted
from checks.facts.identity.subjects import Written, assumed_here, narrowed, of_repository, written
from checks.record import Record


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


_WORKFLOW = """\
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

_PULL = """\
resource "aws_iam_role_policy" "pull" {
  role   = aws_iam_role.push.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["ecr:BatchGetImage"], Resource = "*" }] })
}
"""

check = Check(
    id="oidc-trust-org-wide",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "oidc"),
    security_severity=8.0,
    peers=("checkov:CKV_AWS_358",),
    examples=(
        Example(
            title="all repositories of the owner, while one of them has the role",
            files="-- iam.tf --\n" + _role('"repo:acme/*"') + _WORKFLOW,
            at='"repo:acme/*"',
            fixed="-- iam.tf --\n" + _role('"repo:acme/web:ref:refs/heads/main"'),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="other owners, everybody, and the main branch of all repositories",
            files="-- iam.tf --\n"
            + _role('["repo:acme*", "*", "repo:acme/*:ref:refs/heads/main", "repo:acme@12/*"]'),
            at=('"repo:acme*"', '"*"', '"repo:acme/*:ref:refs/heads/main"', '"repo:acme@12/*"'),
        ),
        Example(
            title="a role that only pulls; which repository is meant can't be told without its name",
            files="-- iam.tf --\n" + _role('"repo:acme/*"', _PULL) + _WORKFLOW,
            at='"repo:acme/*"',
        ),
        Example(
            title="the role is another owner's, as far as this repository can tell",
            files="-- iam.tf --\n" + _role('"repo:team/*"') + _WORKFLOW,
            at='"repo:team/*"',
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a repository, repositories with a common start, a further condition, another one on the subject",
            files="-- iam.tf --\n"
            + _role('["repo:acme/web:*", "repo:acme/web-*:ref:refs/heads/main"]')
            + """\
-- other/iam.tf --
resource "aws_iam_role" "narrow" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringLike = {
          "token.actions.githubusercontent.com:sub"              = "repo:acme/*"
          "token.actions.githubusercontent.com:job_workflow_ref" = "acme/shared/.github/workflows/push.yml@refs/heads/main"
        }
      }
    }]
  })
}
resource "aws_iam_role" "both" {
  assume_role_policy = data.aws_iam_policy_document.both.json
}
data "aws_iam_policy_document" "both" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = formatlist("repo:*/%s:*", local.services)
    }
    condition {
      test     = "ForAnyValue:StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/*"]
    }
  }
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in written(trusted(repo.roles)):
        whom = _whom(one.text) if one.is_like else ""
        if whom and not narrowed(one.trusted):
            yield _finding(repo, one, whom)


def _whom(text: str) -> str:
    """Whom a pattern lets in, if that is more than an owner's repositories of one name; else nothing."""
    parts = _Parts.of(text)
    if parts is None:
        return ""
    if "*" in parts.owner or "?" in parts.owner or not parts.has_slash:
        kept = parts.owner.partition("*")[0].partition("?")[0]
        return f"owners whose names begin with {code(kept)}" if kept else "every owner on GitHub"
    first = parts.name[:1]
    return f"every repository of {code(parts.owner.partition('@')[0])}" if first in ("*", "?") else ""


class _Parts(Record):
    owner: str
    name: str
    has_slash: bool

    @staticmethod
    def of(text: str) -> _Parts | None:
        """None for what leaves out `repo:` in another way than by a wildcard, or has none in its repository."""
        if text.strip("*") == "":
            return _Parts("*", "*", has_slash=True)
        if not text.startswith("repo:"):
            return None
        repository = text.removeprefix("repo:").partition(":")[0]
        owner, slash, name = repository.partition("/")
        return _Parts(owner, name, bool(slash)) if "*" in repository or "?" in repository else None


def _finding(repo: Repository, one: Written, whom: str) -> Finding:
    role, slug = one.trusted.role, repo.outside.slug
    reads = role.grants.allows("ecr:PutImage") is False
    subject = f"repo:{slug}:ref:refs/heads/main"
    ours = slug is not None and assumed_here(role, repo.assumptions) and of_repository(one.text, slug)
    return Finding(
        message=f"{code(one.text)} lets in {whom}.",
        consequence=(
            f"A workflow there, on any ref that the pattern leaves open, becomes {code(role.resource.address)} and does "
            "what its policies allow."
        ),
        location=Location(one.leaf.text, one.leaf.span),
        severity=Severity.WARNING if reads else None,
        fixes=offer(
            f"name {code(subject)}",
            Applicability.UNSAFE,
            replace_text(one.leaf, subject),
            caution="Does another repository have the role, or a job that runs for another ref?",
        )
        if ours
        else (),
        withheld="" if ours else "which repositories have the role can't be told from here",
    )
