"""Runs the fake GitHub as a process: `python -m tests.github --repository acme/shop=PATH --pull 1=change`.

Prints one line of JSON with what the App needs to know, then serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from pathlib import Path

from tests.github.fake import FakeGitHub


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.github", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME=GIT_DIR")
    parser.add_argument("--visibility", default="public", choices=("public", "private", "internal"))
    parser.add_argument("--pull", action="append", default=[], metavar="NUMBER=BRANCH")
    parser.add_argument("--base", default="main", metavar="BRANCH")
    parser.add_argument("--key-file", type=Path, required=True, help="where to write the App's private key")
    parser.add_argument("--webhook-url", default="", help="deliver `opened` of each pull request there")
    given = parser.parse_args()
    name, _, git_dir = given.repository.partition("=")
    owner, _, repo = name.partition("/")
    with FakeGitHub(given.port) as fake:
        fake.webhook_url = given.webhook_url
        repository = fake.add_repository(
            owner, repo, Path(git_dir), given.visibility, default_branch=given.base
        )
        given.key_file.write_text(fake.private_key)
        about = {"url": fake.url, "app_id": fake.app_id, "webhook_secret": fake.webhook_secret}
        sys.stdout.write(f"{json.dumps(about)}\n")
        sys.stdout.flush()
        for one in given.pull:
            number, _, branch = one.partition("=")
            pull = fake.open_pull_request(repository, int(number), branch, given.base)
            if given.webhook_url:
                fake.deliver("pull_request", fake.payloads.pull_request(pull, "opened"))
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
