"""The steps of a job, with those of the repository's own composite actions in place of the steps that use them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

from checks.facts.build.builds import has_other_files
from checks.facts.token.github_cli import is_given
from checks.facts.token.given_token import names_the_token
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Job, Step

_MOST = 200
"""Steps of one action, with those of the actions that it uses."""
_LEAVE_SOMETHING = frozenset(
    (
        "actions/checkout",
        "azure/docker-login",
        "docker/login-action",
        "redhat-actions/podman-login",
        "redhat-actions/push-to-registry",
    )
)
"""What leaves credentials for the steps behind it, which in an action are others than in its job."""


WITHIN = 5
"""Local actions that lie in one another: more than any that is meant to be read."""


def steps_of(use: ActionUse, actions: Mapping[str, CompositeAction]) -> tuple[Step, ...]:
    """The steps of a local action; none where they are not known, or it is a program of its own.

    `actions` are the repository's composite ones by their folders.
    """
    action = actions.get(use.folder)
    return action.steps if action else ()


def steps_beside(step: Step, actions: Mapping[str, CompositeAction]) -> tuple[Step, ...]:
    """The steps of the job or of the composite action that a step is of; `actions` as for `steps_of`."""
    if step.job is not None:
        return step.job.steps
    action = actions.get(posixpath.dirname(step.text.path))
    return action.steps if action is not None else ()


def may_do(
    step: Step, actions: Mapping[str, CompositeAction], does: Callable[[Step], bool], within: int = 0
) -> bool:
    """Whether a step does something, by what `does` tells of it, or of a step of the local action that it uses.

    A local action whose steps are not known may do anything. `actions` are the repository's composite ones by their folders.
    """
    if step.uses is None or not step.uses.is_local:
        return does(step)
    inner = steps_of(step.uses, actions) if within < WITHIN else ()
    return not inner or any(may_do(one, actions, does, within + 1) for one in inner)


def inner_steps(step: Step, actions: Mapping[str, CompositeAction], within: int = 0) -> Iterator[Step]:
    """The steps of the local action that a step uses, and of those in it; the step itself where it uses none that is known.

    `actions` are the repository's composite ones by their folders.
    """
    known = steps_of(step.uses, actions) if step.uses and step.uses.is_local and within < WITHIN else ()
    if not known:
        yield step
    for one in known:
        yield from inner_steps(one, actions, within + 1)


def opened(job: Job, actions: Mapping[str, CompositeAction]) -> tuple[Step, ...]:
    """The steps of a job; `actions` are the repository's composite ones by their folders.

    A step stays as it is where its action is not known, may be given the job's token, or leaves credentials for later ones.
    """
    known: dict[CompositeAction, tuple[Step, ...]] = {}
    found: list[Step] = []
    for step in job.steps:
        inside = _inside(step, actions, known)
        found += (Step(one.text, one.node, step.index, job) for one in inside)
        found += () if inside else (step,)
    return tuple(found)


def _inside(
    step: Step, actions: Mapping[str, CompositeAction], known: dict[CompositeAction, tuple[Step, ...]]
) -> tuple[Step, ...]:
    """The steps of a step's action; none where it has to stay as it is."""
    action = _action_of(step, actions)
    if action is None:
        return ()
    if action not in known:
        known[action] = ()  # for an action that uses itself
        found = [deeper for one in action.steps for deeper in _inside(one, actions, known) or (one,)]
        known[action] = tuple(found) if len(found) <= _MOST and not any(map(_leaves_something, found)) else ()
    return known[action]


def _leaves_something(step: Step) -> bool:
    return step.uses is not None and (step.uses.is_local or step.uses.action in _LEAVE_SOMETHING)


def _action_of(step: Step, actions: Mapping[str, CompositeAction]) -> CompositeAction | None:
    """The action of the repository that a step uses, where neither the step nor a default gives it the job's token."""
    if step.uses is None or not step.uses.is_local or has_other_files(step) or names_the_token(step):
        return None
    action = actions.get(step.uses.folder)
    inputs = action.node.entry("inputs") if action else None
    may_have_token = action is not None and inputs is not None and is_given(action.text[inputs.span])
    return None if may_have_token else action
