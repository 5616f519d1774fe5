"""What a check file imports to say what it is and what it found.

A check is a module: its docstring is its page, `check` says what it is, `run(repo)` finds it, and its
examples prove it. Nothing lists the checks; the engine walks the folders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from msgspec import field

from checks.facts.code_span import code
from checks.facts.repository.outside import Outside
from checks.facts.repository.repository import Repository
from checks.record import Record
from checks.regex import regex
from checks.source.kind import Kind
from checks.source.snapshot import Edit
from checks.source.text import Location, Span, Text

__all__ = [
    "Applicability",
    "Attention",
    "Check",
    "CheckModule",
    "Edit",
    "Example",
    "Finding",
    "Fix",
    "Kind",
    "Location",
    "Outside",
    "Repository",
    "Scope",
    "Severity",
    "Span",
    "Text",
    "code",
    "files_of",
    "offer",
]  # fmt: skip


class Severity(StrEnum):
    """SARIF's words for how much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    def reaches(self, threshold: Severity) -> bool:
        """Whether this severity is at least `threshold`."""
        order = (Severity.NOTE, Severity.WARNING, Severity.ERROR)
        return order.index(self) >= order.index(threshold)


class Applicability(StrEnum):
    """How far a fix may be trusted, with the meaning that ruff gives the words."""

    SAFE = "safe"
    """It cannot change behaviour except to repair."""
    UNSAFE = "unsafe"
    """The right text, with one thing for the author to check."""
    DISPLAY = "display"
    """Text with a hole, or one of several ways: to be read, never applied by a click."""


class Attention(StrEnum):
    """Where a finding may interrupt a reader."""

    COMMENT = "comment"
    """As an inline comment."""
    COMMENT_WITH_SUGGESTION = "comment with suggestion"
    """As an inline comment only where it brings a fix for one click, else in the check run."""
    CHECK_RUN = "check run"
    """In the check run only."""


class Scope(StrEnum):
    """What a check has to see at once."""

    FILE = "file"
    """One parsed file at a time; of the rest of the repository only the paths and `Outside`."""
    REPOSITORY = "repository"
    """All files together."""
    OUTCOME = "outcome"
    """All files, and what the other checks say of them."""


class Fix(Record):
    """Edits that end a finding, all of them or none."""

    title: str
    """A verb phrase in the imperative: "delete the tag"."""
    edits: tuple[Edit, ...]
    applicability: Applicability
    caution: str = ""
    """Of an `UNSAFE` fix: the one thing to check before committing, one sentence or question."""

    def __post_init__(self) -> None:
        if (self.applicability is Applicability.UNSAFE) != bool(self.caution):
            raise ValueError(f"fix {self.title!r}: a caution belongs to an unsafe fix, and to no other")
        if not self.edits:
            raise ValueError(f"fix {self.title!r} has no edit")


def offer(
    title: str, applicability: Applicability, *edits: Edit | None, caution: str = ""
) -> tuple[Fix, ...]:
    """The one fix that the edits make, for `Finding.fixes`; none where one of the edits can't be made."""
    made = tuple(edit for edit in edits if edit is not None)
    return (Fix(title, made, applicability, caution),) if made and len(made) == len(edits) else ()


class Finding(Record):
    """One occurrence of what a check looks for."""

    message: str
    """One sentence, present tense, the concrete values in `code()`."""
    location: Location
    """The primary location: where the author would change the text."""
    consequence: str = ""
    """What happens because of it, when, and to whom: one or two sentences."""
    related: tuple[Location, ...] = ()
    """Where the other half stands; each has a note."""
    fixes: tuple[Fix, ...] = ()
    """The first is the one that we'd take; the others are alternatives."""
    withheld: str = ""
    """Why there is no fix although the catalogue has one; said to the reader."""
    severity: Severity | None = None
    """Set where this occurrence matters more or less than the check in general."""
    stands_for: str = ""
    """What it is of, where its place is only the first of several: it stays the same when another comes first."""


class Example(Record):
    """Files that a check must speak of, or stay silent on: its test and part of its page."""

    title: str
    files: str
    """Several files in one string; each starts with a line `-- path --`: see `files_of`."""
    at: str | tuple[str, ...] = ()
    """The text that the primary location of each finding covers, in the order of the findings. Without
    it the check must stay silent."""
    fixed: str = ""
    """The files that the first fix of the first finding changes, as they are afterwards, same notation.
    Empty: no fix is shown."""
    others: tuple[str, ...] = ()
    """The same for each further fix of the first finding."""
    paths: tuple[str, ...] = ()
    """Further paths that exist."""
    outside: Outside = field(default_factory=Outside)
    """What is known from outside of the files."""
    base: str = ""
    """All files before the change, same notation; empty where no base is known."""

    @property
    def fragments(self) -> tuple[str, ...]:
        return (self.at,) if isinstance(self.at, str) else self.at


_MARK = regex(r"^-- (?P<path>\S+) --\n", re.MULTILINE)


def files_of(archive: str) -> dict[str, str]:
    """The files that stand in one string, path to content."""
    marks = list(_MARK.finditer(archive))
    ends = [*(mark.start() for mark in marks), len(archive)][1:]
    return {mark["path"]: archive[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}


class Check(Record):
    """What a check is: everything that is known of it without running it."""

    id: str
    """Kebab-case, names the pattern and not the remedy, reads after "allow …"; equals the file name."""
    doc: str
    """The module's docstring: title line, why, what to do, references. Markdown."""
    severity: Severity
    examples: tuple[Example, ...]
    kinds: tuple[Kind, ...]
    """The kinds of files it reads; the first is that of its primary location."""
    fix: Applicability | None = None
    """The best applicability among its fixes; None when it never has one."""
    scope: Scope = Scope.FILE
    attention: Attention = Attention.COMMENT
    of_one_file: bool = False
    """Whether it finds what is wrong with one file, and others only show that it matters. Where that file is another
    repository's, it is not told here; a mismatch is, at the half that is here."""
    tags: tuple[str, ...] = ()
    security_severity: float | None = None
    """CVSS-like, 0.1 to 10.0, for code scanning; None where it is not about security."""
    yields_to: tuple[str, ...] = ()
    """Ids of checks whose finding, where it covers ours, is the same cause told better."""
    follows: tuple[str, ...] = ()
    """Ids of checks whose fix may bring our finding: the next step on a way that it opens, and no harm that it does."""
    aliases: tuple[str, ...] = ()
    """Ids that it had before."""
    peers: tuple[str, ...] = ()
    """Rules of other linters about the same, as `hadolint:DL3006`: what a comment asks them to ignore we don't tell."""

    @property
    def title(self) -> str:
        """The docstring's first line."""
        return self.doc.strip().partition("\n")[0]


class CheckModule(Protocol):
    """What a file of the catalogue is to the engine."""

    check: Check

    @staticmethod
    def run(repo: Repository) -> Iterator[Finding]:
        """Each occurrence in the repository. Pure: no I/O, no clock, no state."""
        ...
