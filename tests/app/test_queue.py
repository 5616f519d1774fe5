"""The queue's promises, on SQLite in one process; test_recovery.py kills processes."""

from __future__ import annotations

import asyncio
import datetime
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.jobs import (
    ALLOWED,
    DONE,
    Accepted,
    Attempt,
    GaveUp,
    Job,
    Outcome,
    Perform,
    QueueFull,
    RetryLater,
    State,
)
from app.limits import Limits
from app.metrics import Metrics
from app.queue import Queue
from app.statedir import database_url
from tests.app.payloads import job

QUICK = Limits(workers=3, poll=0.02, tries=2, first_wait=0.01, beat=0.05, grace=5)
TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"


class Worker:
    """What the queue calls: notes each call, and holds it until it is let go."""

    def __init__(self, *, held: bool = False) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.superseded: dict[str, bool] = {}
        self.raises: dict[str, list[Exception]] = {}
        self.most = 0
        self.go = asyncio.Event()
        if not held:
            self.go.set()

    async def __call__(self, job: Job, attempt: Attempt) -> Outcome:
        name = f"{job.pull_number}{job.head_sha[0]}{attempt.number}"
        self.begun.append(name)
        self.most = max(self.most, len(self.begun) - len(self.ended))
        try:
            await self.go.wait()
            self.superseded[name] = await attempt.superseded()
            if self.raises.get(job.delivery):
                raise self.raises[job.delivery].pop(0)
        finally:
            self.ended.append(name)
        return DONE


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables: making it takes a second, which a copy does not."""
    folder = tmp_path_factory.mktemp("empty")

    async def make() -> None:
        queue = Queue(database_url(folder), Worker(), Metrics(), QUICK)
        await queue.start()
        await queue.stop()

    asyncio.run(make())
    return folder / "tidewaiter.db"


@pytest.fixture
def url(empty: Path, tmp_path: Path) -> str:
    shutil.copy(empty, tmp_path)
    return database_url(tmp_path)


@asynccontextmanager
async def started(url: str, perform: Perform, limits: Limits = QUICK, metrics: Metrics | None = None,
                  reconcile: Callable[[], Awaitable[None]] | None = None,
                  gave_up: GaveUp | None = None) -> AsyncIterator[Queue]:  # fmt: skip
    queue = Queue(url, perform, metrics or Metrics(), limits, gave_up)
    try:
        await queue.start(reconcile)
        yield queue
    finally:
        await queue.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        for _ in iter(true, True):
            await asyncio.sleep(0.01)


async def settled(queue: Queue, *deliveries: str) -> list[State]:
    """The states of deliveries' jobs, once all of them are over."""
    async with asyncio.timeout(10):
        while True:
            found = [each for one in deliveries for each, _ in (await queue.of_delivery(one)).values()]
            if not {State.QUEUED, State.RUNNING} & set(found):
                return found
            await asyncio.sleep(0.01)


async def accept(queue: Queue, *jobs: Job) -> list[Accepted]:
    return [await queue.accept(each.delivery, [each]) for each in jobs]


def test_a_repeat_changes_nothing(url: str) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        async with started(url, worker) as queue:
            assert await accept(queue, job(), job()) == [Accepted.QUEUED, Accepted.REPEATED]
            await until(lambda: worker.begun == ["1a1"])
            assert await accept(queue, job()) == [Accepted.REPEATED]
            worker.go.set()
            assert await settled(queue, job().delivery) == [State.DONE]
            assert await accept(queue, job()) == [Accepted.REPEATED]
            # Time for what must not happen: several looks for work.
            await asyncio.sleep(0.1)
            assert worker.begun == ["1a1"]

    asyncio.run(scenario())


def test_a_delivery_without_jobs_is_nothing(url: str) -> None:
    async def scenario() -> None:
        async with started(url, Worker()) as queue:
            assert await queue.accept("guid", []) is Accepted.NOTHING

    asyncio.run(scenario())


