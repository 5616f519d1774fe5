"""`kill -9` just before and just after every write of a first and of a second review."""

from __future__ import annotations

from pathlib import Path

from tests.app import serving
from tests.app.killing import Kill, killed, undisturbed


def test_killed_before_and_after_each_write(tmp_path: Path) -> None:
    with serving.world(tmp_path / "calm") as world:
        calm = undisturbed(world)
    kills = [Kill(write, after) for write in calm.writes for after in (False, True)]
    assert killed(tmp_path, calm, kills) == {}
