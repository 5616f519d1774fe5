"""The HTTP server: takes a request apart, lets faults strike, and hands the rest to the endpoints."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Path
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.github.call import Incoming, Reply
from tests.github.faults import Fault

if TYPE_CHECKING:
    from tests.github.fake import FakeGitHub

MAX_BODY_BYTES = 40 * 1024 * 1024
METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
POLL_SECONDS = 0.02
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a socket send RST."""


@dataclass(frozen=True)
class Entry:
    """A request as the log keeps it."""

    method: str
    path: str
    """Without the query."""
    query: str
    status: int
    """0: the connection was reset, no answer was sent."""
    received: int
    """Bytes of the request's body."""
    sent: int
    """Bytes of the answer's body."""
    at: float
    """Seconds since the epoch on the fake's clock."""
    seconds: float
    bearer: str
    """`app`, `installation` or empty."""
    owner: str
    """The account that it concerns: its installation's, else its repository's; or empty."""


@dataclass
class Connections:
    """Transports of open connections by the client's address, to reset them."""

    open: dict[tuple[str, int], asyncio.Transport] = field(default_factory=dict)

    def reset(self, client: tuple[str, int] | None) -> None:
        transport = self.open.pop(client, None) if client else None
        if transport is not None and not transport.is_closing():
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            transport.abort()


def _protocol(connections: Connections) -> type[H11Protocol]:
    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections.open[transport.get_extra_info("peername")[:2]] = transport
            super().connection_made(transport)

    return Protocol


class Server:
    """uvicorn in a thread of its own, on a port of loopback."""

    def __init__(self, fake: FakeGitHub, port: int = 0) -> None:
        self.fake = fake
        self.connections = Connections()
        self.in_flight = 0
        self._socket = socket.create_server(("127.0.0.1", port))
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake-github", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()
        self._started.wait(10)

    def stop(self) -> None:
        """Resets what is open. Stopping twice is fine."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _serve(self) -> None:
        application = Starlette(routes=[Path("/{path:path}", self._endpoint, methods=METHODS)])
        config = uvicorn.Config(
            application,
            http=_protocol(self.connections),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[self._socket])
        self._started.set()
        await self._stop.wait()
        for listener in server.servers:
            listener.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _endpoint(self, request: Request) -> Response:
        began = time.monotonic()
        self.in_flight += 1
        try:
            return await self._answer(request, began)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: Request, began: float) -> Response:
        incoming = await _read(request)
        owner = self.fake.dispatcher.owner_of(incoming)
        fault = self.fake.faults.take(incoming.method, incoming.path, owner)
        if fault is not None and not fault.after:
            struck = await self._strike(request, fault, incoming, began)
            if struck is not None:
                return struck
        if self.in_flight > self.fake.limits.concurrent:
            reply = self.fake.limits.secondary().reply()
        else:
            reply = await run_in_threadpool(self.fake.dispatcher.handle, incoming)
        if fault is not None and fault.after:
            struck = await self._strike(request, fault, incoming, began)
            if struck is not None:
                return struck
        return self._finish(incoming, reply, began)

    async def _strike(
        self, request: Request, fault: Fault, incoming: Incoming, began: float
    ) -> Response | None:
        """The answer that a fault gives; `None` if the request goes on."""
        if fault.action is not None:
            await run_in_threadpool(fault.action)
        waited = 0.0
        while waited < fault.hang and not await request.is_disconnected():
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        if fault.reset:
            self._note(incoming, 0, 0, began)
            self.connections.reset((request.client.host, request.client.port) if request.client else None)
            return Response(status_code=502)
        return self._finish(incoming, fault.reply, began) if fault.reply is not None else None

    def _finish(self, incoming: Incoming, reply: Reply, began: float) -> Response:
        content, status, tag = _content(reply), reply.status, {}
        if incoming.method in {"GET", "HEAD"} and status == 200:
            tag["ETag"] = f'W/"{hashlib.sha256(content).hexdigest()}"'
            if incoming.headers.get("if-none-match") == tag["ETag"]:
                status, content = 304, b""
                self.fake.limits.give_back()
        headers = {
            "Date": formatdate(self.fake.hub.clock.now(), usegmt=True),
            "X-GitHub-Request-Id": secrets.token_hex(8).upper(),
            "X-GitHub-Media-Type": "github.v3; format=json",
            **self.fake.dispatcher.rate_headers(incoming.path),
            **tag,
            **reply.headers,
        }
        if self.fake.hub.enterprise:
            headers["X-GitHub-Enterprise-Version"] = self.fake.hub.enterprise
        self._note(incoming, status, len(content), began)
        kind = "application/octet-stream" if reply.raw is not None else "application/json; charset=utf-8"
        return Response(content, status, headers, media_type=None if status in {204, 304} else kind)

    def _note(self, incoming: Incoming, status: int, sent: int, began: float) -> None:
        seconds = round(time.monotonic() - began, 4)
        bearer = self.fake.dispatcher.kind_of(incoming.headers.get("authorization", ""))
        self.fake.log.append(
            Entry(
                incoming.method,
                incoming.path,
                incoming.raw_query,
                status,
                len(incoming.body),
                sent,
                self.fake.hub.clock.now(),
                seconds,
                bearer,
                self.fake.dispatcher.owner_of(incoming),
            )
        )


async def _read(request: Request) -> Incoming:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    path = request.url.path
    for prefix in ("/api/v3", "/api"):  # GitHub Enterprise Server's roots, of REST and of GraphQL
        if path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix)
            break
    return Incoming(
        method=request.method,
        path=request.scope["path"] if path == request.url.path else path,
        query=dict(request.query_params),
        raw_query=request.url.query,
        headers={key.lower(): value for key, value in request.headers.items()},
        body=bytes(body),
    )


def _content(reply: Reply) -> bytes:
    if reply.raw is not None:
        return reply.raw
    return (
        b"" if reply.body is None else json.dumps(reply.body, ensure_ascii=False).encode("utf-8", "replace")
    )
