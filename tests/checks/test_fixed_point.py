"""Applying fixes ends: after a few rounds nothing is left to apply."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

from app.local import MAX_ROUNDS
from checks.catalogue import catalogue
from checks.check import Applicability, Check, CheckModule, Example, Repository, files_of
from checks.engine import Choices, Review, fixable, review
from checks.source.snapshot import Snapshot

MODULES = catalogue()
EXAMPLES = [
    pytest.param(module, example, id=f"{module.check.id}: {example.title}")
    for module in MODULES
    for example in module.check.examples
    if example.fragments
]


def repository_of(example: Example) -> Repository:
    return Repository(Snapshot.of(files_of(example.files), example.paths), example.outside)


@lru_cache(maxsize=1)
def at_first(example: Example) -> tuple[Repository, Review]:
    """An example as it stands, with what is told of it, for each of the cases that begin with it."""
    return reviewed(repository_of(example))


def reviewed(repo: Repository) -> tuple[Repository, Review]:
    outcome = review(repo, None, MODULES)
    assert not outcome.crashed
    return repo, outcome


def after_a_round(
    repo: Repository, outcome: Review, allowed: frozenset[Applicability]
) -> tuple[Repository, Review] | None:
    """The repository with all fixes of what is told of it applied, reviewed; None if there is none to apply."""
    chosen = fixable(repo, MODULES, Choices(), outcome.new, allowed)
    return reviewed(repo.edited([edit for fix in chosen for edit in fix.edits])) if chosen else None


def steps_before(check: Check) -> int:
    """How many checks lie on the longest way of fixes that leads to the finding of a check."""
    ahead = (BY_ID[one] for one in check.follows)
    return max((1 + steps_before(one) for one in ahead), default=0)


def what_is_left(outcome: Review) -> tuple[int, ...]:
    """How many findings of checks that follow no other, how many of those that follow these, and so on."""
    depths = Counter(DEPTHS[found.check.id] for found in outcome.findings)
    return tuple(depths[depth] for depth in range(max(DEPTHS.values()) + 1))


BY_ID = {module.check.id: module.check for module in MODULES}
DEPTHS = {one: steps_before(check) for one, check in BY_ID.items()}


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
    repo, outcome = at_first(example)
    rounds = 0
    while (following := after_a_round(repo, outcome, allowed)) is not None:
        before = what_is_left(outcome)
        repo, outcome = following
        assert not outcome.unreadable
        assert what_is_left(outcome) < before
        rounds += 1
        assert rounds <= MAX_ROUNDS, module.check.id
