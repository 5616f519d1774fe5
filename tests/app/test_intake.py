"""Deliveries that arrive together are stored together, and each gets an answer of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.intake import Intake, Offer
from app.jobs import Accepted, QueueFull
from tests.app.payloads import job


class Store:
    """Stands where the database does; a transaction ends when it is let go."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []
        self.go = asyncio.Event()
        self.fails = 0

    async def __call__(self, offers: Sequence[Offer]) -> Sequence[Accepted | QueueFull]:
        self.transactions.append([offer.delivery for offer in offers])
        await self.go.wait()
        if self.fails:
            self.fails -= 1
            raise OSError("disk full")
        return [QueueFull("full") if offer.delivery == "late" else Accepted.QUEUED for offer in offers]


async def accepted(intake: Intake, *deliveries: str) -> list[Accepted | BaseException]:
    """What becomes of deliveries that come at once."""
    offers = [Offer(delivery, [job()]) for delivery in deliveries]
    return await asyncio.gather(*map(intake.accept, offers), return_exceptions=True)


def test_what_arrives_while_one_is_stored_is_stored_together() -> None:
    async def scenario() -> None:
        store = Store()
        intake = Intake(store, transactions=1, together=3)
        first = asyncio.create_task(accepted(intake, "a"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        others = asyncio.create_task(accepted(intake, "b", "c", "d", "e"))
        await asyncio.sleep(0)
        store.go.set()
        assert [*await first, *await others] == [Accepted.QUEUED] * 5
        assert store.transactions == [["a"], ["b", "c", "d"], ["e"]]

    asyncio.run(scenario())


def test_so_many_transactions_go_on_at_a_time() -> None:
    async def scenario() -> None:
        store = Store()
        intake = Intake(store, transactions=2, together=1)
        answers = asyncio.create_task(accepted(intake, "a", "b", "c"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert store.transactions == [["a"], ["b"]]
        store.go.set()
        assert await answers == [Accepted.QUEUED] * 3
        assert store.transactions[2:] == [["c"]]

    asyncio.run(scenario())


def test_one_that_is_refused_and_one_that_is_no_longer_waited_for_take_no_other_along() -> None:
    async def scenario() -> None:
        store = Store()
        intake = Intake(store, transactions=1, together=5)
        answers = asyncio.create_task(accepted(intake, "a", "late", "b"))
        gone = asyncio.create_task(intake.accept(Offer("gone", [job()])))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.cancel()
        store.go.set()
        first, refused, last = await answers
        assert (first, last) == (Accepted.QUEUED, Accepted.QUEUED)
        assert isinstance(refused, QueueFull)
        assert await intake.accept(Offer("after", [job()])) is Accepted.QUEUED

    asyncio.run(scenario())


def test_a_transaction_that_fails_fails_all_in_it_and_the_next_goes_on() -> None:
    async def scenario() -> None:
        store = Store()
        store.go.set()
        store.fails = 1
        intake = Intake(store, transactions=1, together=5)
        assert [str(answer) for answer in await accepted(intake, "a", "b")] == ["disk full"] * 2
        assert await accepted(intake, "a", "b") == [Accepted.QUEUED] * 2

    asyncio.run(scenario())


@pytest.mark.parametrize("number", [1, 2, 20])
def test_one_after_the_other(number: int) -> None:
    async def scenario() -> None:
        store = Store()
        store.go.set()
        intake = Intake(store, transactions=1, together=5)
        for _ in range(number):
            assert await accepted(intake, "a") == [Accepted.QUEUED]

    asyncio.run(scenario())
