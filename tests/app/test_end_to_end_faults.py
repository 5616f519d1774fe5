"""From a delivery to what stands there, by the real server: redelivery, newer heads, and a GitHub that fails."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.app import faulty, serving
from tests.app.calm import calm
from tests.app.cargo import FIRST, README, SCAN_PATH, SECOND, WARNED
from tests.app.serving import Played, Proposal, World, wait
from tests.github import faults
from tests.github.state import Delivery


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with serving.played(tmp_path_factory.mktemp("faults"), *SCENES) as made:
        yield made


def newest(it: Proposal) -> None:
    """Only what `SECOND` on top of `FIRST` leaves is told, on the new head, and no head is left hanging."""
    assert it.run(it.pull.head_sha).title == "2 new findings: 1 warning, 1 note"
    assert [run.status for run in it.runs()] == ["completed"] * 2
    assert sorted(one.path for one in it.comments()) == [".dockerignore", "api/Dockerfile"]


# Redelivery


def delivered_again(world: World) -> tuple[Proposal, int]:
    it = world.proposal(README, WARNED)
    it.review()
    writes = len(it.writes())
    it.redeliver(it.deliveries[0])
    assert it.state(it.deliveries[0]) == "done"
    # What is worked on in the order of its arrival shows that the redelivery did not come in between.
    it.push({"README.md": "Hello there\n"})
    it.review("synchronize")
    return it, writes


def test_a_redelivery_after_success_changes_nothing(played: Played) -> None:
    it, writes = played(delivered_again)
    after = it.writes()[writes:]
    assert [path for _, path in after] == ["check-runs", "code-scanning/sarifs", after[-1][1]]
    assert len(it.comments()) == 1
    assert len(it.runs()) == 2


# A newer head


def overtaken(world: World, method: str, path: str) -> Proposal:
    """A push just before a write of the review of the head before."""
    it = world.proposal(README, FIRST)

    def push() -> None:
        it.push(SECOND)
        it.deliver("synchronize")

    it.on(method, path, faults.call(push))
    first = it.deliver()
    it.ended(first)
    wait(lambda: len(it.deliveries) == 2, "the push")
    it.ended(it.deliveries[-1])
    return it


OVERTAKEN = [
    partial(overtaken, method=method, path=path)
    for method, path in (
        ("POST", "check-runs"),
        ("POST", "pulls/*/reviews"),
        ("POST", "code-scanning/sarifs"),
        ("PATCH", "check-runs/*"),
    )
]


@pytest.mark.parametrize("scene", OVERTAKEN, ids=lambda scene: scene.keywords["path"])
def test_a_newer_head_supersedes(played: Played, scene: serving.Scene[Proposal]) -> None:
    newest(played(scene))


def parked_and_overtaken(world: World) -> tuple[Proposal, str]:
    it = world.proposal(README, FIRST)
    it.on("POST", "pulls/*/reviews", faults.secondary_limit(3))
    first = it.deliver()
    wait(lambda: bool(it.fake.requests("POST", f"/repos/{it.owner}/web/pulls/*/reviews")), "the limit")
    it.push(SECOND)
    it.review("synchronize")
    return it, it.ended(first)


def test_a_parked_review_that_is_overtaken_leaves_nothing_hanging(played: Played) -> None:
    it, state = played(parked_and_overtaken)
    newest(it)
    assert state == "superseded"
    assert [run.conclusion for run in it.runs()] == ["cancelled", "success"]


# A GitHub that fails


def refused(world: World) -> Proposal:
    """Of three comments, GitHub minds the first: all, then the half with it alone."""
    it = world.proposal(README, FIRST)
    it.on("POST", "pulls/*/reviews", faults.unprocessable("line must be part of the diff"), times=2)
    it.review()
    return it


def test_one_refused_comment_loses_no_other(played: Played) -> None:
    it = played(refused)
    assert sorted(one.path for one in it.comments()) == ["Dockerfile", "api/Dockerfile"]
    assert (it.run().conclusion, len(it.run().annotations)) == ("failure", 3)
    assert "GitHub would not take 1 comment" in (it.run().summary or "")
    assert SCAN_PATH in (it.run().summary or "")


def everywhere(world: World) -> dict[str, str]:
    """A fault at each call that undisturbed reviews make, and what it did not come to."""
    undisturbed = calm(world)
    cases = faulty.sample([call for call in undisturbed.calls if call.push == 1 or call.writes])
    assert {it.call.method for it in cases} == {"GET", "POST", "PATCH", "DELETE"}
    with ThreadPoolExecutor(8) as pool:
        ended = pool.map(partial(faulty.complaint, world, undisturbed), cases)
        complaints = dict(zip(cases, ended, strict=True))
    assert not [case for case, wrong in complaints.items() if wrong == faulty.UNSTRUCK and case.call.writes]
    return {str(case): wrong for case, wrong in complaints.items() if wrong != faulty.UNSTRUCK}


def test_one_fault_anywhere_leads_to_the_end_of_a_calm_review(played: Played) -> None:
    assert {case: wrong for case, wrong in played(everywhere).items() if wrong} == {}


def all_limited(world: World) -> Delivery:
    it = world.proposal(README, FIRST)
    for method, path in (
        ("GET", "compare/*"),
        ("POST", "check-runs"),
        ("POST", "pulls/*/reviews"),
        ("PATCH", "*"),
    ):
        it.on(method, path, faults.secondary_limit(1))
    it.review()
    newest_run = it.run()
    assert (newest_run.status, len(it.comments())) == ("completed", 3)
    return it.deliveries[0]


def test_a_review_that_is_limited_again_and_again_ends_too(played: Played) -> None:
    assert played(all_limited).status_code == 202


SCENES: tuple[tuple[serving.Scene[object], ...], ...] = (
    (everywhere,),
    (delivered_again, *OVERTAKEN, parked_and_overtaken, refused, all_limited),
)
"""For one server each."""
