"""What is reviewed, a pull request or a commit of a branch, as GitHub tells it and as far as we use it."""

from __future__ import annotations

import datetime
from typing import TypedDict
from urllib.parse import quote

from app.github.answer import Answer
from app.github.client import Client
from app.github.errors import Unprocessable
from app.jobs import Branch
from checks.record import Record


class Revision(Record):
    """A commit of a repository, and what it is compared with."""

    slug: str
    """`owner/name` of the repository that it is in, or is to be merged into."""
    repository_id: int
    page: str
    """Address of the repository for people, without a `/` at the end."""
    visibility: str
    """`public`, `private` or `internal`."""
    made: datetime.date | None
    """The day on which the repository was made."""
    ids: tuple[int, int] | None
    """GitHub's numbers of its owner and of itself."""
    base_ref: str
    """The branch that it is to be merged into, or stands on: the one whose config counts."""
    base_sha: str
    """Empty: it is compared with nothing."""
    head_sha: str

    @property
    def owner(self) -> str:
        return self.slug.partition("/")[0]

    @property
    def key(self) -> str:
        """What our check runs on the head say they are about."""
        return self.base_sha


class PullRequest(Revision):
    """Read anew for each job, and again before each write."""

    number: int
    head_ref: str
    head_slug: str | None
    """Where its branch is; None once the fork was deleted."""
    draft: bool
    closed: bool
    locked: bool
    changed_files: int
    review_comments: int
    """How many there are of anybody's; -1 where GitHub doesn't say."""
    author: str
    """A login; empty once the account was deleted."""

    @property
    def key(self) -> str:
        return str(self.number)

    @property
    def from_fork(self) -> bool:
        return self.head_slug is None or self.head_slug.lower() != self.slug.lower()


async def revision(client: Client, slug: str, branch: Branch, head_sha: str) -> Revision:
    """The commit of a branch, in its repository as that is by now.

    https://docs.github.com/en/rest/repos/repos#get-a-repository
    """
    repository = await client.get(f"/repos/{slug}")
    return Revision(
        **place(repository),
        base_ref=(branch.base_ref or branch.ref).removeprefix("refs/heads/"),
        base_sha=branch.base_sha,
        head_sha=head_sha,
    )


async def pull_request(client: Client, slug: str, number: int) -> PullRequest:
    """https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request"""
    return _read(await client.get(f"/repos/{slug}/pulls/{number}"))


def _read(answer: Answer) -> PullRequest:
    base, head = answer["base"], answer["head"]
    comments = answer["review_comments"].number_or_none()
    return PullRequest(
        **place(base["repo"]),
        number=answer["number"].number(),
        base_ref=base["ref"].text(),
        base_sha=base["sha"].text(),
        head_sha=head["sha"].text(),
        head_ref=head["ref"].text(),
        head_slug=head["repo"]["full_name"].text() if head["repo"] else None,
        draft=answer["draft"].flag_or(False),
        closed=answer["state"].text() != "open",
        locked=answer["locked"].flag_or(False),
        changed_files=answer["changed_files"].number_or_none() or 0,
        review_comments=-1 if comments is None else comments,
        author=answer["user"]["login"].text_or(""),
    )


class Place(TypedDict):
    """What a `Revision` says of its repository."""

    slug: str
    repository_id: int
    page: str
    visibility: str
    made: datetime.date | None
    ids: tuple[int, int] | None


def place(repository: Answer) -> Place:
    """https://docs.github.com/en/rest/repos/repos#get-a-repository"""
    private = repository["private"].flag_or(True)
    owner = repository["owner"]["id"].number_or_none()
    return {
        "slug": repository["full_name"].text(),
        "repository_id": repository["id"].number(),
        "page": repository["html_url"].text().rstrip("/"),
        "visibility": repository["visibility"].text_or("private" if private else "public"),
        "made": _day(repository["created_at"].text_or("")),
        "ids": None if owner is None else (owner, repository["id"].number()),
    }


async def tip(client: Client, slug: str, branch: str) -> str:
    """The commit of a branch; empty where the repository has none: https://docs.github.com/en/rest/commits/commits"""
    try:
        return (await client.get(f"/repos/{slug}/commits/{quote(branch)}"))["sha"].text()
    except Unprocessable:
        return ""


def _day(moment: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(moment[:10])
    except ValueError:
        return None
