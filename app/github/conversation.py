"""The conversation of a pull request: who may ask for something, reactions, and an answer that stands there once.

Permissions: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps. A
comment on a pull request takes `pull_requests: write`, as does, by what GitHub does, a reaction to one.
"""

from __future__ import annotations

from urllib.parse import quote

from app.github.answer import Answer, BadAnswer
from app.github.client import Client
from app.github.errors import Forbidden, NotFound, Unavailable, Unprocessable

TAKEN = "eyes"
"""The reaction to a command that is carried out."""
NOT_TAKEN = "confused"
"""The reaction to one that is not."""
_WRITING = frozenset({"admin", "write"})
"""What GitHub says of all roles that may write; `maintain` is `write` there, a custom role what it is based on."""


async def may_write(client: Client, slug: str, login: str) -> bool:
    """Whether a user may write to a repository. An answer that we don't understand is a no.

    https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """
    try:
        answer = await client.get(f"/repos/{slug}/collaborators/{quote(login, safe='')}/permission")
        return answer["permission"].text() in _WRITING
    except (NotFound, Forbidden, Unprocessable, BadAnswer):
        return False


async def react(client: Client, slug: str, comment: int, content: str) -> None:
    """Reacts to a comment; doing it again changes nothing. Where we may not, or where the comment is gone,
    nobody is told.

    https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment
    """
    try:
        await client.post(f"/repos/{slug}/issues/comments/{comment}/reactions", {"content": content})
    except (NotFound, Forbidden, Unprocessable):
        return


async def say_once(client: Client, slug: str, number: int, marker: str, body: str) -> None:
    """Has one comment of ours with a marker say `body`: the one that stands there, else a new one.

    Where the conversation is locked nothing is said. https://docs.github.com/en/rest/issues/comments
    """
    try:
        for _ in range(2):
            there = await _ours(client, slug, number, marker)
            try:
                if there is None:
                    await client.post(f"/repos/{slug}/issues/{number}/comments", {"body": body})
                elif there["body"].text_or("").replace("\r\n", "\n").strip() != body.strip():
                    path = f"/repos/{slug}/issues/comments/{there['id'].number()}"
                    await client.patch(path, {"body": body})
            except Unavailable:
                # It may have had its effect: look again, once.
                continue
            return
    except (NotFound, Forbidden):
        return
    raise Unavailable("the answer to a command could not be posted")


async def _ours(client: Client, slug: str, number: int, marker: str) -> Answer | None:
    for comment in await client.pages(f"/repos/{slug}/issues/{number}/comments"):
        app = comment["performed_via_github_app"]["id"].value
        if str(app) == client.app.app_id and comment["body"].text_or("").rstrip().endswith(marker):
            return comment
    return None
