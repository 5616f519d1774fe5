"""What happened while the server was down, by the real server: nothing is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app import serving
from tests.app.cargo import README, WARNED
from tests.app.serving import World, wait


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving.world(tmp_path / "down") as made:
        yield made


def test_deliveries_and_heads_of_the_time_that_we_were_down_are_reviewed(world: World) -> None:
    """One whose delivery nobody took, and one of which there is none: GitHub had thrown it away."""
    delivered, forgotten = world.proposal(README, WARNED), world.proposal(README, WARNED)
    forgotten.pull.created_at = "2026-05-04T12:00:00Z"
    world.site.end(signal.SIGTERM)
    lost = delivered.fake.deliver(
        "pull_request", delivered.fake.payloads.pull_request(delivered.pull, "opened")
    )
    assert lost.status_code == 502
    world.start()
    wait(lambda: all(one.runs() and one.run().completed_at for one in (delivered, forgotten)), "the reviews")
    assert [one.run().title for one in (delivered, forgotten)] == ["1 new finding: 1 warning"] * 2
    assert delivered.ended(lost) == "done"
