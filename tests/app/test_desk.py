"""What becomes of jobs before they are reviews, where the end-to-end tests don't reach."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest
from msgspec.structs import replace

from app.analysis import Analyst
from app.clerk import Clerk
from app.desk import Desk, Hand
from app.examine import Examiner, Pages
from app.fixing import Fixer
from app.github.errors import Unprocessable
from app.github.installations import Grants
from app.jobs import ALLOWED, DONE, Asked, Attempt, Job, Kind, Outcome, RetryLater, State
from tests.app import github_job, payloads, remembered
from tests.app.github_job import Ground, Stage, made
from tests.github import faults
from tests.github.state import IssueComment


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("desk")) as ground:
        yield ground
    ground.fake.check()


@dataclass
class Office:
    """A desk with what stands around it: a reviewer, and what the queue lends a running job."""

    it: Stage
    reviewed: list[Job] = field(default_factory=list)
    given_up: list[Job] = field(default_factory=list)
    handed: list[Job] = field(default_factory=list)
    ended: dict[float, int] = field(default_factory=dict)
    """By seconds: how many commands were carried out within them."""

    def __post_init__(self) -> None:
        self.desk = Desk(self.it.app, {Kind.REVIEW: Hand(self._review, self._gave_up)}, self._clerk())

    def _clerk(self) -> Clerk:
        grants = Grants(self.it.app)
        examiner = Examiner(self.it.app, cast("Analyst", None), Pages("1", "", ""))
        return Clerk(self.it.app, examiner.configs.enforced, Fixer(self.it.app, examiner, grants), "")

    async def _review(self, job: Job, _attempt: Attempt) -> Outcome:
        self.reviewed.append(job)
        return DONE

    async def _gave_up(self, job: Job, _reason: str) -> None:
        self.given_up.append(job)

    async def _superseded(self) -> bool:
        return False

    async def _hand_on(self, jobs: Sequence[Job]) -> None:
        self.handed += jobs

    async def _ended(self, outcome: Outcome, within: datetime.timedelta) -> int:
        assert outcome == ALLOWED
        return self.ended.get(within.total_seconds(), 0)

    def perform(self, job: Job, number: int = 1) -> Outcome:
        memory = remembered.memory(self.it.git_dir.parent / f"{self.it.owner}-memory")
        attempt = Attempt(number, self._superseded, self._hand_on, self._ended, memory)
        return asyncio.run(self.desk.perform(job, attempt))

    def give_up(self, job: Job) -> None:
        asyncio.run(self.desk.gave_up(job, "no luck"))


def job(it: Stage, asked: Asked | None = None, number: int = 7) -> Job:
    return replace(
        payloads.job(number),
        installation_id=it.installation.id,
        owner=it.owner,
        repository=it.repository.name,
        repository_id=it.repository.id,
        head_sha="" if asked else it.pull.head_sha,
        as_of=None,
        asked=asked,
    )


def comment(it: Stage, role: str = "write") -> tuple[Asked, IssueComment]:
    it.fake.set_permission(it.repository, "rosa", role)
    one = it.fake.comment(it.pull, "rosa", "/recheck")
    return Asked("recheck", one.id, "rosa"), one


def reactions(it: Stage, one: IssueComment) -> list[str]:
    return [content for *_, content in it.fake.hub.issue_comments[one.id].reactions]


def test_a_review_is_handed_to_the_reviewer(ground: Ground) -> None:
    office = Office(made(ground))
    asked = job(office.it)
    assert office.perform(asked) == DONE
    office.give_up(asked)
    assert (office.reviewed, office.given_up, office.handed) == ([asked], [asked], [])
    assert office.it.calls == []


def test_a_head_becomes_a_review_of_its_pull_request(ground: Ground) -> None:
    office = Office(made(ground))
    unknown = job(office.it, number=0)
    assert office.perform(unknown) == DONE
    assert office.handed == [replace(unknown, pull_number=7)]
    assert office.reviewed == []


def test_of_a_head_that_could_not_be_found_there_is_nothing_to_conclude(ground: Ground) -> None:
    office = Office(made(ground))
    office.give_up(job(office.it, number=0))
    assert (office.given_up, office.it.calls) == ([], [])


def test_a_command_becomes_a_review_of_the_head_that_is_there_then(ground: Ground) -> None:
    office = Office(made(ground))
    asked, one = comment(office.it)
    command = job(office.it, asked)
    assert office.perform(command) == ALLOWED
    assert office.handed == [replace(command, head_sha=office.it.pull.head_sha, asked=None)]
    assert office.handed[0].id != command.id
    assert reactions(office.it, one) == ["eyes"]


@pytest.mark.parametrize(
    ("ended", "taken"), [({}, True), ({3600: 9}, True), ({30: 1, 3600: 1}, False), ({3600: 10}, False)]
)
def test_once_in_half_a_minute_and_ten_times_an_hour(
    ground: Ground, ended: dict[float, int], taken: bool
) -> None:
    office = Office(made(ground), ended=ended)
    asked, one = comment(office.it)
    assert office.perform(job(office.it, asked)) == (ALLOWED if taken else DONE)
    assert reactions(office.it, one) == ["eyes" if taken else "confused"]
    assert len(office.handed) == taken


def test_a_command_that_failed_is_told_by_a_reaction(ground: Ground) -> None:
    office = Office(made(ground))
    asked, one = comment(office.it)
    office.give_up(job(office.it, asked))
    assert reactions(office.it, one) == ["confused"]


def test_a_deleted_comment_was_a_command_nevertheless(ground: Ground) -> None:
    office = Office(made(ground))
    asked, one = comment(office.it)
    del office.it.fake.hub.issue_comments[one.id]
    assert office.perform(job(office.it, asked)) == ALLOWED
    assert len(office.handed) == 1


def test_what_is_gone_or_unknown_fails(ground: Ground) -> None:
    office = Office(made(ground))
    asked, _ = comment(office.it)
    unknown = office.perform(job(office.it, replace(asked, command="teleport")))
    gone = office.perform(job(office.it, asked, number=99))
    assert [unknown.state, gone.state] == [State.FAILED] * 2
    assert office.handed == []


@pytest.mark.parametrize("number", [0, 7])
def test_a_rate_limit_parks(ground: Ground, number: int) -> None:
    office = Office(made(ground))
    asked = comment(office.it)[0] if number else None
    ground.fake.faults.on("GET", f"/repos/{office.it.repository.full_name}/*", 1, faults.secondary_limit(5))
    with pytest.raises(RetryLater):
        office.perform(job(office.it, asked, number))
    assert office.handed == []


@pytest.mark.parametrize(
    ("number", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (60, 32)], ids=lambda value: f"{value}"
)
def test_a_limit_of_which_github_does_not_say_how_long_is_waited_for_ever_longer(
    ground: Ground, number: int, minutes: int
) -> None:
    office = Office(made(ground))
    path = f"/repos/{office.it.repository.full_name}/*"
    waits = []
    for fault in (faults.secondary_limit(), faults.secondary_limit(90)):
        ground.fake.faults.on("GET", path, 1, fault)
        with pytest.raises(RetryLater) as raised:
            office.perform(job(office.it, number=0), number)
        waits.append((raised.value.not_before - datetime.datetime.now(datetime.UTC)).total_seconds())
    assert waits == [pytest.approx(60 * minutes, abs=20), pytest.approx(90, abs=20)]


REFUSED = [faults.unprocessable(), faults.missing(), faults.status(403, "Resource not accessible")]


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refusal_counts_when_it_comes_twice(ground: Ground, fault: faults.Fault) -> None:
    """GitHub may not know yet of a commit that was pushed a moment ago."""
    office = Office(made(ground))
    path = f"/repos/{office.it.repository.full_name}/commits/*/check-runs"
    unknown = job(office.it, number=0)
    ground.fake.faults.on("GET", path, 1, fault)
    assert office.perform(unknown) == DONE
    office.it.calls.clear()
    ground.fake.faults.on("GET", path, 1, fault, times=None)
    outcome = office.perform(unknown)
    assert outcome.state is State.FAILED
    assert "check-runs: 4" in outcome.reason
    assert len(office.it.calls) == 4, "two tokens, and the call twice"


def test_where_nobody_can_be_told_of_a_failure_that_is_the_end(ground: Ground) -> None:
    office = Office(made(ground))

    async def refused(_job: Job, _reason: str) -> None:
        office.given_up.append(_job)
        raise Unprocessable("no")

    office.desk = Desk(office.it.app, {Kind.REVIEW: Hand(office._review, refused)}, office._clerk())
    office.give_up(job(office.it))
    assert len(office.given_up) == 2


@pytest.mark.parametrize("fault", [faults.missing(), faults.status(403, "Must have push access")])
def test_an_answer_that_is_none_is_a_no(ground: Ground, fault: faults.Fault) -> None:
    office = Office(made(ground))
    asked, one = comment(office.it, "admin")
    ground.fake.faults.on("GET", f"/repos/{office.it.repository.full_name}/collaborators/*", 1, fault)
    assert office.perform(job(office.it, asked)) == DONE
    assert reactions(office.it, one) == ["confused"]
