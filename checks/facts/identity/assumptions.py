"""Steps that become an IAM role with the OIDC token of their job, and whether the role's trust lets them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from checks.facts.identity.iam import Statement
from checks.facts.identity.job_identity import subjects_of
from checks.facts.identity.roles import Role
from checks.facts.value import Value, literal
from checks.facts.workflow.calls import Calls, Start
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.record import Record
from checks.regex import regex
from checks.source.yaml import Scalar

CREDENTIALS = "aws-actions/configure-aws-credentials"
_ARN = regex(r"arn:aws[\w-]*:iam::(?P<account>\d{12}|\w+):role/(?P<path>[\w+=,.@/-]+)")
_NAME = regex(r"[\w+=,.@-]{1,64}")


class Assumption(Record, eq=False):
    """A step that becomes a role with the job's OIDC token."""

    step: Step
    job: Job
    written: Scalar
    """The value of `role-to-assume`."""
    arn: str | None
    """What it comes to; None where that is not known."""
    role_name: str | None
    """The last part of the ARN."""
    role: Role | None
    """The one role that the repository declares under that name."""
    starts: tuple[Start, ...]
    """How the step may be started, with a token to be had."""

    def subjects(self, start: Start, slug: str | None) -> tuple[tuple[Value, Value], ...]:
        """The `sub` of its token, in the form with names and in the immutable form."""
        return tuple(
            zip(
                subjects_of(self.job, start, slug),
                subjects_of(self.job, start, slug, immutable=True),
                strict=True,
            )
        )

    @property
    def audience(self) -> Value | None:
        """The `aud` of its token; None where it is not known."""
        written = self.step.input("audience")
        if written is not None:
            return literal(written.value) if "${{" not in written.value else None
        return literal("sts.amazonaws.com")


class Roles(Record, eq=False, dict=True):
    """All roles of a repository, to find one by its name."""

    those: tuple[Role, ...]

    def named(self, name: str | None) -> Role | None:
        """The one role of a name."""
        found = self._by_name.get(name, ()) if name else ()
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> Mapping[str | None, Sequence[Role]]:
        found: dict[str | None, list[Role]] = {}
        for role in self.those:
            found.setdefault(role.name, []).append(role)
        return found


def assumptions_in(
    workflow: Workflow, roles: Roles, calls: Calls, slug: str | None
) -> tuple[Assumption, ...]:
    """Every step of a workflow that assumes a role with an OIDC token; `calls` are those around it."""
    return tuple(
        one
        for job in workflow.jobs
        for step in job.steps
        if step.uses_action(CREDENTIALS) and uses_oidc(step)
        for one in _assumption(step, job, roles, calls, slug)
    )


def uses_oidc(step: Step) -> bool:
    """Whether credentials come by OIDC and nothing else.

    https://github.com/aws-actions/configure-aws-credentials#credential-lifetime-and-session-name
    """
    others = ("aws-access-key-id", "web-identity-token-file", "role-chaining", "force-skip-oidc")
    return step.input("role-to-assume") is not None and all(step.input(name) is None for name in others)


def _assumption(step: Step, job: Job, roles: Roles, calls: Calls, slug: str | None) -> Iterator[Assumption]:
    written = step.input("role-to-assume")
    if written is None:
        return
    scopes = [Scope(step, leg, slug) for leg in legs(job) or ({},)]
    values = dict.fromkeys(value for scope in scopes for value in scope.values(written.value))
    starts = calls.starts_of_step(step)
    for value in values:
        name = _role_name(value)
        yield Assumption(step, job, written, value.literal, name, roles.named(name), starts)


def _role_name(value: Value) -> str | None:
    """The name in an ARN of a role, whatever the account; or the value, where it is a bare name."""
    shown = "".join(part if isinstance(part, str) else "x" for part in value.parts)
    match = _ARN.fullmatch(shown)
    last = value.parts[-1] if value.parts else ""
    if match:
        tail = match["path"].rpartition("/")[2]
        return tail if isinstance(last, str) and last.endswith(tail) else None
    return value.literal if value.literal and _NAME.fullmatch(value.literal) else None


def accepts(statement: Statement, subjects: tuple[Value, Value], audience: Value | None) -> bool | None:
    """Whether a trust statement lets a token in, whichever of the two forms of `sub` it has.

    False only if neither form is let in.
    """
    rest = {"aud": audience} if audience is not None else {}
    answers = [statement.holds({"sub": subject, **rest}) for subject in subjects]
    if True in answers:
        return True
    return False if answers == [False, False] else None
