"""A database that can't be written for a while, by the real server: nothing is lost, and no answer is late."""

from __future__ import annotations

import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.app import serving
from tests.app.cargo import FIRST, README, WARNED
from tests.app.serving import Proposal, World, wait
from tests.github import faults
from tests.github.state import Delivery

BRIEF, LONG = 2.0, 9.0
"""Seconds; a delivery is refused after eight."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with serving.world(tmp_path_factory.mktemp("database")) as made:
        yield made


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Another program is writing: a backup, or a person with a shell."""
    with closing(sqlite3.connect(world.folder / "state/tidewaiter.db", isolation_level=None)) as database:
        database.execute("pragma busy_timeout = 30000")
        database.execute("begin immediate")
        yield
        database.execute("rollback")


@contextmanager
def full(world: World) -> Iterator[None]:
    """No file grows any more, the log neither."""
    process = world.site.processes[-1].pid
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


Trouble = Callable[[World], object]


def delivered(it: Proposal) -> Delivery:
    return it.fake.deliver("pull_request", it.fake.payloads.pull_request(it.pull, "opened"))


def during(world: World, trouble: Trouble, seconds: float) -> threading.Thread:
    """Begins it, and ends it after a while."""
    begun = threading.Event()

    def hold() -> None:
        with trouble(world):  # type: ignore[attr-defined]
            begun.set()
            time.sleep(seconds)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    return thread


def reviewed(it: Proposal) -> None:
    assert (it.run().title, len(it.comments())) == ("1 new finding: 1 warning", 1)


def test_a_delivery_waits_for_a_database_that_is_locked_briefly(world: World) -> None:
    it = world.proposal(README, WARNED)
    holding = during(world, locked, BRIEF)
    it.deliver()
    holding.join()
    assert it.ended(it.deliveries[0]) == "done"
    reviewed(it)


@pytest.mark.parametrize(("trouble", "seconds"), [(locked, LONG), (full, BRIEF)])
def test_a_delivery_that_can_t_be_stored_is_refused_and_can_be_sent_again(
    world: World, trouble: Trouble, seconds: float
) -> None:
    it = world.proposal(README, WARNED)
    holding = during(world, trouble, seconds)
    refused = delivered(it)
    assert refused.status_code == 503
    assert httpx.get(world.fake.webhook_url.replace("/webhook", "/healthz")).status_code == 200
    holding.join()
    it.redeliver(refused)
    assert it.ended(refused) == "done"
    reviewed(it)


@pytest.mark.parametrize("trouble", [locked, full])
@pytest.mark.parametrize("path", ["check-runs", "pulls/*/reviews", "code-scanning/sarifs", "check-runs/*"])
def test_a_review_goes_on_when_the_database_can_be_written_again(
    world: World, trouble: Trouble, path: str
) -> None:
    it = world.proposal(README, FIRST)
    holding: list[threading.Thread] = []
    method = "PATCH" if path == "check-runs/*" else "POST"
    it.on(method, path, faults.call(lambda: holding.append(during(world, trouble, BRIEF))))
    it.deliver()
    wait(lambda: bool(holding), "the call")
    holding[0].join()
    assert it.ended(it.deliveries[0]) == "done"
    assert [run.title for run in it.runs()] == ["3 new findings: 1 error, 1 warning, 1 note"]
    assert len(it.comments()) == 3


def test_the_log_says_why(world: World) -> None:
    log = Path(world.site.log).read_text(encoding="utf-8")
    assert "delivery not stored" in log
