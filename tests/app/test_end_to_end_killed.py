"""`kill -9` at a write of a review: the next start comes to the end of an undisturbed one. And what takes long:
a job that fails in the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app import serving
from tests.app.calm import Calm
from tests.app.calm import calm as undisturbed
from tests.app.cargo import FIRST, README, SECOND, WARNED
from tests.app.killing import Kill, killed, restarted
from tests.app.serving import Proposal, World
from tests.github import faults
from tests.github.faults import Fault
from tests.github.state import CheckRun

FIRST_REVIEW, LATER_REVIEW = 14, 13
"""Calls to GitHub that a review may take; each comment that is edited or deleted is one more."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[World]:
    with serving.world(folder / "calm") as made:
        yield made


@pytest.fixture(scope="module")
def calm(world: World) -> Calm:
    return undisturbed(world)


Failure = tuple[Proposal, CheckRun]


@dataclass(frozen=True)
class Meanwhile:
    """What goes on beside the test that takes longest."""

    failure: Future[Failure]
    overtaken: Future[tuple[Proposal, str]]


@pytest.fixture(scope="module")
def meanwhile(request: pytest.FixtureRequest, world: World, folder: Path) -> Iterator[Meanwhile]:
    request.getfixturevalue("calm")  # counts calls: until then nothing else may go on
    with ThreadPoolExecutor(2) as pool, serving.world(folder / "killed") as another:
        yield Meanwhile(pool.submit(failing, world), pool.submit(overtaken_while_dead, another))


def test_reviews_are_frugal_with_calls(calm: Calm) -> None:
    tidied = sum("pulls/comments" in write.path for write in calm.writes)
    assert len(calm.of(1)) <= FIRST_REVIEW  # of an organisation that has a config, one more is for that
    assert len(calm.of(2)) - tidied <= LATER_REVIEW


def test_the_writes_of_a_review_are_what_the_design_says(calm: Calm) -> None:
    review = ["POST check-runs", "POST pulls/*/reviews", "POST code-scanning/sarifs", "PATCH check-runs/*"]
    tidied = ["PATCH pulls/comments/*", "DELETE pulls/comments/*"]
    made = [f"{it.method} {it.path.removeprefix('/repos/OWNER/web/')}" for it in calm.writes]
    assert [it.replace("pulls/7/", "pulls/*/") for it in made] == [*review, review[0], *tidied, *review[1:]]


@pytest.mark.usefixtures("meanwhile")
def test_killed_at_each_write_once(calm: Calm, folder: Path) -> None:
    kills = [Kill(call, after=bool(number % 2)) for number, call in enumerate(calm.writes)]
    assert killed(folder, calm, kills) == {}


def failing(world: World) -> Failure:
    """Refused as often as it is tried."""
    it = world.proposal(README, WARNED)
    it.on("GET", f"git/trees/{it.pull.head_sha}", faults.missing(), times=2)
    delivery = it.deliver()
    assert it.ended(delivery) == "failed"
    failed = it.run()
    it.redeliver(delivery)
    assert it.ended(delivery) == "done"
    return it, failed


def test_a_redelivery_after_failure_reviews_it(meanwhile: Meanwhile) -> None:
    it, failed = meanwhile.failure.result()
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


def overtaken_while_dead(world: World) -> tuple[Proposal, str]:
    """Killed in the middle of a review; before the next start there is a newer head."""
    it = world.proposal(README, FIRST)
    it.on("POST", "pulls/*/reviews", Fault(reset=True, action=world.kill))
    first = it.deliver()
    restarted(world, meanwhile=lambda: it.push(SECOND))
    it.ended(first)
    it.review("synchronize")
    return it, it.state(first)


def test_what_was_begun_on_an_older_head_is_concluded_after_a_restart(meanwhile: Meanwhile) -> None:
    it, state = meanwhile.overtaken.result()
    old, new = it.runs()
    assert (state, old.status, old.title) == ("superseded", "completed", "Superseded by a newer push")
    assert (new.status, new.title) == ("completed", "2 new findings: 1 warning, 1 note")
