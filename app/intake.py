"""Deliveries on their way into the database, several in one transaction.

A transaction waits for the disk, and on SQLite for whoever else writes; what arrives meanwhile goes into the next
one. So many deliveries at once cost few transactions, and each is answered when it is stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from app.jobs import Accepted, Job, QueueFull
from app.upkeep import caught
from checks.record import Record


class Offer(Record):
    """A delivery's jobs."""

    delivery: str
    jobs: Sequence[Job]


Store = Callable[[Sequence[Offer]], Awaitable[Sequence[Accepted | QueueFull]]]
"""Stores offers in one transaction and answers what became of each; or raises, and has stored none of them."""


class Intake:
    """One for the process."""

    def __init__(self, store: Store, *, transactions: int, together: int) -> None:
        """At most that many transactions at a time, with so many deliveries in each."""
        self._store, self._transactions, self._together = store, transactions, together
        self._waiting: deque[tuple[Offer, asyncio.Future[Accepted]]] = deque()
        self._storing = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, offer: Offer) -> Accepted:
        """Returns when it is stored. `QueueFull` if there is no room; errors of the database as they come."""
        stored: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((offer, stored))
        if self._storing < self._transactions:
            self._storing += 1
            task = asyncio.create_task(self._store_waiting())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await stored

    async def _store_waiting(self) -> None:
        try:
            await self._store_all()
        finally:
            # At once, not when the task is seen to be done: between the two somebody may offer more.
            self._storing -= 1

    async def _store_all(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(self._together, len(self._waiting)))]
            answers = await caught(self._store([offer for offer, _ in taken]))
            for number, (_, stored) in enumerate(taken):
                answer = answers if isinstance(answers, Exception) else answers[number]
                if stored.done():
                    continue
                if isinstance(answer, Exception):
                    stored.set_exception(answer)
                else:
                    stored.set_result(answer)
