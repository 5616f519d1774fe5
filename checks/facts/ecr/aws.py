"""AWS accounts that a repository names."""

from __future__ import annotations

from checks.regex import regex
from checks.source.text import Text

_ACCOUNT = regex(r"arn:aws[\w-]*:iam::(\d{12}):|(?<!\d)(\d{12})\.dkr[.-]ecr(?:-fips)?\.")


def accounts_in(text: Text) -> frozenset[str]:
    """The accounts in ARNs of IAM and in hosts of ECR, in whatever file."""
    return frozenset(match[1] or match[2] for match in _ACCOUNT.finditer(text.content))
