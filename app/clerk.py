"""Carries out what a person asked for, by a command in a comment or by a button of a check run, if they may."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from app import answers
from app.answers import Told
from app.commands import COMMANDS, EXPLAIN, FIX, HELP, IGNORE, Command, Who
from app.fixing import Fixer
from app.github.client import Access, App, Client
from app.github.conversation import NOT_TAKEN, TAKEN, may_write, react, say_once
from app.github.errors import NotFound
from app.github.pull import PullRequest, pull_request
from app.jobs import ALLOWED, DONE, Asked, Attempt, Job, Outcome, State
from app.memory import Memory
from app.report.ignored import Ignore
from checks.catalogue import catalogue, find
from checks.check import Check

TO_ANSWER = {"pull_requests": "write", "metadata": "read"}
"""What it takes to answer a command."""
Enforced = Callable[[int, str, datetime.datetime, Memory], Awaitable[frozenset[str]]]
"""As `app.governing.Configs.enforced`."""


class Clerk:
    """One for the process."""

    def __init__(self, app: App, enforced: Enforced, fixer: Fixer, pages: str) -> None:
        """`pages` is the address under which each check has its page; empty where nobody serves them."""
        self._app = app
        self._enforced = enforced
        self._fixer = fixer
        self._pages = pages

    async def answer(self, job: Job, asked: Asked, attempt: Attempt) -> Outcome:
        """A command: carried out if its author may, else only a reaction says that it is not."""
        command = next((it for it in COMMANDS if it.name == asked.command), None)
        if command is None:
            return Outcome.failed("no such command; another release accepted it")
        async with self._client(job) as client:
            try:
                pull = await pull_request(client, job.slug, job.pull_number)
            except NotFound:
                return Outcome.failed("the pull request or the repository is gone")
            if pull.closed:
                return DONE
            if not await _may(client, pull, command, asked.author) or await _too_often(command, attempt):
                await _react(client, job, asked, NOT_TAKEN)
                return DONE
            if command is IGNORE:
                return await self._ignore(client, job, asked, attempt, pull)
            await _react(client, job, asked, TAKEN)
            told = await self._told(job, asked, command, pull, attempt.memory)
            if told:
                await say_once(client, job.slug, pull.number, told.marker, told.body)
            else:
                await _review_again(job, attempt, asked.seen or pull.head_sha)
        return allowed(command)

    async def _told(
        self, job: Job, asked: Asked, command: Command, pull: PullRequest, memory: Memory
    ) -> Told | None:
        """The answer to a command that has one."""
        if command is HELP:
            return answers.help_()
        if command is EXPLAIN:
            return answers.explained(asked.check, _check(asked), self._pages)
        if command is FIX:
            return await self._fixer.fix(job, asked, pull, memory)
        return None

    async def gave_up(self, job: Job, asked: Asked) -> None:
        """Nobody is to wait for an answer."""
        async with self._client(job) as client:
            await _react(client, job, asked, NOT_TAKEN)

    def _client(self, job: Job) -> Client:
        return self._app.client(
            Access(job.installation_id, repository_ids=(job.repository_id,), permissions=TO_ANSWER)
        )

    async def _ignore(
        self, client: Client, job: Job, asked: Asked, attempt: Attempt, pull: PullRequest
    ) -> Outcome:
        """Kept, and the head reviewed again; or the answer says why not."""
        refusal = await self._kept(job, asked, attempt.memory)
        if refusal:
            await _react(client, job, asked, NOT_TAKEN)
            await say_once(client, job.slug, pull.number, refusal.marker, refusal.body)
            return DONE
        await _react(client, job, asked, TAKEN)
        await _review_again(job, attempt, pull.head_sha)
        return allowed(IGNORE)

    async def _kept(self, job: Job, asked: Asked, memory: Memory) -> Told | None:
        """Keeps what is to be ignored, and answers why it does not."""
        check = _check(asked)
        if check is None or not asked.reason:
            return answers.not_understood(asked, check)
        now = datetime.datetime.now(datetime.UTC)
        if check.id in await self._enforced(job.installation_id, job.slug, now, memory):
            return answers.enforced(asked, check)
        ignore = Ignore(check.id, asked.author, asked.reason)
        if not await memory.ignore(job.installation_id, job.repository_id, job.pull_number, ignore):
            return answers.too_many_ignored(asked)
        return None


async def _review_again(job: Job, attempt: Attempt, sha: str) -> None:
    await attempt.hand_on([replace(job, head_sha=sha, asked=None)])


def allowed(command: Command) -> Outcome:
    """That a command was carried out; how often, is counted by this."""
    return ALLOWED if command.name == "recheck" else Outcome(State.DONE, f"allowed {command.name}")


def _check(asked: Asked) -> Check | None:
    module = find(asked.check, catalogue())
    return module.check if module else None


async def _react(client: Client, job: Job, asked: Asked, content: str) -> None:
    """A button shows no reaction."""
    if asked.comment_id:
        await react(client, job.slug, asked.comment_id, content)


async def _may(client: Client, pull: PullRequest, command: Command, login: str) -> bool:
    """An author counts on a fork only: to open a pull request between two branches it is enough to read."""
    if command.who is Who.ANYONE:
        return True
    if command.who is Who.WRITERS_AND_FORKERS and pull.from_fork and pull.author.lower() == login.lower():
        return True
    return await may_write(client, pull.slug, login)


async def _too_often(command: Command, attempt: Attempt) -> bool:
    done = allowed(command)
    return any([await attempt.ended(done, limit.within) >= limit.most for limit in command.limits])
