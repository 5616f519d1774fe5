"""IAM's operators and statements, against a plain reading of AWS's rules."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Outside, Repository
from checks.facts.identity.assumptions import accepts
from checks.facts.identity.iam import Statement
from checks.facts.identity.iam_conditions import Condition, like
from checks.facts.identity.subjects import can_match, is_custom
from checks.facts.terraform.documents import Leaf
from checks.facts.value import Hole, Value, Varies, joined, literal
from checks.source.snapshot import Snapshot
from checks.source.text import Location, Span, Text

ALPHABET = st.text(alphabet="ab/:*?.", max_size=8)
TEXT = Text("x.tf", "")


def condition(operator: str, *values: str) -> Condition:
    leaves = tuple(Leaf(TEXT, Span(0, 0), value, is_known=True, shape=literal(value)) for value in values)
    key = literal("token.actions.githubusercontent.com:sub")
    return Condition(TEXT, operator, Span(0, 0), key, leaves, Location(TEXT, Span(0, 0)), 1)


def plain_like(pattern: str, text: str) -> bool:
    """AWS: `*` is any run of characters, `?` any one, all else itself."""
    regexp = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.fullmatch(regexp, text, re.DOTALL) is not None


@given(pattern=ALPHABET, text=ALPHABET)
def test_string_like_is_the_plain_wildcard(pattern: str, text: str) -> None:
    assert like(literal(pattern), literal(text)) is plain_like(pattern, text)
    if pattern and text:
        assert condition("StringLike", pattern).holds(literal(text)) is plain_like(pattern, text)
        assert condition("StringNotLike", pattern).holds(literal(text)) is not plain_like(pattern, text)


@given(pattern=ALPHABET.filter(bool), text=ALPHABET.filter(bool))
def test_string_equals_expands_nothing(pattern: str, text: str) -> None:
    assert condition("StringEquals", pattern).holds(literal(text)) is (pattern == text)
    assert condition("StringNotEquals", pattern).holds(literal(text)) is (pattern != text)
    assert condition("StringEqualsIgnoreCase", pattern.upper()).holds(literal(text)) is (pattern == text)


@given(pattern=ALPHABET, before=ALPHABET, number=st.integers(0, 10**6), after=ALPHABET)
def test_a_hole_never_contradicts_what_fills_it(pattern: str, before: str, number: int, after: str) -> None:
    answer = like(literal(pattern), joined((before, Hole(Varies.RUN), after)))
    assert answer in (None, plain_like(pattern, f"{before}{number}{after}"))


@pytest.mark.parametrize(
    ("operator", "values", "present", "expected"),
    [
        ("StringEquals", ("a",), None, False),
        ("StringEqualsIfExists", ("a",), None, True),
        ("StringNotEquals", ("a",), None, True),
        ("ForAllValues:StringLike", ("a*",), None, True),
        ("ForAnyValue:StringLike", ("a*",), None, False),
        ("ForAnyValue:StringLike", ("x", "a*"), "ab", True),
        ("ForAllValues:StringEquals", ("x", "a"), "ab", False),
        ("StringEquals", ("x", "ab"), "ab", True),
        ("stringlike", ("A*",), "ab", False),
        ("Null", ("true",), None, True),
        ("Null", ("false",), "a", True),
        ("Null", ("true",), "a", False),
        ("NumericEquals", ("1",), "1", None),
    ],
)
def test_absent_keys_and_lists(
    operator: str, values: tuple[str, ...], present: str | None, expected: bool | None
) -> None:
    assert condition(operator, *values).holds(None if present is None else literal(present)) is expected


ROLE = """
locals {{
  github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
}}
resource "aws_iam_role" "push" {{
  name = "push"
  assume_role_policy = {policy}
}}
{rest}
"""
BY_HCL = """jsonencode({
    Statement = {
      Effect = "Allow"
      Action = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = { StringLike = { "${local.host}:sub" = "repo:acme/web:*" } }
    }
  })"""
BY_HEREDOC = """<<-EOT
    {"Statement": [{"Effect": "Allow", "Action": ["sts:*"],
      "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"},
      "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": ["repo:acme/web:*"]}}}]}
  EOT"""
BY_DATA = "data.aws_iam_policy_document.trust.json"
DATA = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.github]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/web:*"]
    }
  }
}
"""


