"""Whatever interrupts a job, the next attempt leads to the same end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from app.github.errors import RateLimited, Unavailable
from tests.app import github_job
from tests.app.github_job import PATH, WORKFLOW, Ground, again, made, only_run
from tests.github import faults
from tests.github.endstate import EndState


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("git")) as made:
        yield made


WRITES = (
    ("POST", "*/check-runs"),
    ("POST", "*/reviews"),
    ("POST", "*/code-scanning/sarifs"),
    ("PATCH", "*/check-runs/*"),
)
READS = (
    ("GET", "*/pulls/7"),
    ("GET", "*/pulls/7/comments"),
    ("GET", "*/compare/*"),
    ("GET", "*/git/trees/*"),
    ("POST", "/graphql"),
    ("POST", "*/access_tokens"),
)
FAULTS = {
    "before": faults.bad_gateway(),
    "answer lost": faults.answer_lost(),
    "reset": faults.connection_reset(),
    "reset after": faults.connection_reset(after=True),
    "secondary limit": faults.secondary_limit(),
}
CASES = [
    *((*step, fault) for step in WRITES for fault in FAULTS),
    *((*step, fault) for step in READS for fault in ("reset", "secondary limit")),
]


def same(one: EndState, other: EndState) -> bool:
    """Whether two pull requests look the same, uploads to code scanning counted once."""
    return (one.check_runs, set(one.review_comments), one.comments) == (
        other.check_runs, set(other.review_comments), other.comments,
    ) and set(map(repr, one.sarifs)) >= set(map(repr, other.sarifs))  # fmt: skip


@pytest.fixture(scope="module")
def calm(ground: Ground) -> EndState:
    """What it comes to when nothing goes wrong."""
    it = made(ground)
    asyncio.run(it.job("job"))
    return it.fake.state(it.pull)


@pytest.mark.parametrize(("method", "path", "fault"), CASES)
def test_one_fault_anywhere_leads_to_the_same_end(
    ground: Ground, calm: EndState, method: str, path: str, fault: str
) -> None:
    it = made(ground)
    it.fake.faults.on(method, path, kind=FAULTS[fault])
    asyncio.run(again(it))
    if (method, path) != ("POST", "*/code-scanning/sarifs"):
        assert same(it.fake.state(it.pull), calm)
    assert [run.status for run in it.check_runs()] == ["completed"]
    assert len(it.fake.review_comments(it.pull)) == 2


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("call", range(14))
def test_a_process_that_dies_before_any_call_is_made_good_by_the_next(ground: Ground, call: int) -> None:
    it = made(ground)

    def die(_method: str, _path: str, _status: int) -> None:
        if len(it.calls) == call:
            it.calls.append(("", "", 0))
            raise Killed
        it.calls.append((_method, _path, _status))

    it.app.count = die
    try:
        asyncio.run(it.job("job"))
    except Killed:
        it.app.count = lambda _method, _path, _status: None
        asyncio.run(it.job("job"))
    run = only_run(it)
    assert (run.conclusion, len(run.annotations)) == ("success", 2)
    assert len(it.fake.review_comments(it.pull)) == 2
    assert len({one.ref for one in it.sarifs()}) == 1


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_lost_answer_to_a_batch_of_annotations_doubles_none(ground: Ground, nth: int) -> None:
    it = made(ground)
    it.push({PATH: WORKFLOW.replace("quiet", "LOUD") + "  more:\n    runs-on: LOUD\n" * 60})
    it.fake.faults.on("PATCH", "*/check-runs/*", nth=nth, kind=faults.answer_lost())
    asyncio.run(it.job())
    run = only_run(it)
    assert (run.conclusion, len(run.annotations)) == ("success", 120)
    assert len({one.start_line for one in run.annotations}) == 120


def test_an_attempt_that_follows_adds_only_the_annotations_that_are_missing(ground: Ground) -> None:
    it = made(ground)
    it.push({PATH: WORKFLOW.replace("quiet", "LOUD") + "  more:\n    runs-on: LOUD\n" * 60})
    it.fake.faults.on("PATCH", "*/check-runs/*", nth=2, kind=faults.secondary_limit())
    with pytest.raises(RateLimited):
        asyncio.run(it.job("job"))
    assert len(only_run(it).annotations) == 50
    asyncio.run(it.job("job"))
    run = only_run(it)
    assert (run.conclusion, len(run.annotations)) == ("success", 120)
    assert len({one.start_line for one in run.annotations}) == 120


def test_a_rate_limit_parks_the_job_and_its_successor_finishes_the_same_run(ground: Ground) -> None:
    it = made(ground)
    it.fake.faults.on("POST", "*/reviews", kind=faults.secondary_limit(90))
    with pytest.raises(RateLimited):
        asyncio.run(it.job("job"))
    assert only_run(it).status == "in_progress"
    asyncio.run(it.job("job"))
    assert only_run(it).conclusion == "success"
    assert len(it.fake.review_comments(it.pull)) == 2


def test_a_run_that_another_job_left_behind_is_taken_up(ground: Ground) -> None:
    it = made(ground)
    it.fake.faults.on("GET", "*/git/trees/*", kind=faults.bad_gateway(), times=3)
    with pytest.raises(Unavailable):
        asyncio.run(it.job("one"))
    asyncio.run(it.job("two"))
    assert only_run(it).conclusion == "success"
