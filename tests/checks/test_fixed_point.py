"""Applying fixes ends: after a few rounds nothing is left to apply."""

from __future__ import annotations

import pytest

from app.local import MAX_ROUNDS
from checks.catalogue import catalogue
from checks.check import Applicability, CheckModule, Example, Repository, files_of
from checks.engine import Choices, fixable, review
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


@pytest.mark.parametrize(
    "allowed",
    [frozenset({Applicability.SAFE}), frozenset({Applicability.SAFE, Applicability.UNSAFE})],
    ids=["safe", "unsafe too"],
)
@pytest.mark.parametrize(("module", "example"), EXAMPLES)
def test_fixes_of_an_example_come_to_an_end(
    module: CheckModule, example: Example, allowed: frozenset[Applicability]
) -> None:
    """And each round leaves fewer findings, no unreadable file, and none of what it fixed."""
    repo = Repository(Snapshot.of(files_of(example.files), example.paths), example.outside)
    rounds = 0
    before = len(review(repo, None, MODULES).findings)
    while (following := after_a_round(repo, allowed)) is not None:
        outcome = review(following, None, MODULES)
        assert not outcome.unreadable
        assert len(outcome.findings) < before
        repo, before, rounds = following, len(outcome.findings), rounds + 1
        assert rounds <= MAX_ROUNDS, module.check.id
