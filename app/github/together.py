"""Calls at once that end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import TypeVar

T = TypeVar("T")


async def together(calls: Iterable[Coroutine[object, object, T]]) -> list[T]:
    """The results in order. The first error ends the others before it is raised, so that none of them
    outlives the client that it uses; it is raised as it is, and not in a group."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
