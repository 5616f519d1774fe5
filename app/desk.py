"""Where jobs arrive, and who does which.

An event decides whether something is reviewed, and what; never how.
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog
from msgspec.structs import replace

from app.clerk import Clerk
from app.github.client import Access, App
from app.github.errors import Forbidden, NotFound, NoToken, RateLimited, Unprocessable
from app.github.heads import pulls_with_head
from app.github.refusal import MINUTE
from app.jobs import DONE, Attempt, GaveUp, Job, Kind, Outcome, Perform, RetryLater
from checks.record import Record

_log = structlog.get_logger(__name__)
T = TypeVar("T")

TO_FIND = {"checks": "read", "pull_requests": "read", "metadata": "read"}
"""What it takes to find the pull requests of a head."""
AGAIN = 2.0
"""Seconds before what GitHub refused is tried once more: it may not know yet what was pushed a moment ago."""
_REFUSALS = (Forbidden, NotFound, Unprocessable)
_LONGEST_DOUBLED = 5
"""How often the wait under a rate limit is doubled where GitHub does not say how long it lasts."""


class Hand(Record):
    """Who does jobs of a kind."""

    perform: Perform
    gave_up: GaveUp


class Desk:
    """Does jobs of every kind. One for the process."""

    def __init__(self, app: App, hands: Mapping[Kind, Hand], clerk: Clerk) -> None:
        """`hands` has one for each kind but what is to be forgotten."""
        self._app = app
        self._hands = hands
        self._clerk = clerk

    async def perform(self, job: Job, attempt: Attempt) -> Outcome:
        """As `app.jobs.Perform`."""
        try:
            return await self._persistently(lambda: self._perform(job, attempt))
        except RateLimited as limited:
            raise RetryLater(_not_before(limited, attempt), "GitHub's rate limit") from limited
        except (NoToken, *_REFUSALS) as refused:
            return Outcome.failed(f"GitHub refused {refused}")

    async def _perform(self, job: Job, attempt: Attempt) -> Outcome:
        if job.kind is Kind.FORGET:
            return await _forget(job, attempt)
        if job.asked:
            return await self._clerk.answer(job, job.asked, attempt)
        if job.kind is Kind.REVIEW and not job.pull_number:
            return await self._find(job, attempt)
        return await self._hands[job.kind].perform(job, attempt)

    async def _persistently(self, act: Callable[[], Awaitable[T]]) -> T:
        """A refusal counts when it comes twice; no further try would help."""
        try:
            return await act()
        except _REFUSALS as refused:
            _log.warning("refused, and tried once more", why=str(refused))
            await self._app.pause(AGAIN)
            return await act()

    async def gave_up(self, job: Job, reason: str) -> None:
        """As `app.jobs.GaveUp`. Of what has not become a review there is no check run to conclude."""
        try:
            await self._persistently(lambda: self._tell(job, reason))
        except (NoToken, *_REFUSALS) as refused:
            _log.warning("nobody can be told", job=job.id, why=str(refused))

    async def _tell(self, job: Job, reason: str) -> None:
        if job.asked:
            await self._clerk.gave_up(job, job.asked)
        elif job.kind is Kind.REVIEW and not job.pull_number:
            return
        elif job.kind is not Kind.FORGET:
            await self._hands[job.kind].gave_up(job, reason)

    async def _find(self, job: Job, attempt: Attempt) -> Outcome:
        """A head that is to be reviewed again: each pull request that has it."""
        access = Access(job.installation_id, repository_ids=(job.repository_id,), permissions=TO_FIND)
        async with self._app.client(access) as client:
            numbers = await pulls_with_head(client, job.slug, job.head_sha)
        _log.info("found by head", job=job.id, pull_requests=numbers)
        await attempt.hand_on([replace(job, pull_number=number) for number in numbers])
        return DONE


def _not_before(limited: RateLimited, attempt: Attempt) -> datetime.datetime:
    """When the job may go on: as GitHub says, or else each time after twice as long as the time before.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if limited.told:
        return limited.not_before
    return limited.not_before + MINUTE * ((1 << min(attempt.number - 1, _LONGEST_DOUBLED)) - 1)


async def _forget(job: Job, attempt: Attempt) -> Outcome:
    memory = attempt.memory
    if job.pull_number:
        await memory.forget_pull(job.repository_id, job.pull_number)
    elif job.repository_id:
        await memory.forget_repository(job.installation_id, job.repository_id, job.slug, job.received_at)
    else:
        await memory.forget_installation(job.installation_id, job.received_at)
    return DONE
