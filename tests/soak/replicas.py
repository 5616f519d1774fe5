"""Two replicas of the App on one PostgreSQL, with the times of production: one dies in the middle of a review."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.app import serving
from tests.app.calm import calm
from tests.app.cargo import FIRST, README
from tests.app.postgres import postgres, states
from tests.app.serving import OVER, Proposal, wait
from tests.app.site import until
from tests.github.faults import Fault

WITHIN = 60.0
"""Seconds between the death of one and the end of its review by the other."""


@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
def test_the_other_one_finishes_the_review_within_a_minute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, after: bool
) -> None:
    with serving.world(tmp_path / "calm") as world:
        expected = calm(world).seen[0]
    with (
        postgres() as address,
        serving.world(tmp_path / "two", TIDEWAITER_DATABASE_URL=address("postgres")) as world,
    ):
        dying = world.site.processes[0]
        world.site.log = tmp_path / "living"
        living = world.site.process(world.site.log)
        world.site.processes.append(living)
        until(lambda: world.site.logged("listening") is not None)
        it = world.proposal(README, FIRST)
        seconds = finished(it, address("postgres"), dying, living, after=after)
        with capsys.disabled():
            print(f"\nfinished {seconds:.0f} s after the other one's death")
        assert seconds <= WITHIN
        assert it.seen() == expected


def finished(
    it: Proposal, url: str, dying: subprocess.Popen[bytes], living: subprocess.Popen[bytes], *, after: bool
) -> float:
    """How long after a death its review was over."""
    died: list[float] = []

    def kill() -> None:
        living.send_signal(signal.SIGCONT)
        dying.kill()
        dying.wait()
        died.append(time.monotonic())

    it.on("POST", "pulls/*/reviews", Fault(after=after, reset=True, action=kill))
    # So that the one that is to die takes the job.
    living.send_signal(signal.SIGSTOP)
    delivery = it.deliver()
    wait(lambda: bool(died), "the death")
    wait(lambda: states(url).get(delivery.guid) in OVER, "the end of the review")
    return time.monotonic() - died[0]
