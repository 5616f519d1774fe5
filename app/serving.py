"""`tidewaiter serve`: the queue, the web application and the metrics in one process, from start to SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Thread

import prometheus_client
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from app import logs, review_page
from app.credentials import Credentials
from app.database import NoDatabase
from app.jobs import GaveUp, Perform
from app.limits import Limits
from app.memory import Memory
from app.metrics import Metrics
from app.queue import Queue
from app.registration import Registration
from app.server import Accept, application, setup_application
from app.settings import Settings
from app.signed_links import links_of
from app.statedir import StateDirTaken, database_url, lock_state_dir

_log = structlog.get_logger(__name__)

Reconcile = Callable[[Accept, Memory], Awaitable[None]]
"""Finds what was lost and hands it to the queue; awaited at start and on a schedule, in one replica only."""


class CannotServe(Exception):
    """One line saying what keeps the server from starting. Exit status 2."""


_TURN = 0.0005
"""Seconds that a thread at work keeps the one that answers GitHub waiting; Python's own 5 ms add up over a request."""


def serve(
    settings: Settings,
    perform: Perform,
    *,
    gave_up: GaveUp | None = None,
    reconcile: Reconcile | None = None,
    routes: Sequence[BaseRoute] = (),
    limits: Limits | None = None,
) -> None:
    """Serve the App until SIGTERM or SIGINT, then end cleanly. `CannotServe` if it can't begin."""
    if settings.credentials is None:
        raise CannotServe("TIDEWAITER_APP_ID: not set (expected all of the App's credentials)")
    credentials = settings.credentials
    logs.configure(_secrets(settings))
    sys.setswitchinterval(_TURN)
    with ExitStack() as stack:
        listening = stack.enter_context(_listen(settings.host, settings.port, "TIDEWAITER_PORT"))
        metrics = Metrics()
        stack.enter_context(_serving_metrics(settings, metrics))
        queue = _queue(settings, perform, gave_up, metrics, limits or Limits())
        links = links_of(settings)
        pages = (*routes, *(review_page.routes(links, queue.memory.review) if links else ()))
        asyncio.run(_serve_app(credentials, queue, metrics, reconcile, pages, listening))


def set_up(settings: Settings, registration: Registration) -> bool:
    """Serve only `/setup` and `/healthz`, until there is an App (True) or a SIGTERM or SIGINT (False).

    `CannotServe` if it can't begin, also where the credentials could not be kept afterwards.
    """
    logs.configure()
    with ExitStack() as stack:
        try:
            stack.callback(os.close, lock_state_dir(settings.state_dir))
        except StateDirTaken as taken:
            raise CannotServe(str(taken)) from None
        listening = stack.enter_context(_listen(settings.host, settings.port, "TIDEWAITER_PORT"))
        host, port = listening.getsockname()[:2]
        sys.stdout.write(registration.invitation(f"http://{host}:{port}"))
        sys.stdout.flush()
        finished = asyncio.Event()
        asyncio.run(_serve_web(setup_application(registration.routes(finished.set)), listening, finished))
        return finished.is_set()


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
        await queue.start((lambda: reconcile(queue.accept, queue.memory)) if reconcile else None)
        await _serve_web(web, listening)
    finally:
        await queue.stop()


async def _serve_web(web: Starlette, listening: socket.socket, until: asyncio.Event | None = None) -> None:
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

    def leave(*_of: object) -> None:
        server.should_exit = True

    # uvicorn raises the signal that it ended for once more, to whoever had the signal before: that is us,
    # and the rest of the shutdown goes on.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    address = listening.getsockname()
    _log.info("listening", host=address[0], port=address[1])
    waiting = asyncio.create_task((until or asyncio.Event()).wait())
    waiting.add_done_callback(leave)
    await server.serve(sockets=[listening])
    waiting.cancel()
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
    number = error.errno or 0
    # Those below 0 are the resolver's.
    if number < 0 or number == errno.EADDRNOTAVAIL:
        return CannotServe(
            f"TIDEWAITER_HOST: {host}: not an address of this machine (expected 127.0.0.1, 0.0.0.0 or another)"
        )
    # The error's own text names the address as Python writes it, a second time.
    why = os.strerror(number) if number else str(error)
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
