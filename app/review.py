"""A job's work: a pull request is fetched, analysed and told about. Reads as a list of steps."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from app.analysis import AnalysisFailed, Analyst, Task, config_of
from app.config import Config, Mode
from app.github import check_run
from app.github.client import Access, App, Client
from app.github.errors import NotFound, RateLimited, Superseded
from app.github.fetch import Fetched, fetch
from app.github.publish import Standing, look, publish
from app.github.pull import pull_request
from app.github.store import Store
from app.governing import Configs, Governing
from app.jobs import DONE, SUPERSEDED, Attempt, Job, Outcome, RetryLater
from app.report.comment import Links
from app.report.outcome import failed
from app.report.plan import plan
from app.report.sarif import Source
from app.report.subject import Options, Subject
from checks.catalogue import catalogue
from checks.check import code

PERMISSIONS = {"contents": "read", "checks": "write", "pull_requests": "write", "metadata": "read"}
"""What a review needs of an installation."""
OPTIONAL_PERMISSIONS = {"security_events": "write"}
"""What it does without where the installation does not grant it."""


@dataclass(frozen=True)
class Pages:
    """Where people find what a report links to."""

    version: str
    home: str
    checks: str
    """Address under which each check has its page; empty where nobody serves them."""


class Reviewer:
    """Does jobs. One for the process: it keeps files and configs that several jobs need."""

    def __init__(self, app: App, analyst: Analyst, pages: Pages) -> None:
        self._app = app
        self._analyst = analyst
        self._pages = pages
        self._store = Store()
        self._configs = Configs(app, tuple(module.check for module in catalogue()))

    async def perform(self, job: Job, _attempt: Attempt) -> Outcome:
        """Reviews the job's head. What it raises may go well another time; `RetryLater` says when."""
        try:
            async with self._client(job) as client:
                return await self._review(client, job)
        except Superseded:
            return SUPERSEDED
        except AnalysisFailed as failure:
            return Outcome.failed(str(failure))
        except RateLimited as limited:
            raise RetryLater(limited.not_before, "GitHub's rate limit") from limited

    async def gave_up(self, job: Job, reason: str) -> None:
        """Concludes the check run of a job that failed, so that nobody waits for it."""
        async with self._client(job) as client:
            try:
                pull = await pull_request(client, job.slug, job.pull_number)
            except NotFound:
                return
            if pull.head_sha == job.head_sha:
                await check_run.give_up(client, pull, job.id, failed(reason, job.delivery))
            else:
                await check_run.leave(client, pull, job.head_sha)

    def _client(self, job: Job) -> Client:
        access = Access(
            job.installation_id,
            repository_ids=(job.repository_id,),
            permissions=PERMISSIONS,
            optional=OPTIONAL_PERMISSIONS,
        )
        return self._app.client(access)

    async def _review(self, client: Client, job: Job) -> Outcome:
        try:
            pull = await pull_request(client, job.slug, job.pull_number)
        except NotFound:
            return Outcome.failed("the pull request or the repository is gone")
        if pull.head_sha != job.head_sha:
            if job.as_of is None:
                await check_run.decline(client, pull, job.head_sha, job.id)
            await check_run.leave(client, pull, job.head_sha)
            return SUPERSEDED
        run = await check_run.start(client, pull, job.id)
        if run.completed:
            return DONE
        fetched = await fetch(client, pull, self._store, self._analyst.named)
        governing = await self._configs.of(job.installation_id, fetched, _now())
        result = await self._analyst.analyse(self._task(fetched, governing))
        # Where nobody has commented there is nothing to look for; should that change, publishing looks.
        standing = await look(client, pull, run.app_slug) if pull.review_comments else Standing((), 0)
        config = config_of(governing.layers, pull.slug)
        subject = self._subject(fetched, client)
        told = plan(
            result.review,
            subject,
            _options(config),
            standing.posted,
            sarif=result.sarif,
            notes=(*governing.notes, *_overruled(config)),
        )
        await publish(client, pull, run, told, standing)
        return DONE

    def _task(self, fetched: Fetched, governing: Governing) -> Task:
        pull = fetched.pull
        source = Source(
            version=self._pages.version,
            pages=f"{self._pages.checks}/{{}}" if self._pages.checks else f"{self._pages.home}#checks",
            home=self._pages.home,
            repository=pull.page,
            revision=pull.head_sha,
        )
        return Task(
            head=fetched.head,
            base=fetched.base,
            layers=governing.layers,
            slug=pull.slug,
            visibility=pull.visibility,
            today=_now().date(),
            source=source,
            renames=fetched.renames,
            problems=fetched.problems,
        )

    def _subject(self, fetched: Fetched, client: Client) -> Subject:
        pull = fetched.pull
        return Subject(
            links=Links(pull.page, pull.head_sha, self._pages.checks),
            hunks=fetched.hunks,
            texts=fetched.head.texts,
            draft=pull.draft,
            closed=pull.closed,
            locked=pull.locked,
            reviewed=fetched.reviewed,
            can_commit=client.granted.get("contents") == "write",
        )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _options(config: Config) -> Options:
    return Options(
        observe=config.mode is Mode.OBSERVE,
        fails=config.fails,
        per_pull_request=config.comments.per_pull_request,
        per_check=config.comments.per_check,
    )


def _overruled(config: Config) -> Iterator[str]:
    """What the repository's file says without effect."""
    for note in config.notes:
        yield f"{code(f'{note.path}:{note.line}')}: {note.message}."
