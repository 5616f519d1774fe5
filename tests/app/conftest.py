"""Fixtures of the tests of the App."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.app.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A place where servers run; whatever still runs at the end of the test is killed."""
    site = Site(tmp_path)
    yield site
    for process in site.processes:
        process.kill()
        process.wait()


@pytest.fixture
def logging_put_back() -> Iterator[None]:
    """Whatever a test does to the logging is undone after it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
