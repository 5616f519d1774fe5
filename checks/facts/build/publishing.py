"""Which jobs publish: push images, sign, attest, or hold the credentials to do so."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checks.facts.build.builds import Build
from checks.facts.image.pushes import Push, may_happen
from checks.facts.token.needs import needs
from checks.facts.token.programs import commands_in, is_harmless
from checks.facts.workflow.conditions import certainly_holds
from checks.facts.workflow.events import Event
from checks.facts.workflow.job_events import of_job, of_step
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.never_run import never_runs
from checks.facts.workflow.workflows import Job, Step

_OIDC_ACTIONS = {
    "aws-actions/configure-aws-credentials": "role-to-assume",
    "google-github-actions/auth": "workload_identity_provider",
    "azure/login": "client-id",
}


PUSHES = "pushes images"
LOGINS = tuple(_OIDC_ACTIONS)
"""Actions that turn an OIDC token into credentials of a cloud."""
_CALLING_OTHERS = frozenset(("aws", "curl", "wget"))
"""What may tell a service to run an image."""


def pushing_steps(job: Job, pushes: Iterable[Push], idle: Collection[Step] = ()) -> tuple[Step, ...]:
    """The steps of a job that push an image, or may; a registry that the job itself runs is nobody else's.

    Those that are known to be `idle` do not.
    """
    return tuple(
        dict.fromkeys(
            push.step
            for push in pushes
            if push.step is not None
            and push.step.job is job
            and not push.reference.is_on_this_machine
            and push.step not in idle
            and not never_runs(push.step)
        )
    )


def token_steps(job: Job, idle: Collection[Step] = ()) -> tuple[Step, ...]:
    """The steps of a job that turn its OIDC token into credentials, signatures or attestations, without those that are `idle`."""
    return tuple(
        step for step in job.steps if needs_token(step) and step not in idle and not never_runs(step)
    )


def needs_token(step: Step) -> bool:
    """Whether a step asks GitHub for an OIDC token."""
    if any(need.scope == "id-token" for need in needs(step)):
        return True
    name = _OIDC_ACTIONS.get(step.uses.action) if step.uses else None
    return name is not None and step.input(name) is not None and step.input("aws-access-key-id") is None


def is_apart_from(step: Step, pushes: Iterable[Push]) -> bool:
    """Whether a step certainly runs for other events than those for which its job pushes images, of which there are some."""
    events = of_step(step)
    own = [push for push in pushes if push.step is not None and push.step.job is step.job]
    return bool(events and own) and not any(push.may_be_for(event) for push in own for event in events or ())


def is_for_images(job: Job, used: Iterable[Step], pushes: Iterable[Push]) -> bool:
    """Whether the OIDC token that steps of a job use is for images: the job pushes some, or a step signs or attests."""
    return bool(pushing_steps(job, pushes)) or any(step.run or not step.uses_action(*LOGINS) for step in used)


def may_publish_kept_layers(build: Build, pushes: Iterable[Push]) -> bool:
    """Whether what others get may have layers that a cache kept: for no event that publishes the image `no-cache` is sure to hold.

    What goes out by digest alone is published by the jobs behind, if one of them is seen to give it a tag and nothing in
    its own job may do more with it.
    """
    if build.pushes is False or build.step is None or build.invocation is not None:
        return build.pushes is not False
    off, happening = build.step.input("no-cache"), _publishing_events(build, build.step, pushes)
    return (
        off is None
        or not happening
        or not all(certainly_holds(off.value, event) or not may_happen(build, event) for event in happening)
    )


def _publishing_events(build: Build, step: Step, pushes: Iterable[Push]) -> tuple[Event, ...]:
    """The events for which an image may get a tag; none where they are not known."""
    job = step.job
    behind = [one for one in job.workflow.jobs if job in needed_jobs(one)] if job else []
    tagging = [one.step.job for one in pushes if one.step is not None and not one.moves_nothing]
    is_tagged_behind = any(one in behind for one in tagging) and job not in tagging
    if job is None or not build.is_by_digest or not is_tagged_behind or any(map(_may_hand_on, step.later)):
        return build.events or ()
    return tuple(dict.fromkeys(event for one in behind for event in of_job(one)))


def _may_hand_on(step: Step) -> bool:
    """Whether a step behind a build may have others run what that made, by its digest: as a script that is not read does."""
    if step.run is None:
        return step.uses is not None and "deploy" in step.uses.action
    commands = commands_in(step)
    return commands is None or any(one.program in _CALLING_OTHERS or not is_harmless(one) for one in commands)


def publishes(job: Job, pushes: Iterable[Push], idle: Collection[Step] = ()) -> str:
    """What a job does that others have to trust, as the end of a sentence: "pushes images"; empty for nothing.

    Steps that are known to be `idle` do nothing of it.
    """
    if pushing_steps(job, pushes, idle):
        return PUSHES
    if token_steps(job, idle):
        return "signs or logs in with its OIDC token"
    permissions = job.permissions
    return (
        "may ask for an OIDC token"
        if permissions is not None and permissions.access("id-token") == "write"
        else ""
    )
