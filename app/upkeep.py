"""What is done again and again beside the jobs, and goes on when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from app.metrics import Metrics

_log = structlog.get_logger(__name__)
T = TypeVar("T")


class Upkeep:
    """Tasks of the running event loop, each repeated with a pause."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []

    def repeat(self, what: str, act: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Await `act` now and, each time that it has ended or failed, again after a pause."""
        self._tasks.append(asyncio.create_task(self._forever(what, act, seconds), name=what))

    @property
    def goes_on(self) -> bool:
        """Whether there is something to repeat, and all of it is being repeated."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def stop(self) -> None:
        """Cancel what is under way, and repeat nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _forever(self, what: str, act: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            failure = await caught(act())
            if failure:
                # The next round may well succeed; meanwhile the counter tells.
                self._metrics.upkeep_failures.labels(what).inc()
                _log.error("upkeep failed", what=what, exc_info=failure)
            await asyncio.sleep(seconds)


async def caught(act: Awaitable[T]) -> T | Exception:
    """What comes of `act`, or what it raises: whatever that is, it ends neither a worker nor the upkeep.

    Only a cancellation of the caller itself still ends it.
    """
    try:
        return await act
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Nobody cancelled us: something that was awaited was cancelled, and that is a failure like any.
        return RuntimeError("what it awaited was cancelled")
    except Exception as error:  # noqa: BLE001  # the worker: it outlives every job
        return error
