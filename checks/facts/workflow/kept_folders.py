"""Folders that `actions/cache` keeps from run to run. https://github.com/actions/cache#inputs"""

from __future__ import annotations

from checks.facts.workflow.lists import items
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record

_RESTORES = ("actions/cache", "actions/cache/restore")
_SAVES = ("actions/cache", "actions/cache/save")


class Kept(Record, eq=False):
    """One step that restores or saves folders, as it is written."""

    step: Step
    paths: tuple[str, ...]
    key: str
    prefixes: tuple[str, ...]
    """`restore-keys`: what the key of an older cache may begin with."""

    def may_restore(self, other: Kept) -> bool:
        """Whether it restores what another step saves, as far as the keys are alike as written.

        A cache is found only by a step that names the same paths.
        """
        is_pair = self.step.uses_action(*_RESTORES) and other.step.uses_action(*_SAVES)
        is_found = bool(self.key) and other.key.startswith((self.key, *self.prefixes))
        return is_pair and is_found and self.paths == other.paths


def kept_in(job: Job) -> tuple[Kept, ...]:
    """The steps of a job that restore or save folders."""
    found = (step for step in job.steps if step.uses_action(*_RESTORES, *_SAVES))
    return tuple(
        Kept(step, _lines(step, "path"), next(iter(_lines(step, "key")), ""), _lines(step, "restore-keys"))
        for step in found
    )


def _lines(step: Step, name: str) -> tuple[str, ...]:
    written = step.input(name)
    return tuple(item.text for item in items(written, commas=False)) if written else ()
