"""Uses of actions that are to move, for the tests of what newer releases change."""

from __future__ import annotations

from checks.facts.upgrade.all_changes import questions
from checks.facts.upgrade.upgrades import Upgrade
from tests.checks.workflow import job


def move(uses: str, inputs: str) -> Upgrade:
    """The move of the action of a job's only step, from its inputs: a mapping in braces, an entry, or nothing."""
    written = inputs if inputs.startswith("{") else f"\n          {inputs}"
    (step,) = job(f"steps:\n  - uses: {uses}\n" + (f"    with: {written}\n" if inputs else "")).steps
    assert step.uses
    return Upgrade(step.uses, step)


def check_questions(upgrade: Upgrade, expected: list[str]) -> None:
    """Fails unless each question before a move has its part of what is expected, in this order."""
    asked = list(questions(upgrade))
    assert len(asked) == len(expected), asked
    for one, part in zip(asked, expected, strict=True):
        assert part in one
