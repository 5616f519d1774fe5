"""The pull request and the webhook that these tests speak of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import BuildRepository
from tests.fake_github.shop import CHANGED, LINES, Receiver, Shop, receiving, with_token
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
    with receiving(github) as made:
        yield made
