"""What the engine wrote down wrongly, or could not write down: the job ends all the same. And what need not begin."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from dbos import DBOS
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError

from app.jobs import State
from app.metrics import Metrics
from tests.app.payloads import job
from tests.app.test_queue import QUICK, Worker, accept, empty, settled, started, until, url

__all__ = ["empty", "url"]
IMPATIENT = replace(QUICK, dead_after=0.3)


def written(url: str, what: str, *values: object) -> list[tuple[object, ...]]:
    with closing(
        sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10, isolation_level=None)
    ) as database:
        return database.execute(what, values).fetchall()


def behind(url: str, broken: Callable[[str], None]) -> tuple[list[State], Worker]:
    """What becomes of a job that waits behind another of its pull request when its workflow is broken meanwhile."""
    worker = Worker(held=True)

    async def scenario() -> list[State]:
        async with started(url, worker, IMPATIENT) as queue:
            await accept(queue, job(1, "a"))
            await until(lambda: worker.begun == ["1a1"])
            await accept(queue, job(1, "b", 1))
            await asyncio.to_thread(broken, f"{job(1, 'b', 1).id}#1")
            worker.go.set()
            return await settled(queue, "1-a-0", "1-b-1")

    return asyncio.run(scenario()), worker


def test_a_workflow_that_ended_with_an_error_of_the_engine_begins_again(url: str) -> None:
    def fail(workflow: str) -> None:
        written(
            url,
            "update workflow_status set status = 'ERROR', queue_name = null where workflow_uuid = ?",
            workflow,
        )

    states, worker = behind(url, fail)
    assert states == [State.DONE, State.DONE]
    assert worker.begun == ["1a1", "1b2"]


@pytest.mark.parametrize("status", ["CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])
def test_one_that_somebody_ended_fails(url: str, status: str) -> None:
    def end(workflow: str) -> None:
        written(
            url,
            "update workflow_status set status = ?, queue_name = null where workflow_uuid = ?",
            status,
            workflow,
        )

    states, worker = behind(url, end)
    assert states == [State.DONE, State.FAILED]
    assert worker.begun == ["1a1"]
    ((reason,),) = written(url, "select reason from tidewaiter_job where delivery = '1-b-1'")
    assert reason == f"its workflow ended as {status}"


def test_one_that_ended_and_could_not_be_written_down_begins_again(url: str) -> None:
    """For the database it runs, in this process; here it does not."""

    def strand(workflow: str) -> None:
        ours = "(select executor_id from workflow_status where status = 'PENDING')"
        written(
            url,
            f"update workflow_status set executor_id = {ours}, status = 'PENDING' where workflow_uuid = ?",  # noqa: S608  # our own words
            workflow,
        )

    states, worker = behind(url, strand)
    assert states == [State.DONE, State.DONE]
    assert worker.begun == ["1a1", "1b1"]


def test_what_a_newer_head_made_pointless_leaves_the_queue(url: str) -> None:
    metrics = Metrics()
    worker = Worker(held=True)

    async def scenario() -> None:
        async with started(url, worker, metrics=metrics) as queue:
            await accept(queue, job(1, "a"))
            await until(lambda: worker.begun == ["1a1"])
            newer = [job(1, str(number), number) for number in range(1, 10)]
            await accept(queue, *newer)
            waiting = "select count(*) from workflow_status where status = 'ENQUEUED'"
            await until(lambda: written(url, waiting) == [(1,)])
            worker.go.set()
            await settled(queue, "1-a-0", *(one.delivery for one in newer))

    asyncio.run(scenario())
    assert worker.begun == ["1a1", "191"]
    assert metrics.registry.get_sample_value("tidewaiter_jobs_total", {"outcome": "skipped"}) is None


def test_a_job_of_which_the_end_could_not_be_written_is_done_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queue._UNWRITTEN", 0.1)
    run, lost = DBOS.run_step_async, [OperationalError("insert", {}, OSError("disk full"))]

    async def fails_once(options: object, *args: object) -> object:
        done = await run(options, *args)  # type: ignore[call-overload]  # as it was called
        if lost:
            raise lost.pop()
        return done

    monkeypatch.setattr(DBOS, "run_step_async", fails_once)
    worker = Worker()

    async def scenario() -> None:
        async with started(url, worker) as queue:
            await accept(queue, job())
            assert await settled(queue, job().delivery) == [State.DONE]

    asyncio.run(scenario())
    assert worker.begun == ["1a1", "1a2"]
