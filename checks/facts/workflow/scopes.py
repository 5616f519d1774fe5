"""The scopes in which the texts of a step are filled in."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step


def scopes_of(step: Step, slug: str | None, handed: HandedIn | None = None) -> Iterator[Scope]:
    """One scope for each leg of the step's job, legs that can't be known being one; then one with each leg's inputs.

    A step without inputs is always among them: other repositories may call with others than those `handed` in here.
    """
    found = (legs(step.job) or ({},)) if step.job else ({},)
    for leg in found:
        yield Scope(step, leg, slug)
    if handed is not None and handed.events_of(step):
        for leg in found:
            yield Scope(step, leg, slug, handed)
