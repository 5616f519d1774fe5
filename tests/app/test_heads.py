"""Which pull requests have a head: by our runs on it, by the commit, among the open ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.github.heads import pulls_with_head
from tests.app import github_job
from tests.app.github_job import Ground, Stage, made


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("heads")) as ground:
        yield ground
    ground.fake.check()


def found(it: Stage, sha: str = "") -> tuple[int, ...]:
    """By the head of the pull request, or another one."""

    async def ask() -> tuple[int, ...]:
        async with it.client() as client:
            return await pulls_with_head(client, it.repository.full_name, sha or it.pull.head_sha)

    return asyncio.run(ask())


def reviewed(ground: Ground) -> Stage:
    it = made(ground)
    asyncio.run(it.job())
    return it


def asked(it: Stage) -> list[str]:
    """What was looked at to find them, without numbers."""
    before = f"/repos/{it.repository.full_name}/"
    paths = [entry.path.removeprefix(before) for entry in it.requests("GET", "*")]
    return [
        "commits/pulls" if path.startswith("commits/") and path.endswith("/pulls") else path for path in paths
    ]


def test_our_run_names_the_pull_request(ground: Ground) -> None:
    it = reviewed(ground)
    assert found(it) == (7,)
    assert {"commits/pulls", "pulls"}.isdisjoint(asked(it))


def test_every_open_pull_request_with_the_head_counts(ground: Ground) -> None:
    it = reviewed(ground)
    (run,) = it.check_runs()
    it.fake.open_pull_request(it.repository, 8, head_sha=it.pull.head_sha)
    it.fake.hub.check_runs[0] = replace(run, id=0, external_id="8:job")
    try:
        assert set(found(it)) == {7, 8}
        it.fake.close_pull_request(it.pull)
        assert found(it) == (8,)
    finally:
        del it.fake.hub.check_runs[0]


def test_of_a_head_that_nobody_has_any_longer_the_newest_run_tells(ground: Ground) -> None:
    it = reviewed(ground)
    it.fake.close_pull_request(it.pull)
    assert found(it) == (7,)


def test_without_a_run_of_ours_the_commit_tells(ground: Ground) -> None:
    it = made(ground)
    it.fake.close_pull_request(it.fake.open_pull_request(it.repository, 8, head_sha=it.pull.head_sha))
    assert found(it) == (7,)
    assert "pulls" not in asked(it)


def test_a_pull_request_that_went_on_from_a_commit_has_another_head(ground: Ground) -> None:
    it = made(ground)
    sha = it.pull.head_sha
    it.push({"README.md": "more"})
    assert found(it, sha) == ()


def test_a_fork_is_found_among_the_open_ones(ground: Ground) -> None:
    it = made(ground)
    fork = it.fake.add_repository(f"{it.owner}-fork", "web", it.git_dir, "public", fork=True, installed=False)
    it.fake.open_pull_request(it.repository, 8, head_sha=it.pull.head_sha, fork=fork)
    del it.fake.hub.pulls[(it.repository.full_name.lower(), 7)]
    assert found(it) == (8,)
    assert {"commits/pulls", "pulls"} <= set(asked(it))


def test_nobody_has_it(ground: Ground) -> None:
    it = made(ground)
    it.fake.close_pull_request(it.pull)
    assert found(it) == ()
