"""What goes wrong on demand."""

from __future__ import annotations

import httpx
import pytest

from tests.fake_github.shop import REPO, Shop
from tests.github import faults


def test_a_fault_strikes_before_the_effect_or_after_it(shop: Shop) -> None:
    shop.github.faults.on("POST", "/repos/{owner}/{repo}/check-runs", kind=faults.bad_gateway())
    assert (shop.run().status_code, len(shop.github.check_runs())) == (502, 0)
    assert (shop.run().status_code, len(shop.github.check_runs())) == (201, 1)
    shop.github.faults.on("POST", "*/check-runs", kind=faults.answer_lost())
    assert (shop.run().status_code, len(shop.github.check_runs())) == (502, 2)


def test_a_fault_waits_for_its_turn(shop: Shop) -> None:
    shop.github.faults.on("GET", REPO, nth=2, kind=faults.missing(), times=2)
    assert [shop.get().status_code for _ in range(4)] == [200, 404, 404, 200]


def test_the_connection_is_reset_with_or_without_effect(shop: Shop) -> None:
    for after, runs in ((False, 0), (True, 1)):
        shop.github.faults.on("POST", "*/check-runs", kind=faults.connection_reset(after=after))
        with pytest.raises(httpx.TransportError):
            shop.run()
        assert len(shop.github.check_runs()) == runs
    assert [one.status for one in shop.github.requests("POST", "*/check-runs")] == [0, 0]


def test_silence_lasts_until_the_client_gives_up(shop: Shop) -> None:
    shop.github.faults.on("GET", REPO, kind=faults.hang())
    with pytest.raises(httpx.ReadTimeout):
        shop.client.get(REPO, timeout=0.05)
    assert shop.get().status_code == 200


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (faults.secondary_limit(7), 403),
        (faults.secondary_limit(), 403),
        (faults.unprocessable(), 422),
        (faults.unauthorized(), 401),
    ],
)
def test_faults_that_answer(shop: Shop, kind: faults.Fault, status: int) -> None:
    shop.github.faults.on("*", "*", kind=kind)
    answer = shop.get()
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if kind == faults.secondary_limit(7) else None)


def test_a_fault_can_call_back_around_the_effect(shop: Shop) -> None:
    seen: list[int] = []
    for after in (False, True):
        shop.github.faults.on(
            "POST",
            "*/check-runs",
            kind=faults.call(lambda: seen.append(len(shop.github.check_runs())), after=after),
        )
        assert shop.run().status_code == 201
    assert seen == [0, 2]
