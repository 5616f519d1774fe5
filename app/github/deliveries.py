"""GitHub's log of what it delivered to the App: https://docs.github.com/en/rest/apps/webhooks"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from app.github.answer import Answer
from app.github.client import Client
from app.github.errors import NotFound, Unavailable, Unprocessable
from checks.record import Record

PATH = "/app/hook/deliveries"
MOST_PAGES = 20
"""Pages of a hundred that are read of each list."""
WINDOW = datetime.timedelta(days=3)
"""How long GitHub can deliver again."""


class Failed(Record):
    """A delivery of which no attempt came through."""

    guid: str
    id: int
    """Of the newest attempt."""
    attempts: int


async def failed_deliveries(client: Client, now: datetime.datetime) -> tuple[Failed, ...]:
    """Those of the last days, the oldest first, by GUID; `client` is the App's own.

    A delivery whose later attempt came through is none, as far as the log is read back to the first failure.
    """
    oldest = now - WINDOW
    found: dict[str, Failed] = {}
    first = now
    for attempt in await _attempts(client, "failure", oldest):
        known = found.get(attempt.guid)
        found[attempt.guid] = Failed(
            attempt.guid, known.id if known else attempt.id, known.attempts + 1 if known else 1
        )
        first = attempt.at
    if found:
        for attempt in await _attempts(client, "success", first):
            found.pop(attempt.guid, None)
    return tuple(reversed(found.values()))


class _Attempt(Record):
    guid: str
    id: int
    at: datetime.datetime


async def _attempts(client: Client, status: str, since: datetime.datetime) -> list[_Attempt]:
    """The newest first. A server that does not know the filter lists all: each says how it ended."""
    attempts: list[_Attempt] = []
    async for item in client.linked(PATH, {"per_page": 100, "status": status}, most=MOST_PAGES):
        at = datetime.datetime.fromisoformat(item["delivered_at"].text())
        if at < since:
            break
        if came_through(item) == (status == "success"):
            attempts.append(_Attempt(item["guid"].text(), item["id"].number(), at))
    return attempts


def came_through(item: Answer) -> bool:
    return 200 <= item["status_code"].number() < 300


async def redeliver(client: Client, failed: Iterable[Failed]) -> int:
    """Has deliveries sent again; how many. One that GitHub no longer has is as good as done."""
    sent = 0
    for one in failed:
        try:
            await client.post(f"{PATH}/{one.id}/attempts", {})
        except (NotFound, Unprocessable, Unavailable):
            continue
        sent += 1
    return sent
