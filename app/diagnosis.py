"""What `tidewaiter doctor` says of one thing."""

from __future__ import annotations

from enum import StrEnum

from checks.record import Record


class Health(StrEnum):
    """What came of a look."""

    FINE = "ok"
    UNKNOWN = "?"
    """Nothing that keeps us from working, or nothing that can be seen from here."""
    WRONG = "wrong"


class Diagnosis(Record):
    """One thing that was looked at."""

    what: str
    health: Health
    said: str
    todo: str = ""
    """What to do, where there is something."""

    def __str__(self) -> str:
        todo = f"\n{'':20}{self.todo}" if self.todo else ""
        return f"{self.health:6}{self.what:14}{self.said}{todo}\n"


def fine(what: str, said: str) -> Diagnosis:
    return Diagnosis(what, Health.FINE, said)


def wrong(what: str, said: str, todo: str) -> Diagnosis:
    return Diagnosis(what, Health.WRONG, said, todo)


def unknown(what: str, said: str, todo: str = "") -> Diagnosis:
    return Diagnosis(what, Health.UNKNOWN, said, todo)
