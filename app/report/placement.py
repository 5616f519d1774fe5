"""Which findings get a comment, where it stands, and what becomes of those that stand there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from app.report import comment, summary
from app.report.comment import Spot
from app.report.hunks import Hunks, hunk_of
from app.report.ignored import Ignored
from app.report.markdown import counted
from app.report.subject import Options, Subject
from app.report.suggestion import Suggestion, suggestion
from checks.check import Applicability, Attention, Location
from checks.engine import Found, Review
from checks.record import Record

MAX_COMMENT_LINES = 10
"""Lines that a comment without a suggestion spans; a longer finding is marked at its first line."""


class Comment(Record):
    """A review comment to post, on the right side of the diff."""

    path: str
    line: int
    """The last line that it spans."""
    start_line: int | None
    """The first, where it spans more than one; GitHub wants it left out otherwise."""
    body: str
    identity: str
    """What the marker in the body says."""


class Rewritten(Record):
    """A comment of ours that says something else now."""

    id: int
    body: str


class Posted(Record):
    """A comment of ours that stands on the pull request."""

    id: int
    identity: str
    path: str
    line: int | None
    """Where it stands in the diff of the head; None once GitHub calls it outdated."""
    start_line: int | None
    body: str
    replied: bool
    """Whether somebody answered it."""


class Placed(Record):
    found: Found
    spot: Spot
    offered: Suggestion | None


def placed(new: Sequence[Found], subject: Subject) -> list[Placed]:
    spots = ((found, _spot(found, subject)) for found in summary.worst_first(new))
    return [Placed(found, *spot) for found, spot in spots if spot]


def _spot(found: Found, subject: Subject) -> tuple[Spot, Suggestion | None] | None:
    """Where its fix can be committed; else its primary place, else its first related one in the diff.

    None where nothing of it is in the diff, or where its check does not ask for a reader's attention.
    """
    if found.check.attention is Attention.CHECK_RUN:
        return None
    offered = _offered(found, subject)
    if offered is None and found.check.attention is Attention.COMMENT_WITH_SUGGESTION:
        return None
    if offered:
        return Spot(offered.path, offered.first, offered.last), offered
    for location in (found.finding.location, *found.finding.related):
        spot = _in_diff(location, subject.hunks)
        if spot:
            return spot, None
    return None


def _offered(found: Found, subject: Subject) -> Suggestion | None:
    finding = found.finding
    fix = finding.fixes[0] if finding.fixes else None
    if fix is None or fix.applicability is Applicability.DISPLAY:
        return None
    path = fix.edits[0].path
    cover = None
    if finding.location.path == path:
        cover = finding.location.text.lines_of(finding.location.span)
    made = suggestion(fix, subject.texts, subject.hunks.get(path, ()), cover)
    fits = made and sum(len(line) + 1 for line in made.lines) <= comment.MAX_SUGGESTION
    return made if fits else None


def _in_diff(location: Location, hunks: Hunks) -> Spot | None:
    lines = location.text.lines_of(location.span)
    there = hunks.get(location.path, ())
    if len(lines) <= MAX_COMMENT_LINES and hunk_of(there, lines):
        return Spot(location.path, lines.start, lines.stop - 1)
    if hunk_of(there, lines[:1]):
        return Spot(location.path, lines.start, lines.start)
    return None


def within_caps(
    placed: Sequence[Placed], options: Options, posted: Sequence[Posted]
) -> tuple[list[Placed], int]:
    """Those that get a comment, and how many more would have had one. What is posted already stays."""
    standing = {one.identity for one in posted}
    first = [it for it in placed if comment.identity(it.found.fingerprint) in standing]
    rest = [it for it in placed if comment.identity(it.found.fingerprint) not in standing]
    kept = list(first)
    per_check = Counter(it.found.check.id for it in first)
    for it in rest:
        if len(kept) < options.per_pull_request and per_check[it.found.check.id] < options.per_check:
            per_check[it.found.check.id] += 1
            kept.append(it)
    return kept, len(placed) - len(kept)


def comment_of(it: Placed, subject: Subject) -> Comment:
    body = comment.body(it.found, it.spot, it.offered, subject.texts, subject.links)
    first = it.spot.first if it.spot.first < it.spot.last else None
    return Comment(it.spot.path, it.spot.last, first, body, comment.identity(it.found.fingerprint))


class Changes(Record):
    """What to do about the comments of a pull request."""

    fresh: tuple[Comment, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()
    deleted: tuple[int, ...] = ()


def _by_identity(posted: Sequence[Posted]) -> dict[str, Posted]:
    """One comment for each finding: the replied one, else the oldest."""
    kept: dict[str, Posted] = {}
    for one in sorted(posted, key=lambda it: (not it.replied, it.id)):
        kept.setdefault(one.identity, one)
    return kept


def repeated(posted: Sequence[Posted]) -> list[int]:
    """Comments that say what another one says; to be deleted where nobody replied."""
    kept = {one.id for one in _by_identity(posted).values()}
    return [one.id for one in posted if one.id not in kept and not one.replied]


def reconciled(wanted: Sequence[Comment], posted: Sequence[Posted]) -> Changes:
    """What to post, to rewrite and to delete so that each wanted comment stands there once.

    A suggestion replaces the lines that its comment spans, so a comment that spans others than it
    should is not rewritten but replaced; where somebody replied it stays, and so does one that GitHub
    calls outdated: it is told already.
    """
    known = _by_identity(posted)
    fresh: list[Comment] = []
    rewritten: list[Rewritten] = []
    replaced: list[int] = []
    for made in wanted:
        there = known.get(made.identity)
        if there is None:
            fresh.append(made)
        elif comment.same(there.body, made.body) or there.line is None:
            continue
        elif (there.path, there.start_line, there.line) == (made.path, made.start_line, made.line):
            rewritten.append(Rewritten(there.id, made.body))
        elif not there.replied:
            replaced.append(there.id)
            fresh.append(made)
    return Changes(tuple(fresh), tuple(rewritten), tuple(replaced))


def gone(review: Review, posted: Sequence[Posted], sha: str, ignored: Sequence[Ignored] = ()) -> Changes:
    """What to do about comments on what is no longer found: rewritten where somebody replied, else
    deleted."""
    still = {comment.identity(found.fingerprint) for found in review.new}
    past = [one for one in posted if one.identity not in still]
    by_command = {comment.identity(it.found.fingerprint) for it in ignored}
    told = [
        Rewritten(one.id, comment.closed(one.body, _word(one, review, by_command), sha))
        for one in past
        if one.replied
    ]
    bodies = {one.id: one.body for one in past}
    changed = tuple(one for one in told if not comment.same(one.body, bodies[one.id]))
    return Changes(rewritten=changed, deleted=tuple(one.id for one in past if not one.replied))


def _word(one: Posted, review: Review, by_command: Collection[str]) -> str:
    ignored = one.identity in by_command or any(
        it.location.path == one.path and re.search(rf"ignore\[{re.escape(it.check)}\]", one.body)
        for it in review.suppressed
    )
    return "Ignored since" if ignored else "Fixed in"


def review_body(number: int) -> str:
    """The sentence over the comments of one review; GitHub refuses an empty one."""
    verb = "stands" if number == 1 else "stand"
    return f"{counted(number, 'new finding')} {verb} beside the lines; the check run lists them all."
