"""What is found after we, or GitHub, were down."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from msgspec import structs

from app.github.installations import Grants
from app.intake import Offer
from app.jobs import DONE, Accepted, Job, Outcome
from app.ledger import Ledger
from app.reconcile import MOST_ATTEMPTS, Reconciler
from app.statedir import database_url
from tests.app import github_job, payloads, remembered
from tests.app.github_job import Stage
from tests.app.github_job import made as made_stage
from tests.fake_github.shop import Receiver, receiving
from tests.github import faults
from tests.github.state import CheckRun

OLD = "2026-05-04T12:00:00Z"


@dataclass
class Round:
    """A fake of its own with one pull request, and what a round of reconciliation did about it."""

    it: Stage
    folder: Path
    accepted: list[Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.it.pull.created_at = OLD
        self.memory = remembered.memory(self.folder / "memory")
        self.ledger = Ledger(database_url(self.folder / "memory"))
        self.reconciler = Reconciler(self.it.app, Grants(self.it.app))

    async def _accept(self, delivery: str, jobs: Sequence[Job]) -> Accepted:
        assert {job.delivery for job in jobs} == {delivery}
        self.accepted += jobs
        return Accepted.QUEUED

    def run(self) -> list[Job]:
        self.accepted.clear()
        self.it.calls.clear()
        asyncio.run(self.reconciler.run(self._accept, self.memory))
        self.it.fake.hookshot.wait()
        return list(self.accepted)

    def add(self, name: str) -> None:
        """Another repository with a pull request of the same content."""
        repository = self.it.fake.add_repository(self.it.owner, name, self.it.git_dir, "public")
        pull = self.it.fake.open_pull_request(repository, 7, head_sha=self.it.pull.head_sha)
        pull.created_at = OLD

    def job(self, ended: Outcome | None, delivery: str = "guid") -> None:
        """Of the pull request's head, as a delivery brought it."""
        job = structs.replace(
            payloads.job(7),
            repository_id=self.it.repository.id, head_sha=self.it.pull.head_sha, delivery=delivery,
        )  # fmt: skip
        self.ledger.accept([Offer(delivery, [job])], 100, lambda *_: None)
        if ended:
            self.ledger.finish(job.id, 1, ended)

    def check_run(self, **how: object) -> None:
        head = self.it.pull.head_sha
        suite = self.it.fake.hub.suite(self.it.repository, head)
        run = CheckRun(
            9, self.it.repository.full_name, "Tidewaiter", head, self.it.fake.app_id, suite, "completed", "success",
            OLD, OLD, external_id="7:guid",
        )  # fmt: skip
        self.it.fake.hub.check_runs[9] = replace(run, **how)  # type: ignore[arg-type]  # fields of a run


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Round]:
    with github_job.ground(tmp_path) as ground:
        yield Round(made_stage(ground), tmp_path)


# Heads


def test_a_head_without_a_check_run_is_reviewed(lost: Round) -> None:
    (job,) = lost.run()
    pull, repository = lost.it.pull, lost.it.repository
    assert (job.pull_number, job.head_sha, job.repository_id) == (7, pull.head_sha, repository.id)
    assert (job.slug, job.installation_id) == (repository.full_name, lost.it.installation.id)
    assert job.as_of == datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
    assert job.delivery.startswith(f"reconcile-{repository.id}-7-{pull.head_sha[:12]}-")
    assert Job.from_json(job.to_json()) == job


def test_a_head_with_a_check_run_of_ours_is_not(lost: Round) -> None:
    lost.check_run()
    assert lost.run() == []


@pytest.mark.parametrize(
    "how", [{"external_id": "8:guid"}, {"app_id": 1}, {"name": "Other"}, {"status": "in_progress"}]
)
def test_another_run_does_not_count(lost: Round, how: dict[str, object]) -> None:
    """Of another pull request or another App; or one that was begun and that nobody is at."""
    lost.check_run(**how)
    assert len(lost.run()) == 1


def test_what_the_queue_knows_of_takes_no_call(lost: Round) -> None:
    lost.job(None)
    assert lost.run() == []
    assert not [path for _, path, _ in lost.it.calls if "check-runs" in path]


