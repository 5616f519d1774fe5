"""Role that can push trusts every ref of a repository

A subject such as `repo:acme/web:*` lets in each branch, each tag and each pull request of the repository.
Whoever can push a branch can then become the role, before anybody has looked at the change, and push images.

Name the branch, the tags or the environment that publish.

The check is silent for roles whose policies allow no push or can't be seen, where further conditions narrow
who gets in, for statements that deny, and where a comment at the condition or right above says that any
branch or ref is let in.

References:

- https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.policy_edits import replace_text
from checks.facts.identity.roles import Role, trusted
from checks.facts.identity.subjects import Written, narrowed, written
from checks.regex import regex

_KINDS = r"(?:branch(?:es)?|refs?|tags?|PRs?|pull[ -]requests?)"
_ANY = regex(
    rf"\b(?:any|all|each|every)\s(?:(?:of\s)?the\s|git\s)?(?P<kinds>{_KINDS}(?:(?:,\s?(?:and|or)|\s?[/,&+]|\sand|\sor)\s?{_KINDS}){{0,4}})\b",
    re.IGNORECASE,
)
"""A comment's word that refs of a kind are let in whatever they are called."""
_PUSHED = regex(r"branch|ref", re.IGNORECASE)
_DENIED = regex(
    r"\b(?:not?|never|nor|(?:do|does|is|are|must)n[’']t|cannot|can[’']t)\b[^.;]{0,60}$", re.IGNORECASE
)
_NOT_YET = regex(
    r"\b(?:todo|fixme|xxx|yet|should|until|temporar(?:y|ily)|for\snow|later|consider|tighten\w*|narrow\w*|replace|change)\b",
    re.IGNORECASE,
)


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

