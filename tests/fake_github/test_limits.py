"""Rate limits and conditional requests."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fake_github.shop import REPO, Shop
from tests.github import faults


@pytest.mark.parametrize("retry_after", [None, 30])
def test_too_much_content_in_a_minute(shop: Shop, retry_after: int | None) -> None:
    shop.github.limits.creations_per_minute = 2
    shop.github.limits.retry_after = retry_after
    answers = [shop.run() for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 403]
    assert "secondary rate limit" in answers[-1].json()["message"]
    assert answers[-1].headers.get("Retry-After") == (None if retry_after is None else "30")
    assert int(answers[-1].headers["X-RateLimit-Remaining"]) > 0
    shop.github.hub.clock.advance(61)
    assert shop.run().status_code == 201
    assert len(shop.github.check_runs()) == 3


def test_points_of_a_minute(shop: Shop) -> None:
    shop.github.hub.clock.advance(61)
    shop.github.limits.points_per_minute = 7
    assert [shop.get().status_code, shop.run().status_code, shop.get().status_code] == [200, 201, 200]
    assert shop.get().status_code == 403


def test_the_primary_limit_is_told_in_every_answer(shop: Shop) -> None:
    before = int(shop.get().headers["X-RateLimit-Remaining"])
    assert int(shop.get().headers["X-RateLimit-Remaining"]) == before - 1
    shop.github.limits.primary = 0
    refused = shop.get()
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert int(refused.headers["X-RateLimit-Reset"]) > time.time()


def test_an_unchanged_answer_is_304_and_costs_nothing(shop: Shop) -> None:
    first = shop.get()
    again = shop.client.get(REPO, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]


def test_too_many_requests_at_once(shop: Shop) -> None:
    shop.github.limits.concurrent = 1
    release = threading.Event()
    shop.github.faults.on("GET", "/repos/*", kind=faults.call(lambda: release.wait(5)))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(shop.get)
        while not shop.github.faults.struck:
            time.sleep(0.001)
        assert shop.get().status_code == 403
        release.set()
        assert slow.result().status_code == 200
