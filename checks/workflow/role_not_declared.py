"""Workflow asks for a role that the repository does not declare

The Terraform beside the workflow declares the roles that GitHub Actions may become, in the account that the
workflow names, and none has the name that it asks for. AWS answers "Not authorized to perform
sts:AssumeRoleWithWebIdentity", as it does for every role that there is not.

Ask for a role that is declared.

The check is silent where a role's name is computed, where the role comes from a variable or a secret, where
modules may declare more, and where the name is not close to one that is declared.

References:

- https://github.com/aws-actions/configure-aws-credentials#oidc
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
"""

from __future__ import annotations

import difflib
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
from checks.facts.identity.assumptions import Assumption
from checks.facts.identity.roles import Role
from checks.facts.tree import replace_value


def _files(name: str, more: str = "") -> str:
    """A role and a workflow, for the examples."""
    return f"""\
-- iam.tf --
resource "aws_iam_role" "push" {{
  name = "github-push-web"
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }}
      Condition = {{ StringLike = {{ "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main" }} }}
    }}]
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
        with:
          role-to-assume: arn:aws:iam::111122223333:role/{name}
          aws-region: eu-west-1
"""


check = Check(
    id="role-not-declared",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "oidc"),
    examples=(
        Example(
            title="one letter is wrong",
            files=_files("github-psuh-web"),
            at="arn:aws:iam::111122223333:role/github-psuh-web",
            fixed="-- .github" + _files("github-push-web").partition("-- .github")[2],
        ),
        Example(title="the declared name", files=_files("github-push-web")),
        Example(title="another role altogether, declared elsewhere perhaps", files=_files("deploy")),
        Example(
            title="a further role whose name is not known",
            files=_files("github-psuh-web", 'resource "aws_iam_role" "more" {\n  name = var.name\n}\n'),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    names = {role.name: role for role in repo.roles if role.name}
    letters = {name: frozenset(name) for name, role in names.items() if role.github}
    if not letters or len(names) != len(repo.roles):
        return
    for one in repo.assumptions:
        if one.arn is None or one.role_name is None or one.role_name in names:
            continue
        near = [name for name in letters if _may_be_close(one.role_name, name, letters[name])]
        close = difflib.get_close_matches(one.role_name, near, n=2, cutoff=_CLOSE)
        if len(close) == 1:
            yield _finding(one, names[close[0]])


def _may_be_close(wanted: str, name: str, letters: frozenset[str]) -> bool:
    """Whether as many letters as that takes may be in both: one that is in one of them alone has none to match.

    It says in a moment that most names are not, however many roles there are.
    """
    both = len(wanted) + len(name)
    return (both - len(letters.symmetric_difference(wanted))) / both >= _CLOSE


def _finding(one: Assumption, role: Role) -> Finding:
    name, wanted = role.name or "", one.role_name or ""
    at = one.written.value.rfind(wanted)
    better = one.written.value[:at] + name if at >= 0 else ""
    return Finding(
        message=f"No role {code(wanted)} is declared here; {code(name)} is.",
        consequence=(
            f"The job {code(one.job.id)} stops with “Not authorized to perform sts:AssumeRoleWithWebIdentity”, which AWS "
            "also says of a role that there is not."
        ),
        location=Location(one.written.text, one.written.span),
        related=(Location(role.resource.text, role.resource.block.header, f"declares {code(name)}"),),
        fixes=offer(
            f"ask for {code(name)}",
            Applicability.UNSAFE,
            replace_value(one.written, better) if better else None,
            caution=f"Is {code(wanted)} not declared in another repository?",
        ),
    )


_CLOSE = 0.9
"""How alike two names have to be, from 0 to 1, to be taken for one with a slip of the pen."""
