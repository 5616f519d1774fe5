"""The pull request and the webhook that these tests speak of."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping

import pytest

from tests.conftest import BuildRepository
from tests.fake_github.shop import CHANGED, LINES, Receiver, Shop, with_token
from tests.github.fake import FakeGitHub


@pytest.fixture
def shop(github: FakeGitHub, build_repository: BuildRepository) -> Iterator[Shop]:
    built = build_repository({"a.txt": LINES, "b.txt": "old\n"}, {"a.txt": CHANGED})
    repository = github.add_repository("acme", "shop", built.git_dir, "public")
    pull = github.open_pull_request(repository, 1)
    with with_token(github) as client:
        yield Shop(github, built, repository, pull, client)


@pytest.fixture
def receiver(github: FakeGitHub) -> Iterator[Receiver]:
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
