"""What is kept beyond a job, and what goes when."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from app import schema
from app.intake import Offer
from app.jobs import DONE, Job, Outcome
from app.ledger import Ledger
from app.memory import CONFIG_KEPT, MOST_CONFIG, MOST_IGNORES, Memory
from app.report.ignored import Ignore
from app.statedir import database_url
from tests.app import remembered
from tests.app.payloads import job

LATER = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
MINE = Ignore("user-not-numeric", "rosa", "it runs nowhere")


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return remembered.memory(tmp_path)


@pytest.fixture
def accept(tmp_path: Path) -> Callable[..., None]:
    ledger = Ledger(database_url(tmp_path))

    def accepted(*jobs: Job, ended: Outcome | None = None) -> None:
        for one in jobs:
            ledger.accept([Offer(one.delivery, [one])], 100, lambda *_: None)
            if ended:
                ledger.finish(one.id, 1, ended)

    return accepted


def rows(memory: Memory, table: sa.Table) -> int:
    with memory._engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_what_is_ignored_belongs_to_one_pull_request(memory: Memory) -> None:
    async def scenario() -> None:
        assert await memory.ignore(7, 70, 1, MINE)
        assert await memory.ignore(7, 70, 1, Ignore("digest-joined-by-colon", "sam", "x"))
        assert [one.check for one in await memory.ignores(70, 1)] == [
            "user-not-numeric",
            "digest-joined-by-colon",
        ]
        assert (await memory.ignores(70, 2), await memory.ignores(71, 1)) == ((), ())
        assert await memory.ignore(7, 70, 1, replace(MINE, author="sam", reason="y"))
        assert (await memory.ignores(70, 1))[-1] == Ignore("user-not-numeric", "sam", "y")
        await memory.forget_pull(70, 1)
        assert await memory.ignores(70, 1) == ()

    asyncio.run(scenario())


def test_only_so_much_is_ignored(memory: Memory) -> None:
    async def scenario() -> None:
        for number in range(MOST_IGNORES):
            assert await memory.ignore(7, 70, 1, replace(MINE, check=str(number)))
        assert not await memory.ignore(7, 70, 1, MINE)
        assert await memory.ignore(7, 70, 1, replace(MINE, check="5"))

    asyncio.run(scenario())


def test_the_pull_requests_of_a_head_are_known_from_deliveries(
    memory: Memory, accept: Callable[..., None]
) -> None:
    other = replace(job(4), repository_id=71, delivery="elsewhere")
    asked = replace(job(5), as_of=None, delivery="asked")
    accept(job(1), job(2), job(3, sha="b"), other, asked, ended=DONE)
    assert asyncio.run(memory.pulls_at(70, "a" * 40)) == (1, 2)


def test_a_job_is_known_unless_it_failed_long_ago(memory: Memory, accept: Callable[..., None]) -> None:
    accept(job(1))
    accept(job(2), ended=Outcome.failed("no"))

    async def known(number: int, sha: str, since: float) -> bool:
        return await memory.is_known(70, number, sha * 40, since)

    soon = time.time() + 60
    assert asyncio.run(known(1, "a", soon))
    assert asyncio.run(known(2, "a", time.time() - 60))
    assert not asyncio.run(known(2, "a", soon))
    assert not asyncio.run(known(1, "b", 0))


def test_deliveries_are_accepted_where_none_of_their_jobs_failed(
    memory: Memory, accept: Callable[..., None]
) -> None:
    accept(job(1, delivery="good"))
    accept(job(2, delivery="bad"), ended=Outcome.failed("no"))
    assert asyncio.run(memory.are_accepted(["good", "bad", "new"])) == {"good"}


# Configs


def test_the_last_valid_config_is_kept_by_repository_and_branch(memory: Memory) -> None:
    async def scenario() -> None:
        await memory.keep_config(7, "Acme/Web", "main", "version: 1\n")
        await memory.keep_config(7, "acme/web", "main", "fail-on: note\n")
        await memory.keep_config(7, "acme/web", "next", "fail-on: error\n")
        assert await memory.valid_config(7, "acme/WEB", "main") == "fail-on: note\n"
        assert await memory.valid_config(8, "acme/web", "main") is None
        assert await memory.valid_config(7, "acme/web", "old") is None
        await memory.keep_config(7, "acme/web", "main", "x" * (MOST_CONFIG + 1))
        assert await memory.valid_config(7, "acme/web", "main") == "fail-on: note\n"

    asyncio.run(scenario())


def test_a_config_is_written_once_a_day_and_forgotten_when_nobody_sees_it(memory: Memory) -> None:
    def seen() -> float:
        with memory._engine.connect() as connection:
            return float(connection.execute(sa.select(schema.config.c.seen_at)).scalar_one())

    async def keep() -> None:
        await memory.keep_config(7, "acme/web", "main", "version: 1\n")

    def set_seen(ago: float) -> None:
        with memory._engine.begin() as connection:
            connection.execute(sa.update(schema.config).values(seen_at=time.time() - ago))

    asyncio.run(keep())
    first = seen()
    asyncio.run(keep())
    assert seen() == first
    set_seen(90_000)
    asyncio.run(keep())
    assert seen() > first
    set_seen(CONFIG_KEPT.total_seconds() - 60)
    asyncio.run(memory.forget_old())
    assert rows(memory, schema.config) == 1
    set_seen(CONFIG_KEPT.total_seconds() + 60)
    asyncio.run(memory.forget_old())
    assert rows(memory, schema.config) == 0


# What goes


def filled(memory: Memory, accept: Callable[..., None]) -> None:
    """Two installations, the first with two repositories."""

    async def fill() -> None:
        for installation, repository, slug in (
            (7, 70, "acme/ship"),
            (7, 71, "acme/pier"),
            (8, 80, "other/web"),
        ):
            accept(
                replace(
                    job(1, delivery=slug), installation_id=installation, repository_id=repository,
                    owner=slug.partition("/")[0], repository=slug.partition("/")[2],
                ),
                ended=DONE,
            )  # fmt: skip
            await memory.ignore(installation, repository, 1, MINE)
            await memory.keep_config(installation, slug, "main", "version: 1\n")

    asyncio.run(fill())


TABLES = (schema.job, schema.ignore, schema.config)


def test_an_uninstalled_installation_leaves_nothing(memory: Memory, accept: Callable[..., None]) -> None:
    filled(memory, accept)
    asyncio.run(memory.forget_installation(7, LATER))
    assert [rows(memory, table) for table in TABLES] == [1, 1, 1]
    with memory._engine.connect() as connection:
        for table in TABLES:
            text = " ".join(str(row) for row in connection.execute(sa.select(table)))
            assert "acme" not in text


def test_a_repository_that_is_taken_out_leaves_nothing(memory: Memory, accept: Callable[..., None]) -> None:
    filled(memory, accept)
    asyncio.run(memory.forget_repository(7, 70, "acme/ship", LATER))
    assert [rows(memory, table) for table in TABLES] == [2, 2, 2]
    assert asyncio.run(memory.valid_config(7, "acme/pier", "main"))
    assert asyncio.run(memory.valid_config(7, "acme/ship", "main")) is None


def test_what_came_after_it_is_not_forgotten(memory: Memory, accept: Callable[..., None]) -> None:
    """The repository was put back before the job that forgets had its turn."""
    before = datetime.datetime.now(datetime.UTC)
    filled(memory, accept)
    asyncio.run(memory.forget_repository(7, 70, "acme/ship", before))
    asyncio.run(memory.forget_installation(8, before))
    assert rows(memory, schema.job) == 3
