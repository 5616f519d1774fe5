"""All steps of a job, with those of the repository's own actions in place of what uses them, and its logins with the token."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice

from checks.facts.token.github_cli import is_given
from checks.facts.token.given_token import names_the_token
from checks.facts.token.login_inputs import logins_given
from checks.facts.token.registry_logins import LOGINS
from checks.facts.token.registry_logins import logs_in_with_token as is_login_with_token
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.inner_steps import WITHIN
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record

_MOST_STEPS = 1_000
"""Of a job, with those of the actions that it uses."""


class UnfoldedSteps(Record, eq=False, dict=True):
    """The steps of a job, and those below them."""

    job: Job
    steps: tuple[Step, ...]
    """As far as that can be with those of the repository's own actions in place of what uses them."""
    actions: Mapping[str, CompositeAction]
    """The repository's own composite actions by folder."""

    @cached_property
    def all_steps(self) -> tuple[Step, ...]:
        """Its steps in their order, with those of all of the repository's own actions in place of what uses them.

        Nothing says here what an action's inputs are.
        """
        return tuple(islice((inner for step in self.steps for inner in self._unfolded(step)), _MOST_STEPS))

    @cached_property
    def with_logins_opened(self) -> tuple[Step, ...]:
        """Its steps; for one that gives an action of the repository the token to log in only, the steps of that action.

        For one that gives such an action no token they are those that don't log in, which they do with another one then.
        As `all_steps` it has an end: actions in actions multiply.
        """
        opened = (self._opened(step) for step in self.steps)
        return tuple(islice((inner for steps in opened for inner in steps), _MOST_STEPS))

    def _opened(self, step: Step) -> Iterator[Step]:
        is_without = self._is_without_token(step)
        is_open = is_without or self.logins_by(step)
        for inner in self._unfolded(step) if is_open else (step,):
            if not (is_without and inner.uses_action(*LOGINS)):
                yield inner

    def _is_without_token(self, step: Step) -> bool:
        """Whether the repository's own action that a step uses is surely not given the token, and uses no other one of these.

        In a workflow that others call a secret may be the token.
        """
        action = self.action_of(step)
        if action is None or "workflow_call" in self.job.workflow.triggers or names_the_token(step):
            return False
        is_flat = not any(one.uses is not None and one.uses.is_local for one in action.steps)
        return is_flat and not is_given(action.text.content)

    def logins_by(self, step: Step) -> tuple[Step, ...]:
        """The logins of the repository's own action for which a step gives it the token, and for nothing else."""
        action = self.action_of(step)
        return logins_given(step, action) if action is not None else ()

    @cached_property
    def _logins(self) -> tuple[Step, ...]:
        return tuple(islice((login for step in self.steps for login in self.logins_by(step)), _MOST_STEPS))

    def logs_in_with_token(self, step: Step) -> bool:
        """Whether a step logs in to a registry with the token, that of an action with the one that it is given."""
        return is_login_with_token(step) or any(one.node is step.node for one in self._logins)

    def _unfolded(self, step: Step, within: tuple[CompositeAction, ...] = ()) -> Iterator[Step]:
        """The step itself; or those of the repository's own action that it uses, and of those in that."""
        action = self.action_of(step)
        if action is None or not action.steps or action in within or len(within) >= WITHIN:
            yield step
            return
        for inner in action.steps:
            bound = Step(inner.text, inner.node, step.index, step.job)
            yield from self._unfolded(bound, (*within, action))

    def before(self, step: Step) -> tuple[Step, ...]:
        """All steps ahead of one."""
        return self.all_steps[: self._place(step)]

    def after(self, step: Step) -> tuple[Step, ...]:
        """All steps that follow one."""
        return self.all_steps[self._place(step) + 1 :]

    def _place(self, step: Step) -> int:
        """Where a step is among all, the first time; ahead of all if it lies too deep.

        An action's own step is there as one of the job.
        """
        return next((at for at, one in enumerate(self.all_steps) if one.node is step.node), -1)

    def action_of(self, step: Step) -> CompositeAction | None:
        """The repository's own composite action that a step uses."""
        if step.uses is None or not step.uses.is_local:
            return None
        return self.actions.get(posixpath.normpath(step.uses.scalar.value))
