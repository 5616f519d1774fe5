"""Which pull requests have a head: GitHub does not say it of a fork's in its events.

https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks#about-check-suites
"""

from __future__ import annotations

from app.github.answer import Answer
from app.github.check_run import pull_number, runs_on
from app.github.client import Client
from app.github.errors import NotFound, Unprocessable
from app.github.pull import pull_request
from app.github.together import together

MOST = 10
"""Pull requests with one head that are looked at."""
_MOST_OPEN = 1000
"""Open pull requests of a repository that are looked through, the newest first."""


async def pulls_with_head(client: Client, slug: str, sha: str) -> tuple[int, ...]:
    """The open pull requests with that head. Where our runs on it name only others, that of the newest run."""
    named = (pull_number(run.external_id) for run in await runs_on(client, slug, sha))
    known = [number for number in dict.fromkeys(named) if number][:MOST]
    if known:
        current = await together(_has_head(client, slug, number, sha) for number in known)
        return tuple(n for n, has in zip(known, current, strict=True) if has) or (known[0],)
    return await _of_commit(client, slug, sha) or await _among_open(client, slug, sha)


async def _has_head(client: Client, slug: str, number: int, sha: str) -> bool:
    try:
        pull = await pull_request(client, slug, number)
    except NotFound:
        return False
    return pull.head_sha == sha and not pull.closed


async def _of_commit(client: Client, slug: str, sha: str) -> tuple[int, ...]:
    """https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit"""
    try:
        return _with_head(await client.pages(f"/repos/{slug}/commits/{sha}/pulls", most=100), slug, sha)
    except (NotFound, Unprocessable):
        return ()


async def _among_open(client: Client, slug: str, sha: str) -> tuple[int, ...]:
    """https://docs.github.com/en/rest/pulls/pulls#list-pull-requests"""
    return _with_head(
        await client.pages(f"/repos/{slug}/pulls", {"state": "open"}, most=_MOST_OPEN), slug, sha
    )


def _with_head(pulls: list[Answer], slug: str, sha: str) -> tuple[int, ...]:
    """A commit is in many pull requests, also in those of other repositories."""
    found = [
        pull["number"].number()
        for pull in pulls
        if pull["head"]["sha"].value == sha
        and pull["state"].value == "open"
        and pull["base"]["repo"]["full_name"].text_or("").lower() == slug.lower()
    ]
    return tuple(found[:MOST])
