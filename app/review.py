"""A job's work: a pull request is fetched, analysed and told about. Reads as a list of steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from app.analysis import AnalysisFailed
from app.examine import Examined, Examiner, GoOn, at_any_rate
from app.github import check_run
from app.github.check_run import Run
from app.github.client import Client
from app.github.errors import NotFound, Superseded
from app.github.installations import Grants
from app.github.publish import Standing, look, publish
from app.github.pull import PullRequest, pull_request
from app.jobs import DONE, SUPERSEDED, Attempt, Job, Outcome
from app.keeping import Keeping
from app.memory import Memory
from app.report.ignored import Ignore
from app.report.markdown import counted
from app.report.outcome import RECHECK, failed, has_safe_fix
from app.report.plan import Plan, plan
from app.report.subject import Options, Subject
from app.report.ways import ways
from checks.check import Severity
from checks.record import Record

MOST_SHARING = 5
"""Other pull requests with the same head that a check run speaks of."""


class _Sharing(Record):
    """The other open pull requests with the head, each compared with its own base."""

    reviews: tuple[Examined, ...] = ()
    numbers: tuple[int, ...] = ()
    left_out: int = 0

    @property
    def notes(self) -> list[str]:
        if not self.numbers:
            return []
        listed = " and ".join(f"pull request {number}" for number in self.numbers)
        more = f" {counted(self.left_out, 'more')} not compared." if self.left_out else ""
        return [
            f"{listed[:1].upper()}{listed[1:]} {'has' if len(self.numbers) == 1 else 'have'} the same head: what is new to one of them counts here.{more}"
        ]


class Prepared(Record):
    """A review that has yet to be published."""

    plan: Plan
    standing: Standing
    """What the plan was made from."""
    examined: Examined
    notes: tuple[str, ...]
    """The sentences of the check run that are about this review."""


class Reviewer:
    """Reviews pull requests. One for the process."""

    def __init__(self, examiner: Examiner, grants: Grants, keeping: Keeping | None = None) -> None:
        """Without `keeping` nothing is kept of a review, and its check run leads to no page of ours."""
        self._examiner = examiner
        self._keeping = keeping
        self._grants = grants

    async def perform(self, job: Job, attempt: Attempt) -> Outcome:
        """Reviews the job's head. What it raises may go well another time."""
        try:
            async with self._examiner.client(job) as client:
                return await self._review(client, job, attempt)
        except Superseded:
            await self._left(job, attempt)
            return SUPERSEDED
        except AnalysisFailed as failure:
            return Outcome.failed(str(failure))

    async def gave_up(self, job: Job, reason: str) -> None:
        """Concludes the check run of a job that failed, so that nobody waits for it."""
        async with self._examiner.client(job) as client:
            try:
                pull = await pull_request(client, job.slug, job.pull_number)
            except NotFound:
                return
            if pull.head_sha == job.head_sha:
                fails = await self._examiner.incomplete_fails(job)
                outcome = replace(failed(reason, job.delivery, fails=fails), actions=(RECHECK,))
                await check_run.give_up(client, pull, job.id, outcome)
            else:
                await check_run.leave(client, pull, job.head_sha)

    async def _review(self, client: Client, job: Job, attempt: Attempt) -> Outcome:
        try:
            pull = await pull_request(client, job.slug, job.pull_number)
        except NotFound:
            return Outcome.failed("the pull request or the repository is gone")
        if pull.head_sha != job.head_sha:
            if job.as_of is None:
                await check_run.decline(client, pull, job.head_sha, job.id)
            await check_run.leave(client, pull, job.head_sha)
            await self._left(job, attempt)
            return SUPERSEDED
        shelf = self._keeping.shelf(job) if self._keeping else None
        address = shelf.address if shelf else ""
        run = await check_run.start(client, pull, job.id, address)
        if run.completed:
            return DONE
        go_on = partial(_unless_superseded, client, pull, attempt)
        made = await self.prepare(client, job, pull, run, attempt.memory, address, go_on)
        if shelf:
            title = made.plan.check_run.title
            await shelf.keep(attempt.memory, job, pull, made.examined, title, made.notes)
        await publish(client, pull, run, made.plan, made.standing)
        return DONE

    async def prepare(
        self,
        client: Client,
        job: Job,
        pull: PullRequest,
        run: Run,
        memory: Memory,
        details_url: str = "",
        go_on: GoOn = at_any_rate,
    ) -> Prepared:
        """Everything that comes before the first word is written. Raises as `Examiner.examine`."""
        ignores = await memory.ignores(pull.repository_id, pull.number)
        examined = await self._examiner.examine(client, job, pull, memory, ignores, go_on)
        # Where nobody has commented there is nothing to look for; should that change, publishing looks.
        standing = await look(client, pull, run.app_slug) if pull.review_comments else Standing((), 0)
        sharing = await self._sharing(client, job, pull, run, memory)
        can_commit = await self._can_commit(job, pull, examined)
        subject = _subject(examined, pull, can_commit=can_commit)
        notes = (*examined.notes, *_enforced(examined, ignores), *sharing.notes)
        told = plan(
            examined.result.review,
            replace(subject, details_url=details_url),
            _options(examined, sharing.reviews),
            standing.posted,
            sarif=examined.result.sarif,
            notes=notes,
            ways=ways(examined.result.images, examined.links),
            shared=[other.result.review for other in sharing.reviews],
            ignored=examined.result.ignored,
        )
        return Prepared(told, standing, examined, notes)

    async def _sharing(
        self, client: Client, job: Job, pull: PullRequest, run: Run, memory: Memory
    ) -> _Sharing:
        """Asked after the run was made: a pull request that comes later makes a later run, which speaks of
        this one, so that the newest run always speaks of all."""
        known = await memory.pulls_at(pull.repository_id, pull.head_sha)
        numbers = sorted({*run.shared_with, *known} - {pull.number})
        others: list[PullRequest] = []
        for number in numbers[: 2 * MOST_SHARING]:
            try:
                other = await pull_request(client, pull.slug, number)
            except NotFound:
                continue
            if other.head_sha == pull.head_sha and not other.closed:
                others.append(other)
        reviews = []
        for other in others[:MOST_SHARING]:
            ignores = await memory.ignores(pull.repository_id, other.number)
            reviews.append(await self._examiner.examine(client, job, other, memory, ignores))
        return _Sharing(
            tuple(reviews),
            tuple(other.number for other in others[:MOST_SHARING]),
            len(others[MOST_SHARING:]),
        )

    async def _left(self, job: Job, attempt: Attempt) -> None:
        """The head is no longer the pull request's, and its run says so; to another pull request that still
        has it that would be the last word."""
        known = await attempt.memory.pulls_at(job.repository_id, job.head_sha)
        others = [number for number in known if number != job.pull_number][:MOST_SHARING]
        async with self._examiner.client(job) as client:
            for number in others:
                try:
                    other = await pull_request(client, job.slug, number)
                except NotFound:
                    continue
                if other.head_sha == job.head_sha and not other.closed:
                    await attempt.hand_on([replace(job, pull_number=number, as_of=None, asked=None)])
                    return

    async def _can_commit(self, job: Job, pull: PullRequest, examined: Examined) -> bool:
        """Asked only where there is something to commit."""
        if pull.from_fork or not has_safe_fix(examined.result.review.new):
            return False
        return await self._grants.has(job.installation_id, "contents", "write")


