"""Where jobs arrive: a review is handed to the reviewer; what a person asked for becomes one, if it may.

An event decides whether something is reviewed, and what; never how.
"""

from __future__ import annotations

import datetime
from dataclasses import replace

import structlog

from app.commands import (
    COMMANDS,
    HELP,
    MARKER,
    PER_HALF_MINUTE,
    PER_HOUR,
    RECHECK,
    Command,
    Who,
    answer,
)
from app.github.client import Access, App, Client
from app.github.conversation import NOT_TAKEN, TAKEN, may_write, react, say_once
from app.github.errors import NotFound, RateLimited
from app.github.heads import pulls_with_head
from app.github.pull import PullRequest, pull_request
from app.jobs import ALLOWED, DONE, Asked, Attempt, GaveUp, Job, Outcome, Perform, RetryLater

_log = structlog.get_logger(__name__)

TO_FIND = {"checks": "read", "pull_requests": "read", "metadata": "read"}
"""What it takes to find the pull requests of a head."""
TO_ANSWER = {"pull_requests": "write", "metadata": "read"}
"""What it takes to answer a command."""
_LIMITS = ((PER_HALF_MINUTE, datetime.timedelta(seconds=30)), (PER_HOUR, datetime.timedelta(hours=1)))


class Desk:
    """Does jobs of every kind. One for the process."""

    def __init__(self, app: App, review: Perform, review_gave_up: GaveUp) -> None:
        self._app = app
        self._review = review
        self._review_gave_up = review_gave_up

    async def perform(self, job: Job, attempt: Attempt) -> Outcome:
        """As `app.jobs.Perform`."""
        try:
            if job.asked:
                return await self._answer(job, job.asked, attempt)
            if not job.pull_number:
                return await self._find(job, attempt)
        except RateLimited as limited:
            raise RetryLater(limited.not_before, "GitHub's rate limit") from limited
        return await self._review(job, attempt)

    async def gave_up(self, job: Job, reason: str) -> None:
        """As `app.jobs.GaveUp`. Of what has not become a review there is no check run to conclude."""
        if job.asked:
            async with self._client(job, TO_ANSWER) as client:
                await react(client, job.slug, job.asked.comment_id, NOT_TAKEN)
        elif job.pull_number:
            await self._review_gave_up(job, reason)

    def _client(self, job: Job, permissions: dict[str, str]) -> Client:
        return self._app.client(
            Access(job.installation_id, repository_ids=(job.repository_id,), permissions=permissions)
        )

    async def _find(self, job: Job, attempt: Attempt) -> Outcome:
        """A head that is to be reviewed again: each pull request that has it."""
        async with self._client(job, TO_FIND) as client:
            numbers = await pulls_with_head(client, job.slug, job.head_sha)
        _log.info("found by head", job=job.id, pull_requests=numbers)
        await attempt.hand_on([replace(job, pull_number=number) for number in numbers])
        return DONE

    async def _answer(self, job: Job, asked: Asked, attempt: Attempt) -> Outcome:
        """A command: carried out if its author may, else only a reaction says that it is not."""
        command = next((it for it in COMMANDS if it.name == asked.command), None)
        if command is None:
            return Outcome.failed("no such command; another release accepted it")
        async with self._client(job, TO_ANSWER) as client:
            try:
                pull = await pull_request(client, job.slug, job.pull_number)
            except NotFound:
                return Outcome.failed("the pull request or the repository is gone")
            if pull.closed:
                return DONE
            if not await _may(client, pull, command, asked.author) or await _too_often(command, attempt):
                await react(client, job.slug, asked.comment_id, NOT_TAKEN)
                return DONE
            await react(client, job.slug, asked.comment_id, TAKEN)
            if command is HELP:
                await say_once(client, job.slug, pull.number, MARKER, answer())
                return DONE
        await attempt.hand_on([replace(job, head_sha=pull.head_sha, asked=None)])
        return ALLOWED


async def _may(client: Client, pull: PullRequest, command: Command, login: str) -> bool:
    """An author counts on a fork only: to open a pull request between two branches it is enough to read."""
    if command.who is Who.ANYONE:
        return True
    if pull.from_fork and pull.author.lower() == login.lower():
        return True
    return await may_write(client, pull.slug, login)


async def _too_often(command: Command, attempt: Attempt) -> bool:
    if command is not RECHECK:
        return False
    return any([await attempt.ended(ALLOWED, within) >= most for most, within in _LIMITS])
