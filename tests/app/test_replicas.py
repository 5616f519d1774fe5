"""The queue on PostgreSQL: its promises where several connections, and several processes, share a database."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing

import psycopg
import pytest

from app import schema
from app.database import NoDatabase, driver_url, try_out
from app.intake import Offer
from app.jobs import Accepted, Job, State
from app.ledger import Ledger, Started
from app.memory import Memory
from app.queue import Queue
from app.report.ignored import Ignore
from tests.app import test_schema
from tests.app.payloads import job
from tests.app.postgres import Address, postgres, states
from tests.app.site import Site, until
from tests.app.test_memory import LATER
from tests.app.test_queue import Worker, accept, settled, started


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with postgres() as made:
        yield made


@pytest.fixture(scope="module")
def create(address: Address) -> Callable[[str], str]:
    """Makes databases like a given one; answers their URLs."""
    numbers = itertools.count(1)

    def like(template: str) -> str:
        name = f"database{next(numbers)}"
        with psycopg.connect(address("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template}")
        return address(name)

    return like


@pytest.fixture(scope="module")
def with_tables(create: Callable[[str], str]) -> str:
    """The name of a database with all tables: making it takes a second, which a copy does not."""
    url = create("template0")

    async def make() -> None:
        async with started(url, Worker()):
            pass

    asyncio.run(make())
    with psycopg.connect(url) as connection:
        return connection.info.dbname


@pytest.fixture
def url(create: Callable[[str], str], with_tables: str) -> str:
    return create(with_tables)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with closing(Ledger(url)) as ledger:
        yield ledger


def waiting(url: str) -> int:
    """How many writers wait for another one. The clean-up does not count: it comes at its own time."""
    counted = """select count(*) from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query not like 'DELETE%'"""
    with psycopg.connect(url) as connection:
        answer = connection.execute(counted).fetchone()
    return int(answer[0]) if answer else 0


@asynccontextmanager
async def at_the_same_moment(url: str, table: str, writers: int) -> AsyncIterator[None]:
    """What begins inside may read a table, and write to it only once so many wait to do so."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(f"lock table {table} in share row exclusive mode")
        yield
        await asyncio.to_thread(until, lambda: waiting(url) == writers)


async def together(url: str, queue: Queue, *jobs: Job) -> list[Accepted]:
    """What becomes of deliveries that all look before one of them writes."""
    async with at_the_same_moment(url, "tidewaiter_job", len(jobs)):
        accepting = [asyncio.create_task(queue.accept(each.delivery, [each])) for each in jobs]
    return list(await asyncio.gather(*accepting))


def test_a_repeat_changes_nothing_and_what_failed_runs_again(url: str) -> None:
    async def scenario() -> None:
        worker, guid = Worker(), job().delivery
        worker.raises[guid] = [ValueError("once"), ValueError("twice")]
        async with started(url, worker) as queue:
            assert await accept(queue, job()) == [Accepted.QUEUED]
            assert await settled(queue, guid) == [State.FAILED]
            # Tried twice, which is one attempt.
            assert worker.begun == ["1a1", "1a1"]
            assert await accept(queue, job()) == [Accepted.AGAIN]
            assert await settled(queue, guid) == [State.DONE]
            assert await accept(queue, job(), job()) == [Accepted.REPEATED] * 2
            assert worker.begun == ["1a1", "1a1", "1a2"]

    asyncio.run(scenario())


def test_a_delivery_that_arrives_twice_at_once_is_stored_once(url: str) -> None:
    async def scenario() -> None:
        worker = Worker()
        async with started(url, worker) as queue:
            accepted = await together(url, queue, *[job()] * 3)
            assert sorted(accepted) == [Accepted.QUEUED, Accepted.REPEATED, Accepted.REPEATED]
            assert await settled(queue, job().delivery) == [State.DONE]
            assert worker.begun == ["1a1"]

    asyncio.run(scenario())


def test_a_failed_delivery_that_arrives_twice_at_once_runs_again_once(url: str) -> None:
    async def scenario() -> None:
        worker = Worker()
        worker.raises[job().delivery] = [ValueError("once"), ValueError("twice")]
        async with started(url, worker) as queue:
            await accept(queue, job())
            assert await settled(queue, job().delivery) == [State.FAILED]
            assert Accepted.AGAIN in await together(url, queue, job(), job())
            assert await settled(queue, job().delivery) == [State.DONE]
            assert worker.begun == ["1a1", "1a1", "1a2"]

    asyncio.run(scenario())


def test_of_heads_that_arrive_at_once_the_newest_is_done(url: str) -> None:
    async def scenario() -> None:
        worker, pulls = Worker(held=True), (1, 2, 3)
        async with started(url, worker) as queue:
            await accept(queue, *(job(number, "a") for number in pulls))
            await asyncio.to_thread(until, lambda: len(worker.begun) == 3)
            # Neither of two heads sees the other when it is stored, and GitHub's clock has seconds only.
            both = [job(number, sha) for number in pulls for sha in "bc"]
            await together(url, queue, *both)
            worker.go.set()
            for number in pulls:
                waited = [one.delivery for one in both if one.pull_number == number]
                assert sorted(await settled(queue, *waited)) == [State.DONE, State.SUPERSEDED]
            assert all(worker.superseded[f"{number}a1"] for number in pulls)
            assert len(worker.begun) == 6

    asyncio.run(scenario())


