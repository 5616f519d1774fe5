"""Whether code of others runs on the runner of a job, which finds the token there, and whether it may be other code tomorrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.token.programs import runs_code_of_others
from checks.facts.workflow.stakes import GITHUBS
from checks.facts.workflow.workflows import Step


def runs_foreign_code(steps: Iterable[Step]) -> bool:
    """Whether code of others may run on the runner: an action that is not GitHub's, or a project's own build."""
    return any(_foreign(steps))


def runs_moving_code(steps: Iterable[Step]) -> bool:
    """Whether some of that may be other code on the next run: not pinned to a commit, or installed or built."""
    return any(step.uses is None or not step.uses.is_commit for step in _foreign(steps))


def _foreign(steps: Iterable[Step]) -> Iterator[Step]:
    return (
        step
        for step in steps
        if (step.uses.owner.lower() not in GITHUBS if step.uses else runs_code_of_others(step))
    )
