"""Tries each fix before anybody sees it.

A fix holds if, with its edits applied, its finding is gone, nothing new appears, and every file that it
edits can still be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from checks.check import Edit, Finding, Fix, Repository, code
from checks.runner import Identity, Raised, Rerun, Run, rerun
from checks.source.snapshot import EditConflict


def tried(first: Run, one: Raised) -> Finding:
    """The finding with those of its fixes that hold; `withheld` says why the first that does not, does not."""
    held: list[Fix] = []
    withheld = one.finding.withheld
    for fix in one.finding.fixes:
        objection = _objection(first, one, fix.edits)
        if objection:
            withheld = withheld or f"“{fix.title}”: {objection}"
        else:
            held.append(fix)
    return replace(one.finding, fixes=tuple(held), withheld=withheld)


def _objection(first: Run, one: Raised, edits: Sequence[Edit]) -> str:
    """Why edits are not to be shown as the fix of a finding, as the end of a sentence, or nothing."""
    try:
        edited = first.repo.edited(edits)
    except EditConflict as conflict:
        return f"it can't be applied ({conflict})"
    paths = frozenset(edit.path for edit in edits)
    if broken := _broken(first.repo, edited, paths):
        return f"it would leave {code(broken)} unreadable"
    again = rerun(first, edited, paths)
    if again.crashed:
        return f"{code(again.crashed[0].check)} could not be run on it"
    identity = one.identity()
    appeared = _appeared(one, edits, again)
    if _count(again.after)[identity] >= _count(again.before)[identity] or one.check.id in appeared:
        return "it would not end the finding"
    return f"it would have made {code(appeared[0])} appear" if appeared else ""


def _broken(before: Repository, after: Repository, paths: Iterable[str]) -> str:
    """A path that could be read and no longer can, or nothing."""
    for path in paths:
        if after.unreadable_at(path) and not before.unreadable_at(path):
            return path
    return ""


def _count(raised: Iterable[Raised]) -> Counter[Identity]:
    return Counter(one.identity() for one in raised)


def _appeared(target: Raised, edits: Sequence[Edit], again: Rerun) -> list[str]:
    """The ids of the checks of which the edits bring a finding.

    A finding whose own text is edited changes its identity without being new: it is matched with one of
    the same check and file that vanished where the edits are.
    """
    before, after = _count(again.before), _count(again.after)
    vanished = before - after
    changed = Counter(
        (one.check.id, one.finding.location.path)
        for one in again.before
        if one is not target and vanished[one.identity()] and _touched(one, edits)
    )
    appeared: list[str] = []
    for (check, path, _fragment), number in (after - before).items():
        matched = min(number, changed[check, path])
        changed[check, path] -= matched
        if number > matched:
            appeared.append(check)
    return appeared


def _touched(one: Raised, edits: Sequence[Edit]) -> bool:
    location = one.finding.location
    return any(
        edit.path == location.path
        and edit.span.start <= location.span.end
        and location.span.start <= edit.span.end
        for edit in edits
    )


def together(first: Run, offers: Sequence[tuple[Raised, Fix]]) -> tuple[Fix, ...]:
    """As many of the fixes as hold together, in their order, each wholly or not at all.

    Of two that overlap, or of which the second no longer ends its finding or brings a new one beside the
    first, the first is taken.
    """
    chosen: list[Fix] = []
    for one, fix in offers:
        edits = [edit for other in (*chosen, fix) for edit in other.edits]
        if not _objection(first, one, edits):
            chosen.append(fix)
    return tuple(chosen)
