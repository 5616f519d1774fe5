"""`tidewaiter simulate`: what a review would write, made by the code that would write it.

Its token can read and nothing else, so that nothing is written whatever happens.
"""

from __future__ import annotations

import datetime
import re
from urllib.parse import urlsplit

from app.examine import PERMISSIONS
from app.github.check_run import foreseen, summary_of
from app.github.client import Access, App
from app.github.errors import NotFound
from app.github.installations import Grants
from app.github.publish import NO_PERMISSION
from app.github.pull import PullRequest, pull_request
from app.jobs import Job
from app.memory import Memory
from app.report.plan import Plan
from app.review import Reviewer
from checks.record import Record

_ADDRESS = re.compile(
    r"https?://[^/]+/(?P<owner>[\w-]+)/(?P<name>(?!\.{1,2}/)[\w.-]+)/pull/(?P<number>\d{1,9})(?:[/?#].*)?"
)


class CannotSimulate(Exception):
    """One line that says why. Exit status 2."""


class Simulated(Record):
    """What would be posted."""

    pull: PullRequest
    plan: Plan
    summary: str
    """The check run's, with what publishing would add to it as far as that can be known."""

    @property
    def where(self) -> str:
        """The pull request and its head, in words."""
        return f"{self.pull.page}/pull/{self.pull.number} at {self.pull.head_sha[:7]}"


async def simulate(app: App, reviewer: Reviewer, address: str, memory: Memory) -> Simulated:
    """What a review of the pull request at `address` would post. Raises `CannotSimulate` and `GitHubError`s."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise CannotSimulate(f"{address}: not a pull request (expected https://HOST/OWNER/NAME/pull/NUMBER)")
    named, number = f"{found['owner']}/{found['name']}", int(found["number"])
    installation, app_slug = await _installed(app, named)
    slug, repository_id = await _now_called(app, installation, named)
    access = Access(
        installation, repository_ids=(repository_id,), permissions=dict.fromkeys(PERMISSIONS, "read")
    )
    async with app.client(access) as client:
        try:
            pull = await pull_request(client, slug, number)
        except NotFound:
            raise CannotSimulate(f"{address}: there is no such pull request") from None
        _is_there(pull, address)
        run = await foreseen(client, pull, app_slug)
        made = await reviewer.prepare(client, _job(installation, pull), pull, run, memory)
    scans = await Grants(app).has(installation, "security_events", "write")
    summary = summary_of(made.plan.check_run, () if scans else (NO_PERMISSION,))
    return Simulated(pull, made.plan, summary)


async def _installed(app: App, slug: str) -> tuple[int, str]:
    """The installation that has a repository, and the App's name in addresses."""
    async with app.client() as client:
        try:
            installation = await client.get(f"/repos/{slug}/installation")
        except NotFound:
            raise CannotSimulate(
                f"{slug}: the App is not installed there, or there is no such repository"
            ) from None
    return installation["id"].number(), installation["app_slug"].text()


async def _now_called(app: App, installation: int, slug: str) -> tuple[str, int]:
    """A repository's name and number: GitHub knows it by earlier names, and makes no token for those."""
    async with app.client(Access(installation, permissions={"metadata": "read"})) as client:
        about = await client.get(f"/repos/{slug}")
    return about["full_name"].text(), about["id"].number()


def _is_there(pull: PullRequest, address: str) -> None:
    """Two GitHubs may have repositories of one name."""
    if urlsplit(pull.page)[:2] != urlsplit(address)[:2]:
        raise CannotSimulate(
            f"{address}: TIDEWAITER_GITHUB_URL is another GitHub's (expected {pull.page}/pull/…)"
        )


def _job(installation: int, pull: PullRequest) -> Job:
    owner, _, name = pull.slug.partition("/")
    return Job(
        installation_id=installation,
        owner=owner,
        repository=name,
        repository_id=pull.repository_id,
        pull_number=pull.number,
        head_sha=pull.head_sha,
        delivery="simulate",
        event="",
        action="",
        as_of=None,
        received_at=datetime.datetime.now(datetime.UTC),
    )
