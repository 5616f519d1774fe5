"""Deliveries at a given pace, from a process of its own: each at its moment, whether or not earlier ones were answered."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.github.webhooks import TIMEOUT_SECONDS, signature

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")


@dataclass(frozen=True)
class Shot:
    """A delivery."""

    after: float
    """Seconds after the beginning at which it is sent."""
    guid: str
    template: int
    """Which of the bodies it has."""
    replaced: tuple[tuple[str, str], ...]
    """What to replace in that: old, new."""


@dataclass(frozen=True)
class Load:
    """What is to be sent."""

    address: str
    secret: str
    bodies: tuple[str, ...]
    shots: tuple[Shot, ...]
    begin: float
    """`time.time()` of the beginning."""


@dataclass(frozen=True)
class Hit:
    """What became of a delivery."""

    guid: str
    status: int
    """0: no answer in the time that GitHub waits."""
    seconds: float
    """From its moment to the answer: what it waited for its turn counts too."""


def send(load: Load) -> list[Hit]:
    """Sends it all, and answers when the last one is answered."""
    return asyncio.run(_Sender(load).sent())


class _Sender:
    def __init__(self, load: Load) -> None:
        self._load = load
        where = urlsplit(load.address)
        self._host, self._port, self._path = where.hostname or "", where.port or 80, where.path
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def sent(self) -> list[Hit]:
        tasks = []
        for shot in self._load.shots:
            await asyncio.sleep(self._load.begin + shot.after - time.time())
            tasks.append(asyncio.create_task(self._one(shot)))
        return list(await asyncio.gather(*tasks))

    async def _one(self, shot: Shot) -> Hit:
        body = self._load.bodies[shot.template]
        for old, new in shot.replaced:
            body = body.replace(old, new)
        request = self._request(shot, body.encode())
        status = 0
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status = await self._answer(request)
        return Hit(shot.guid, status, time.time() - self._load.begin - shot.after)

    def _request(self, shot: Shot, body: bytes) -> bytes:
        headers = {
            "Host": f"{self._host}:{self._port}",
            "User-Agent": "GitHub-Hookshot/7f3a1c2",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": shot.guid,
            "X-Hub-Signature-256": signature(self._load.secret, body),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self._path} HTTP/1.1\r\n{head}\r\n".encode() + body

    async def _answer(self, request: bytes) -> int:
        while self._idle:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                # The server ends connections that are idle for a while, perhaps at this moment.
                return await self._asked(*self._idle.pop(), request)
        return await self._asked(*await asyncio.open_connection(self._host, self._port), request)

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        await reader.readexactly(int(length[1]) if length else 0)
        self._idle.append((reader, writer))
        return int(head.split(b" ", 2)[1])


def percentile(hits: Sequence[Hit], hundredths: int) -> float:
    """The seconds within which that share of the deliveries was answered."""
    ordered = sorted(hit.seconds for hit in hits)
    return ordered[min(len(ordered) - 1, len(ordered) * hundredths // 100)]
