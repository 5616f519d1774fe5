"""How a try of a job ended, in what may be stored: words, without secrets, and not many."""

from __future__ import annotations

from typing import TypedDict

from app.jobs import Outcome
from app.logs import redacted

_LONGEST_REASON = 500
"""Characters."""


class TryFailed(Exception):
    """A try of a job raised. Holds words only: it is stored, and the original may hold a token."""


class Verdict(TypedDict):
    """What a try of a job came to."""

    state: str
    """A `State`; `queued` means parked."""
    reason: str
    not_before: float
    """Seconds since 1970; 0 unless parked."""


def verdict_of(outcome: Outcome, not_before: float = 0) -> Verdict:
    """The outcome as it is stored."""
    return {"state": outcome.state, "reason": words(outcome.reason), "not_before": not_before}


def failed(error: Exception) -> Verdict:
    """The verdict when the tries are used up; the engine's own error holds those of the tries."""
    tries = getattr(error, "errors", None)
    return verdict_of(Outcome.failed(str(tries[-1] if tries else error)))


def words(said: object) -> str:
    """What an error or a reason says, as it may be stored."""
    return redacted(str(said))[:_LONGEST_REASON]
