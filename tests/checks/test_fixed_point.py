"""Applying fixes ends: after a few rounds nothing is left to apply."""

from __future__ import annotations

import pytest

from app.local import MAX_ROUNDS
from checks.catalogue import catalogue
from checks.check import Applicability, CheckModule, Example, Repository, files_of
from checks.engine import Choices, Review, fixable, review
from checks.source.snapshot import Snapshot

MODULES = catalogue()
EXAMPLES = [
    pytest.param(module, example, id=f"{module.check.id}: {example.title}")
    for module in MODULES
    for example in module.check.examples
    if example.fragments
]


def after_a_round(repo: Repository, allowed: frozenset[Applicability]) -> Repository | None:
    """The repository with all fixes of one run applied; None if there is none to apply."""
    outcome = review(repo, None, MODULES)
    assert not outcome.crashed
    chosen = fixable(repo, MODULES, Choices(), outcome.new, allowed)
    return repo.edited([edit for fix in chosen for edit in fix.edits]) if chosen else None


def what_is_left(outcome: Review) -> tuple[int, int]:
    """How many findings of checks that follow no other, and how many of the rest."""
    followers = sum(bool(found.check.follows) for found in outcome.findings)
    return len(outcome.findings) - followers, followers


@pytest.mark.parametrize(
    "allowed",
    [frozenset({Applicability.SAFE}), frozenset({Applicability.SAFE, Applicability.UNSAFE})],
    ids=["safe", "unsafe too"],
)
@pytest.mark.parametrize(("module", "example"), EXAMPLES)
def test_fixes_of_an_example_come_to_an_end(
    module: CheckModule, example: Example, allowed: frozenset[Applicability]
) -> None:
    """And each round leaves fewer findings, no unreadable file, and none of what it fixed.

    What comes next on the way that a fix opens counts less than what was there.
    """
    repo = Repository(Snapshot.of(files_of(example.files), example.paths), example.outside)
    rounds = 0
    before = what_is_left(review(repo, None, MODULES))
    while (following := after_a_round(repo, allowed)) is not None:
        outcome = review(following, None, MODULES)
        assert not outcome.unreadable
        assert what_is_left(outcome) < before
        repo, before, rounds = following, what_is_left(outcome), rounds + 1
        assert rounds <= MAX_ROUNDS, module.check.id
