"""What a report of a pull request has to know besides the review."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import field

from app.config.model import ConfigError
from app.report.comment import Links
from app.report.hunks import Hunks
from app.report.region import Texts
from checks.check import Severity
from checks.record import Record


class Subject(Record):
    """What a plan has to know of the pull request and of us."""

    links: Links
    hunks: Hunks = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    """The files at the head."""
    draft: bool = False
    closed: bool = False
    locked: bool = False
    reviewed: int = 1
    """How many files of the kinds that we read there are."""
    can_commit: bool = False
    """Whether the installation lets us write to the branch."""
    is_pull_request: bool = True
    """Else it is a merge group: nobody commented on it, and it has no button."""
    details_url: str = ""
    """The page of this review."""
    broken_config: tuple[ConfigError, ...] = ()
    """What is wrong with the config file as this change leaves it."""


def _errors(_check: str, severity: Severity) -> bool:
    return severity is Severity.ERROR


class Options(Record):
    """What the config chooses of how a review is told."""

    observe: bool = False
    """Check run only, never failing."""
    fails: Callable[[str, Severity], bool] = _errors
    """Whether a new finding, by its check's id and its severity, makes the check run fail."""
    incomplete_fails: bool = False
    """Whether a review fails that could not see all."""
    per_pull_request: int = 25
    per_check: int = 5
