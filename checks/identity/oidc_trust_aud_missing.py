"""Trust policy does not ask for the token's audience

A token names whom it is for: `sts.amazonaws.com` where `configure-aws-credentials` asks for it. IAM compares
the audience with the list of the OIDC provider. Where that list has several, a trust policy without a
condition on `aud` also takes tokens that were made for another service and reached somebody else.

Ask for `sts.amazonaws.com`, in China `sts.amazonaws.com.cn`.

The check is silent where the provider's list is not written here, or has one audience, which IAM compares
anyway.

References:

- https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.policy_edits import add_condition
from checks.facts.identity.roles import Trusted, key_prefix, trusted
from checks.facts.tree import ListExpr


def _files(audiences: str, aud: str = "") -> str:
    """A provider and a role for the examples."""
    return f"""\
-- iam.tf --
resource "aws_iam_openid_connect_provider" "github" {{
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = {audiences}
}}
resource "aws_iam_role" "push" {{
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = aws_iam_openid_connect_provider.github.arn }}
      Condition = {{
        StringEquals = {{
          "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main"
{aud}        }}
      }}
    }}]
  }})
}}
"""


_ASKED = '          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"\n'
_AWS = ("sts.amazonaws.com", "sts.amazonaws.com.cn")
"""What `configure-aws-credentials` asks for, unless it is told otherwise."""
_BOTH = '["sts.amazonaws.com", "https://github.com/acme"]'

check = Check(
    id="oidc-trust-aud-missing",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "iam", "oidc"),
    security_severity=4.0,
    examples=(
        Example(
            title="the provider takes two audiences",
            files=_files(_BOTH),
            at="sts:AssumeRoleWithWebIdentity",
            fixed=_files(_BOTH, _ASKED),
        ),
        Example(
            title="in China; a statement that says more than can be read, another provider's",
            files=_files('["sts.amazonaws.com.cn", "https://github.com/acme"]'),
            at="sts:AssumeRoleWithWebIdentity",
            fixed=_files(
                '["sts.amazonaws.com.cn", "https://github.com/acme"]', _ASKED.replace('.com"\n', '.com.cn"\n')
            ),
        ),
        Example(
            title="none of them is AWS's",
            files=_files('["https://a.acme.test", "https://b.acme.test"]'),
            at="sts:AssumeRoleWithWebIdentity",
        ),
        Example(
            title="an audience that is not known, a condition that can't be read, another provider",
            files=_files('["sts.amazonaws.com", var.audience]')
            + _files(_BOTH, '          (var.key) = "x"\n').replace("iam.tf", "more/iam.tf")
            + _files(_BOTH)
            .replace("iam.tf", "other/iam.tf")
            .replace(
                "aws_iam_openid_connect_provider.github.arn",
                '"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"',
            ),
        ),
        Example(title="asked for", files=_files(_BOTH, _ASKED)),
        Example(title="the provider takes one audience", files=_files('["sts.amazonaws.com"]')),
        Example(title="which it takes is not known", files=_files("var.audiences")),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in trusted(repo.roles):
        audiences = _audiences(one)
        if len(audiences) > 1 and one.is_whole and not one.statement.conditions_on("aud", ""):
            yield _finding(one, audiences)


def _audiences(one: Trusted) -> tuple[str, ...]:
    """The audiences of the provider that the statement names, where all of them are written in its module."""
    module = one.role.resource.module
    for provider in module.of_type("aws_iam_openid_connect_provider"):
        address = f"{provider.address}.arn"
        named = any(address in leaf.leaf.text[leaf.leaf.span] for leaf in one.statement.principals)
        listed = provider.block.body.get("client_id_list")
        if named and isinstance(listed, ListExpr):
            values = [module.value(item).literal for item in listed.items]
            return tuple(value for value in values if value is not None) if None not in values else ()
    return ()


def _finding(one: Trusted, audiences: tuple[str, ...]) -> Finding:
    asked = next((value for value in audiences if value in _AWS), None)
    prefix = key_prefix(one.statement)
    can = asked is not None and prefix is not None
    edits = add_condition(one.statement, "StringEquals", f"{prefix}:aud", asked or "") if can else None
    others = ", ".join(code(value) for value in audiences if value != asked)
    return Finding(
        message=f"{code(one.role.resource.address)} takes tokens for each audience of the provider.",
        consequence=f"A token that a job asked for {others} and handed to that service also opens the role.",
        location=_place(one),
        fixes=offer(
            f"ask for {code(asked or '')}",
            Applicability.UNSAFE,
            *(edits or (None,)),
            caution="Does a job ask for its token with another `audience`?",
        ),
    )


def _place(one: Trusted) -> Location:
    """The action that the statement allows."""
    for leaf in one.statement.actions:
        if leaf.string and leaf.text[leaf.span].startswith('"'):
            return Location(leaf.text, Span(leaf.span.start + 1, leaf.span.end - 1))
    return one.statement.location
