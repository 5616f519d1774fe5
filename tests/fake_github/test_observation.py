"""What tests can see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx

from tests.fake_github.shop import Shop, comment, with_token
from tests.github.fake import FakeGitHub


def test_the_end_state_knows_no_order_and_no_ids(shop: Shop) -> None:
    again = FakeGitHub()
    again.start()
    repository = again.add_repository("acme", "shop", shop.built.git_dir, "public")
    pull = again.open_pull_request(repository, 1)
    with with_token(again) as client:
        other = Shop(again, shop.built, repository, pull, client)
        shop.review(comment(3), comment(4))
        shop.run(conclusion="success")
        other.run(conclusion="success")
        other.review(comment(4))
        assert shop.github.state(shop.pull) != again.state(pull)
        other.review(comment(3))
        assert shop.github.state(shop.pull) == again.state(pull)
        other.run(conclusion="success")
        assert shop.github.state(shop.pull) != again.state(pull)
    again.close()
    again.check()


def test_the_log_holds_every_request(shop: Shop) -> None:
    shop.run()
    (entry,) = shop.github.requests("POST", "*/check-runs")
    assert (entry.status, entry.bearer) == (201, "installation")
    assert entry.received > 0
    assert entry.sent > 0
    assert shop.get().headers["X-GitHub-Request-Id"]


def test_it_runs_as_a_process(shop: Shop, tmp_path: Path) -> None:
    key_file = tmp_path / "key.pem"
    command = [sys.executable, "-m", "tests.github", "--key-file", str(key_file), "--pull", "1=change"]
    repository = f"acme/shop={shop.built.git_dir}"
    with subprocess.Popen([*command, "--repository", repository], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        about = json.loads(process.stdout.readline())
        answer = httpx.get(f"{about['url']}/versions")
        process.terminate()
    assert answer.status_code == 200
    assert key_file.read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
