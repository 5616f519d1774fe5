"""Finds what was lost while we were down, or GitHub was: deliveries that failed, and heads without a check run.

GitHub sends nothing again by itself, and takes for delivered what we answered with 2xx and then lost:
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterator, Sequence

import structlog
from msgspec import Struct

from app.github.answer import Answer
from app.github.check_run import pull_number, runs_on
from app.github.client import Access, App, Client
from app.github.deliveries import failed_deliveries, redeliver
from app.github.errors import GitHubError, NotFound, NoToken, RateLimited
from app.github.installations import Grants
from app.jobs import Accepted, Job
from app.memory import Memory
from checks.record import Record

_log = structlog.get_logger(__name__)

Accept = Callable[[str, Sequence[Job]], Awaitable[Accepted]]
"""As the queue's."""
PERMISSIONS = {"checks": "read", "pull_requests": "read", "metadata": "read"}
MOST_CALLS = 300
"""Calls with which one round looks for heads; the next round goes on where it stopped."""
MOST_REDELIVERED = 200
"""Deliveries that one round has sent again."""
MOST_ATTEMPTS = 5
"""Of one delivery; after as many something is wrong with it."""
MOST_PULLS = 300
"""Open pull requests of a repository that are looked at, those that changed last."""
SETTLING = datetime.timedelta(minutes=2)
"""How long after its last change a pull request is left to its delivery."""
FAILED_KEPT = datetime.timedelta(hours=6)
"""How long after a job failed its head is left alone."""
LEAST_LEFT = 0.5
"""Of an installation's rate limit; below, the reviews need the rest."""


class Reconciler:
    """One for the process: it remembers where its last round stopped."""

    def __init__(self, app: App, grants: Grants, most_calls: int = MOST_CALLS) -> None:
        self._app = app
        self._grants = grants
        self._most_calls = most_calls
        self._stopped_at = (0, 0)
        """Installation and repository."""

    async def run(self, accept: Accept, memory: Memory) -> None:
        """One round. A rate limit ends it; the next one finds what is left."""
        try:
            # So that no review has to.
            await self._grants.refresh()
            await self._redeliver(memory)
            await self._review(accept, memory)
        except RateLimited as limited:
            _log.warning("reconciliation is cut short", why=str(limited))
        _log.info("reconciled")

    async def _redeliver(self, memory: Memory) -> None:
        try:
            async with self._app.client() as client:
                failed = await failed_deliveries(client, _now())
                accepted = await memory.are_accepted([one.guid for one in failed])
                wanted = [it for it in failed if it.guid not in accepted and it.attempts < MOST_ATTEMPTS]
                sent = await redeliver(client, wanted[:MOST_REDELIVERED])
        except RateLimited:
            raise
        except GitHubError as error:
            _log.warning("failed deliveries are not known", why=str(error))
            return
        if failed:
            _log.info("failed deliveries", found=len(failed), redelivered=sent)

    async def _review(self, accept: Accept, memory: Memory) -> None:
        async with self._app.client() as client:
            installations = [
                it["id"].number() for it in await client.pages("/app/installations") if not it["suspended_at"]
            ]
        budget = _Budget(self._most_calls)
        stopped, start = self._stopped_at
        for number in _from(sorted(installations), stopped):
            self._stopped_at = (number, 0)
            after = await self._installation(
                number, start if number == stopped else 0, accept, memory, budget
            )
            if budget.is_spent:
                self._stopped_at = (number, after)
                return
        self._stopped_at = (0, 0)

    async def _installation(
        self, number: int, after: int, accept: Accept, memory: Memory, budget: _Budget
    ) -> int:
        """Looks at an installation's repositories from the one behind `after` on; the last it came to."""
        async with self._app.client(Access(number, permissions=PERMISSIONS)) as client:
            try:
                if not await _may_go_on(client):
                    return after
                repositories = await client.pages("/installation/repositories", key="repositories")
                for repository in sorted(repositories, key=lambda it: it["id"].number()):
                    if repository["id"].number() <= after or repository["archived"].value is True:
                        continue
                    if budget.is_spent_by(client):
                        return after
                    look = _Look(client, number, repository, memory)
                    for job in await look.lost():
                        await accept(job.delivery, [job])
                        _log.info("a head without a check run", job=job.id)
                    after = repository["id"].number()
            except (NoToken, NotFound) as gone:
                _log.info("an installation is left out", installation=number, why=str(gone))
            finally:
                budget.take(client)
        return after


class _Budget(Struct):
    """Calls that are left to a round."""

    left: int

    @property
    def is_spent(self) -> bool:
        return self.left <= 0

    def is_spent_by(self, client: Client) -> bool:
        return len(client.calls) >= self.left

    def take(self, client: Client) -> None:
        self.left -= len(client.calls)


class _Look(Record):
    """At one repository."""

    client: Client
    installation_id: int
    repository: Answer
    memory: Memory

    async def lost(self) -> list[Job]:
        """A job for each open pull request whose head we know nothing of; none where GitHub does not tell."""
        slug = self.repository["full_name"].text()
        query = {"state": "open", "sort": "updated", "direction": "desc"}
        try:
            pulls = await self.client.pages(f"/repos/{slug}/pulls", query, most=MOST_PULLS)
            jobs = [self._job(slug, pull) for pull in pulls]
            return [job for job in jobs if await self._is_lost(slug, job)]
        except (RateLimited, NoToken):
            raise
        except GitHubError as error:
            _log.warning("a repository is left out", repository=slug, why=str(error))
            return []

    def _job(self, slug: str, pull: Answer) -> Job:
        """By a name of the day's, so that one that was given up comes again, and not too often."""
        owner, _, name = slug.partition("/")
        number, sha = pull["number"].number(), pull["head"]["sha"].text()
        repository_id, now = self.repository["id"].number(), _now()
        return Job(
            installation_id=self.installation_id,
            owner=owner,
            repository=name,
            repository_id=repository_id,
            pull_number=number,
            head_sha=sha,
            delivery=f"reconcile-{repository_id}-{number}-{sha[:12]}-{now:%Y%m%d}",
            event="reconcile",
            action="",
            as_of=datetime.datetime.fromisoformat(pull["updated_at"].text()),
            received_at=now,
        )

    async def _is_lost(self, slug: str, job: Job) -> bool:
        if job.as_of is None or job.as_of > _now() - SETTLING:
            return False
        failed_since = (_now() - FAILED_KEPT).timestamp()
        if await self.memory.is_known(job.repository_id, job.pull_number, job.head_sha, failed_since):
            return False
        runs = await runs_on(self.client, slug, job.head_sha)
        return not any(run.completed and pull_number(run.external_id) == job.pull_number for run in runs)


async def _may_go_on(client: Client) -> bool:
    """Whether enough of the rate limit is left. Asking costs nothing of it; a server of one's own may have none.

    https://docs.github.com/en/rest/rate-limit/rate-limit
    """
    try:
        core = (await client.get("/rate_limit"))["resources"]["core"]
    except NotFound:
        return True
    return core["remaining"].number() >= core["limit"].number() * LEAST_LEFT


def _from(numbers: Sequence[int], first: int) -> Iterator[int]:
    """All of them, beginning with the first that is not below `first`."""
    yield from (number for number in numbers if number >= first)
    yield from (number for number in numbers if number < first)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
