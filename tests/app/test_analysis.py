"""The analysis in a child process: what comes back, and what happens when the child does not end well."""

from __future__ import annotations

import asyncio
import datetime
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import structs

from app import analysis
from app.analysis import AnalysisFailed, Analyst, Result, Task
from app.config.file import parse
from app.config.model import PATH, Layer, Role
from app.report.sarif import Source
from checks.catalogue import catalogue
from checks.chain import Image, Kind
from checks.engine import State
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.app.cargo import SCAN, SCAN_PATH, SHELL

TASK = Task(
    head=Snapshot.of({"Dockerfile": SHELL}),
    base=Snapshot.of({}),
    layers=(),
    slug="acme/shop",
    visibility="private",
    today=datetime.date(2026, 1, 1),
    source=Source("1.2.3", "https://example.org/checks/{}", "https://example.org"),
)
SLOW = Snapshot.of({f".github/workflows/{number}.yml": SCAN for number in range(8_000)})
"""Minutes of work."""


@contextmanager
def analysts(**limits: float) -> Iterator[Analyst]:
    analyst = Analyst(workers=1, **limits)  # type: ignore[arg-type]
    try:
        yield analyst
    finally:
        analyst.close()


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    """One whose children have no other limit than those of production."""
    with analysts() as made:
        yield made


def analysed(analyst: Analyst, **changes: object) -> Result:
    return asyncio.run(analyst.analyse(structs.replace(TASK, **changes)))


def layer(content: str, role: Role = Role.REPOSITORY) -> Layer:
    return parse(Text(PATH, content), role, [module.check for module in catalogue()], "acme")


