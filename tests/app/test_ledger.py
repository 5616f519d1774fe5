"""What the tables promise, one transaction at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.jobs import DONE, Outcome, State
from app.ledger import Ledger, Started
from app.statedir import database_url
from tests.app.payloads import job


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(database_url(tmp_path))
    yield ledger
    ledger.close()


def test_a_job_that_takes_the_process_down_is_hopeless(ledger: Ledger) -> None:
    ledger.accept("1-a-0", [job()], 10, lambda *_: None)
    assert [ledger.start(job().id, 1) for _ in range(6)] == [
        *[Started(job(), is_hopeless=False)] * 5,
        Started(job(), is_hopeless=True),
    ]


def test_an_attempt_that_is_over_does_not_start(ledger: Ledger) -> None:
    ledger.accept("1-a-0", [job()], 10, lambda *_: None)
    assert ledger.start(job().id, 2) is None
    assert ledger.start(job().id, 1) == Started(job(), is_hopeless=False)
    ledger.park(job(), 1, "later", 0, lambda *_: None)
    assert ledger.start(job().id, 1) is None
    assert ledger.start(job().id, 2) == Started(job(), is_hopeless=False)
    ledger.finish(job().id, 1, Outcome.failed("too late"))
    ledger.finish(job().id, 2, DONE)
    assert ledger.start(job().id, 2) is None
    assert ledger.of_delivery("1-a-0")[job().id] == (State.DONE, "")


def test_nothing_is_stored_when_enqueueing_fails(ledger: Ledger) -> None:
    def enqueue(*_: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ledger.accept("1-a-0", [job()], 10, enqueue)
    assert ledger.of_delivery("1-a-0") == {}


def test_the_dead_are_taken_over_by_one_of_the_living(ledger: Ledger) -> None:
    ledger.beat("dead")
    time.sleep(0.002)
    silent_since = time.time()
    ledger.beat("first")
    ledger.beat("second")
    assert ledger.eldest(silent_since) == "first"
    assert ledger.take_over("first", silent_since) == ["dead"]
    assert ledger.take_over("second", silent_since) == []
    # Until it has been dealt with, the taker is told again; when it dies itself, another one is.
    assert ledger.take_over("first", silent_since) == ["dead"]
    ledger.leave("first")
    assert sorted(ledger.take_over("second", silent_since)) == ["dead", "first"]
    ledger.forget_executor("dead")
    ledger.forget_executor("first")
    assert ledger.take_over("second", silent_since) == []
    assert ledger.eldest(silent_since) == "second"