def test_what_failed_a_moment_ago_is_left_alone_and_later_tried_again(
    lost: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.job(Outcome.failed("no"))
    assert lost.run() == []
    monkeypatch.setattr("app.reconcile.FAILED_KEPT", datetime.timedelta(0))
    assert len(lost.run()) == 1


def test_closed_and_new_pull_requests_are_left_alone(lost: Round) -> None:
    lost.it.pull.created_at = lost.it.fake.hub.clock.stamp()
    assert lost.run() == []
    lost.it.pull.created_at = OLD
    lost.it.fake.close_pull_request(lost.it.pull)
    assert lost.run() == []


def test_archived_repositories_and_suspended_installations_are_left_alone(lost: Round) -> None:
    lost.it.repository.archived = True
    assert lost.run() == []
    lost.it.repository.archived = False
    lost.it.installation.suspended = True
    assert lost.run() == []
    lost.it.installation.suspended = False
    lost.it.installation.permissions.pop("checks")
    assert lost.run() == []


def test_a_repository_that_fails_does_not_hide_the_others(lost: Round) -> None:
    lost.add("other")
    lost.it.fake.faults.on(
        "GET", f"/repos/{lost.it.repository.full_name}/pulls", kind=faults.bad_gateway(), times=None
    )
    assert [job.repository for job in lost.run()] == ["other"]


def test_a_round_makes_only_so_many_calls_and_the_next_goes_on(lost: Round) -> None:
    for number in range(6):
        lost.add(f"more{number}")
    lost.reconciler = Reconciler(lost.it.app, Grants(lost.it.app), most_calls=6)
    seen = []
    for _ in range(7):
        jobs = lost.run()
        assert len(lost.it.calls) <= 13, (
            "with those that tell which installations there are, and what is left"
        )
        seen += [job.repository for job in jobs]
        if len(seen) >= 7:
            break
    assert sorted(seen)[:7] == sorted({*seen})
    assert len({*seen}) == 7


def test_the_reviews_get_the_rest_of_a_rate_limit(lost: Round) -> None:
    lost.it.fake.limits.primary = 20
    for _ in range(11):
        lost.it.fake.limits.admit(lost.it.fake.hub.clock.now(), "GET", creates=False)
    assert lost.run() == []
    assert not [path for _, path, _ in lost.it.calls if path.endswith("/pulls")]


def test_a_rate_limit_ends_a_round_and_no_more(lost: Round) -> None:
    lost.it.fake.faults.on("GET", "*/pulls", kind=faults.secondary_limit(60))
    assert lost.run() == []
    assert len(lost.run()) == 1


# Deliveries


@pytest.fixture
def receiver(lost: Round) -> Iterator[Receiver]:
    with receiving(lost.it.fake) as made:
        yield made


def deliver(lost: Round, guid: str) -> None:
    lost.it.fake.deliver(
        "pull_request", lost.it.fake.payloads.pull_request(lost.it.pull, "opened"), guid=guid
    )


def guids(receiver: Receiver) -> list[str]:
    return [headers["X-GitHub-Delivery"] for headers, _ in receiver.got]


def test_a_delivery_that_failed_is_sent_again(lost: Round, receiver: Receiver) -> None:
    receiver.answers.extend([503, 202])
    deliver(lost, "failed")
    deliver(lost, "fine")
    lost.run()
    assert guids(receiver) == ["failed", "fine", "failed"]
    lost.run()
    assert len(receiver.got) == 3, "the second attempt came through"


def test_the_oldest_is_sent_first_and_each_once(lost: Round, receiver: Receiver) -> None:
    receiver.answers.extend([503] * 3)
    for guid in ("one", "two", "one"):
        deliver(lost, guid)
    lost.run()
    assert sorted(guids(receiver)[3:]) == ["one", "two"]


def test_a_delivery_that_we_have_all_the_same_is_not(lost: Round, receiver: Receiver) -> None:
    """GitHub waited no longer, and we had stored it."""
    receiver.answers.extend([503])
    lost.job(DONE, delivery="slow")
    deliver(lost, "slow")
    lost.run()
    assert guids(receiver) == ["slow"]


def test_what_never_comes_through_is_let_go(lost: Round, receiver: Receiver) -> None:
    receiver.answers.extend([400] * 20)
    deliver(lost, "hopeless")
    for _ in range(10):
        lost.run()
    assert len(receiver.got) == MOST_ATTEMPTS


def test_what_is_older_than_three_days_is_let_go(lost: Round, receiver: Receiver) -> None:
    receiver.answers.extend([503])
    deliver(lost, "old")
    lost.it.fake.hub.clock.advance(4 * 86_400)
    lost.run()
    assert guids(receiver) == ["old"]


def test_a_log_of_many_pages_is_read(lost: Round, receiver: Receiver) -> None:
    receiver.answers.extend([503] * 130)
    for number in range(130):
        deliver(lost, f"n{number}")
    lost.run()
    assert len({*guids(receiver)[130:]}) == 130


def test_without_a_log_the_heads_are_looked_for_nevertheless(lost: Round) -> None:
    lost.it.fake.faults.on("GET", "/app/hook/deliveries", kind=faults.status(403, "no webhook"))
    assert len(lost.run()) == 1
