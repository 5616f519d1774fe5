"""The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager


def environment() -> Mapping[str, str]:
    """What this process was given."""
    return os.environ


@contextmanager
def hidden(names: Collection[str]) -> Iterator[None]:
    """Takes variables out of the environment meanwhile: child processes would inherit them."""
    taken = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
