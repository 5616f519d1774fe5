"""`kill -9` at a write of a review: the next start comes to the end of an undisturbed one. And what takes long:
a job that fails in the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.app import serving
from tests.app.cargo import FIRST, README, SECOND, WARNED
from tests.app.killing import Kill, Undisturbed, killed, restarted, undisturbed
from tests.app.serving import Proposal, World
from tests.github import faults
from tests.github.faults import Fault
from tests.github.state import CheckRun

FIRST_REVIEW, LATER_REVIEW = 14, 12
"""Calls to GitHub that a review may take; each comment that is edited or deleted is one more."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[World]:
    with serving.world(folder / "calm") as made:
        yield made


@pytest.fixture(scope="module")
def calm(world: World) -> Undisturbed:
    return undisturbed(world)


Failure = tuple[Proposal, CheckRun]


@pytest.fixture(scope="module")
@pytest.mark.usefixtures("calm")
def failure(world: World) -> Iterator[Future[Failure]]:
    """Runs beside the other tests: a job fails in the end only after half a minute."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(failing, world)


def test_reviews_are_frugal_with_calls(calm: Undisturbed) -> None:
    first, later = calm.calls
    tidied = sum("pulls/comments" in write.path for write in calm.writes)
    assert first <= FIRST_REVIEW
    assert later - tidied <= LATER_REVIEW


def test_the_writes_of_a_review_are_what_the_design_says(calm: Undisturbed) -> None:
    review = ["POST check-runs", "POST pulls/*/reviews", "POST code-scanning/sarifs", "PATCH check-runs/*"]
    tidied = ["PATCH pulls/comments/*", "DELETE pulls/comments/*"]
    assert [f"{it.method} {it.path}" for it in calm.writes] == [*review, review[0], *tidied, *review[1:]]


@pytest.mark.usefixtures("failure")
def test_killed_at_each_write_once(calm: Undisturbed, folder: Path) -> None:
    kills = [Kill(write, after=bool(number % 2)) for number, write in enumerate(calm.writes)]
    assert killed(folder, calm, kills) == {}


def failing(world: World) -> Failure:
    """As long as the queue tries: three attempts of a call in each of four tries."""
    it = world.proposal(README, WARNED)
    it.on("GET", f"git/trees/{it.pull.head_sha}", faults.bad_gateway(), times=12)
    delivery = it.deliver()
    assert it.ended(delivery) == "failed"
    failed = it.run()
    it.redeliver(delivery)
    assert it.ended(delivery) == "done"
    return it, failed


def test_a_redelivery_after_failure_reviews_it(failure: Future[Failure]) -> None:
    it, failed = failure.result()
    assert (failed.status, failed.conclusion) == ("completed", "neutral")
    assert (failed.title or "").startswith("Could not review: ")
    assert f"`{it.deliveries[0].guid}`" in (failed.summary or "")
    assert "our fault" in (failed.summary or "")
    first, second = it.runs()
    assert first == failed
    assert (second.status, second.conclusion, second.title) == (
        "completed",
        "success",
        "1 new finding: 1 warning",
    )
    assert len(it.comments()) == 1


@pytest.mark.usefixtures("calm")
def test_what_was_begun_on_an_older_head_is_concluded_after_a_restart(world: World) -> None:
    it = world.proposal(README, FIRST)
    old = it.pull.head_sha
    it.on("POST", "pulls/*/reviews", Fault(reset=True, action=world.kill))
    first = it.deliver()
    restarted(world, meanwhile=lambda: it.push(SECOND))
    assert it.ended(first) == "superseded"
    assert (it.run(old).status, it.run(old).title) == ("completed", "Superseded by a newer push")
    assert it.ended(it.deliver("synchronize")) == "done"
    assert it.run(it.pull.head_sha).title == "2 new findings: 1 warning, 1 note"
