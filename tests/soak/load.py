"""Ten thousand deliveries within a minute, over HTTP and signed, while the workers are busy with what comes of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.app import serving
from tests.app.cargo import README, WARNED
from tests.app.serving import Proposal, World
from tests.github.repositories import commit
from tests.soak.sending import Hit, Load, Shot, percentile, send

DELIVERIES, PULLS, SECONDS = 10_000, 200, 60.0
HEADS = DELIVERIES // PULLS
"""Pushes to each pull request."""
P99, SLOWEST = 0.25, 2.0
"""Seconds to the answer."""
DRAINED = 900.0
"""Seconds after the last delivery in which all reviews end."""
UPDATED = "2026-05-04T00:00:00Z"


@dataclass(frozen=True)
class Run:
    """What came of it."""

    proposals: tuple[Proposal, ...]
    hits: tuple[Hit, ...]
    states: Mapping[str, str]
    """By GUID."""
    newest: frozenset[str]
    """The GUIDs of each pull request's last head."""
    drained: float
    """Seconds between the last answer and the end of the last job."""


def heads(it: Proposal) -> list[str]:
    """Commits on top of each other, the same for all pull requests."""
    shas, parent = [], it.pull.base_sha
    for number in range(HEADS):
        files = WARNED if number == HEADS - 1 else {"README.md": f"Hello {number}\n"}
        parent = commit(it.git_dir(), "load", files, parent=parent)
        shas.append(parent)
    return shas


def shots(shas: Sequence[str], first: str) -> Iterator[Shot]:
    """Every pull request in its turn, again and again."""
    for number in range(DELIVERIES):
        push, pull = divmod(number, PULLS)
        moment = (datetime(2026, 5, 4, 12, tzinfo=UTC) + timedelta(seconds=push)).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
        replaced = ((first, shas[push]), (UPDATED, moment))
        yield Shot(number * SECONDS / DELIVERIES, f"load-{pull}-{push}", pull, replaced)


def body(it: Proposal) -> str:
    payload = it.fake.payloads.pull_request(it.pull, "synchronize")
    payload["pull_request"]["updated_at"] = UPDATED
    return json.dumps(payload)


def push_along(proposals: Sequence[Proposal], shas: Sequence[str], begin: float) -> None:
    """GitHub has a head just before it tells of it."""
    for number in range(DELIVERIES):
        push, pull = divmod(number, PULLS)
        time.sleep(max(0.0, begin + (number - 20) * SECONDS / DELIVERIES - time.time()))
        proposals[pull].fake.push(proposals[pull].pull, shas[push])


def states(world: World) -> dict[str, str]:
    with closing(sqlite3.connect(world.folder / "state/tidewaiter.db", timeout=30)) as database:
        return dict(database.execute("select delivery, state from tidewaiter_job").fetchall())


def stand_back(but: threading.Thread) -> None:
    """GitHub has machines of its own: the fake takes of this one what the server leaves."""
    for thread in threading.enumerate():
        if thread.native_id is not None and thread is not but:
            os.setpriority(os.PRIO_PROCESS, thread.native_id, 10)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with serving.world(tmp_path_factory.mktemp("load")) as world:
        proposals = tuple(world.proposal(README, WARNED) for _ in range(PULLS))
        first = proposals[0].pull.head_sha
        shas = heads(proposals[0])
        bodies = tuple(body(it) for it in proposals)
        begin = time.time() + 5
        load = Load(
            world.fake.webhook_url, world.fake.webhook_secret, bodies, tuple(shots(shas, first)), begin
        )
        pushing = threading.Thread(target=push_along, args=(proposals, shas, begin))
        pushing.start()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            sending = pool.submit(send, load)
            time.sleep(1)
            stand_back(but=pushing)
            hits = sending.result()
        pushing.join()
        ended = time.monotonic()
        while {"queued", "running"} & set(states(world).values()) and time.monotonic() < ended + DRAINED:
            time.sleep(1)
        drained = time.monotonic() - ended
        newest = frozenset(f"load-{number}-{HEADS - 1}" for number in range(PULLS))
        yield Run(proposals, tuple(hits), states(world), newest, drained)


def told(run: Run) -> str:
    statuses = Counter(hit.status for hit in run.hits)
    outcomes = Counter(run.states.values())
    runs = sum(len(it.runs()) for it in run.proposals)
    return (
        f"{len(run.hits)} deliveries for {PULLS} pull requests in {SECONDS:.0f} s: "
        f"p50 {percentile(run.hits, 50) * 1000:.0f} ms, p99 {percentile(run.hits, 99) * 1000:.0f} ms, "
        f"slowest {max(hit.seconds for hit in run.hits) * 1000:.0f} ms; answered {dict(statuses)}; "
        f"ended {dict(outcomes)}, with {runs} check runs, {run.drained:.0f} s after the last"
    )


def test_none_is_lost(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{told(run)}")
    assert Counter(hit.status for hit in run.hits) == {202: DELIVERIES}
    assert len(run.states) == DELIVERIES
    assert set(run.states.values()) == {"done", "superseded"}


def test_each_pull_request_comes_to_its_newest_head(run: Run) -> None:
    assert {run.states[guid] for guid in run.newest} == {"done"}
    for it in run.proposals:
        (last,) = it.runs(it.pull.head_sha)
        assert (last.status, last.title) == ("completed", "1 new finding: 1 warning")
        assert {one.status for one in it.runs()} == {"completed"}
        assert len(it.comments()) == 1


def test_most_heads_were_not_reviewed(run: Run) -> None:
    """What a newer head has overtaken costs no review."""
    superseded = sum(state == "superseded" for state in run.states.values())
    assert superseded >= DELIVERIES / 2


def test_github_is_answered_at_once(run: Run) -> None:
    assert percentile(run.hits, 99) <= P99
    assert max(hit.seconds for hit in run.hits) <= SLOWEST