def test_of_heads_stored_in_another_order_than_they_came_the_newest_is_done(ledger: Ledger, url: str) -> None:
    older, newer = job(sha="a"), job(sha="b")
    with ThreadPoolExecutor(1) as thread, psycopg.connect(url) as connection:
        # Whoever inserts the same id waits for what becomes of this.
        row = "insert into tidewaiter_job values (%s, '', '', '', 0, 0, '', 0, 0, '', 0, '')"
        connection.execute(row, [older.id])
        waits = thread.submit(ledger.accept, [Offer(older.delivery, [older])], 10, lambda *_: None)
        until(lambda: waiting(url) == 1)
        ledger.accept([Offer(newer.delivery, [newer])], 10, lambda *_: None)
        connection.rollback()
        waits.result()
    assert ledger.start(older.id, 1) is None
    assert ledger.start(newer.id, 1) == Started(newer, is_hopeless=False)


def test_the_work_of_a_dead_process_goes_to_one_of_the_living(ledger: Ledger, url: str) -> None:
    for executor in ("dead", "one", "other"):
        ledger.beat(executor)
    ledger.leave("dead")

    async def scenario() -> list[list[str]]:
        async with at_the_same_moment(url, "tidewaiter_executor", 2):
            taking = [
                asyncio.create_task(asyncio.to_thread(ledger.take_over, executor, 1))
                for executor in ("one", "other")
            ]
        return list(await asyncio.gather(*taking))

    assert sorted("dead" in taken for taken in asyncio.run(scenario())) == [False, True]


def test_two_processes_share_the_work_and_the_living_one_finishes_the_dead_ones(
    site: Site, create: Callable[[str], str]
) -> None:
    url = create("template0")
    site.environment["TIDEWAITER_DATABASE_URL"] = url
    site.hold.touch()
    # Both make the tables of the new database.
    dying, living = site.folder / "dying", site.folder / "living"
    site.processes += [site.process(dying), site.process(living)]
    for site.log in (dying, living):
        until(lambda: site.logged("listening") is not None)

    # Two workers each, of both processes, and one of them for a pull request.
    delivered = {site.deliver(number): "done" for number in (2, 3, 4)}
    until(lambda: len(site.happened("begin")) == 3)
    older = site.deliver(1)
    until(lambda: len(site.happened("begin")) == 4)
    site.log = dying
    delivered |= {older: "superseded", site.deliver(1, "b", 1): "done", site.deliver(5): "done"}

    site.processes[0].kill()
    site.processes[0].wait()
    site.hold.unlink()
    until(lambda: not {"queued", "running"} & set(states(url).values()))
    assert states(url) == delivered
    assert sorted(site.happened("end")) == ["1 b", "2 a", "3 a", "4 a", "5 a"]
    # What the dead one had begun, and only that, was begun again by the living one.
    begun = sorted(site.happened("begin"))
    assert len(begun) == 8
    assert set(begun) == {"1 a", "1 b", "2 a", "3 a", "4 a", "5 a"}
    assert site.end(signal.SIGTERM) == 0


def test_tables_of_the_first_release_become_ours(create: Callable[[str], str]) -> None:
    """Two replicas start at once on them."""
    url, fresh = create("template0"), create("template0")
    with psycopg.connect(url) as connection:
        connection.execute(test_schema.FIRST_RELEASE)
        values = (
            job().id,
            job().delivery,
            job().subject,
            job().head_sha,
            0.0,
            5,
            "queued",
            test_schema.CONTENT,
        )
        connection.execute(test_schema.INSERT.replace("?", "%s"), values)
    with ThreadPoolExecutor(2) as pool:
        for ledger in pool.map(Ledger, [url, url, fresh]):
            ledger.close()
    assert test_schema.described(driver_url(url)) == test_schema.described(driver_url(fresh))
    with closing(Ledger(url)) as ledger, ledger.engine.connect() as connection_:
        assert schema.version_of(connection_) == schema.VERSION
        assert ledger.start(job().id, 1) == Started(job(), is_hopeless=False)


@pytest.mark.parametrize(
    ("granted", "why"),
    [
        ("", "permission denied for schema public"),
        ("create on schema public", "may not create the schema dbos"),
    ],
)
def test_a_user_that_may_not_make_what_it_takes(create: Callable[[str], str], granted: str, why: str) -> None:
    url = create("template0")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop role if exists clerk")
        connection.execute("create role clerk login")
        if granted:
            connection.execute(f"grant {granted} to clerk")
        for look in (Ledger, try_out):
            with pytest.raises(NoDatabase, match=why):
                look(url.replace("postgres:", "clerk:"))
        connection.execute("drop owned by clerk; drop role clerk")


def test_trying_a_database_out_leaves_nothing_behind(create: Callable[[str], str]) -> None:
    url = create("template0")
    try_out(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("select from pg_tables where schemaname = 'public'").fetchall() == []


def test_what_is_remembered(create: Callable[[str], str]) -> None:
    async def scenario() -> None:
        ledger = Ledger(create("template0"))
        ledger.accept([Offer("1-a-0", [job()])], 10, lambda *_: None)
        with ThreadPoolExecutor(4) as threads:
            memory = Memory(ledger.engine, threads)
            ignore = Ignore("user-not-numeric", "rosa", "no")
            assert await memory.ignore(7, 70, 1, ignore)
            assert await memory.ignores(70, 1) == (ignore,)
            await asyncio.gather(
                *(memory.keep_config(7, "acme/web", "main", "version: 1\n") for _ in range(4))
            )
            assert await memory.valid_config(7, "acme/web", "main") == "version: 1\n"
            assert await memory.pulls_at(70, "a" * 40) == (1,)
            assert await memory.is_known(70, 1, "a" * 40, 0)
            assert await memory.are_accepted(["1-a-0", "x"]) == {"1-a-0"}
            await memory.forget_repository(7, 70, "acme/web", LATER)
            await memory.forget_installation(7, LATER)
            assert (await memory.ignores(70, 1), await memory.pulls_at(70, "a" * 40)) == ((), ())
        ledger.close()

    asyncio.run(scenario())
