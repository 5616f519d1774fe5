"""What a login to a registry with the token of a job is for, by the steps behind it: pushes, or pulls alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checks.facts.image.pushes import Push
from checks.facts.script.followed import followed
from checks.facts.token.push_hints import goes_elsewhere, hints_at_push, needs_images
from checks.facts.token.registry_commands import image_pushes, only_logs_in
from checks.facts.token.registry_logins import PULLS, is_to_pull, may_push, pushes_itself
from checks.facts.token.unfolded_steps import UnfoldedSteps
from checks.facts.workflow.workflows import Step
from checks.source.text import Text


def may_be_to_push(login: Step, steps: UnfoldedSteps, pushes: tuple[Push, ...]) -> bool:
    """Whether a step is a login with the token to a registry that may be for a push: anything behind it may be one.

    `pushes` are those of the job's steps.
    """
    if not steps.logs_in_with_token(login):
        return False
    later = _behind(login, steps)
    only_pulls = is_to_pull(later) or _copies_elsewhere(later, pushes)
    return (pushes_itself(login) and may_push(login)) or (any(map(may_push, later)) and not only_pulls)


def is_to_push(
    login: Step, steps: UnfoldedSteps, pushes: tuple[Push, ...], texts: Mapping[str, Text]
) -> bool:
    """Whether such a login is for a push: none is where what is behind it needs images, and nothing hints at one.

    `texts` are the files of the repository by path.
    """
    if not may_be_to_push(login, steps, pushes):
        return False
    later = _behind(login, steps)
    only_pulls = (
        not pushes_itself(login)
        and any(map(needs_images, later))
        and not any(hints_at_push(one, followed(one, texts), pushes) for one in later)
    )
    return not only_pulls


def _behind(login: Step, steps: UnfoldedSteps) -> tuple[Step, ...]:
    """The steps behind a login, and ahead of them its own where that is a script which goes on."""
    own = () if login.run is None or only_logs_in(login) else (login,)
    return (*own, *steps.after(login))


def _copies_elsewhere(later: Sequence[Step], pushes: tuple[Push, ...]) -> bool:
    """Whether scripts behind a login pull an image, and all that these steps push certainly goes elsewhere."""
    pushing = [step for step in later if may_push(step)]
    scripts = [step.run.value for step in pushing if step.run is not None]
    return (
        len(scripts) == len(pushing)
        and any(map(PULLS.search, scripts))
        and all(_pushes_elsewhere(step, pushes) for step in pushing)
    )


def _pushes_elsewhere(step: Step, pushes: tuple[Push, ...]) -> bool:
    """Whether a script pushes by commands alone whose targets are known, none of which is GitHub's registry."""
    counted = image_pushes(step)
    own = [push for push in pushes if push.step is step]
    places = {push.location.span for push in own}
    return counted == len(places) and all(map(goes_elsewhere, own))
