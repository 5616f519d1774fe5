"""The scopes in which the texts of a step are filled in."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.leg_values import legs_of_step
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step


def scopes_of(step: Step, slug: str | None, handed: HandedIn | None = None) -> Iterator[Scope]:
    """One scope for each leg that the step runs in, legs that can't be known being one; then one with each leg's inputs.

    A step without inputs is always among them: other repositories may call with others than those `handed` in here.
    """
    found = legs_of_step(step)
    for leg in found:
        yield Scope(step, leg, slug)
    if handed is not None and handed.events_of(step):
        for leg in found:
            yield Scope(step, leg, slug, handed)
