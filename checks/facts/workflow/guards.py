"""Edits that keep a step from running for an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from checks.facts.token.programs import may_run_project
from checks.facts.workflow.calls import Calls
from checks.facts.workflow.step_outputs import used_outputs
from checks.facts.workflow.untrusted import PULL_REQUEST, may_run, of_step
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.yaml import Scalar
from checks.source.yaml_edit import insert_after, replace_value

ECR_LOGIN = "aws-actions/amazon-ecr-login"
_USES_CREDENTIALS = regex(
    r"\baws\b|\.dkr\.ecr\.|\bdocker\s+push\b|\bcrane\b|\bskopeo\b|\bterraform\b|\bkubectl\b"
    r"|\bhelm\s+(?:get|install|list|rollback|status|test|uninstall|upgrade)\b"
)
_CLIENTS: Mapping[str, re.Pattern[str]] = {
    "azure/login": regex(r"\bazd?\s+(?!(?:--version|bicep|config|extension|version)\b)"),
    "google-github-actions/auth": regex(
        r"\b(?:bq|gsutil|gcloud(?!\s+(?:--version|auth\s+configure-docker|components|config|info|version)\b))\b"
    ),
}
"""By action that logs in to a cloud what in a script needs that login, which these words of its client do not."""
_PREPARES = regex(
    r"/(?:checkout|login-action|[\w-]*-login|(?:[\w-]+-)?(?:setup|install(?:er)?)(?:-[\w-]+)?)$"
)
_VERIFIES = regex(r"\bgh\s+attestation\s+verify\b|\bcosign\s+verify|\bslsa-verifier\b|\bnotation\s+verify\b")


def kept_from_pull_requests(
    job: Job, steps: Sequence[Step], calls: Calls
) -> tuple[tuple[Edit | None, ...], tuple[str, ...]]:
    """Guards steps of a job, and the logins to ECR behind them; or no edit, and the steps that are in the way.

    In the way is what runs for pull requests and needs what they give. A job that runs for nothing else has no edit.
    """
    logins = [one for one in steps[0].later if one.uses_action(ECR_LOGIN) and of_step(one, calls)]
    guarded = [*steps, *(one for one in logins if one not in steps)]
    needing = [
        one
        for one in steps[0].later
        if one not in guarded
        and may_run(one, calls)
        and (_names(one, guarded) or _uses_credentials(one, guarded) or _verifies(one))
    ]
    if needing or all(start.event.name in PULL_REQUEST for start in calls.starts(job)):
        return (), tuple(title(one) for one in needing)
    condition = unless_pull_request(start.event.name for start in of_step(steps[0], calls))
    return tuple(only_if(one, condition) for one in guarded), ()


def _names(step: Step, others: Iterable[Step]) -> bool:
    """Whether a step uses outputs of others."""
    ids = {one.id.lower() for one in others if one.id}
    return any(use.of in ids for use in used_outputs(step))


def _uses_credentials(step: Step, guarded: Iterable[Step]) -> bool:
    """Whether a step talks to a cloud, a cluster or a registry, by what some steps have logged in to."""
    logins = {one.uses.repository for one in guarded if one.uses is not None}
    if step.uses is not None:
        return step.uses.repository.startswith("aws-actions/") or _is_of_login(step.uses, logins)
    clients = (_USES_CREDENTIALS, *(client for login, client in _CLIENTS.items() if login in logins))
    return step.run is not None and any(client.search(step.run.value) for client in clients)


def _is_of_login(use: ActionUse, logins: Iterable[str]) -> bool:
    """Whether an action is of the cloud that one of these logs in to, and sets up no program alone."""
    owner, _, name = use.repository.partition("/")
    owners = {login.partition("/")[0] for login in _CLIENTS.keys() & set(logins)}
    return owner in owners and not name.startswith("setup-")


def _verifies(step: Step) -> bool:
    """Whether a step looks for a signature or an attestation, which the guarded steps may make."""
    return step.run is not None and bool(_VERIFIES.search(step.run.value))


def job_kept_from_pull_requests(job: Job, steps: Sequence[Step], calls: Calls) -> Edit | None:
    """Guards a job whose other steps only prepare for some; None where it has an `if:`, or may be waited for in pull requests.

    What waits for a job that is skipped is skipped, too; who calls a workflow may wait for it.
    """
    others = [one for one in job.steps if one not in steps and may_run(one, calls)]
    waiting = [
        one for one in job.workflow.jobs if any(it.value == job.id for it in scalars(one.node.get("needs")))
    ]
    is_called = "workflow_call" in job.workflow.triggers
    is_apart = job.condition is None and not is_called and all(map(_prepares, others))
    if not is_apart or any(one.uses or any(may_run(it, calls) for it in one.steps) for one in waiting):
        return None
    condition = unless_pull_request(start.event.name for start in of_step(steps[0], calls))
    entries = [job.node.entry(name) for name in ("needs", "name", "runs-on")]
    first = next((one for one in entries if one is not None), None)
    return insert_after(job.node, first, f"if: {condition}") if first is not None and condition else None


def _prepares(step: Step) -> bool:
    """Whether a step sets up what others use, by the name of its action."""
    return step.uses is not None and _PREPARES.search(step.uses.repository) is not None


def runs_project_code(job: Job, beside: Sequence[Step], calls: Calls) -> Step | None:
    """The first step beside some that certainly runs for pull requests, and may run code of theirs on the runner: of their own actions, or
    by a script of more than known programs behind a checkout."""
    checkouts = [step for step in job.steps if step.uses_action("actions/checkout")]
    behind = checkouts[0].later if checkouts else ()
    return next(
        (
            step
            for step in behind
            if step not in beside
            and (step.uses.is_local if step.uses else may_run_project(step))
            and of_step(step, calls)
        ),
        None,
    )


def title(step: Step) -> str:
    """What a step is called in a message."""
    named = step.node.get("name")
    shown = named.value if isinstance(named, Scalar) else ""
    script = step.run.value.strip().partition("\n")[0] if step.run else ""
    return shown or (step.uses.scalar.value if step.uses else "") or step.id or script or "a later step"


def only_if(step: Step, condition: str) -> Edit | None:
    """Lets a step run only if a condition holds besides the one that it has; None where that can't be written."""
    written = step.condition
    if written is not None:
        if "${{" in written.value or written.style in ("literal", "folded"):
            return None
        rest = f"({written.value})" if "||" in written.value else written.value
        return replace_value(written, f"{condition} && {rest}")
    entries = [step.node.entry(name) for name in ("name", "id", "uses", "run")]
    first = next((one for one in entries if one is not None), None)
    return insert_after(step.node, first, f"if: {condition}") if first is not None else None


def unless_pull_request(events: Iterable[str]) -> str:
    """The condition that leaves out pull requests, of the kinds that start a workflow."""
    names = dict.fromkeys(name for name in events if name.startswith("pull_request"))
    return " && ".join(f"github.event_name != '{name}'" for name in names)
