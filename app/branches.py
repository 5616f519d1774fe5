"""What is no pull request: a merge group's head gets its check run, the default branch a baseline for alerts."""

from __future__ import annotations

from msgspec.structs import replace

from app.analysis import AnalysisFailed
from app.examine import Examiner
from app.github import check_run
from app.github.client import Client
from app.github.errors import Forbidden, NotFound, Unprocessable
from app.github.publish import upload_sarif
from app.github.pull import Revision, revision
from app.jobs import DONE, SUPERSEDED, Attempt, Branch, Job, Kind, Outcome, State
from app.report.outcome import failed
from app.report.plan import plan
from app.report.subject import Subject


class Branches:
    """Reviews commits of branches. One for the process."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner

    async def group(self, job: Job, attempt: Attempt) -> Outcome:
        """A merge group: the queue waits for the check run on its head, and nobody reads comments there.

        https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
        """
        async with self._examiner.client(job) as client:
            try:
                head = await _head(client, job)
                run = await check_run.start(client, head, job.id)
            except (NotFound, Unprocessable):
                # The queue has taken the group apart, and its commit is gone.
                return SUPERSEDED
            if run.completed:
                return DONE
            pull = _branch(job).pull_number
            ignores = await attempt.memory.ignores(job.repository_id, pull) if pull else ()
            try:
                examined = await self._examiner.examine(client, job, head, attempt.memory, ignores)
            except AnalysisFailed as failure:
                return Outcome.failed(str(failure))
            told = plan(
                examined.result.review,
                Subject(
                    links=examined.links,
                    texts=examined.fetched.head.texts,
                    reviewed=examined.fetched.reviewed,
                    is_pull_request=False,
                    broken_config=examined.governing.broken,
                ),
                examined.options,
                notes=examined.notes,
                ignored=examined.result.ignored,
            )
            await check_run.conclude(client, head.slug, run, told.check_run)
        return DONE

    async def group_gave_up(self, job: Job, reason: str) -> None:
        """Concludes the check run of a job that failed: else the queue would wait for it."""
        async with self._examiner.client(job) as client:
            try:
                head = await _head(client, job)
                outcome = failed(reason, job.delivery, fails=await self._examiner.incomplete_fails(job))
                await check_run.give_up(client, head, job.id, outcome)
            except (NotFound, Unprocessable):
                return

    async def baseline(self, job: Job, attempt: Attempt) -> Outcome:
        """What stands on the default branch, for code scanning to compare pull requests with; nothing, too."""
        async with self._examiner.client(job) as client:
            try:
                head = await _head(client, job)
            except NotFound:
                return Outcome.failed("the repository is gone")
            if client.granted.get("security_events") != "write" or await attempt.superseded():
                return DONE
            try:
                examined = await self._examiner.examine(client, job, head, attempt.memory)
                ref = _branch(job).ref
                notes = await upload_sarif(client, head.slug, head.head_sha, ref, examined.result.sarif)
            except (NotFound, Forbidden):
                # Pushed away with force since, or archived.
                return Outcome.failed("the commit can't be read")
            except AnalysisFailed as failure:
                return Outcome.failed(str(failure))
        return Outcome(State.DONE, " ".join(notes))

    async def baseline_gave_up(self, job: Job, reason: str) -> None:
        """Nobody waits for a baseline."""


def _branch(job: Job) -> Branch:
    if job.branch is None:
        raise ValueError("a job about a branch that names none")
    return job.branch


async def _head(client: Client, job: Job) -> Revision:
    """As a job wants it that knows what its group is based on; of one that asks for all runs again, that
    stands in the run that there is."""
    head = await revision(client, job.slug, _branch(job), job.head_sha)
    if job.kind is Kind.BASELINE or head.base_sha:
        return head
    bases = (
        check_run.group_base(run.external_id)
        for run in await check_run.runs_on(client, job.slug, job.head_sha)
    )
    base = next((base for base in bases if base), None)
    if base is None:
        raise NotFound("no run of ours says what the merge group is based on")
    return replace(head, base_sha=base)
