"""Inputs of reusable workflows and composite actions, as far as all their callers in the repository agree on them.

https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows and
https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
"""

from __future__ import annotations

from functools import cached_property

from checks.facts.value import Value
from checks.facts.workflow.conditions import WHATEVER_COMES, Given, may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.source.evaluation import known


class HandedIn(Record, dict=True):
    """What each caller in the repository hands over, the same by all.

    Other repositories may call, too, with other values: what holds with these holds for some runs, never for all.
    """

    values: tuple[tuple[str, Value], ...]
    """By name in lower case; inputs that a caller hands over otherwise, or that are not known, are left out."""
    booleans: frozenset[str]
    """Those that are of the type `boolean`, which in a condition are no texts."""
    events: tuple[Event, ...]
    """For which the callers run."""

    @cached_property
    def _by_name(self) -> dict[str, Value]:
        return dict(self.values)

    def value(self, name: str) -> Value | None:
        """What an input comes to in a text; None where that is not known, or nothing, which often means a default."""
        found = self._by_name.get(name)
        return found if found is not None and found.parts else None

    @cached_property
    def given(self) -> Given:
        """The inputs whose texts are known, for conditions and other expressions."""
        return {
            ("inputs", name): known(text == "true" if name in self.booleans else text)
            for name, value in self.values
            if (text := value.literal) is not None
        }

    def may_reach(self, part: Job | Step) -> bool:
        """Whether a job or a step of the called file may run for one of the events with these inputs, whatever fails before."""
        job = part if isinstance(part, Job) else part.job
        written = (job.condition if job else None, part.condition)
        given = {**WHATEVER_COMES, **self.given}
        conditions = [one.value for one in written if one is not None and one.value.strip()]
        return any(all(may_hold(one, event, given) for one in conditions) for event in self.events)

    def events_of(self, step: Step) -> tuple[Event, ...]:
        """The callers' events for which a step of the called file may run with these inputs."""
        written = (step.job.condition if step.job else None, step.condition)
        conditions = [one.value for one in written if one is not None]
        return tuple(
            event for event in self.events if all(may_hold(one, event, self.given) for one in conditions)
        )
