"""From a review, the diff and what was posted before to the calls to make, as data.

Pure: publishing is another module's business, and does nothing that is not in the plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.report import comment, placement, summary
from app.report.ignored import Ignored
from app.report.markdown import counted
from app.report.outcome import CheckRun, check_run, gaps
from app.report.placement import Comment, Posted, Rewritten
from app.report.subject import Options, Subject
from checks.engine import Found, Review, State
from checks.record import Record


class Plan(Record):
    """Everything that is to be on the pull request, and what is no longer to be."""

    check_run: CheckRun
    comments: tuple[Comment, ...] = ()
    """To post; none of them is posted yet."""
    rewritten: tuple[Rewritten, ...] = ()
    deleted: tuple[int, ...] = ()
    sarif: bytes | None = None
    """The document for code scanning; None: no upload."""


def plan(
    review: Review,
    subject: Subject,
    options: Options | None = None,
    posted: Sequence[Posted] = (),
    *,
    sarif: bytes | None = None,
    notes: Sequence[str] = (),
    ways: Sequence[str] = (),
    shared: Sequence[Review] = (),
    ignored: Sequence[Ignored] = (),
) -> Plan:
    """What to publish of a review.

    `posted` are the comments of ours that stand there. `notes` are sentences for the check run, `ways`
    its lines about images, in Markdown. `shared` are the reviews of other pull requests with the same
    head: the check run, which belongs to the head, tells the union. `ignored` are findings that the review
    has no longer, as somebody asked to leave them out.
    """
    options = options or Options()
    placed = placement.placed(review.new, subject)
    wanted, unsaid = placement.within_caps(placed, options, posted) if _speaks(subject, options) else ([], 0)
    comments = placement.reconciled([placement.comment_of(it, subject) for it in wanted], posted)
    gone = placement.Changes() if gaps(review) else placement.gone(review, posted, subject.links.sha, ignored)
    told = summary.Told(
        suggestions=sum(it.offered is not None for it in wanted),
        notes=(*_notes(subject, options, unsaid), *notes),
        ways=tuple(ways),
        hunks=subject.hunks,
        ignored=tuple(ignored),
        brought_by="pull request" if subject.is_pull_request else "merge group",
    )
    commented = {comment.identity(it.found.fingerprint) for it in wanted} | {one.identity for one in posted}
    return Plan(
        check_run=check_run(_union(review, shared), subject, options, told, commented),
        comments=comments.fresh,
        rewritten=(*comments.rewritten, *gone.rewritten),
        deleted=tuple(sorted({*comments.deleted, *gone.deleted, *placement.repeated(posted)})),
        sarif=sarif,
    )


def _union(review: Review, shared: Sequence[Review]) -> Review:
    """One review of a head that several pull requests have: new to any of them is new."""
    if not shared:
        return review
    by_fingerprint: dict[str, Found] = {}
    for found in (one for each in (review, *shared) for one in each.findings):
        kept = by_fingerprint.get(found.fingerprint)
        if kept is None or (kept.state is State.KNOWN and found.state is State.NEW):
            by_fingerprint[found.fingerprint] = found
    incomplete = dict.fromkeys(reason for each in (review, *shared) for reason in each.incomplete)
    crashed = dict.fromkeys(crash for each in (review, *shared) for crash in each.crashed)
    return Review(
        tuple(by_fingerprint.values()),
        review.suppressed,
        review.unreadable,
        tuple(crashed),
        tuple(incomplete),
    )


def _speaks(subject: Subject, options: Options) -> bool:
    silent = options.observe or subject.draft or subject.closed or subject.locked
    return subject.is_pull_request and not silent


def _notes(subject: Subject, options: Options, unsaid: int) -> list[str]:
    notes = []
    if options.observe:
        notes.append("The config says `mode: observe`: findings stand here only.")
    elif subject.closed:
        notes.append("The pull request is closed: findings stand here only.")
    elif subject.locked:
        notes.append("The conversation is locked: findings stand here only.")
    elif subject.draft:
        notes.append("The pull request is a draft: comments wait until it is ready for review.")
    if unsaid:
        verb = "has" if unsaid == 1 else "have"
        limits = f"{options.per_pull_request} on a pull request, {options.per_check} of one check"
        notes.append(f"{counted(unsaid, 'more finding')} {verb} no comment: the limits are {limits}.")
    return notes