def repository(policy: str, rest: str = "", workflow: str = "") -> Repository:
    files = {"iam.tf": ROLE.format(policy=policy, rest=rest)}
    if workflow:
        files[".github/workflows/w.yml"] = workflow
    return Repository(Snapshot.of(files), Outside(slug="acme/web"))


@pytest.mark.parametrize(("policy", "rest"), [(BY_HCL, ""), (BY_HEREDOC, ""), (BY_DATA, DATA)])
def test_trust_is_read_alike_however_it_is_written(policy: str, rest: str) -> None:
    (role,) = repository(policy, rest).roles
    (statement,) = role.github
    (found,) = statement.conditions
    assert (found.test, found.claim, [leaf.string for leaf in found.values]) == (
        "stringlike",
        "sub",
        ["repo:acme/web:*"],
    )


@pytest.mark.parametrize(
    ("actions", "wanted", "expected"),
    [
        ('["ecr:*"]', "ecr:PutImage", True),
        ('["ECR:putimage"]', "ecr:PutImage", True),
        ('["ecr:Get?uthorizationToken"]', "ecr:GetAuthorizationToken", True),
        ('["ecr:Get*"]', "ecr:PutImage", False),
        ('["ecr:Get*", var.more]', "ecr:PutImage", None),
    ],
)
def test_actions_have_wildcards_and_no_case(actions: str, wanted: str, expected: bool | None) -> None:
    rest = (
        'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.push.id\n  policy = jsonencode({'
        f'Statement = [{{ Effect = "Allow", Action = {actions}, Resource = "*" }}] }})\n}}\n'
    )
    (role,) = repository(BY_HEREDOC, rest).roles
    assert role.grants.allows(wanted) is expected


def test_a_policy_that_is_not_seen_makes_the_answer_unknown() -> None:
    rest = 'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.push.name\n  policy_arn = var.x\n}\n'
    (role,) = repository(BY_HEREDOC, rest).roles
    assert role.grants.allows("ecr:PutImage") is None


def test_a_denial_makes_the_answer_unknown() -> None:
    rest = (
        'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.push.id\n  policy = jsonencode({ Statement = ['
        '{ Effect = "Allow", Action = "ecr:*", Resource = "*" }, { Effect = "Deny", Action = "ecr:Put*", Resource = "*" }] })\n}\n'
    )
    (role,) = repository(BY_HEREDOC, rest).roles
    assert role.grants.allows("ecr:PutImage") is None
    assert role.grants.allows("ecr:BatchGetImage") is True


WORKFLOW = """
on: {push: {branches: [main], tags: ['v*']}, pull_request: {}}
jobs:
  call:
    runs-on: x
    environment: %s
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/ci/push', aws-region: x}
"""


def test_the_subjects_of_a_job_meet_the_trust() -> None:
    found = repository(BY_HEREDOC, workflow=WORKFLOW % "''")
    (assumption,) = found.assumptions
    assert assumption.role is found.roles[0]
    shown = {
        str(names): accepts(assumption.role.github[0], (names, ids), assumption.audience)
        for start in assumption.starts
        for names, ids in assumption.subjects(start, "acme/web")
    }
    assert all(shown.values())


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("repo:a/b:ref:refs/heads/main", True),
        ("repo:a/b:environment:x", True),
        ("repo:a@1/b@2:pull_request", True),
        ("*", True),
        ("repo:a/b:*", True),
        ("repo:a/b", False),
        ("repo:a/b:ref:environment:x", False),
        ("repo:a/b:push", False),
        ("repo:a/b:refs/heads/*", False),
        ("repo:a/b:ref:refs/pull/1/merge", False),
        ("repo:a/b:environment:x:y", False),
        ("repo:a/b:environment:x%3Ay", True),
        ("repo:a/b:*:x:*:y", False),
        ("repo:*:environment:*", True),
    ],
)
def test_which_subjects_there_are(subject: str, expected: bool) -> None:
    assert can_match(subject) is expected
    assert not is_custom(subject)


def test_statements_without_a_value_are_not_decided() -> None:
    value: Value = literal("repo:acme/web:pull_request")
    (role,) = repository(BY_HEREDOC).roles
    statement: Statement = role.github[0]
    assert statement.holds({"sub": value}) is True
    assert statement.holds({}) is None