async def _unless_superseded(client: Client, pull: PullRequest, attempt: Attempt) -> None:
    """The queue knows at once of a newer head, GitHub knows whether it still is one."""
    if await attempt.superseded():
        there = await pull_request(client, pull.slug, pull.number)
        if there.head_sha != pull.head_sha:
            await check_run.leave(client, there, pull.head_sha)
            raise Superseded(there.head_sha)


def _subject(examined: Examined, pull: PullRequest, *, can_commit: bool) -> Subject:
    fetched = examined.fetched
    return Subject(
        links=examined.links,
        hunks=fetched.hunks,
        texts=fetched.head.texts,
        draft=pull.draft,
        closed=pull.closed,
        locked=pull.locked,
        reviewed=fetched.reviewed,
        can_commit=can_commit,
        broken_config=examined.governing.broken,
    )


def _options(examined: Examined, others: Sequence[Examined]) -> Options:
    """What fails for one of the pull requests fails for the head."""
    configs = [examined.config, *(other.config for other in others)]

    def fails(check: str, severity: Severity) -> bool:
        return any(config.fails(check, severity) for config in configs)

    return replace(
        examined.options, fails=fails, incomplete_fails=any(config.incomplete_fails for config in configs)
    )


def _enforced(examined: Examined, ignores: Sequence[Ignore]) -> list[str]:
    """Commands that the organisation overrules."""
    enforced = examined.config.choices.enforced
    return [
        f"`{one.check}` counts although it was asked to be ignored: the organisation enforces it."
        for one in ignores
        if one.check in enforced
    ]
