"""A code that GitHub gave for a manifest becomes an App with its credentials."""

from __future__ import annotations

from urllib.parse import quote

from app.credentials import Credentials, is_private_key
from app.github.answer import BadAnswer
from app.github.client import App
from checks.record import Record


class Registered(Record):
    """An App that GitHub has just made."""

    credentials: Credentials
    name: str
    page: str
    """Its address for people, where it is installed."""


async def converted(url: str, code: str) -> Registered:
    """Exchanges a code, which works once and within an hour. Raises `GitHubError`.

    https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
    """
    async with App("", "", url).client() as client:
        answer = await client.post(f"/app-manifests/{quote(code, safe='')}/conversions", {})
    secret, key = answer["webhook_secret"].text_or(""), answer["pem"].text().replace("\r\n", "\n")
    page = answer["html_url"].text()
    if not secret or not is_private_key(key):
        what = "no private key" if secret else "no webhook secret"
        raise BadAnswer(f"GitHub registered {page} with {what}; delete it there and begin again")
    return Registered(Credentials(answer["id"].number(), key, (secret,)), answer["name"].text(), page)
