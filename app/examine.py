"""From a commit on GitHub to what the analysis says of it: fetched, its config read, analysed in a child process."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence

from app.analysis import Analyst, Result, Task, config_of
from app.config.model import Config, Mode
from app.fixes import Fixed
from app.github.client import Access, App, Client
from app.github.fetch import Fetched, fetch
from app.github.others import Elsewhere, Others
from app.github.pull import Revision
from app.github.store import Store
from app.github.upstream import Actions
from app.governing import Configs, Governing
from app.jobs import Job
from app.memory import Memory
from app.report.comment import Links
from app.report.ignored import Ignore
from app.report.sarif import Source
from app.report.subject import Options
from checks.catalogue import catalogue
from checks.check import code
from checks.facts.action.upstream import Upstream
from checks.record import Record

PERMISSIONS = {"contents": "read", "checks": "write", "pull_requests": "write", "metadata": "read"}
"""What a review needs of an installation."""
OPTIONAL_PERMISSIONS = {"security_events": "write"}
"""What it does without where the installation does not grant it."""


GoOn = Callable[[], Awaitable[None]]
"""Raises where work that has begun is not worth ending."""


async def at_any_rate() -> None:
    """As `GoOn`: never raises."""


class Pages(Record):
    """Where people find what a report links to."""

    version: str
    home: str
    checks: str
    """Address under which each check has its page; empty where nobody serves them."""


class Examined(Record):
    """A commit, and all that was found out about it."""

    fetched: Fetched
    governing: Governing
    config: Config
    result: Result
    links: Links
    elsewhere: Elsewhere

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about its config, for the check run."""
        return (*self.governing.notes, *_overruled(self.config), *self.elsewhere.notes, *self.result.notes)

    @property
    def options(self) -> Options:
        return Options(
            observe=self.config.mode is Mode.OBSERVE,
            fails=self.config.fails,
            incomplete_fails=self.config.incomplete_fails,
            per_pull_request=self.config.comments.per_pull_request,
            per_check=self.config.comments.per_check,
        )


class Examiner:
    """Examines commits. One for the process: it keeps files and configs that several jobs need."""

    def __init__(self, app: App, analyst: Analyst, pages: Pages) -> None:
        self._app = app
        self._analyst = analyst
        self._pages = pages
        self._store = Store()
        self._others = Others(app, self._store)
        self._actions = Actions()
        self.configs = Configs(app, tuple(module.check for module in catalogue()))

    def client(self, job: Job) -> Client:
        """With the rights that a review needs, for the job's repository alone."""
        access = Access(
            job.installation_id,
            repository_ids=(job.repository_id,),
            permissions=PERMISSIONS,
            optional=OPTIONAL_PERMISSIONS,
        )
        return self._app.client(access)

    async def incomplete_fails(self, job: Job) -> bool:
        """Whether the organisation wants a failure where a review failed by a fault of ours."""
        return await self.configs.incomplete_fails(job.installation_id, job.slug, now())

    async def examine(
        self,
        client: Client,
        job: Job,
        revision: Revision,
        memory: Memory,
        ignores: Sequence[Ignore] = (),
        go_on: GoOn = at_any_rate,
    ) -> Examined:
        """Raises `GitHubError`s where the head can't be read, `AnalysisFailed`, and what `go_on` raises, which is
        asked before the analysis: that takes longest."""
        fetched = await fetch(client, revision, self._store, self._analyst.named)
        governing = await self.configs.of(job.installation_id, fetched, now(), memory)
        config = config_of(governing.layers, revision.slug)
        elsewhere = await self._others.of(job.installation_id, revision, config.facts_from, now())
        upstream = await self._upstream(client, fetched)
        await go_on()
        result = await self._analyst.analyse(self._task(fetched, governing, ignores, elsewhere, upstream))
        links = Links(revision.page, revision.head_sha, self._pages.checks, elsewhere.addresses)
        return Examined(fetched, governing, config, result, links, elsewhere)

    async def fix(
        self,
        client: Client,
        job: Job,
        revision: Revision,
        memory: Memory,
        ignores: Sequence[Ignore],
        closed: Collection[str],
    ) -> tuple[Fetched, Fixed]:
        """The safe fixes of what is new, applied in memory and tried together.

        None of them is in a file below the folders `closed`, such as `.github/workflows/`. Raises as `examine`.
        """
        fetched = await fetch(client, revision, self._store, self._analyst.named)
        governing = await self.configs.of(job.installation_id, fetched, now(), memory)
        config = config_of(governing.layers, revision.slug)
        elsewhere = await self._others.of(job.installation_id, revision, config.facts_from, now())
        upstream = await self._upstream(client, fetched)
        task = self._task(fetched, governing, ignores, elsewhere, upstream)
        return fetched, await self._analyst.fix(task, tuple(closed))

    def modes(self, revision: Revision) -> dict[str, str]:
        """Git's mode of each file of the head, as it was fetched last."""
        tree = self._store.tree(revision.repository_id, revision.head_sha)
        return {entry.path: entry.mode for entry in tree.entries} if tree else {}

    async def _upstream(self, client: Client, fetched: Fetched) -> dict[str, Upstream]:
        """What GitHub says of the actions that the head uses."""
        return await self._actions.of(client, await self._analyst.uses(fetched.head), now())

    def _task(
        self,
        fetched: Fetched,
        governing: Governing,
        ignores: Sequence[Ignore],
        elsewhere: Elsewhere,
        upstream: Mapping[str, Upstream],
    ) -> Task:
        revision = fetched.revision
        source = Source(
            version=self._pages.version,
            pages=f"{self._pages.checks}/{{}}" if self._pages.checks else f"{self._pages.home}#checks",
            home=self._pages.home,
            repository=revision.page,
            revision=revision.head_sha,
            others=elsewhere.addresses,
        )
        return Task(
            head=fetched.head,
            base=fetched.base,
            layers=governing.layers,
            slug=revision.slug,
            visibility=revision.visibility,
            made=revision.made,
            ids=revision.ids,
            today=now().date(),
            source=source,
            renames=fetched.renames,
            problems=fetched.problems,
            ignores=tuple(ignores),
            actions=upstream,
            others=elsewhere.texts,
        )


def now() -> datetime.datetime:
    """The moment, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def _overruled(config: Config) -> Iterator[str]:
    """What the repository's file says without effect."""
    for note in config.notes:
        yield f"{code(f'{note.path}:{note.line}')}: {note.message}."
