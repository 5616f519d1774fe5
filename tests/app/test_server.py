"""The webhook, per status; over real HTTP where the transport matters."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.jobs import Accepted, Job, QueueFull
from app.metrics import Metrics
from app.server import LARGEST_BODY, Reception, application, setup_application
from tests.app import payloads

SECRETS = ("new secret", "old secret")
BODY = json.dumps(payloads.pull_request()).encode()


class Store:
    """Stands where the queue does."""

    def __init__(self, reception: Reception | None = None) -> None:
        self.accepted: list[tuple[str, Sequence[Job]]] = []
        self.answer: Accepted | Exception = Accepted.QUEUED
        self.is_ready = True
        self.metrics = Metrics()
        self.web = application(
            app_id=1,
            secrets=SECRETS,
            accept=self.accept,
            ready=self.ready,
            metrics=self.metrics,
            reception=reception,
        )

    async def accept(self, delivery: str, jobs: Sequence[Job]) -> Accepted:
        self.accepted.append((delivery, jobs))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if jobs else Accepted.NOTHING

    async def ready(self) -> bool:
        return self.is_ready

    def counted(self, event: str, result: str) -> float | None:
        labels = {"event": event, "result": result}
        return self.metrics.registry.get_sample_value("tidewaiter_deliveries_total", labels)


def headers(body: bytes, event: str = "pull_request", secret: str = SECRETS[0]) -> dict[str, str]:
    return {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "guid-1",
        "X-Hub-Signature-256": payloads.signature(secret, body),
        "Content-Type": "application/json",
    }


Headers = dict[str, str] | list[tuple[bytes, bytes]]


def request(
    web: Starlette, method: str, path: str, body: bytes = b"", headers: Headers | None = None
) -> httpx.Response:
    async def answered() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test") as client:
            return await client.request(method, path, content=body, headers=headers)

    return asyncio.run(answered())


def get(web: Starlette, path: str) -> httpx.Response:
    return request(web, "GET", path)


def post(store: Store, body: bytes, headers: Headers) -> httpx.Response:
    return request(store.web, "POST", "/webhook", body, headers)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_signed_delivery_is_stored_then_accepted(secret: str) -> None:
    store = Store()
    response = post(store, BODY, headers(BODY, secret=secret))
    assert (response.status_code, response.json()) == (202, {"result": "queued"})
    ((delivery, (job,)),) = store.accepted
    assert (delivery, job.delivery, job.pull_number) == ("guid-1", "guid-1", 1)
    assert store.counted("pull_request", "queued") == 1


def test_a_repeat_is_accepted_too() -> None:
    store = Store()
    store.answer = Accepted.REPEATED
    assert post(store, BODY, headers(BODY)).status_code == 202


@pytest.mark.parametrize("event", [*payloads.events(), "brand_new_event"])
def test_every_event_is_accepted(event: str) -> None:
    store = Store()
    for payload in payloads.examples(event) if event in payloads.events() else [{}]:
        body = json.dumps(payload).encode()
        assert post(store, body, headers(body, event)).status_code == 202


def wrong_signatures() -> Iterator[tuple[str, str]]:
    right = payloads.signature(SECRETS[0], BODY)
    yield "of another body", payloads.signature(SECRETS[0], BODY + b" ")
    yield "by another secret", payloads.signature("guess", BODY)
    yield "by both secrets as one", payloads.signature(",".join(SECRETS), BODY)
    yield "by no secret", payloads.signature("", BODY)
    yield "empty", ""
    yield "SHA-1", "sha1=" + "0" * 40
    yield "without its name", right.removeprefix("sha256=")
    yield "too short", right[:-1]
    yield "too long", right + "0"
    yield "two", f"{right},{right}"
    yield "not hexadecimal", "sha256=" + "g" * 64


@pytest.mark.parametrize("signature", [pytest.param(value, id=name) for name, value in wrong_signatures()])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    store = Store()
    response = post(store, BODY, {**headers(BODY), "X-Hub-Signature-256": signature})
    assert response.status_code == 401
    assert store.accepted == []
    assert store.counted("unknown", "401") == 1


def test_no_signature_is_refused() -> None:
    store = Store()
    unsigned = headers(BODY)
    del unsigned["X-Hub-Signature-256"]
    unsigned["X-Hub-Signature"] = "sha1=" + "0" * 40
    assert post(store, BODY, unsigned).status_code == 401


@pytest.mark.parametrize("signature", ["sha256=" + "é" * 64, "sha256=" + "٣" * 64])
def test_a_signature_outside_of_ascii_is_refused(signature: str) -> None:
    raw = [(b"x-hub-signature-256", signature.encode()), (b"x-github-event", b"push")]
    assert post(Store(), BODY, raw).status_code == 401


def test_the_signature_comes_before_the_content() -> None:
    assert post(Store(), b"{not json", {**headers(b""), "X-Hub-Signature-256": "x"}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"payload=%7B%7D", b"[]", b"null", b'"x"', b"1", b"\xff\xfe", b"[" * 200_000,
        b'{"a":' * 100_000, b"1" * 10_000, b"\x00",
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_signed_but_no_json_object(body: bytes) -> None:
    store = Store()
    assert post(store, body, headers(body)).status_code == 400
    assert store.accepted == []


@pytest.mark.parametrize("name", ["X-GitHub-Event", "X-GitHub-Delivery"])
@pytest.mark.parametrize("value", ["", "a b", "../x", "x" * 65])
def test_github_s_headers_are_required(name: str, value: str) -> None:
    assert post(Store(), BODY, {**headers(BODY), name: value}).status_code == 400


def test_what_github_would_never_send_is_accepted_and_counted() -> None:
    store = Store()
    body = json.dumps({"action": "opened", "pull_request": None}).encode()
    response = post(store, body, headers(body))
    assert (response.status_code, response.json()) == (202, {"result": "malformed"})
    assert store.accepted == []
    assert store.counted("pull_request", "malformed") == 1


@pytest.mark.parametrize("failure", [QueueFull("20000 jobs wait"), OSError("disk full"), RuntimeError("?")])
def test_what_cannot_be_stored_is_not_accepted(failure: Exception) -> None:
    store = Store()
    store.answer = failure
    response = post(store, BODY, headers(BODY))
    assert response.status_code == 503
    assert "disk" not in response.text
    assert store.counted("pull_request", "503") == 1


def test_other_methods_and_paths() -> None:
    web = Store().web
    assert get(web, "/webhook").status_code == 405
    assert get(web, "/nowhere").status_code == 404
    assert get(web, "/setup").status_code == 404


def test_alive_and_ready() -> None:
    store = Store()
    assert get(store.web, "/readyz").status_code == 200
    store.is_ready = False
    assert get(store.web, "/readyz").status_code == 503
    assert get(store.web, "/healthz").status_code == 200


def test_without_credentials_there_is_set_up_and_health_only() -> None:
    async def page(_request: Request) -> Response:
        return Response("set up here")

    web = setup_application([Route("/setup", page)])
    assert get(web, "/setup").text == "set up here"
    assert get(web, "/healthz").status_code == 200
    for path in ("/readyz", "/metrics", "/checks"):
        assert get(web, path).status_code == 404
    assert request(web, "POST", "/webhook", BODY, headers(BODY)).status_code == 404


@given(body=st.binary(max_size=200), signature=st.text(max_size=80))
def test_nobody_gets_in_unsigned(body: bytes, signature: str) -> None:
    store = Store()
    encoded = signature.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"")
    raw = [(b"x-hub-signature-256", encoded), (b"x-github-event", b"push"), (b"x-github-delivery", b"1")]
    assert post(store, body, raw).status_code == 401
    assert store.accepted == []


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_read = (
    "check_run", "check_suite", "installation", "installation_repositories", "issue_comment", "merge_group",
    "pull_request", "push",
)  # fmt: skip


@st.composite
def hostile_payloads(draw: st.DrawFn) -> tuple[str, payloads.Payload]:
    """One of GitHub's examples with something else in one place, however deep that is."""
    event = draw(st.sampled_from(_read))
    payload = draw(st.sampled_from(payloads.examples(event)))
    parent: Any = payload
    while True:
        name = draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
        if not isinstance(parent[name], dict | list) or not parent[name] or draw(st.booleans()):
            parent[name] = draw(_anything)
            return event, payload
        parent = parent[name]


