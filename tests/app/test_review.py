"""A review that is no longer worth its end, and one that could not be made."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import pytest
from msgspec.structs import replace

from app.analysis import AnalysisFailed, Analyst
from app.examine import Examiner, Pages
from app.github.installations import Grants
from app.jobs import SUPERSEDED, Attempt, Job, Outcome, State
from app.review import Reviewer
from tests.app import github_job, payloads, remembered
from tests.app.github_job import PATH, Ground, Stage, loud, made, only_run


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("review")) as ground:
        yield ground
    ground.fake.check()


class NoAnalyst:
    """Where an analysis would begin."""

    async def named(self, _snapshots: object) -> frozenset[str]:
        return frozenset()

    async def uses(self, _snapshot: object) -> frozenset[tuple[str, str]]:
        return frozenset()

    async def analyse(self, _task: object) -> None:
        raise AnalysisFailed("it was begun")


@dataclass
class Reviewing:
    """A review of the head, up to its analysis."""

    it: Stage
    newer: str = ""
    """A workflow that is pushed while the head is fetched; the queue hears of it."""

    def __post_init__(self) -> None:
        examiner = Examiner(self.it.app, cast("Analyst", NoAnalyst()), Pages("1", "", ""))
        self.reviewer = Reviewer(examiner, Grants(self.it.app))
        self.job = replace(
            payloads.job(7),
            installation_id=self.it.installation.id,
            owner=self.it.owner,
            repository=self.it.repository.name,
            repository_id=self.it.repository.id,
            head_sha=self.it.pull.head_sha,
        )

    async def _superseded(self) -> bool:
        if self.newer:
            self.it.push({PATH: self.newer})
        return True

    async def _hand_on(self, _jobs: Sequence[Job]) -> None:
        raise AssertionError("nothing is handed on")

    async def _ended(self, _outcome: Outcome, _within: datetime.timedelta) -> int:
        return 0

    def outcome(self) -> Outcome:
        memory = remembered.memory(self.it.git_dir.parent / f"{self.it.owner}-memory")
        attempt = Attempt(1, self._superseded, self._hand_on, self._ended, memory)
        return asyncio.run(self.reviewer.perform(self.job, attempt))


def test_a_head_that_is_overtaken_while_it_is_fetched_is_not_analysed(ground: Ground) -> None:
    reviewing = Reviewing(made(ground), loud(4))
    assert reviewing.outcome() == SUPERSEDED
    run = only_run(reviewing.it)
    assert (run.head_sha, run.conclusion) == (reviewing.job.head_sha, "cancelled")


def test_what_the_queue_takes_for_newer_and_github_does_not_stops_no_review(ground: Ground) -> None:
    """A push that was taken back with force."""
    assert Reviewing(made(ground)).outcome() == Outcome(State.FAILED, "it was begun")
