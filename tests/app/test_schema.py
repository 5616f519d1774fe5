"""Tables that an earlier release left, and what becomes of the work in them."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import schema
from app.jobs import DONE, Attempt, Job, Outcome, State
from app.ledger import Ledger, Started
from app.limits import Limits
from app.metrics import Metrics
from app.queue import Queue
from app.statedir import database_url
from tests.app import payloads
from tests.app.test_queue import settled

FIRST_RELEASE = """
CREATE TABLE tidewaiter_job (
    id VARCHAR NOT NULL, delivery VARCHAR NOT NULL, subject VARCHAR NOT NULL, head_sha VARCHAR NOT NULL,
    as_of FLOAT NOT NULL, accepted_at BIGINT NOT NULL, state VARCHAR NOT NULL, attempt INTEGER NOT NULL,
    starts INTEGER NOT NULL, reason VARCHAR NOT NULL, changed_at FLOAT NOT NULL, content VARCHAR NOT NULL,
    PRIMARY KEY (id));
CREATE INDEX ix_tidewaiter_job_delivery ON tidewaiter_job (delivery);
CREATE INDEX ix_tidewaiter_job_state ON tidewaiter_job (state);
CREATE INDEX tidewaiter_job_newest ON tidewaiter_job (subject, as_of, accepted_at);
CREATE TABLE tidewaiter_executor (
    id VARCHAR NOT NULL, started_at FLOAT NOT NULL, beat_at FLOAT NOT NULL, taken_by VARCHAR, PRIMARY KEY (id));
"""
"""What the first release made, which wrote no version down."""
CONTENT = (
    '{"action": "opened", "as_of": "2026-05-04T12:00:00+00:00", "asked": null, "delivery": "1-a-0", "event": '
    '"pull_request", "head_sha": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "installation_id": 7, "owner": "acme", '
    '"pull_number": 1, "received_at": "2026-05-04T12:00:00+00:00", "repository": "ship", "repository_id": 70}'
)
KILLED = Path(__file__).with_name("first_release.sql")
JOB = payloads.job()
INSERT = (
    "insert into tidewaiter_job (id, delivery, subject, head_sha, as_of, accepted_at, state, attempt, starts, "
    "reason, changed_at, content) values (?, ?, ?, ?, ?, ?, ?, 1, 0, '', 1, ?)"
)
"""As the first release wrote one."""


def left_behind(folder: Path, state: str = "queued") -> str:
    """A database of the first release with one job in it."""
    with sqlite3.connect(folder / "tidewaiter.db") as database:
        database.executescript(FIRST_RELEASE)
        insert(database, state)
    return database_url(folder)


def insert(database: sqlite3.Connection, state: str = "queued", job_id: str = JOB.id) -> None:
    as_of = JOB.as_of.timestamp() if JOB.as_of else 0
    database.execute(INSERT, (job_id, JOB.delivery, JOB.subject, JOB.head_sha, as_of, 5, state, CONTENT))


def described(url: str) -> dict[str, object]:
    engine = sa.create_engine(url)
    inspector = sa.inspect(engine)
    found: dict[str, object] = {
        name: (
            sorted(column["name"] for column in inspector.get_columns(name)),
            sorted(str(index["name"]) for index in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
    }
    engine.dispose()
    return found


def version(url: str) -> int:
    with sa.create_engine(url).connect() as connection:
        return schema.version_of(connection)


def test_an_empty_database_and_an_old_one_come_to_the_same(tmp_path: Path) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
    old, new = left_behind(tmp_path / "old"), database_url(tmp_path / "new")
    assert (version(old), version(new)) == (1, 0)
    for url in (old, new):
        Ledger(url).close()
    assert described(old) == described(new)
    assert version(old) == version(new) == schema.VERSION == 2


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    url = left_behind(tmp_path)
    Ledger(url).close()
    before = described(url)
    Ledger(url).close()
    assert (described(url), version(url)) == (before, 2)


def test_an_old_job_is_known_by_its_installation_and_runs(tmp_path: Path) -> None:
    ledger = Ledger(left_behind(tmp_path))
    with ledger.engine.connect() as connection:
        assert connection.execute(sa.select(schema.job.c.installation_id)).scalar_one() == 7
    assert ledger.start(JOB.id, 1) == Started(JOB, is_hopeless=False)
    ledger.close()


def test_a_replica_of_the_first_release_works_on_beside_us(tmp_path: Path) -> None:
    url = left_behind(tmp_path)
    ledger = Ledger(url)
    with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
        insert(database, job_id="another")
    with ledger.engine.begin() as connection:
        schema.fill_installations(connection)
        found = connection.execute(sa.select(schema.job.c.installation_id)).scalars().all()
    assert found == [7, 7]
    ledger.close()


def test_a_newer_database_is_left_as_it_is(tmp_path: Path) -> None:
    url = database_url(tmp_path)
    Ledger(url).close()
    with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
        database.execute("update tidewaiter_schema set version = 99")
    Ledger(url).close()
    assert version(url) == 99


def test_work_of_a_first_release_that_was_killed_is_finished(tmp_path: Path) -> None:
    """Its database, ours and the engine's tables, as `kill -9` left it: two jobs run and two wait."""
    with sqlite3.connect(tmp_path / "tidewaiter.db") as database:
        database.executescript(KILLED.read_text(encoding="utf-8"))
    done: list[int] = []

    async def perform(job: Job, _attempt: Attempt) -> Outcome:
        done.append(job.pull_number)
        return DONE

    async def scenario() -> None:
        queue = Queue(database_url(tmp_path), perform, Metrics(), Limits(poll=0.02, beat=0.05))
        await queue.start()
        assert await settled(queue, "g1", "g2", "g3", "g4") == [State.DONE] * 4
        await queue.stop()

    asyncio.run(scenario())
    assert sorted(done) == [1, 2, 3, 4]


@pytest.mark.parametrize("state", ["done", "failed", "superseded"])
def test_what_was_over_stays_over(tmp_path: Path, state: str) -> None:
    ledger = Ledger(left_behind(tmp_path, state))
    assert ledger.start(JOB.id, 1) is None
    assert ledger.of_delivery(JOB.delivery) == {JOB.id: (State(state), "")}
    ledger.close()
