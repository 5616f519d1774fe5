"""GitHub's time. Each answer tells it; where our clock is wrong, what has a time in it goes by theirs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

NONE = datetime.timedelta()
TOLERATED = datetime.timedelta(seconds=30)
"""What the way of an answer, and its whole seconds, may make of two clocks that agree."""


class Clock:
    """GitHub's, as far as its answers told it. One for the process."""

    def __init__(self) -> None:
        self.ahead = NONE
        """How far ours is ahead of it."""

    def now(self) -> datetime.datetime:
        """The moment in UTC, as GitHub has it."""
        return datetime.datetime.now(datetime.UTC) - self.ahead

    def hear(self, headers: Mapping[str, str]) -> bool:
        """Takes over the time of an answer, by the names of its headers in lower case; whether that is news."""
        theirs = date_of(headers)
        if theirs is None or abs(self.now() - theirs) <= TOLERATED:
            return False
        ahead = datetime.datetime.now(datetime.UTC) - theirs
        self.ahead = ahead if abs(ahead) > TOLERATED else NONE
        return True


def date_of(headers: Mapping[str, str]) -> datetime.datetime | None:
    """When an answer was made: https://www.rfc-editor.org/rfc/rfc9110#field.date"""
    try:
        told = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    return told if told.tzinfo else told.replace(tzinfo=datetime.UTC)
