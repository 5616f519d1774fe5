"""Subject in a trust policy is one that no token of GitHub has

With GitHub's default template the subject of a token is `repo:OWNER/NAME:` and then `ref:refs/heads/…`,
`ref:refs/tags/…`, `pull_request` or `environment:…`. A value of another form is never met, and the jobs that
it is written for are refused with "Not authorized to perform sts:AssumeRoleWithWebIdentity". A colon in the
name of an environment or a ref stands in the token as `%3A`.

Write the subject that the job has: with an `environment:` that takes the ref's place.

The check is silent for values with a wildcard that still lets some subject through, for the form with ids
(`repo:acme@1/web@2:…`), and for values that name claims of a template of the owner's own.

References:

- https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
- https://github.com/aws-actions/configure-aws-credentials/issues/1137
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
from checks.facts.identity.policy_edits import replace_text
from checks.facts.identity.roles import trusted
from checks.facts.identity.subjects import Written, can_match, is_custom, written
from checks.regex import regex

_READINGS = (
    (regex(r"(repo:[^:]+):ref:(environment:.+|pull_request)"), r"\1:\2"),
    (regex(r"(repo:[^:]+):(refs/(?:heads|tags)/.+)"), r"\1:ref:\2"),
    (regex(r"(repo:[^:]+):ref:((?:heads|tags)/.+)"), r"\1:ref:refs/\2"),
    (regex(r"(repo:[^:]+):ref:(main|master)"), r"\1:ref:refs/heads/\2"),
    (regex(r"(repo:[^:]+):(?:branch|ref:branch):([\w./-]+)"), r"\1:ref:refs/heads/\2"),
    (regex(r"(repo:[^:]+):ref:refs/pull/.*"), r"\1:pull_request"),
)
"""What a wrong form can only mean."""

_ROLE = """\
-- iam.tf --
resource "aws_iam_role" "push" {{
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }}
      Condition = {{ StringLike = {{ "token.actions.githubusercontent.com:sub" = [{}] }} }}
    }}]
  }})
}}
"""
_NAMED = regex(r"(repo:[^:]+:(?:environment|ref):)([^*?]+)")

check = Check(
    id="oidc-subject-never-matches",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "oidc"),
    examples=(
        Example(
            title="an environment and a pull request as refs, a ref without its prefix, an event, nothing at all",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike = {
          "token.actions.githubusercontent.com:sub" = [
            "repo:acme/web:ref:environment:production",
            "repo:acme/web:ref:pull_request",
            "repo:acme/web:refs/heads/*",
            "repo:acme/web:workflow_dispatch",
            "repo:acme/web",
          ]
        }
      }
    }]
  })
}
""",
            at=(
                '"repo:acme/web:ref:environment:production"',
                '"repo:acme/web:ref:pull_request"',
                '"repo:acme/web:refs/heads/*"',
                '"repo:acme/web:workflow_dispatch"',
                '"repo:acme/web"',
            ),
            fixed="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike = {
          "token.actions.githubusercontent.com:sub" = [
            "repo:acme/web:environment:production",
            "repo:acme/web:ref:pull_request",
            "repo:acme/web:refs/heads/*",
            "repo:acme/web:workflow_dispatch",
            "repo:acme/web",
          ]
        }
      }
    }]
  })
}
""",
        ),
        Example(
            title="a colon in an environment's name, and in a pattern that leaves no other reading",
            files=_ROLE.format('"repo:acme/web:environment:eu:production", "repo:acme/web:*:eu:*:x"'),
            at=('"repo:acme/web:environment:eu:production"', '"repo:acme/web:*:eu:*:x"'),
            fixed=_ROLE.format('"repo:acme/web:environment:eu%3Aproduction", "repo:acme/web:*:eu:*:x"'),
        ),
        Example(
            title="a wildcard under `StringEquals`, which is told as that; a ref of a pull request",
            files=_ROLE.replace("StringLike", "StringEquals").format('"repo:acme/web:*:x"')
            + _ROLE.replace("iam.tf", "pull.tf")
            .replace("push", "pull")
            .format('"repo:acme/web:ref:refs/pull/1/merge"'),
            at='"repo:acme/web:ref:refs/pull/1/merge"',
            fixed=_ROLE.replace("iam.tf", "pull.tf")
            .replace("push", "pull")
            .format('"repo:acme/web:pull_request"'),
        ),
        Example(
            title="subjects that there are, wildcards that let some through, ids, an owner's own template",
            files="""\
-- iam.tf --
resource "aws_iam_role" "push" {
  assume_role_policy = <<-EOT
    {
      "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Condition": {
          "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
          "StringLike": {
            "token.actions.githubusercontent.com:sub": [
              "repo:acme/web:ref:refs/heads/main",
              "repo:acme/web:environment:blue green",
              "repo:acme/web:pull_*",
              "repo:acme/web*",
              "repo:acme@1234/web@5678:ref:refs/tags/v*",
              "repo:acme/web:*production",
              "repo:acme/web:job_workflow_ref:acme/shared/.github/workflows/build.yml@refs/heads/main",
              "repository_owner:acme"
            ]
          }
        }
      }]
    }
  EOT
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in written(trusted(repo.roles)):
        is_plain = one.condition.test == "stringequals" and one.has_wildcard
        if not is_plain and not is_custom(one.text) and not can_match(one.text):
            yield _finding(one)


def _finding(one: Written) -> Finding:
    better = _reading(one.text)
    return Finding(
        message=f"No token with GitHub's default subject is {code(one.text)}.",
        consequence=(
            "A job that it is written for stops with “Not authorized to perform sts:AssumeRoleWithWebIdentity”, "
            "as subjects end in `ref:refs/…`, `pull_request` or `environment:…`."
        ),
        location=Location(one.leaf.text, one.leaf.span),
        fixes=offer(
            f"name {code(better)}",
            Applicability.UNSAFE,
            replace_text(one.leaf, better),
            caution=f"Is it {code(better)} that may have the role?",
        )
        if better
        else (),
        withheld="" if better else "the value does not tell which jobs it is for",
    )


def _reading(text: str) -> str:
    for form, better in _READINGS:
        if form.fullmatch(text):
            found = form.sub(better, text)
            return found if can_match(found) else ""
    named = _NAMED.fullmatch(text)
    found = named[1] + named[2].replace(":", "%3A") if named else ""
    return found if can_match(found) else ""