def test_the_review_and_the_sarif_document_come_back(analyst: Analyst) -> None:
    result = analysed(analyst)
    (found,) = result.review.findings
    assert (found.check.id, found.state, found.finding.location.fragment) == (
        "shell-form-entrypoint",
        State.NEW,
        "ENTRYPOINT caddy run --resume",
    )
    (run,) = json.loads(result.sarif)["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["shell-form-entrypoint"]
    assert run["tool"]["driver"]["version"] == "1.2.3"


TRUST = """\
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:acme/shop:ref:refs/heads/main"
        }
      }
    }]
  })
}
"""


def test_what_github_knows_of_the_repository_reaches_the_checks(analyst: Analyst) -> None:
    changes = {"made": datetime.date(2026, 9, 1), "ids": (1234, 5678)}
    review = analysed(analyst, head=Snapshot.of({"iam.tf": TRUST}), **changes).review
    (fix,) = (one for found in review.findings for one in found.finding.fixes)
    assert "repo:acme@1234/shop@5678:ref:refs/heads/main" in fix.edits[0].replacement


def test_without_a_base_nothing_is_new_and_the_problem_is_told(analyst: Analyst) -> None:
    review = analysed(analyst, base=None, problems=("The base can't be read.",)).review
    assert [one.state for one in review.findings] == [State.KNOWN]
    assert review.incomplete == ("The base can't be read.",)


def test_renames_and_the_config_count(analyst: Analyst) -> None:
    base = Snapshot.of({"old.Dockerfile": SHELL})
    renamed = analysed(analyst, base=base, renames={"Dockerfile": "old.Dockerfile"}).review
    assert [one.state for one in renamed.findings] == [State.KNOWN]
    off = layer("version: 1\nchecks: {shell-form-entrypoint: off}\n")
    assert analysed(analyst, layers=(off,)).review.findings == ()


PUSH = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/shop:1'}
"""


def test_the_images_that_the_change_touches_come_back(analyst: Analyst) -> None:
    files = {".github/workflows/build.yml": PUSH, "Dockerfile": "FROM scratch\n"}
    changed = {**files, "Dockerfile": SHELL}
    result = analysed(analyst, head=Snapshot.of(changed), base=Snapshot.of(files))
    (image,) = result.images
    assert image.name == "ghcr.io/acme/shop"
    (build,) = image.of(Kind.BUILD)
    assert build.place
    assert build.place.path == ".github/workflows/build.yml"
    assert analysed(analyst, head=Snapshot.of(files), base=Snapshot.of(files)).images == ()
    assert analysed(analyst, head=Snapshot.of(changed), base=None).images == ()


def test_a_crash_over_the_images_is_told_and_the_review_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_head: object, _base: object) -> tuple[Image, ...]:
        raise KeyError("web")

    monkeypatch.setattr(analysis, "touched", broken)
    result = analysis._analyse(TASK)
    assert len(result.review.new) == 1
    assert result.images == ()
    assert result.notes == (
        "The way of the images could not be told, which is our fault: `KeyError: 'web'`.",
    )


def test_many_run_at_a_time_and_each_gets_its_own_answer(analyst: Analyst) -> None:
    async def several() -> list[Result]:
        heads: tuple[dict[str, str], ...] = ({"Dockerfile": SHELL}, {SCAN_PATH: SCAN}, {})
        tasks = (structs.replace(TASK, head=Snapshot.of(files)) for files in heads)
        return await asyncio.gather(*(analyst.analyse(task) for task in tasks))

    found = [[one.check.id for one in result.review.findings] for result in asyncio.run(several())]
    assert found == [["shell-form-entrypoint"], ["action-on-branch"], []]


def test_a_child_that_takes_too_long_is_killed_and_the_next_review_works() -> None:
    with analysts(seconds=1.5) as analyst:
        with pytest.raises(AnalysisFailed, match="longer than 2 s"):
            analysed(analyst, head=SLOW)
        assert len(analysed(analyst).review.findings) == 1


def test_a_child_that_needs_too_much_memory_fails_and_the_next_review_works() -> None:
    with analysts(memory=256 * 1024**2) as analyst:
        with pytest.raises(AnalysisFailed, match="more memory"):
            analysed(analyst, head=Snapshot.of({".dockerignore": "a\n" * 600_000}))
        assert len(analysed(analyst).review.findings) == 1


def children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def ended(child: int) -> None:
    """Returns once a child is gone."""
    for process in multiprocessing.active_children():
        if process.pid == child:
            process.join()


def computed(child: int) -> float:
    """Seconds that a child has computed: with some of them, it has begun what it was given.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    user, system = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def computing(child: int, seconds: float) -> None:
    """Returns once a child has computed for so long."""
    while computed(child) < seconds:
        time.sleep(0.05)


def test_a_child_that_dies_is_told_and_the_next_review_works() -> None:
    others = set(children())
    with analysts() as analyst:
        analysed(analyst)
        (child,) = set(children()) - others

        async def killed() -> None:
            before = computed(child)
            review = asyncio.create_task(analyst.analyse(structs.replace(TASK, head=SLOW)))
            await asyncio.to_thread(computing, child, before + 0.3)
            os.kill(child, signal.SIGKILL)
            await review

        with pytest.raises(AnalysisFailed, match="exit status -9"):
            asyncio.run(killed())
        assert len(analysed(analyst).review.findings) == 1


def test_a_child_that_dies_with_nothing_to_do_costs_no_review() -> None:
    others = set(children())
    with analysts() as analyst:
        analysed(analyst)
        (child,) = set(children()) - others
        os.kill(child, signal.SIGKILL)
        ended(child)
        assert len(analysed(analyst).review.findings) == 1


def test_children_that_cannot_start_fail_the_reviews_and_hang_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "_prepare", os._exit)
    with analysts() as analyst:
        for _ in range(2):
            with pytest.raises(AnalysisFailed, match="do not start"):
                analysed(analyst)
        monkeypatch.undo()
        assert len(analysed(analyst).review.findings) == 1


def test_a_child_with_too_little_memory_to_begin_with_is_told_and_hangs_nothing() -> None:
    with analysts(memory=64 * 1024**2) as analyst, pytest.raises(AnalysisFailed):
        analysed(analyst)


def test_a_cancelled_call_kills_its_child_and_close_the_others() -> None:
    others = set(children())
    with analysts() as analyst:
        analysed(analyst)
        (child,) = set(children()) - others

        async def cancelled() -> None:
            review = asyncio.create_task(analyst.analyse(structs.replace(TASK, head=SLOW)))
            await asyncio.sleep(0.5)
            review.cancel()
            with pytest.raises(asyncio.CancelledError):
                await review
            async with asyncio.timeout(30):
                await asyncio.to_thread(ended, child)

        asyncio.run(cancelled())
        assert len(analysed(analyst).review.findings) == 1
    assert set(children()) <= others
