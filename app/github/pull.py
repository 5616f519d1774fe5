"""A pull request as GitHub tells it, as far as we use it."""

from __future__ import annotations

from dataclasses import dataclass

from app.github.answer import Answer
from app.github.client import Client


@dataclass(frozen=True)
class PullRequest:
    """Read anew for each job, and again before each write."""

    slug: str
    """`owner/name` of the repository that it asks to change."""
    repository_id: int
    page: str
    """Address of the repository for people, without a `/` at the end."""
    visibility: str
    """`public`, `private` or `internal`."""
    number: int
    base_ref: str
    """The branch that it asks to change."""
    base_sha: str
    head_sha: str
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
    def owner(self) -> str:
        return self.slug.partition("/")[0]

    @property
    def from_fork(self) -> bool:
        return self.head_slug is None or self.head_slug.lower() != self.slug.lower()


async def pull_request(client: Client, slug: str, number: int) -> PullRequest:
    """https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request"""
    return _read(await client.get(f"/repos/{slug}/pulls/{number}"))


def _read(answer: Answer) -> PullRequest:
    base, head = answer["base"], answer["head"]
    repository = base["repo"]
    private = repository["private"].flag_or(True)
    comments = answer["review_comments"].number_or_none()
    return PullRequest(
        slug=repository["full_name"].text(),
        repository_id=repository["id"].number(),
        page=repository["html_url"].text().rstrip("/"),
        visibility=repository["visibility"].text_or("private" if private else "public"),
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
