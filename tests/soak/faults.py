"""Every fault at every call of a first review."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.app import faulty, serving
from tests.app.cargo import FIRST, README


def test_one_fault_anywhere_leads_to_the_end_of_a_calm_review(tmp_path: Path) -> None:
    with serving.world(tmp_path) as world, ThreadPoolExecutor(4) as pool:
        calm = world.proposal(README, FIRST)
        calm.review()
        cases = faulty.every(faulty.calls(calm))
        ended = zip(cases, pool.map(partial(faulty.struck, world), cases), strict=True)
        assert [str(case) for case, it in ended if it.looks() != calm.looks()] == []
