"""Every fault at every call of a first and of a second review, and `kill -9` before and after each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.app import faulty, serving
from tests.app.calm import Calm, calm
from tests.app.killing import Kill, killed

WORLDS = 3
"""Servers at a time."""
AT_ONCE = 12
"""Reviews at a time on each: most of them wait, for an answer or for a limit to end."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calm]:
    with serving.world(tmp_path_factory.mktemp("calm")) as world:
        yield calm(world)


def told(capsys: pytest.CaptureFixture[str], what: str, cases: int, complaints: Mapping[str, object]) -> None:
    with capsys.disabled():
        print(f"\n{what}: {cases} cases, {cases - len(complaints)} survived")
        for case, wrong in complaints.items():
            print(f"{case}: {wrong}")


def test_one_fault_anywhere_leads_to_the_end_of_a_calm_review(
    undisturbed: Calm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = faulty.every(undisturbed.calls)
    with ExitStack() as stack, ThreadPoolExecutor(WORLDS * AT_ONCE) as pool:
        worlds = [stack.enter_context(serving.world(tmp_path / str(number))) for number in range(WORLDS)]
        ended = pool.map(faulty.complaint, itertools.cycle(worlds), itertools.repeat(undisturbed), cases)
        complaints = {case: wrong for case, wrong in zip(cases, ended, strict=True) if wrong}
    alone = [case for case, wrong in complaints.items() if wrong == faulty.UNSTRUCK]
    folders = (tmp_path / f"alone{number}" for number in itertools.count())
    with ThreadPoolExecutor(WORLDS) as pool:
        again = pool.map(in_a_world_of_its_own, folders, itertools.repeat(undisturbed), alone)
        complaints |= dict(zip(alone, again, strict=True))
    left = {str(case): wrong for case, wrong in complaints.items() if wrong}
    told(capsys, "faults", len(cases), left)
    assert left == {}


def in_a_world_of_its_own(folder: Path, undisturbed: Calm, case: faulty.Struck) -> str:
    with serving.world(folder) as world:
        return faulty.complaint(world, undisturbed, case)


def test_killed_before_and_after_each_call(
    undisturbed: Calm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = [Kill(call, after) for call in undisturbed.calls for after in (False, True)]
    complaints = killed(tmp_path, undisturbed, kills)
    told(capsys, "kill -9", len(kills), complaints)
    assert complaints == {}
