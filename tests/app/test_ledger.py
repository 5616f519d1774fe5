"""What the tables promise, one transaction at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.intake import Offer
from app.jobs import ALLOWED, DONE, Accepted, Asked, Job, Outcome, State
from app.ledger import Ledger, Started
from app.statedir import database_url
from tests.app.payloads import job


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(database_url(tmp_path))
    yield ledger
    ledger.close()


def test_a_job_that_takes_the_process_down_is_hopeless(ledger: Ledger) -> None:
    ledger.accept([Offer("1-a-0", [job()])], 10, lambda *_: None)
    assert [ledger.start(job().id, 1) for _ in range(6)] == [
        *[Started(job(), is_hopeless=False)] * 5,
        Started(job(), is_hopeless=True),
    ]


def test_an_attempt_that_is_over_does_not_start(ledger: Ledger) -> None:
    ledger.accept([Offer("1-a-0", [job()])], 10, lambda *_: None)
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
        ledger.accept([Offer("1-a-0", [job()])], 10, enqueue)
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


# What a person asked for

RERUN = replace(job(sha="b"), delivery="rerun", event="check_run", as_of=None)
COMMAND = replace(job(sha=""), delivery="command", as_of=None, asked=Asked("recheck", 5, "rosa"))


def accept(ledger: Ledger, *jobs: Job) -> None:
    for one in jobs:
        assert ledger.accept([Offer(one.delivery, [one])], 10, lambda *_: None).answers == (Accepted.QUEUED,)


@pytest.mark.parametrize("asked", [RERUN, COMMAND], ids=["re-run", "command"])
def test_what_was_asked_for_and_reviews_do_not_supersede_each_other(ledger: Ledger, asked: Job) -> None:
    accept(ledger, job(sha="a", minute=0), asked)
    assert asked.subject == job().subject
    assert not ledger.is_superseded(job(sha="a", minute=0).id)
    accept(ledger, job(sha="c", minute=9))
    assert ledger.is_superseded(job(sha="a", minute=0).id)
    assert not ledger.is_superseded(asked.id)
    assert ledger.start(asked.id, 1) == Started(asked, is_hopeless=False)
    assert ledger.start(job(sha="a", minute=0).id, 1) is None
    assert ledger.start(job(sha="c", minute=9).id, 1) == Started(job(sha="c", minute=9), is_hopeless=False)


def test_two_commands_of_a_pull_request_are_both_carried_out(ledger: Ledger) -> None:
    second = replace(COMMAND, delivery="second")
    accept(ledger, COMMAND, second)
    assert [ledger.start(it.id, 1) for it in (COMMAND, second)] == [
        Started(COMMAND, is_hopeless=False),
        Started(second, is_hopeless=False),
    ]


def test_what_a_job_comes_to_is_stored_once_and_belongs_to_its_delivery(ledger: Ledger) -> None:
    unknown = replace(RERUN, pull_number=0)
    accept(ledger, unknown)
    enqueued: list[str] = []
    for _ in range(2):
        ledger.hand_on(
            [replace(unknown, pull_number=number) for number in (1, 2)],
            lambda _connection, handed, attempt, delay: enqueued.append(
                f"{handed.subject} {attempt} {delay}"
            ),
        )
    assert enqueued == ["70/1 1 0", "70/2 1 0"]
    assert len(ledger.of_delivery("rerun")) == 3
    ledger.finish(unknown.id, 1, DONE)
    ledger.finish(replace(unknown, pull_number=2).id, 1, Outcome.failed("no"))
    assert ledger.accept([Offer("rerun", [unknown])], 10, lambda *_: None).answers == (Accepted.AGAIN,)
    states = {id_: state for id_, (state, _) in ledger.of_delivery("rerun").items()}
    assert states[unknown.id] is State.DONE
    assert states[replace(unknown, pull_number=2).id] is State.QUEUED


def test_commands_that_were_carried_out_are_counted(ledger: Ledger) -> None:
    other = replace(COMMAND, delivery="other", pull_number=2)
    refused = replace(COMMAND, delivery="refused")
    accept(ledger, COMMAND, other, refused)
    before = time.time()
    ledger.finish(COMMAND.id, 1, ALLOWED)
    ledger.finish(other.id, 1, ALLOWED)
    ledger.finish(refused.id, 1, DONE)
    assert ledger.ended(COMMAND.subject, ALLOWED, before) == 1
    assert ledger.ended(COMMAND.subject, ALLOWED, time.time() + 1) == 0


def test_a_row_of_the_first_release_is_carried_on(ledger: Ledger) -> None:
    """Its job has no field that came later."""
    accept(ledger, job())
    content = job().to_json().replace('"asked": null, ', "")
    assert "asked" not in content
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("update tidewaiter_job set content = ?", (content,))
    assert ledger.start(job().id, 1) == Started(job(), is_hopeless=False)
