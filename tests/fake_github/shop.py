"""A repository with one open pull request, and clients that speak to the fake about it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.github.fake import FakeGitHub
from tests.github.repositories import Built
from tests.github.state import Pull, Repository
from tests.github.webhooks import NO_TLS

REPO = "/repos/acme/shop"
LINES = "".join(f"line {number}\n" for number in range(1, 41))
CHANGED = LINES.replace("line 3\n", "line three\n").replace("line 30\n", "")
OTHER_SHA = "1234567890" * 4


@dataclass
class Shop:
    """A repository with one open pull request, and a client with an installation token for it."""

    github: FakeGitHub
    built: Built
    repository: Repository
    pull: Pull
    client: httpx.Client

    def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return self.client.post(f"{REPO}{path}", json=body)

    def get(self, path: str = "", **query: str | int) -> httpx.Response:
        return self.client.get(f"{REPO}{path}", params=query)

    def review(
        self, *comments: Mapping[str, Any], body: str = "Review", event: str = "COMMENT"
    ) -> httpx.Response:
        given = {"commit_id": self.pull.head_sha, "body": body, "event": event, "comments": list(comments)}
        return self.post("/pulls/1/reviews", given)

    def run(self, **body: Any) -> httpx.Response:
        return self.post("/check-runs", {"name": "Tidewaiter", "head_sha": self.pull.head_sha, **body})


@cache
def signing_key(pem: str) -> PrivateKeyTypes:
    """Checking a key takes 35 ms, so each is read once."""
    return load_pem_private_key(pem.encode(), password=None)


def app_jwt(github: FakeGitHub, *, age: int = 60, life: int = 500, issuer: str = "") -> str:
    now = int(github.hub.clock.now())
    claims = {"iat": now - age, "exp": now + life, "iss": issuer or str(github.app_id)}
    key = signing_key(github.private_key)
    assert isinstance(key, RSAPrivateKey)
    return jwt.encode(claims, key, "RS256")


def client_of(github: FakeGitHub, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=github.url, headers=headers, timeout=5, trust_env=False, verify=NO_TLS)


def as_app(github: FakeGitHub) -> httpx.Client:
    return client_of(github, app_jwt(github))


def token_of(github: FakeGitHub, owner: str = "acme", **body: Any) -> httpx.Response:
    installation = github.installation(owner)
    assert installation is not None
    with as_app(github) as client:
        return client.post(f"/app/installations/{installation.id}/access_tokens", json=body)


@contextmanager
def with_token(github: FakeGitHub, **body: Any) -> Iterator[httpx.Client]:
    with client_of(github, token_of(github, **body).json()["token"]) as client:
        yield client


def comment(line: int, path: str = "a.txt", **more: Any) -> dict[str, Any]:
    return {"path": path, "line": line, "body": "A remark", **more}


@dataclass(frozen=True)
class Receiver:
    """A webhook of an App: keeps what it got and answers with the statuses it was given, else 202."""

    got: list[tuple[Mapping[str, str], bytes]]
    answers: list[int]


@contextmanager
def receiving(github: FakeGitHub) -> Iterator[Receiver]:
    """A receiver that runs, and is where the fake delivers to."""
    got: list[tuple[Mapping[str, str], bytes]] = []
    answers: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(answers.pop(0) if answers else 202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        github.webhook_url = f"http://127.0.0.1:{server.server_address[1]}/webhook"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Receiver(got, answers)
        server.shutdown()
