"""What is kept of a review for its page, and when it goes."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import schema
from app.keeping import KEPT, Keeping
from app.memory import Memory
from app.signed_links import Admission, SignedLinks
from tests.app.payloads import job
from tests.app.remembered import memory
from tests.app.test_signed_links import parts

LINKS = SignedLinks("https://tidewaiter.example", ("secret",))
SOON = time.time() + 3600
LATER = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1)


@pytest.fixture
def kept(tmp_path: Path) -> Memory:
    return memory(tmp_path)


def run(*acts: Awaitable[object]) -> list[object]:
    """What each of them comes to, one after the other."""

    async def all_of_them() -> list[object]:
        return [await act for act in acts]

    return asyncio.run(all_of_them())


def test_a_review_is_kept_whole_and_small(kept: Memory) -> None:
    document = '{"a": "é\U0001f433' + "x" * 100_000 + '"}'
    assert run(kept.keep_review("abc", 1, 2, document, SOON), kept.review("abc")) == [None, document]
    assert run(kept.review("abd")) == [None]
    with kept._engine.connect() as connection:
        size = sa.func.length(schema.review.c.content)
        assert connection.execute(sa.select(size)).scalar_one() < 1_000


def test_a_later_try_of_the_same_job_takes_its_place(kept: Memory) -> None:
    run(kept.keep_review("abc", 1, 2, "first", SOON), kept.keep_review("abc", 1, 2, "second", SOON))
    assert run(kept.review("abc")) == ["second"]


def test_what_is_over_is_not_shown_and_is_deleted_with_the_next_clean_up(kept: Memory) -> None:
    run(kept.keep_review("old", 1, 2, "x", time.time() - 1), kept.keep_review("new", 1, 2, "y", SOON))
    assert run(kept.review("old")) == [None]
    assert rows(kept) == {"old", "new"}
    run(kept.forget_old())
    assert rows(kept) == {"new"}


def test_it_goes_with_its_repository_and_with_its_installation(kept: Memory) -> None:
    for name, installation, repository in (("a", 1, 10), ("b", 1, 11), ("c", 2, 12)):
        run(kept.keep_review(name, installation, repository, "x", SOON))
    run(kept.forget_repository(1, 10, "acme/web", LATER))
    assert rows(kept) == {"b", "c"}
    run(kept.forget_installation(1, LATER))
    assert rows(kept) == {"c"}


def rows(kept: Memory) -> set[str]:
    with kept._engine.connect() as connection:
        return set(connection.execute(sa.select(schema.review.c.id)).scalars())


def test_a_job_has_one_shelf_and_its_link_holds_as_long_as_the_review() -> None:
    keeping = Keeping(LINKS)
    shelf, again, other = (keeping.shelf(one) for one in (job(), job(), job(sha="b")))
    assert shelf.id == again.id != other.id
    review, until, signature = parts(shelf.address)
    assert (review, int(until)) == (shelf.id, shelf.until)
    assert abs(shelf.until - time.time() - KEPT.total_seconds()) < 60
    assert LINKS.judge(review, until, signature, time.time()) is Admission.VALID