def test_of_a_failed_delivery_what_failed_runs_again(url: str) -> None:
    async def scenario() -> None:
        worker = Worker()
        good, bad = job(1, delivery="guid"), job(2, delivery="guid")

        async def perform(job: Job, attempt: Attempt) -> Outcome:
            await worker(job, attempt)
            return Outcome.failed("no") if job.pull_number == 2 and attempt.number == 1 else DONE

        async with started(url, perform) as queue:
            assert await queue.accept("guid", [good, bad]) is Accepted.QUEUED
            assert sorted(await settled(queue, "guid")) == [State.DONE, State.FAILED]
            assert (await queue.of_delivery("guid"))[bad.id] == (State.FAILED, "no")
            assert await queue.accept("guid", [good, bad]) is Accepted.AGAIN
            assert await settled(queue, "guid") == [State.DONE, State.DONE]
            assert sorted(worker.begun) == ["1a1", "2a1", "2a2"]

    asyncio.run(scenario())


def test_one_review_at_a_time_of_a_pull_request_and_several_of_others(url: str) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        async with started(url, worker) as queue:
            await accept(queue, job(1))
            await until(lambda: worker.begun == ["1a1"])
            # The same head again, as after a changed base: a delivery of its own that has to wait.
            await accept(queue, job(1, minute=1), *(job(number) for number in (2, 3, 4)))
            await until(lambda: len(worker.begun) == QUICK.workers)
            await asyncio.sleep(0.1)
            assert "1a1" in worker.begun
            assert worker.begun.count("1a1") == 1
            worker.go.set()
            await settled(queue, "1-a-0", "1-a-1", "2-a-0", "3-a-0", "4-a-0")
            assert sorted(worker.begun) == ["1a1", "1a1", "2a1", "3a1", "4a1"]
            assert worker.most == QUICK.workers

    asyncio.run(scenario())


def test_a_newer_head_supersedes_what_waits_and_tells_what_runs(url: str) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        async with started(url, worker) as queue:
            await accept(queue, job(1, "a", 0))
            await until(lambda: worker.begun == ["1a1"])
            await accept(queue, job(1, "b", 1), job(1, "c", 2))
            assert await settled(queue, "1-b-1") == [State.SUPERSEDED]
            worker.go.set()
            await settled(queue, "1-a-0", "1-c-2")
            assert worker.begun == ["1a1", "1c1"]
            assert worker.superseded == {"1a1": True, "1c1": False}

    asyncio.run(scenario())


def test_a_late_delivery_of_an_older_head_supersedes_nothing(url: str) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        async with started(url, worker) as queue:
            await accept(queue, job(1, "b", 5))
            await until(lambda: worker.begun == ["1b1"])
            await accept(queue, job(1, "a", 4))
            worker.go.set()
            assert await settled(queue, "1-b-5", "1-a-4") == [State.DONE, State.SUPERSEDED]
            assert worker.superseded == {"1b1": False}

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [ValueError(f"401 for {TOKEN}"), asyncio.CancelledError()])
def test_what_raises_is_tried_again_then_fails(url: str, tmp_path: Path, error: BaseException) -> None:
    async def scenario() -> None:
        metrics = Metrics()
        tries = []

        async def perform(_job: Job, attempt: Attempt) -> Outcome:
            tries.append(attempt.number)
            raise error

        async with started(url, perform, metrics=metrics) as queue:
            await accept(queue, job())
            assert await settled(queue, "1-a-0") == [State.FAILED]
            ((_, reason),) = (await queue.of_delivery("1-a-0")).values()
        assert tries == [1, 1]
        assert reason in {"ValueError: 401 for [redacted]", "RuntimeError: what it awaited was cancelled"}
        assert metrics.registry.get_sample_value("tidewaiter_jobs_total", {"outcome": "failed"}) == 1

    asyncio.run(scenario())
    with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
        assert TOKEN not in "\n".join(database.iterdump())


