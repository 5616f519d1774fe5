"""Fixtures that every test may ask for: the fake GitHub, and small git repositories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.github import repositories
from tests.github.fake import FakeGitHub

settings.register_profile("tidewaiter", deadline=None)  # a busy machine is no defect
settings.load_profile("tidewaiter")

LONGEST = "test_catalogue.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starts with the longest file, which else would run on when all others are done; files are handed out in this order."""
    items.sort(key=lambda item: item.path.name != LONGEST)


BuildRepository = Callable[[repositories.Files, repositories.Files], repositories.Built]
"""Base and head to a bare repository: `main` holds the base, `change` is on top of it."""


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A fake GitHub of the test's own. At the end the test fails if the App broke GitHub's description."""
    fake = FakeGitHub()
    fake.start()
    try:
        yield fake
    finally:
        fake.close()
    fake.check()


@pytest.fixture
def build_repository(tmp_path: Path) -> BuildRepository:
    """Makes bare repositories under the test's temporary folder."""
    made = 0

    def build(base: repositories.Files, head: repositories.Files) -> repositories.Built:
        nonlocal made
        made += 1
        return repositories.build(tmp_path / f"repository-{made}.git", base, head)

    return build
