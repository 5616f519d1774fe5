"""One commit on the branch of a pull request, by the Git data API: https://docs.github.com/en/rest/git"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from app.github.client import Client
from app.github.errors import Forbidden, GitHubError, NotFound, Superseded, Unavailable, Unprocessable
from app.github.pull import PullRequest, pull_request
from checks.record import Record


class Refused(GitHubError):
    """The branch takes no commit of ours: it is protected, or the installation may not write there."""


class Written(Record):
    """A file with its new content."""

    path: str
    mode: str
    """Git's, as in the tree before: `100644`."""
    content: str


class Tip(Record):
    """The commit that a branch stands at."""

    tree: str
    message: str


async def tip(client: Client, pull: PullRequest) -> Tip:
    """https://docs.github.com/en/rest/git/commits#get-a-commit-object"""
    answer = await client.get(f"/repos/{pull.slug}/git/commits/{pull.head_sha}")
    return Tip(answer["tree"]["sha"].text(), answer["message"].text_or(""))


async def commit(client: Client, pull: PullRequest, base: Tip, files: Sequence[Written], message: str) -> str:
    """Puts files on top of the head, and answers the new commit's SHA.

    Never by force: `Superseded` if the head moved, and `Refused` with GitHub's words. A commit that the branch
    did not get to is collected as garbage.
    """
    try:
        tree = await client.post(f"/repos/{pull.slug}/git/trees", {"base_tree": base.tree, "tree": [
            {"path": it.path, "mode": it.mode, "type": "blob", "content": it.content} for it in files
        ]})  # fmt: skip
        body = {"message": message, "tree": tree["sha"].text(), "parents": [pull.head_sha]}
        made = (await client.post(f"/repos/{pull.slug}/git/commits", body))["sha"].text()
    except (Forbidden, NotFound, Unprocessable) as refused:
        raise Refused(str(refused)) from None
    await _unmoved(client, pull)
    await _move(client, pull, made)
    return made


async def _move(client: Client, pull: PullRequest, sha: str) -> None:
    """https://docs.github.com/en/rest/git/refs#update-a-reference"""
    try:
        ref = quote(pull.head_ref, safe="/")
        await client.patch(f"/repos/{pull.slug}/git/refs/heads/{ref}", {"sha": sha, "force": False})
    except Unavailable:
        there = await pull_request(client, pull.slug, pull.number)
        if there.head_sha != sha:
            raise
    except (Forbidden, NotFound, Unprocessable) as refused:
        await _unmoved(client, pull)
        raise Refused(str(refused)) from None


async def _unmoved(client: Client, pull: PullRequest) -> None:
    there = await pull_request(client, pull.slug, pull.number)
    if there.head_sha != pull.head_sha:
        raise Superseded(there.head_sha)
