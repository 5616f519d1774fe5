"""How the check run of a review ends, as data.

https://docs.github.com/en/rest/checks/runs#create-a-check-run
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from app.config.model import ConfigError
from app.report import comment, summary
from app.report.markdown import prose, visible
from app.report.plain import placed, plain
from app.report.region import Texts, region_of
from app.report.subject import Options, Subject
from app.report.suggestion import changes
from checks.check import Applicability, Severity, code
from checks.engine import Found, Review
from checks.record import Record

MAX_MESSAGE = 8_000
"""Characters of an annotation's message, of the 64 KB that GitHub takes."""
MAX_ANNOTATIONS = 1_000
"""More are told by number: twenty calls for one check run are enough."""


MAX_CONFIG_ERRORS = 20


class Conclusion(StrEnum):
    """GitHub's words for how a check run ends, as far as we use them."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """GitHub's words for how much an annotation matters."""

    FAILURE = "failure"
    WARNING = "warning"
    NOTICE = "notice"


_LEVELS = {Severity.ERROR: Level.FAILURE, Severity.WARNING: Level.WARNING, Severity.NOTE: Level.NOTICE}


class Annotation(Record):
    """One line of the check run that GitHub shows beside the code."""

    path: str
    start_line: int
    end_line: int
    level: Level
    title: str
    message: str
    details: str = ""
    """The first fix as a diff, plain."""
    start_column: int | None = None
    """Only where the annotation stays on one line."""
    end_column: int | None = None


class Action(Record):
    """A button of the check run: 20, 40 and 20 characters at most."""

    label: str
    description: str
    identifier: str


APPLY_FIXES = Action("Apply fixes", "Commit the safe fixes to this branch", "apply-fixes")
RECHECK = Action("Recheck", "Review this pull request again", "recheck")
ACTIONS = {APPLY_FIXES.identifier: "fix", RECHECK.identifier: "recheck"}
"""The command that each button stands for, by the button's identifier."""


class CheckRun(Record):
    """How the check run ends."""

    conclusion: Conclusion
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    actions: tuple[Action, ...] = ()
    details_url: str = ""


def check_run(
    review: Review, subject: Subject, options: Options, told: summary.Told, commented: set[str]
) -> CheckRun:
    new = review.new
    untold = [found for found in new if comment.identity(found.fingerprint) not in commented]
    broken = subject.broken_config
    return CheckRun(
        conclusion=_conclusion(review, options, broken),
        title=summary.title(review, new, broken, nothing_to_review=subject.reviewed == 0),
        summary=summary.summary(review, new, subject.links, told),
        text=summary.text(untold, subject.texts, subject.links),
        annotations=(
            *(_about_config(error) for error in broken[:MAX_CONFIG_ERRORS]),
            *(_annotation(found, subject) for found in summary.worst_first(new)[:MAX_ANNOTATIONS]),
        ),
        actions=_actions(new, subject),
        details_url=subject.details_url,
    )


def _actions(new: Sequence[Found], subject: Subject) -> tuple[Action, ...]:
    if not subject.is_pull_request or subject.closed:
        return ()
    return (RECHECK, APPLY_FIXES) if has_safe_fix(new) and subject.can_commit else (RECHECK,)


def has_safe_fix(new: Sequence[Found]) -> bool:
    """Whether one of the findings has a first fix that may be applied unseen."""
    return any(fix.applicability is Applicability.SAFE for found in new for fix in found.finding.fixes[:1])


def _conclusion(review: Review, options: Options, broken: Sequence[ConfigError]) -> Conclusion:
    """A config that would not apply fails as an error of no check does."""
    if any(options.fails(found.check.id, found.severity) for found in review.new):
        return Conclusion.FAILURE
    if broken and options.fails("", Severity.ERROR):
        return Conclusion.FAILURE
    if not gaps(review):
        return Conclusion.SUCCESS
    return Conclusion.FAILURE if options.incomplete_fails else Conclusion.NEUTRAL


def _about_config(error: ConfigError) -> Annotation:
    message = f"{error.message}. Merged so, it would not apply."
    return Annotation(
        error.path, error.line, error.line, Level.FAILURE, "The config is not valid", message[:MAX_MESSAGE]
    )


def _annotation(found: Found, subject: Subject) -> Annotation:
    finding, region = found.finding, region_of(found.finding.location)
    lines = finding.location.text.lines_of(finding.location.span)
    last = max(1, finding.location.text.line_count)
    one_line = len(lines) == 1 and region.start_line == region.end_line <= last
    related = (
        f"{placed(place.path, place.line)} {plain(place.note)}."
        for place in finding.related[: comment.MAX_RELATED]
    )
    message = " ".join([plain(finding.message), plain(finding.consequence), *related])
    return Annotation(
        path=finding.location.path,
        start_line=min(lines.start, last),
        end_line=min(lines.stop - 1, last),
        level=_LEVELS[found.severity],
        title=found.check.title[:255] or found.check.id,
        message=" ".join(visible(message).split())[:MAX_MESSAGE],
        details=_raw_diff(found, subject.texts),
        start_column=region.start_column if one_line else None,
        end_column=max(region.start_column, region.end_column - 1) if one_line else None,
    )


def _raw_diff(found: Found, texts: Texts) -> str:
    if not found.finding.fixes:
        return ""
    fix = found.finding.fixes[0]
    lines = [fix.title]
    for path in dict.fromkeys(edit.path for edit in fix.edits):
        lines.append(path)
        for change in changes(texts.get(path), [edit for edit in fix.edits if edit.path == path]):
            lines += [f"-{line}" for line in change.old] + [f"+{line}" for line in change.new]
    return visible("\n".join(lines))[:MAX_MESSAGE]


def failed(reason: str, delivery: str, *, fails: bool = False, details_url: str = "") -> CheckRun:
    """The check run of a review that we could not make: whose fault it is, and what to quote.

    `reason` ends the sentence "Could not review: …". `fails`: the organisation wants a failure then.
    """
    says = (
        f"Could not review: {prose(reason)}. This is our fault, not the pull request's; nothing was reviewed.\n\n"
        f"Quote the delivery {code(delivery)} to whoever runs this App. Re-run this check to try again."
    )
    conclusion = Conclusion.FAILURE if fails else Conclusion.NEUTRAL
    return CheckRun(
        conclusion, summary.cut(f"Could not review: {plain(reason)}"), says, details_url=details_url
    )


def superseded(newer: str) -> CheckRun:
    """The check run of a head that is no longer the pull request's."""
    says = f"`{newer[:7]}` was pushed meanwhile, and is reviewed in its stead."
    return CheckRun(Conclusion.CANCELLED, "Superseded by a newer push", says)


def gaps(review: Review) -> bool:
    """Whether something kept us from seeing all."""
    return bool(review.crashed or review.incomplete)