_DOCUMENT = (
    """\
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
    # Any branch/tag of the one repository.
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/web:*"]
    }
  }
}
resource "aws_iam_role" "push" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
    + _PUSH
)

check = Check(
    id="oidc-trust-any-ref",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "oidc", "ecr"),
    security_severity=6.0,
    examples=(
        Example(
            title="everything of the repository; one job on `main` has the role",
            files="-- iam.tf --\n" + _role('"repo:acme/web:*"', _PUSH) + _WORKFLOW,
            at='"repo:acme/web:*"',
            fixed="-- iam.tf --\n" + _role('"repo:acme/web:ref:refs/heads/main"', _PUSH),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="every ref, every branch",
            files="-- iam.tf --\n"
            + _role('["repo:acme/web:ref:*", "repo:acme/web:ref:refs/heads/*"]', _PUSH),
            at=('"repo:acme/web:ref:*"', '"repo:acme/web:ref:refs/heads/*"'),
        ),
        Example(
            title="comments that speak of other kinds of refs, deny it, or are to be followed up",
            files="".join(
                f"-- {folder}/iam.tf --\n"
                + _role(f'[\n          # {comment}\n          "repo:acme/web:*",\n        ]', _PUSH)
                for folder, comment in (
                    ("a", "Any tag may publish."),
                    ("b", "Publishing is for main, not for any branch."),
                    ("c", "TODO: every branch gets in."),
                    ("d", "All release branches."),
                )
            ),
            at=('"repo:acme/web:*"',) * 4,
        ),
        Example(
            title="a comment says that any branch is meant: at the value, above its key, above the condition",
            files="-- iam.tf --\n"
            + _role('"repo:acme/web:*" # all branches publish previews', _PUSH)
            + "-- above/iam.tf --\n"
            + _role('"repo:acme/web:*"', _PUSH).replace(
                "StringLike =",
                "# This repository alone,\n        # from every pull request or branch.\n        StringLike =",
            )
            + "-- document/iam.tf --\n"
            + _DOCUMENT,
        ),
        Example(
            title="a further condition narrows who gets in; names with a wildcard, which are told elsewhere",
            files="-- iam.tf --\n"
            + _role('"repo:acme/web:*"', _PUSH).replace(
                '"repo:acme/web:*"\n',
                '"repo:acme/web:*"\n          "token.actions.githubusercontent.com:environment" = "production"\n',
            )
            + "-- other/iam.tf --\n"
            + _role('["repo:acme/*:*", "repo:acme/w?b:*"]', _PUSH),
        ),
        Example(
            title="an asterisk that stands for itself",
            files="-- iam.tf --\n" + _role('"repo:acme/web:*"', _PUSH, "StringEqualsIgnoreCase"),
        ),
        Example(
            title="a role that only pulls",
            files="-- iam.tf --\n" + _role('"repo:acme/web:*"', _PULL),
        ),
        Example(
            title="a role whose policies are not here",
            files="-- iam.tf --\n"
            + _role(
                '"repo:acme/web:*"',
                'resource "aws_iam_role_policy_attachment" "a" {\n  role       = aws_iam_role.push.name\n  policy_arn = var.policy\n}\n',
            ),
        ),
        Example(
            title="tags of releases, some branches, any environment",
            files="-- iam.tf --\n"
            + _role(
                '["repo:acme/web:ref:refs/tags/*", "repo:acme/web:ref:refs/heads/release/*", "repo:acme/web:environment:*"]',
                _PUSH,
            ),
        ),
    ),
)
_WIDE = {
    "*": "every branch, tag and pull request",
    ":*": "every branch, tag and pull request",
    ":ref:*": "every branch and tag",
    ":ref:refs/*": "every branch and tag",
    ":ref:refs/heads/*": "every branch",
}


def run(repo: Repository) -> Iterator[Finding]:
    for one in written(trusted(repo.roles)):
        parts = one.repository
        if not one.is_like or parts is None or narrowed(one.trusted):
            continue
        owner, name, rest = parts
        wide = _WIDE.get(rest if rest or not name.endswith("*") else "*")
        is_one = not {"*", "?"} & set(owner + name.removesuffix("*" if not rest else "")) and name.rstrip("*")
        pushes = one.trusted.role.grants.allows("ecr:PutImage")
        if wide and is_one and pushes and not _is_meant(one):
            yield _finding(repo, one, wide)


def _is_meant(one: Written) -> bool:
    """Whether a comment on the lines of a value's condition, or right above those, its operator or its
    statement, says so."""
    text, condition = one.leaf.text, one.condition
    bodies = one.trusted.statement.module.bodies
    comments = {
        text.line_of(it.span.start): it for body in bodies if body.text is text for it in body.comments
    }
    own = text.lines_of(condition.location.span)
    found = [text[comments[line].span] for line in own if line in comments]
    for place in (condition.location.span, condition.operator_span, one.trusted.statement.span):
        line, above = text.line_of(place.start) - 1, list[str]()
        while line in comments and comments[line].own_line:
            above.insert(0, text[comments[line].span])
            line -= 1
        found.append(" ".join(above))
    return any(map(_says_so, found))


def _says_so(comment: str) -> bool:
    said = " ".join(word for word in comment.split() if word.strip("#/*"))
    meant = (it for it in _ANY.finditer(said) if _PUSHED.search(it["kinds"]))
    return not _NOT_YET.search(said) and any(not _DENIED.search(said[: it.start()]) for it in meant)


def _finding(repo: Repository, one: Written, wide: str) -> Finding:
    role = one.trusted.role
    subjects = _subjects(repo, role)
    subject = next(iter(subjects)) if len(subjects) == 1 else ""
    return Finding(
        message=f"{code(one.text)} lets {wide} of the repository become a role that pushes images.",
        consequence=(
            f"Whoever can push a branch there has {code(role.resource.address)} before anybody has looked at the change."
        ),
        location=Location(one.leaf.text, one.leaf.span),
        fixes=offer(
            f"name {code(subject)}",
            Applicability.UNSAFE,
            replace_text(one.leaf, subject),
            caution="Does a job that is not in this repository's files have the role, or one for another ref?",
        )
        if subject
        else (),
        withheld="" if subject else "which refs have to become the role can't be told from here",
    )


def _subjects(repo: Repository, role: Role) -> set[str]:
    """What the jobs of this repository that have the role are; none where one is not known."""
    values = [
        subject
        for assumption in repo.assumptions
        if assumption.role is role
        for start in assumption.starts
        for subject, _ in assumption.subjects(start, repo.outside.slug)
    ]
    return set() if any(value.literal is None for value in values) else {str(value) for value in values}