@given(hostile=hostile_payloads(), guid=st.text(max_size=70), is_signed=st.booleans())
def test_a_hostile_payload_is_answered_and_only_a_signed_one_is_stored(
    hostile: tuple[str, payloads.Payload], guid: str, *, is_signed: bool
) -> None:
    store, (event, payload) = Store(), hostile
    body = json.dumps(payload).encode()
    sent = headers(body, event, SECRETS[0] if is_signed else "guess") | {"X-GitHub-Delivery": guid}
    raw = [
        (name.encode(), value.encode("utf-8", "replace").translate(None, b"\r\n\0"))
        for name, value in sent.items()
    ]
    response = post(store, body, raw)
    assert response.status_code in ({202, 400} if is_signed else {401})
    assert is_signed or store.accepted == []
    for _, jobs in store.accepted:
        for job in jobs:
            # What goes into columns of the database.
            assert Job.from_json(job.to_json()) == job
            (job.id + job.subject + job.head_sha + job.to_json()).encode()


async def received(store: Store, *bodies: Callable[[], AsyncIterator[bytes]]) -> list[int]:
    """The statuses of deliveries that arrive at the same time."""
    transport = httpx.ASGITransport(store.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = await asyncio.gather(
            *(client.post("/webhook", content=body(), headers=headers(b"xx")) for body in bodies)
        )
    return [answer.status_code for answer in answers]


async def slow() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.sleep(0.2)
    yield b"x"


def test_a_body_has_to_arrive_in_time() -> None:
    assert asyncio.run(received(Store(Reception(longest=0.05)), slow)) == [408]
    # In time, so that it is read: signed, and no JSON.
    assert asyncio.run(received(Store(), slow)) == [400]


def test_only_so_much_is_received_at_once() -> None:
    store = Store(Reception(most_buffered=2))
    assert sorted(asyncio.run(received(store, slow, slow))) == [400, 503]
    # What was received is given back.
    assert asyncio.run(received(store, slow)) == [400]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Store, int]]:
    """The application in a real server on a free port."""
    store = Store()
    server = uvicorn.Server(uvicorn.Config(store.web, log_config=None, access_log=False, lifespan="off"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    yield store, listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()


def test_a_body_as_large_as_github_s_largest(served: tuple[Store, int]) -> None:
    store, port = served
    padded = json.dumps(payloads.pull_request() | {"padding": ""}).encode()
    body = padded[:-2] + b"x" * (LARGEST_BODY - len(padded)) + padded[-2:]
    assert len(body) == LARGEST_BODY
    response = httpx.post(f"http://127.0.0.1:{port}/webhook", content=body, headers=headers(body))
    assert response.status_code == 202
    assert store.accepted


def answer_to(port: int, request: bytes) -> int:
    """The status of the answer to a request that is sent as it is and not to its end."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        # The answer may come, and the connection end, before all has been sent.
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status


HEAD = b"POST /webhook HTTP/1.1\r\nHost: x\r\n"


def test_a_length_above_the_cap_is_refused_unread(served: tuple[Store, int]) -> None:
    length = str(LARGEST_BODY + 1).encode()
    assert answer_to(served[1], HEAD + b"Content-Length: " + length + b"\r\n\r\n{") == 413


def test_a_body_without_a_length_is_counted(served: tuple[Store, int]) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    assert answer_to(served[1], HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 26) == 413


def test_a_length_that_lies_does_not_lift_the_cap(served: tuple[Store, int]) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert answer_to(served[1], HEAD + both + chunk * 26) in {400, 413}


def test_a_body_cut_short_stores_nothing(served: tuple[Store, int]) -> None:
    store, port = served
    before = len(store.accepted)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    assert len(store.accepted) == before