def test_that_a_job_failed_is_told_before_it_is_over(url: str) -> None:
    async def scenario() -> None:
        told: list[str] = []
        worker = Worker()
        worker.raises["1-a-0"] = [OSError("one"), OSError("two")]

        async def gave_up(job: Job, reason: str) -> None:
            told.append(f"{job.pull_number}: {reason}")
            if len(told) == 1:
                raise OSError("not now")

        async with started(url, worker, gave_up=gave_up) as queue:
            await accept(queue, job())
            assert await settled(queue, "1-a-0") == [State.FAILED]
            assert told == ["1: OSError: two"] * 2

    asyncio.run(scenario())


def test_a_hopeless_job_is_not_tried_but_told(url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        told: list[str] = []
        worker = Worker()

        async def gave_up(_job: Job, reason: str) -> None:
            told.append(reason)

        limits = Limits(workers=1, poll=0.02)
        async with started(url, worker, limits, gave_up=gave_up) as queue:
            worker.go.clear()
            await accept(queue, job(1))
            await until(lambda: worker.begun == ["1a1"])
            await accept(queue, job(2))
            with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
                database.execute("update tidewaiter_job set starts = 5 where subject = '70/2'")
            worker.go.set()
            assert await settled(queue, "1-a-0", "2-a-0") == [State.DONE, State.FAILED]
            assert worker.begun == ["1a1"]
            assert told == ["began too often and never came to an end"]

    asyncio.run(scenario())


def test_a_job_that_hangs_is_cancelled_and_fails(url: str) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        limits = Limits(poll=0.02, tries=2, first_wait=0.01, longest=0.05)
        async with started(url, worker, limits) as queue:
            await accept(queue, job())
            assert await settled(queue, "1-a-0") == [State.FAILED]
            assert worker.ended == ["1a1", "1a1"]

    asyncio.run(scenario())


def test_a_failure_that_passes_is_forgotten(url: str) -> None:
    async def scenario() -> None:
        worker = Worker()
        worker.raises["1-a-0"] = [OSError("reset")]
        async with started(url, worker) as queue:
            await accept(queue, job())
            assert await settled(queue, "1-a-0") == [State.DONE]
            assert worker.begun == ["1a1", "1a1"]

    asyncio.run(scenario())


def test_a_rate_limit_parks_the_job_and_frees_its_worker(url: str) -> None:
    async def scenario() -> None:
        worker = Worker()
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
        worker.raises["1-a-0"] = [RetryLater(later, "secondary rate limit")]
        limits = Limits(workers=1, poll=0.02)
        async with started(url, worker, limits) as queue:
            await accept(queue, job(1))
            await until(lambda: worker.ended == ["1a1"])
            await accept(queue, job(2))
            await settled(queue, "2-a-0")
            assert (await queue.of_delivery("1-a-0"))[job().id] == (State.QUEUED, "secondary rate limit")
            assert await settled(queue, "1-a-0") == [State.DONE]
            assert datetime.datetime.now(datetime.UTC) >= later
            assert worker.begun == ["1a1", "2a1", "1a2"]

    asyncio.run(scenario())


def test_the_queue_is_only_so_long(url: str) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        limits = Limits(workers=1, poll=0.02, most_open=2)
        async with started(url, worker, limits) as queue:
            await accept(queue, job(1), job(2))
            with pytest.raises(QueueFull):
                await accept(queue, job(3))
            assert await accept(queue, job(1)) == [Accepted.REPEATED]
            assert await queue.of_delivery("3-a-0") == {}
            worker.go.set()
            await settled(queue, "1-a-0", "2-a-0")
            assert await accept(queue, job(3)) == [Accepted.QUEUED]

    asyncio.run(scenario())


def test_reconcile_runs_at_start_and_goes_on_when_it_fails(url: str) -> None:
    async def scenario() -> None:
        calls: list[int] = []
        metrics = Metrics()

        async def reconcile() -> None:
            calls.append(1)
            if len(calls) == 1:
                raise OSError("unreachable")

        limits = Limits(poll=0.02, reconcile_every=0.02)
        async with started(url, Worker(), limits, metrics, reconcile):
            await until(lambda: len(calls) == 2)
        labels = {"what": "reconcile"}
        assert metrics.registry.get_sample_value("tidewaiter_upkeep_failures_total", labels) == 1

    asyncio.run(scenario())


def test_what_ended_outside_of_a_job_fails_its_job(url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        async with started(url, worker) as queue:
            await accept(queue, job())
            await until(lambda: worker.begun == ["1a1"])
            with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
                database.execute("update workflow_status set status = 'CANCELLED' where queue_name = 'jobs'")
            assert await settled(queue, "1-a-0") == [State.FAILED]
            worker.go.set()

    asyncio.run(scenario())


def test_old_jobs_are_forgotten_and_workflows_too(url: str, tmp_path: Path) -> None:
    def kept() -> tuple[int, int]:
        with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
            jobs = database.execute("select id from tidewaiter_job").fetchall()
            return len(jobs), len(database.execute("select status from workflow_status").fetchall())

    async def scenario() -> None:
        worker = Worker()
        async with started(url, worker) as queue:
            await accept(queue, job(1))
            await settled(queue, "1-a-0")
        worker.go.clear()
        with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
            database.execute("update workflow_status set completed_at = 1 where status = 'SUCCESS'")
            database.execute("update tidewaiter_job set changed_at = changed_at - 15 * 86400")
        async with started(url, worker) as queue:
            await accept(queue, job(2))
            await until(lambda: kept() == (1, 1))
            worker.go.set()
            assert await settled(queue, "2-a-0") == [State.DONE]

    asyncio.run(scenario())


def test_a_running_job_is_let_finish(url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        worker = Worker(held=True)
        async with started(url, worker) as queue:
            await accept(queue, job())
            await until(lambda: worker.begun == ["1a1"])
            asyncio.get_running_loop().call_later(0.1, worker.go.set)
        assert worker.ended == ["1a1"]

    asyncio.run(scenario())
    with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
        assert database.execute("select state, starts from tidewaiter_job").fetchall() == [("done", 1)]
        assert database.execute("select status from workflow_status").fetchall() == [("SUCCESS",)]


def test_readers_do_not_keep_a_delivery_waiting(url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with started(url, Worker()) as queue:
            with sqlite3.connect(tmp_path / "tidewaiter.db") as reader:
                reader.execute("begin")
                reader.execute("select * from tidewaiter_job").fetchall()
                async with asyncio.timeout(5):
                    assert await accept(queue, job()) == [Accepted.QUEUED]

    asyncio.run(scenario())


def test_a_job_may_come_to_others_which_are_done_then(url: str) -> None:
    asked = replace(job(0, delivery="guid"), as_of=None)
    reviewed: list[int] = []
    counted: list[int] = []

    async def perform(job: Job, attempt: Attempt) -> Outcome:
        if job.pull_number:
            reviewed.append(job.pull_number)
            return DONE
        counted.append(await attempt.ended(ALLOWED, datetime.timedelta(seconds=30)))
        await attempt.hand_on([replace(job, pull_number=number) for number in (1, 2)])
        if attempt.number == 1:
            raise RetryLater(datetime.datetime.now(datetime.UTC), "rate limit")
        return ALLOWED

    async def scenario() -> None:
        async with started(url, perform) as queue:
            await accept(queue, asked)
            await until(lambda: sorted(reviewed) == [1, 2])
            assert await settled(queue, "guid") == [State.DONE] * 3
            assert (await queue.of_delivery("guid"))[asked.id] == (State.DONE, "allowed")
            await accept(queue, replace(asked, delivery="again"))
            assert await settled(queue, "again") == [State.DONE] * 3
        assert reviewed.count(1) == reviewed.count(2) == 2
        assert counted == [0, 0, 1, 1]

    asyncio.run(scenario())


def test_not_ready_once_stopped(url: str) -> None:
    async def scenario() -> None:
        async with started(url, Worker()) as queue:
            assert await queue.ready()
        assert not await queue.ready()

    asyncio.run(scenario())
