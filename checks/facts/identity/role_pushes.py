"""What jobs push with the IAM roles that they become."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.identity.assumptions import CREDENTIALS, Assumption
from checks.facts.image.pushes import Push
from checks.facts.value import Hole, Value, joined
from checks.regex import regex

_HOST = regex(r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.")


def pushes_with(assumption: Assumption, pushes: Iterable[Push]) -> tuple[Push, ...]:
    """The certain pushes to ECR behind a login, if no other login of the job replaces it."""
    job, login = assumption.job, assumption.step
    if any(step.uses_action(CREDENTIALS) for step in login.later):
        return ()
    return tuple(
        push
        for push in pushes
        if push.step is not None
        and push.step.job is job
        and push.step.index > login.index
        and push.certain
        and push.reference.is_ecr
    )


def arn_of(push: Push) -> Value:
    """The ARN of the repository that is pushed to; account and region may be unknown.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    host = "".join(part if isinstance(part, str) else " " for part in push.reference.host.parts)
    found = _HOST.fullmatch(f"{host}.".partition("amazonaws")[0])
    account = found["account"] if found else Hole()
    region = found["region"] if found else Hole()
    return joined(("arn:", Hole(), ":ecr:", region, ":", account, ":repository/", *push.reference.path.parts))
