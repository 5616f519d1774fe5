"""`tidewaiter serve`: the queue, the web application and the metrics in one process, from start to SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Thread

import prometheus_client
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from app import logs
from app.jobs import GaveUp, Perform
from app.ledger import NoDatabase
from app.limits import Limits
from app.metrics import Metrics
from app.queue import Queue
from app.server import Accept, application, setup_application
from app.settings import Credentials, Settings
from app.statedir import StateDirTaken, database_url, lock_state_dir

_log = structlog.get_logger(__name__)

Reconcile = Callable[[Accept], Awaitable[None]]
"""Finds what was lost and hands it to the queue; awaited at start and on a schedule, in one replica only."""


class CannotServe(Exception):
    """One line saying what keeps the server from starting. Exit status 2."""


def serve(
    settings: Settings,
    perform: Perform,
    *,
    gave_up: GaveUp | None = None,
    reconcile: Reconcile | None = None,
    routes: Sequence[BaseRoute] = (),
    setup: Sequence[BaseRoute] = (),
    limits: Limits | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then end cleanly. `CannotServe` if it can't begin.

    Without credentials only `setup` (by default a page that says what to do) and `/healthz` are served.
    """
    credentials = settings.credentials
    logs.configure(_secrets(settings))
    with ExitStack() as stack:
        listening = stack.enter_context(_listen(settings.host, settings.port, "TIDEWAITER_PORT"))
        if credentials is None:
            asyncio.run(_serve_web(setup_application(setup), listening))
            return
        metrics = Metrics()
        stack.enter_context(_serving_metrics(settings, metrics))
        queue = _queue(settings, perform, gave_up, metrics, limits or Limits())
        asyncio.run(_serve_app(credentials, queue, metrics, reconcile, routes, listening))


def _queue(
    settings: Settings, perform: Perform, gave_up: GaveUp | None, metrics: Metrics, limits: Limits
) -> Queue:
    try:
        if settings.database_url is None:
            lock_state_dir(settings.state_dir)
        url = settings.database_url or database_url(settings.state_dir)
        return Queue(url, perform, metrics, limits, gave_up)
    except StateDirTaken as taken:
        raise CannotServe(str(taken)) from None
    except NoDatabase as error:
        setting = "TIDEWAITER_DATABASE_URL" if settings.database_url else "TIDEWAITER_STATE_DIR"
        raise CannotServe(f"{setting}: {logs.redacted(str(error))} (expected a database)") from None


async def _serve_app(
    credentials: Credentials,
    queue: Queue,
    metrics: Metrics,
    reconcile: Reconcile | None,
    routes: Sequence[BaseRoute],
    listening: socket.socket,
) -> None:
    web = application(
        app_id=credentials.app_id,
        secrets=credentials.webhook_secrets,
        accept=queue.accept,
        ready=queue.ready,
        metrics=metrics,
        routes=routes,
    )
    try:
        await queue.start((lambda: reconcile(queue.accept)) if reconcile else None)
        await _serve_web(web, listening)
    finally:
        await queue.stop()


async def _serve_web(web: Starlette, listening: socket.socket) -> None:
    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # As long as a body may take to arrive would be too long: what is cut off, GitHub records as failed.
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)

    def leave(_signal: int, _frame: object) -> None:
        server.should_exit = True

    # uvicorn raises the signal that it ended for once more, to whoever had the signal before: that is us,
    # and the rest of the shutdown goes on.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    address = listening.getsockname()
    _log.info("listening", host=address[0], port=address[1])
    await server.serve(sockets=[listening])
    _log.info("no longer listening")


@contextmanager
def _listen(host: str, port: int, setting: str) -> Iterator[socket.socket]:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise _not_free(setting, host, port, error) from None
    with listening:
        # asyncio sets it only on sockets that name their protocol. Without it each answer waits for the
        # client's delayed acknowledgement: 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


@contextmanager
def _serving_metrics(settings: Settings, metrics: Metrics) -> Iterator[None]:
    try:
        server, thread = prometheus_client.start_http_server(
            settings.metrics_port, settings.host, metrics.registry
        )
    except OSError as error:
        raise _not_free("TIDEWAITER_METRICS_PORT", settings.host, settings.metrics_port, error) from None
    _log.info("metrics", host=settings.host, port=server.server_port)
    try:
        yield
    finally:
        _end(server.shutdown, thread)
        server.server_close()


def _not_free(setting: str, host: str, port: int, error: OSError) -> CannotServe:
    # The error's own text names the address as Python writes it, a second time.
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return CannotServe(f"{setting}: {host}:{port}: {why} (expected a free address)")


def _end(shutdown: Callable[[], None], thread: Thread) -> None:
    shutdown()
    thread.join()


def _secrets(settings: Settings) -> list[str]:
    credentials = settings.credentials
    found = [settings.database_url or ""]
    if credentials:
        found += [credentials.private_key, *credentials.webhook_secrets]
    return found
