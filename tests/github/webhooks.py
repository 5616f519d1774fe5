"""Sends webhooks as GitHub does, and keeps the log of deliveries."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from tests.github.state import Delivery, State

TIMEOUT_SECONDS = 10.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Webhooks of tests go over plain HTTP; reading certificates for each would take 20 ms."""
MAX_PAYLOAD_BYTES = 25 * 1024 * 1024
"""GitHub does not send an event that is larger."""


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Hookshot:
    """The sender. `timeout` is GitHub's ten seconds unless a test shortens it."""

    def __init__(self, state: State, secret: str) -> None:
        self.state = state
        self.secret = secret
        self.timeout = TIMEOUT_SECONDS
        self._threads: list[threading.Thread] = []

    def deliver(self, event: str, payload: Mapping[str, Any], guid: str | None = None) -> Delivery:
        """Posts an event to the App and waits for its answer. The delivery is in the log either way."""
        body = json.dumps(payload).encode()
        if len(body) > MAX_PAYLOAD_BYTES:
            raise ValueError("GitHub does not fire events above 25 MB")
        return self._post(self._prepared(event, payload, body, guid or str(uuid.uuid4())), body)

    def redeliver(self, earlier: Delivery) -> None:
        """Posts an earlier delivery again, with its GUID and in the background."""
        body = json.dumps(earlier.payload).encode()
        again = replace(
            self._prepared(earlier.event, earlier.payload, body, earlier.guid),
            redelivery=True,
        )
        thread = threading.Thread(target=self._post, args=(again, body), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, seconds: float = TIMEOUT_SECONDS) -> None:
        """Until the redeliveries that were asked for are answered."""
        for thread in self._threads:
            thread.join(seconds)

    def _prepared(self, event: str, payload: Mapping[str, Any], body: bytes, guid: str) -> Delivery:
        headers = {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/7f3a1c2",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": "471100",
            "X-GitHub-Hook-Installation-Target-ID": str(self.state.app_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": signature(self.secret, body),
        }
        if self.state.enterprise:
            headers["X-GitHub-Enterprise-Version"] = self.state.enterprise
            headers["X-GitHub-Enterprise-Host"] = "github.example"
        with self.state.lock:
            number = self.state.next_id()
        return Delivery(
            id=number,
            guid=guid,
            event=event,
            action=payload.get("action"),
            at=self.state.clock.now(),
            redelivery=False,
            duration=0.0,
            status="pending",
            status_code=0,
            installation_id=(payload.get("installation") or {}).get("id"),
            repository_id=(payload.get("repository") or {}).get("id"),
            headers=headers,
            payload=payload,
            response_headers={},
            response_body="",
        )

    def _post(self, delivery: Delivery, body: bytes) -> Delivery:
        began = time.monotonic()
        code, status, answer = 502, "failed to connect to host", httpx.Response(502)
        try:
            with httpx.Client(timeout=self.timeout, trust_env=False, verify=NO_TLS) as client:
                answer = client.post(self.state.webhook_url, content=body, headers=dict(delivery.headers))
            code = answer.status_code
            status = "OK" if answer.is_success else f"Invalid HTTP Response: {code}"
        except httpx.TimeoutException:
            code, status = 504, "timed out"
        except httpx.TransportError:
            pass
        done = replace(
            delivery,
            duration=round(time.monotonic() - began, 3),
            status=status,
            status_code=code,
            response_headers=dict(answer.headers),
            response_body=answer.text,
        )
        with self.state.lock:
            self.state.deliveries[done.id] = done
        return done
