"""What is read of a repository in GitHub's answers."""

from __future__ import annotations

import datetime

import pytest

from app.github.answer import Answer
from app.github.pull import place

ABOUT = {
    "full_name": "acme/shop",
    "id": 5678,
    "html_url": "https://github.com/acme/shop",
    "private": True,
    "visibility": "internal",
    "owner": {"id": 1234},
    "created_at": "2026-09-01T22:10:00Z",
}


def test_a_repository_says_when_it_was_made_and_which_numbers_it_has() -> None:
    assert place(Answer(ABOUT)) == {
        "slug": "acme/shop",
        "repository_id": 5678,
        "page": "https://github.com/acme/shop",
        "visibility": "internal",
        "made": datetime.date(2026, 9, 1),
        "ids": (1234, 5678),
    }


@pytest.mark.parametrize("moment", [None, "", "yesterday"])
def test_a_day_that_is_none_is_not_known(moment: object) -> None:
    assert place(Answer({**ABOUT, "created_at": moment}))["made"] is None


def test_without_the_number_of_the_owner_there_are_none() -> None:
    assert place(Answer({**ABOUT, "owner": None}))["ids"] is None
