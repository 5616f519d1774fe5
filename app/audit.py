"""`tidewaiter audit`: the default branch of every repository of an installation, before the App is switched on.

It reads only. What is done is written down at once, so that the same command goes on where an earlier one ended;
once all is done, the next one begins anew.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from app.analysis import AnalysisFailed
from app.examine import Examiner
from app.github.answer import Answer
from app.github.client import Access, App
from app.github.errors import GitHubError, NotFound, RateLimited
from app.github.pull import Revision, place, tip
from app.github.refusal import now
from app.github.together import together
from app.jobs import Branch, Job, Kind
from app.memory import Memory
from app.progress import Progress
from app.report.audited import Audited, gaps, occurrences, report
from checks.record import Record

AT_ONCE = 3
"""Repositories under way: two are analysed, and one is fetched."""
MOST = 100_000
"""Repositories of an installation."""
_READ = {"contents": "read", "metadata": "read"}
_DONE = "progress.jsonl"


class CannotAudit(Exception):
    """One line that says why. Exit status 2."""


class Plan(Record):
    """What is to be audited, and where to."""

    owner: str
    folder: Path
    about: str
    """By what, and with which checks: what an earlier run found otherwise doesn't count."""
    pages: str
    """The address of a check's page, with `{}` for its id."""


class Audit:
    """One run of the command."""

    def __init__(
        self,
        app: App,
        examiner: Examiner,
        memory: Memory,
        plan: Plan,
        progress: Callable[[int, int], Progress],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`progress` makes the bar, of the repositories that there are and those that are done."""
        self._app, self._examiner, self._memory, self._plan = app, examiner, memory, plan
        self._progress, self._sleep = progress, sleep
        self._under_way = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> list[Audited]:
        """Reviews what is not done yet and writes the report; answers all of it. `CannotAudit`, `GitHubError`s."""
        installation = await self._installation()
        every = await self._repositories(installation)
        chosen = [one for one in every if not one["archived"].flag_or(False)]
        left_out = [one["full_name"].text() for one in every if one["archived"].flag_or(False)]
        notebook = _Notebook(self._plan)
        done = notebook.read()
        to_do = [one for one in chosen if one["full_name"].text() not in done]
        bar = self._progress(len(chosen), len(chosen) - len(to_do))
        try:
            new = await together(self._one(installation, one, notebook, bar) for one in to_do)
        finally:
            bar.end()
        audited = [*(done[name] for name in _names(chosen) if name in done), *new]
        notebook.conclude(audited, left_out)
        return audited

    async def _installation(self) -> int:
        """https://docs.github.com/en/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app"""
        owner = quote(self._plan.owner, safe="")
        async with self._app.client() as client:
            for kind in ("orgs", "users"):
                try:
                    return (await client.get(f"/{kind}/{owner}/installation"))["id"].number()
                except NotFound:
                    continue
        raise CannotAudit(f"{self._plan.owner}: the App is not installed there, or there is no such account")

    async def _repositories(self, installation: int) -> list[Answer]:
        """https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation"""
        async with self._app.client(Access(installation, permissions={"metadata": "read"})) as client:
            found = await client.pages("/installation/repositories", key="repositories", most=MOST)
        return sorted(found, key=lambda one: one["full_name"].text().lower())

    async def _one(self, installation: int, about: Answer, notebook: _Notebook, bar: Progress) -> Audited:
        async with self._under_way:
            while True:
                try:
                    audited, sarif = await self._reviewed(installation, about)
                    break
                except RateLimited as limited:
                    bar.say(f"GitHub's rate limit: it goes on at {limited.not_before:%H:%M} UTC.")
                    await self._sleep(max(0.0, (limited.not_before - now()).total_seconds()))
        notebook.write(audited, sarif)
        bar.step(f"{audited.slug}: {audited.problem or audited.counts}")
        return audited

    async def _reviewed(self, installation: int, about: Answer) -> tuple[Audited, bytes]:
        """What is found, and its SARIF; nothing but the reason where that can't be told. `RateLimited`."""
        where = place(about)
        branch = about["default_branch"].text()
        access = Access(installation, repository_ids=(where["repository_id"],), permissions=_READ)
        try:
            async with self._app.client(access) as client:
                sha = await tip(client, where["slug"], branch)
                if not sha:
                    return Audited(
                        where["slug"], where["page"], branch, "", gaps=("It has no commit yet.",)
                    ), b""
                head = Revision(**where, base_ref=branch, base_sha="", head_sha=sha)
                examined = await self._examiner.examine(client, _job(installation, head), head, self._memory)
        except RateLimited:
            raise
        except (GitHubError, AnalysisFailed) as error:
            return Audited(where["slug"], where["page"], branch, "", problem=str(error)), b""
        outcome = examined.result.review
        found = occurrences(outcome, examined.links)
        told = (*gaps(outcome), *examined.notes)
        return Audited(head.slug, head.page, branch, sha, found, told), examined.result.sarif


class _Notebook:
    """The folder of the report, and what is written into it on the way."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._done = plan.folder / _DONE
        self._header = json.dumps({"owner": plan.owner.lower(), "by": plan.about})
        (plan.folder / "sarif").mkdir(parents=True, exist_ok=True)

    def read(self) -> dict[str, Audited]:
        """What an earlier run of the same did, by `owner/name`; the last line may have been cut off."""
        lines = self._done.read_text(encoding="utf-8").splitlines() if self._done.exists() else []
        if not lines or lines[0] != self._header:
            self._done.write_text(f"{self._header}\n", encoding="utf-8")
            return {}
        found: dict[str, Audited] = {}
        for line in lines[1:]:
            try:
                one = Audited.from_json(line)
            except (ValueError, KeyError, TypeError):
                continue
            found[one.slug] = one
        # On a line of its own, whatever the earlier run left behind.
        with self._done.open("a", encoding="utf-8") as file:
            file.write("\n")
        return found

    def write(self, audited: Audited, sarif: bytes) -> None:
        """A repository is done; one that could not be reviewed is tried again by the next run."""
        if audited.problem:
            return
        if sarif:
            _whole(self._plan.folder / "sarif" / f"{audited.name}.sarif", sarif)
        with self._done.open("a", encoding="utf-8") as file:
            file.write(f"{audited.to_json()}\n")
            file.flush()
            os.fsync(file.fileno())

    def conclude(self, audited: Sequence[Audited], left_out: Sequence[str]) -> None:
        """The report; and, if there is nothing left to try, that the next run begins anew."""
        about = f"reviewed on {now():%Y-%m-%d} by {self._plan.about.partition(',')[0]}"
        page = report(self._plan.owner, about, audited, left_out, self._plan.pages)
        _whole(self._plan.folder / "index.html", page.encode())
        if not any(one.problem for one in audited):
            self._done.unlink()


def _whole(path: Path, content: bytes) -> None:
    """Written wholly or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def _names(repositories: Sequence[Answer]) -> list[str]:
    return [one["full_name"].text() for one in repositories]


def _job(installation: int, head: Revision) -> Job:
    owner, _, name = head.slug.partition("/")
    return Job(
        installation_id=installation,
        owner=owner,
        repository=name,
        repository_id=head.repository_id,
        pull_number=0,
        head_sha=head.head_sha,
        delivery="audit",
        event="",
        action="",
        as_of=None,
        received_at=datetime.datetime.now(datetime.UTC),
        kind=Kind.BASELINE,
        branch=Branch(f"refs/heads/{head.base_ref}"),
    )
