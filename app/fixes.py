"""Applies the safe fixes of what a pull request brings, in memory. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checks.catalogue import catalogue
from checks.check import Applicability, Repository
from checks.engine import Choices, Found, fixable, review
from checks.record import Record

MAX_ROUNDS = 3
"""A fix may make room for the next, and no chain of ours is longer."""
_SAFE = frozenset({Applicability.SAFE})


class Applied(Record):
    """One fix that was applied."""

    check: str
    path: str
    """Of the finding that it mends."""
    title: str


class Fixed(Record):
    """Files with their fixes."""

    files: Mapping[str, str]
    """The whole content of each file that changes."""
    applied: tuple[Applied, ...]
    closed: int
    """Safe fixes that were left alone because of where they are."""


class Against(Record):
    """What the files are compared with, and what is not to be touched."""

    base: Repository
    choices: Choices
    renames: Mapping[str, str]
    ignored: frozenset[str] = frozenset()
    """Checks whose findings stay as they are."""
    closed: tuple[str, ...] = ()
    """Beginnings of paths that may not be written."""

    def may(self, found: Found) -> bool:
        """Whether the first fix of a finding stays out of closed places."""
        fix = next(iter(found.finding.fixes), None)
        return fix is None or not any(edit.path.startswith(self.closed) for edit in fix.edits)


def fixed(head: Repository, against: Against) -> Fixed:
    """The first fix of each new finding where it is safe, as many as hold together: tried with all checks."""
    modules = catalogue()
    applied: list[Applied] = []
    repository, closed = head, 0
    for _ in range(MAX_ROUNDS):
        outcome = review(repository, against.base, modules, against.choices, against.renames)
        wanted = [found for found in outcome.new if found.check.id not in against.ignored]
        open_ = [found for found in wanted if against.may(found)]
        closed = sum(_is_safe(found) for found in wanted) - sum(_is_safe(found) for found in open_)
        chosen = fixable(repository, modules, against.choices, open_, _SAFE)
        if not chosen:
            break
        applied += [
            Applied(found.check.id, found.finding.location.path, found.finding.fixes[0].title)
            for found in open_
            if found.finding.fixes and found.finding.fixes[0] in chosen
        ]
        edits = [edit for fix in chosen for edit in fix.edits]
        repository = Repository(repository.snapshot.edited(edits), head.outside, head.memo)
    before, after = head.snapshot.texts, repository.snapshot.texts
    files = {path: text.content for path, text in after.items() if before.get(path) != text}
    return Fixed(files, tuple(applied), closed)


def _is_safe(found: Found) -> bool:
    return any(fix.applicability in _SAFE for fix in found.finding.fixes[:1])
