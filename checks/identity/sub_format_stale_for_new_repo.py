"""Trust names a new repository in the form that only old ones have

Tokens of repositories that were made, renamed or transferred on or after 15 July 2026 carry numbers in their
subject: `repo:acme@1234/web@5678:ref:refs/heads/main`. A trust policy that names `repo:acme/web:…` was right
for older repositories; for a new one it never matches, and every login is refused.

List the form with numbers. The one with names may stay beside it, and a `*` in their place would let others
in: a name that begins in the same way is anybody's to take.

The check is silent where the day on which the repository was made isn't known, for older repositories (that
one was renamed, transferred or opted in can't be seen), where the role has a value for the form with numbers,
and for templates of an owner's own.

References:

- https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
- https://docs.github.com/en/actions/concepts/security/openid-connect
- https://learn.microsoft.com/en-us/entra/workload-id/workload-identities-github-immutable-subjects
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.identity.roles import trusted
from checks.facts.identity.subjects import Written, is_custom, written
from checks.facts.policy.automaton import of_wildcard
from checks.facts.value import literal

_NEW = Outside(slug="acme/web", made=datetime.date(2026, 9, 1), ids=(1234, 5678))


def _role(subjects: str) -> str:
    return f"""\
-- iam.tf --
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
          "token.actions.githubusercontent.com:sub" = {subjects}
        }}
      }}
    }}]
  }})
}}
"""


check = Check(
    id="sub-format-stale-for-new-repo",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("iam", "oidc"),
    examples=(
        Example(
            title="one subject",
            files=_role('"repo:acme/web:ref:refs/heads/main"'),
            at='"repo:acme/web:ref:refs/heads/main"',
            fixed=_role(
                '["repo:acme/web:ref:refs/heads/main", "repo:acme@1234/web@5678:ref:refs/heads/main"]'
            ),
            outside=_NEW,
        ),
        Example(
            title="several, one a line, beside another repository's",
            files=_role(
                """[
            "repo:acme/web:environment:production",
            "repo:acme/api:ref:refs/heads/main",
            "repo:acme/web:ref:refs/heads/main",
          ]"""
            ),
            at='"repo:acme/web:environment:production"',
            fixed=_role(
                """[
            "repo:acme/web:environment:production",
            "repo:acme@1234/web@5678:environment:production",
            "repo:acme/api:ref:refs/heads/main",
            "repo:acme/web:ref:refs/heads/main",
            "repo:acme@1234/web@5678:ref:refs/heads/main",
          ]"""
            ),
            outside=_NEW,
        ),
        Example(
            title="numbers that we don't know",
            files=_role('"repo:acme/web:ref:refs/heads/main"'),
            at='"repo:acme/web:ref:refs/heads/main"',
            outside=Outside(slug="acme/web", made=datetime.date(2026, 7, 15)),
        ),
        Example(
            title="both forms",
            files=_role(
                '["repo:acme/web:ref:refs/heads/main", "repo:acme@1234/web@5678:ref:refs/heads/main"]'
            ),
            outside=_NEW,
        ),
        Example(
            title="an older repository",
            files=_role('"repo:acme/web:ref:refs/heads/main"'),
            outside=Outside(slug="acme/web", made=datetime.date(2026, 7, 14), ids=(1234, 5678)),
        ),
        Example(
            title="a day that we don't know",
            files=_role('"repo:acme/web:ref:refs/heads/main"'),
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="another repository, a template of the owner's own, a value that is not known",
            files=_role('"repo:acme/api:ref:refs/heads/main"')
            + _role(
                '"repo:acme/web:job_workflow_ref:acme/web/.github/workflows/push.yml@refs/heads/main"'
            ).replace("iam.tf", "custom/iam.tf")
            + _role('["repo:acme/web:ref:refs/heads/main", var.subject]').replace("iam.tf", "var/iam.tf"),
            outside=_NEW,
        ),
    ),
)
_SINCE = datetime.date(2026, 7, 15)
"""From this day on new repositories have numbers in their subjects."""


def run(repo: Repository) -> Iterator[Finding]:
    made, slug = repo.outside.made, repo.outside.slug
    if made is None or slug is None or made < _SINCE:
        return
    by_role: dict[int, list[Written]] = {}
    for one in written(trusted(repo.roles)):
        by_role.setdefault(id(one.trusted.role), []).append(one)
    for values in by_role.values():
        stale = [one for one in values if _is_stale(one, values, slug)]
        conditions = list(dict.fromkeys(one.condition for one in stale))
        for condition in conditions:
            here = [one for one in stale if one.condition is condition]
            if all(leaf.string is not None for leaf in condition.values):
                yield _finding(repo, here)


def _is_stale(one: Written, values: list[Written], slug: str) -> bool:
    """Whether a value names the repository, and none of its role's names it with numbers in the same context."""
    parts = one.repository
    if (
        parts is None
        or is_custom(one.text)
        or f"{parts[0]}/{parts[1]}".lower() != slug.lower()
        or not parts[2]
    ):
        return False
    numbered = literal(_numbered(slug, (0, 0), parts[2]))
    return not any(of_wildcard(_without_numbers(other.text)).accepts(numbered) for other in values)


def _numbered(slug: str, ids: tuple[int, int], rest: str) -> str:
    owner, _, name = slug.partition("/")
    return f"repo:{owner}@{ids[0]}/{name}@{ids[1]}{rest}"


def _without_numbers(text: str) -> str:
    """A value with zeros for its numbers, that it can be compared whatever they are."""
    return re.sub(r"@\d+(?=[/:])", "@0", text)


def _finding(repo: Repository, stale: list[Written]) -> Finding:
    first = stale[0]
    ids, slug = repo.outside.ids, repo.outside.slug or ""
    edits = (
        [_edit(one, _numbered(slug, ids, (one.repository or ("", "", ""))[2])) for one in stale]
        if ids
        else []
    )
    made = repo.outside.made.isoformat() if repo.outside.made else ""
    return Finding(
        message=f"{code(slug)} was made on {made}, and no token of it has the subject {code(first.text)}.",
        consequence=(
            f"Subjects of new repositories carry numbers, {code('repo:owner@1/name@2:…')}: each login with "
            f"{code(first.trusted.role.resource.address)} stops with “Not authorized to perform "
            "sts:AssumeRoleWithWebIdentity”."
        ),
        location=Location(first.leaf.text, first.leaf.span),
        fixes=offer(
            "list the form with numbers",
            Applicability.UNSAFE,
            *edits,
            caution="Has the owner a template of its own for subjects?",
        ),
        withheld="" if ids else "the numbers of the repository and its owner are not known here",
    )


def _edit(one: Written, numbered: str) -> Edit | None:
    """The form with numbers behind the one with names, on a line of its own where that has one."""
    text, span = one.leaf.text, one.leaf.span
    shown = text[span]
    if not (shown.startswith('"') and shown.endswith('"')):
        return None
    if len(one.condition.values) == 1 and text.content[: span.start].rstrip()[-1:] in ("=", ":"):
        return Edit(text.path, span, f'[{shown}, "{numbered}"]')
    line = text.line_of(span.start)
    is_alone = not text.content[text.line(line).start : span.start].strip()
    between = f",{text.newline}{text.indent_of(line)}" if is_alone else ", "
    return Edit(text.path, span, f'{shown}{between}"{numbered}"')
