"""Trust policy does not cover an event that the job runs for

The subject of a token without an environment names the ref, or `pull_request`. A job that also runs for tags,
or for pull requests, gets subjects that a trust policy for one branch does not list: it stops there with "Not
authorized to perform sts:AssumeRoleWithWebIdentity", often on the day of the release.

List the subject, or keep the step from the event.

The check is silent where a condition of the job or the step may keep it from the event, where
`continue-on-error` says that it may fail, for runs by hand, where conditions on other claims decide, and
where the role is for another repository.

References:

- https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
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
from checks.facts.identity.assumptions import Assumption, accepts
from checks.facts.identity.policy_edits import add_value
from checks.facts.identity.roles import Role, trusted
from checks.facts.identity.subjects import Written, of_repository, written
from checks.facts.workflow.calls import Start, certainly_runs


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


def _workflow(on: str, condition: str = "true") -> str:
    """A job that has the role, for the examples."""
    return f"""\
-- .github/workflows/push.yml --
on: {on}
permissions: {{id-token: write}}
jobs:
  push:
    runs-on: ubuntu-latest
    if: {condition}
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {{role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}}
"""


_MAIN = '"repo:acme/web:ref:refs/heads/main"'

check = Check(
    id="trust-subject-does-not-cover-trigger",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "oidc"),
    examples=(
        Example(
            title="tags of releases, under `StringLike`",
            files="-- iam.tf --\n" + _role(_MAIN) + _workflow("{push: {branches: [main], tags: ['v*']}}"),
            at=_MAIN,
            fixed="-- iam.tf --\n" + _role(f'[{_MAIN}, "repo:acme/web:ref:refs/tags/v*"]'),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="pull requests",
            files="-- iam.tf --\n" + _role(_MAIN) + _workflow("{push: {branches: [main]}, pull_request: {}}"),
            at=_MAIN,
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="the trust lists an environment, which the job has no longer",
            files="-- iam.tf --\n"
            + _role('"repo:acme/web:environment:production"', operator="StringEquals")
            + _workflow("{push: {branches: [main]}}"),
            at='"repo:acme/web:environment:production"',
            fixed="-- iam.tf --\n"
            + _role(f'["repo:acme/web:environment:production", {_MAIN}]', operator="StringEquals"),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="it may fail; the job has an environment",
            files="-- iam.tf --\n"
            + _role(_MAIN)
            + _workflow("{push: {tags: ['v*']}}").replace(
                "    steps:", "    continue-on-error: true\n    steps:"
            )
            + _workflow("{push: {tags: ['v*']}}")
            .replace("push.yml", "env.yml")
            .replace("    steps:", "    environment: production\n    steps:"),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="the repository's name is not known",
            files="-- iam.tf --\n" + _role(_MAIN) + _workflow("{push: {tags: ['v*']}}"),
        ),
        Example(
            title="kept from the event, perhaps",
            files="-- iam.tf --\n"
            + _role(_MAIN)
            + _workflow("{push: {branches: [main]}, pull_request: {}}", "vars.DEPLOY == 'yes'"),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a wildcard, a run by hand and on a schedule",
            files="-- iam.tf --\n"
            + _role('["repo:acme/web:ref:refs/heads/main", "repo:acme/web:ref:refs/tags/*"]')
            + _workflow(
                "{push: {branches: [main], tags: ['v*']}, workflow_dispatch: {}, schedule: [{cron: '0 0 * * *'}]}"
            ),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a role for another repository",
            files="-- iam.tf --\n"
            + _role('"repo:acme/api:ref:refs/heads/main"')
            + _workflow("{push: {tags: ['v*']}}"),
            outside=Outside(slug="acme/web"),
        ),
    ),
)
_PLAIN = frozenset(("push", "pull_request", "release"))
"""Events that start a job without anybody choosing the ref."""


def run(repo: Repository) -> Iterator[Finding]:
    slug = repo.outside.slug
    for assumption in repo.assumptions:
        role = assumption.role
        if slug is None or role is None or assumption.job.environment is not None:
            continue
        found = trusted((role,))
        listed = [one for one in written(found) if of_repository(one.text, slug)]
        if not listed or not all(one.is_whole for one in found) or len(found) != len(role.trust.statements):
            continue
        refused = [start for start in assumption.starts if _is_refused(assumption, role, start, slug)]
        if refused:
            yield _finding(assumption, refused[0], listed[-1], slug)


def _is_refused(assumption: Assumption, role: Role, start: Start, slug: str) -> bool:
    if start.event.name not in _PLAIN or not certainly_runs(assumption.step, start):
        return False
    return all(
        accepts(statement, subjects, assumption.audience) is False
        for statement in role.github
        for subjects in assumption.subjects(start, slug)
    )


def _finding(assumption: Assumption, start: Start, last: Written, slug: str) -> Finding:
    (subject, _) = assumption.subjects(start, slug)[0]
    parts = ("*" if not isinstance(part, str) else part for part in subject.parts)
    pattern = "".join(parts)
    event = start.event
    trigger = assumption.job.workflow.triggers.get(event.name)
    is_pull = event.is_of_pull_request
    can = not is_pull and (last.is_like or "*" not in pattern)
    return Finding(
        message=f"The trust of {code(last.trusted.role.resource.address)} does not list {code(pattern)}.",
        consequence=(
            f"The job {code(assumption.job.id)} also runs for {code(event.name)} with such a subject, and stops there "
            "with “Not authorized to perform sts:AssumeRoleWithWebIdentity”."
        ),
        location=Location(last.leaf.text, last.leaf.span),
        related=(
            Location(assumption.written.text, assumption.written.span, "asks for the role"),
            *((Location(trigger.key.text, trigger.key.span, "starts the job"),) if trigger else ()),
        ),
        fixes=offer(
            f"list {code(pattern)}",
            Applicability.UNSAFE,
            add_value(last.condition, pattern),
            caution="May every job of the repository that runs for such a ref have the role?",
        )
        if can
        else (),
        withheld="whether pull requests may have the role is not ours to say" if is_pull else "",
    )
