"""What an organisation and a repository ask of a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import cast

from msgspec import field

from checks.check import Severity
from checks.engine import Choices
from checks.record import Record

PATH = ".github/tidewaiter.yml"
"""Where the file stands, in a repository and in the organisation's `.github` repository."""


class Mode(StrEnum):
    """How loud the App is."""

    OBSERVE = "observe"
    """A check run that never fails, and no comment."""
    REVIEW = "review"


class Role(StrEnum):
    """Whose file it is, which decides what it may say."""

    ORGANISATION = "organisation"
    SHARED = "shared"
    """The file of another repository, which one extends."""
    REPOSITORY = "repository"


class ConfigError(Record):
    """Something wrong at a place of a config file."""

    path: str
    line: int
    message: str
    """What is wrong and what was expected, without a full stop where it ends in a list."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class InvalidConfig(Exception):
    """A config file that says something that can't be understood."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__(errors)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class Layer(Record):
    """What one file says; what it does not say is None or empty."""

    path: str = PATH
    role: Role = Role.REPOSITORY
    values: Mapping[str, object] = field(default_factory=dict)
    """By the names of the keys, as their shapes read them."""

    @property
    def extends(self) -> str | None:
        """`owner/name` of the repository whose file this one refines."""
        return cast("str | None", self.values.get("extends"))


class Comments(Record):
    """How many review comments a pull request gets."""

    per_pull_request: int = 25
    per_check: int = 5


class Config(Record):
    """What counts for one repository, all files taken together."""

    fail_on: Severity | None = Severity.ERROR
    """None: never."""
    mode: Mode = Mode.REVIEW
    choices: Choices = field(default_factory=Choices)
    registries: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    facts_from: tuple[str, ...] = ()
    comments: Comments = field(default_factory=Comments)
    incomplete_fails: bool = False
    """Whether a review fails that could not see all, or that failed by a fault of ours."""
    enforced_fail_on: Severity | None = Severity.ERROR
    """From which severity on an enforced check fails, whatever the repository's own file says; None: never."""
    notes: tuple[ConfigError, ...] = ()
    """What a repository's file says without effect, because the organisation enforces otherwise."""

    def fails(self, check: str, severity: Severity) -> bool:
        """Whether a new finding makes the check run fail."""
        threshold = None if self.mode is Mode.OBSERVE else self.fail_on
        thresholds = [threshold, self.enforced_fail_on if check in self.choices.enforced else None]
        return any(severity.reaches(one) for one in thresholds if one)
