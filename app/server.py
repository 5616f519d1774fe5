"""The web application: the webhook, health, and whatever pages it is given.

The webhook does as little as it can within the request: check the signature over the raw bytes, read the
delivery, store its jobs durably, answer. GitHub waits 10 seconds, and never sends again what was answered
with 2xx: https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.deliveries import jobs_of
from app.jobs import Accepted, Job, QueueFull
from app.metrics import Metrics
from app.payload import Delivery, Malformed
from checks.record import Record

_log = structlog.get_logger(__name__)

LARGEST_BODY = 25 * 1024 * 1024
"""Bytes. GitHub does not send an event that is larger:
https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap"""
_SIGNATURE = re.compile("sha256=([0-9a-fA-F]{64})")

Accept = Callable[[str, Sequence[Job]], Awaitable[Accepted]]
"""Stores a delivery's jobs durably; `QueueFull`, or what the database raises."""


class Reception(Record):
    """How bodies are received. Anybody may send one, and only a whole one can be verified."""

    largest: int = LARGEST_BODY
    """Bytes of a body."""
    most_buffered: int = 8 * LARGEST_BODY
    """Bytes of all bodies that are being received."""
    longest: float = 30.0
    """Seconds for a body to arrive. GitHub gives up after 10, GHES after 30."""
    storing: float = 8.0
    """Seconds until a delivery that is not stored is refused. Should it be stored after all, it is so once: GitHub
    sends it again under the same GUID."""


class _Refused(Exception):
    """The request ends here, with a status and the reason in a few words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status, self.why = status, why


class _Webhook:
    """`POST /webhook`."""

    def __init__(
        self, app_id: int, secrets: Sequence[str], accept: Accept, metrics: Metrics, reception: Reception
    ) -> None:
        self._app_id = app_id
        self._secrets = [secret.encode() for secret in secrets]
        self._accept, self._metrics, self._reception = accept, metrics, reception
        self._buffered = 0

    async def receive(self, request: Request) -> Response:
        began = time.monotonic()
        event = "unknown"
        try:
            body = await self._body(request)
            _verify(body, request.headers.get("x-hub-signature-256", ""), self._secrets)
            delivery = _delivery(request, body)
            # Only now: a label that anybody could choose would grow without end.
            event = delivery.event
            accepted = await self._store(delivery)
        except _Refused as refused:
            self._metrics.deliveries.labels(event, str(refused.status)).inc()
            _log.warning("delivery refused", status=refused.status, why=refused.why, event_name=event)
            return JSONResponse({"error": refused.why}, refused.status)
        self._metrics.deliveries.labels(event, accepted).inc()
        self._metrics.accepting.observe(time.monotonic() - began)
        _log.info(
            "delivery", delivery=delivery.guid, event_name=event, action=delivery.action, result=accepted
        )
        return JSONResponse({"result": accepted}, 202)

    async def _body(self, request: Request) -> bytes:
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > self._reception.largest:
            raise self._too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._reception.longest):
                async for part in request.stream():
                    body += part
                    self._buffered += len(part)
                    if len(body) > self._reception.largest:
                        raise self._too_large
                    if self._buffered > self._reception.most_buffered:
                        raise _Refused(503, "too many bodies at once")
        except TimeoutError:
            raise _Refused(408, f"not received within {self._reception.longest:g} s") from None
        except ClientDisconnect:
            raise _Refused(400, "cut short") from None
        finally:
            self._buffered -= len(body)
        return bytes(body)

    @property
    def _too_large(self) -> _Refused:
        return _Refused(413, f"larger than {self._reception.largest} bytes")

    async def _store(self, delivery: Delivery) -> str:
        try:
            jobs = jobs_of(delivery, self._app_id)
        except Malformed as malformed:
            # Signed, so from GitHub: refusing it would only have it sent again, just as it is.
            _log.error(
                "delivery malformed", delivery=delivery.guid, event_name=delivery.event, why=str(malformed)
            )
            return "malformed"
        try:
            async with asyncio.timeout(self._reception.storing):
                return (await self._accept(delivery.guid, jobs)).value
        except QueueFull as full:
            raise _Refused(503, str(full)) from None
        except Exception as error:
            # Whatever keeps us from storing it, GitHub has to record a failure: we redeliver those.
            _log.exception("delivery not stored", delivery=delivery.guid)
            raise _Refused(503, "the delivery could not be stored") from error


def _verify(body: bytes, header: str, secrets: Sequence[bytes]) -> None:
    """https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries"""
    match = _SIGNATURE.fullmatch(header)
    if not match:
        raise _Refused(401, "X-Hub-Signature-256: expected sha256= and 64 hexadecimal digits")
    given = bytes.fromhex(match.group(1))
    # All of them, so that the time does not tell which one fits.
    right = [hmac.compare_digest(hmac.digest(secret, body, hashlib.sha256), given) for secret in secrets]
    if not any(right):
        raise _Refused(401, "the signature does not fit the body")


def _delivery(request: Request, body: bytes) -> Delivery:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise _Refused(400, "not JSON (the webhook's content type has to be application/json)") from None
    if not isinstance(payload, dict):
        raise _Refused(400, "not a JSON object")
    try:
        delivery = Delivery.of(request.headers, payload, datetime.datetime.now(datetime.UTC))
    except Malformed as malformed:
        raise _Refused(400, str(malformed)) from None
    return delivery


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


def application(
    *,
    app_id: int,
    secrets: Sequence[str],
    accept: Accept,
    ready: Callable[[], Awaitable[bool]],
    metrics: Metrics,
    routes: Sequence[BaseRoute] = (),
    reception: Reception | None = None,
) -> Starlette:
    """The web application of a configured App. `routes` are the pages; they come last."""
    webhook = _Webhook(app_id, secrets, accept, metrics, reception or Reception())

    async def readyz(_request: Request) -> Response:
        if await ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "the database does not answer"}, 503)

    return Starlette(
        routes=[
            Route("/webhook", webhook.receive, methods=["POST"]),
            Route("/healthz", _healthz),
            Route("/readyz", readyz),
            *routes,
        ]
    )


def setup_application(setup: Sequence[BaseRoute]) -> Starlette:
    """The web application without credentials: the routes of `/setup`, and health."""
    return Starlette(routes=[*setup, Route("/healthz", _healthz)])
