"""Failures of calls that name another repository, which may be a secret where the failure is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from app.github.errors import GitHubError, RateLimited

_log = structlog.get_logger(__name__)


@contextmanager
def unnamed(what: str) -> Iterator[None]:
    """An error within, of the same kind but told of `what` alone; the log has all of it."""
    try:
        yield
    except GitHubError as error:
        _log.warning("not read", what=what, why=str(error))
        said = f"{what} can't be read now"
        if isinstance(error, RateLimited):
            raise RateLimited(said, error.not_before, told=error.told) from error
        raise type(error)(said) from error
