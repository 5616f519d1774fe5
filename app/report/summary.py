"""What the check run says: title, summary and text.

Within GitHub's 65,535 characters for each, whatever the number of findings.
https://docs.github.com/en/rest/checks/runs#create-a-check-run
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.config.model import ConfigError
from app.report import comment, markdown
from app.report.comment import Links
from app.report.hunks import Hunks
from app.report.ignored import Ignored
from app.report.plain import plain, printable
from app.report.region import Texts
from checks.check import Severity, code
from checks.engine import Crashed, Found, Review, Suppressed
from checks.record import Record

MAX_TITLE = 250
"""Characters; GitHub's list of checks shows far fewer."""
_SECTION = 6_000
"""Characters of one section under the table of findings, which has what they all leave."""
_GAPS = 2_000
"""Characters of what kept us from seeing all."""
_NOTES = 2_000
"""Characters left free for what publishing has to add."""
_MORE_ROW = "\n… and {} more."


class Told(Record):
    """What else the check run has to say."""

    suggestions: int = 0
    """Fixes that can be committed from comments."""
    notes: tuple[str, ...] = ()
    """Sentences of ours: what is missing here and why."""
    ways: tuple[str, ...] = ()
    """The way of each image through the files, in Markdown."""
    hunks: Hunks | None = None
    """The diff, to say which ignore comments the pull request adds."""
    ignored: tuple[Ignored, ...] = ()
    """What commands left out."""
    brought_by: str = "pull request"


def title(
    review: Review, new: Sequence[Found], broken: Sequence[ConfigError], *, nothing_to_review: bool
) -> str:
    """One line: what is wrong with the config that the change brings, what kept us from seeing all, what is new."""
    gaps = _gaps(review)
    parts = [
        *([f"{markdown.counted(len(broken), 'error')} in {broken[0].path}"] if broken else []),
        *([f"Incomplete: {plain(', '.join(gaps))}"] if gaps else []),
        *([tally(new)] if new else []),
    ]
    if not parts:
        return "Nothing to review" if nothing_to_review else "Nothing new"
    return cut("; ".join(parts))


def tally(new: Sequence[Found]) -> str:
    """`3 new findings: 1 error, 2 warnings`."""
    counts = [(severity, sum(found.severity is severity for found in new)) for severity in reversed(_ORDER)]
    listed = ", ".join(markdown.counted(count, severity.value) for severity, count in counts if count)
    return f"{markdown.counted(len(new), 'new finding')}: {listed}"


_ORDER = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


def worst_first(findings: Sequence[Found]) -> list[Found]:
    """By severity, and otherwise as they were."""
    return sorted(findings, key=lambda found: -_ORDER.index(found.severity))


def _gaps(review: Review) -> list[str]:
    crashed = len({crash.check for crash in review.crashed})
    return [*([f"{markdown.counted(crashed, 'check')} crashed"] if crashed else []), *review.incomplete]


def cut(line: str) -> str:
    """A title as GitHub takes it: one line, not too long."""
    shown = printable(" ".join(line.split()))
    return shown if len(shown) <= MAX_TITLE else shown[: MAX_TITLE - 1] + "…"


def summary(review: Review, new: Sequence[Found], links: Links, told: Told) -> str:
    """The first part: the findings in a table, and all that stands beside them."""
    above = [_opening(new, told), _incomplete(review)]
    below = [
        *told.ways,
        *markdown.budgeted(map(markdown.prose, told.notes), _SECTION, "… and {} more notes."),
        _known(review, links),
        _suppressed(review.suppressed, links, told.hunks or {}),
        _ignored(told.ignored, links),
        _withheld(new, links),
        _unreadable(review, links),
        _crashed(review.crashed),
    ]
    room = markdown.MAX_BODY - _NOTES
    table = _table(new, links, room - sum(len(part) + 2 for part in (*above, *below) if part))
    return markdown.sections([*above, table, *below], room)


def _opening(new: Sequence[Found], told: Told) -> str:
    suggestions = told.suggestions
    if not new:
        return f"This {told.brought_by} brings nothing new."
    brings = f"**This {told.brought_by} brings {markdown.counted(len(new), 'finding')}.**"
    if not suggestions:
        return brings
    return f"{brings} {suggestions:,} {'has' if suggestions == 1 else 'have'} a fix that you can commit from the comments."


def _incomplete(review: Review) -> str:
    if not _gaps(review):
        return ""
    reasons = (f"- {markdown.prose(reason)}" for reason in _gaps(review))
    listed = "\n".join(markdown.budgeted(reasons, _GAPS, "- … and {} more"))
    return f"Not everything could be seen, so this is not the whole picture:\n\n{listed}"


def _table(new: Sequence[Found], links: Links, room: int) -> str:
    if not new:
        return ""
    head = ["| | where | what |", "|---|---|---|"]
    rows = (_row(found, links) for found in worst_first(new))
    return "\n".join([*head, *markdown.budgeted(rows, room - len("\n".join(head)) - 3, _MORE_ROW)])


def _row(found: Found, links: Links) -> str:
    location = found.finding.location
    address = links.address(location.path, location.line)
    where = markdown.link(f"{code(location.path)} {location.line}", address)
    what = markdown.prose(found.finding.message).rstrip(".")
    return f"| {found.severity.value} | {markdown.cell(where)} | {markdown.cell(what)} |"


def _known(review: Review, links: Links) -> str:
    known = review.known
    if not known:
        return ""
    items = (f"- {_at(found, links)}: {links.check(found.check.id)}" for found in known)
    return _folded(f"{markdown.counted(len(known), 'finding')} stood there before", items)


def _at(found: Found, links: Links) -> str:
    return links.place(found.finding.location.path, found.finding.location.line)


def _suppressed(suppressed: Sequence[Suppressed], links: Links, hunks: Hunks) -> str:
    if not suppressed:
        return ""
    if len(suppressed) == 1:
        only = suppressed[0]
        head = f"1 suppressed: {code(only.check)}, {_by(only, hunks)}"
        return markdown.details(
            markdown.inline_html(head), f"Its reason: {code(only.reason[: markdown.MAX_LINE])}"
        )
    items = (
        f"- {links.check(one.check)} at {links.place(one.location.path, one.location.line)}, {_by(one, hunks)}: "
        f"{code(one.reason)}"
        for one in suppressed
    )
    return _folded(f"{len(suppressed):,} suppressed", items)


def _ignored(ignored: Sequence[Ignored], links: Links) -> str:
    """Names of people are told, and call nobody: no `@`."""
    items = (
        f"- {links.check(one.found.check.id)} at {_at(one.found, links)}, by {markdown.prose(one.ignore.author)}: "
        f"{code(one.ignore.reason)}"
        for one in ignored
    )
    return _folded(f"{len(ignored):,} ignored by a command", items) if ignored else ""


def _by(one: Suppressed, hunks: Hunks) -> str:
    """Where the ignore comment stands, and whether this change brings it."""
    line = one.comment.line
    same_file = one.comment.path == one.location.path
    where = "by the comment on" if same_file and line == one.location.line else f"by line {line} of"
    if same_file and line == one.location.line - 1:
        where = "by the line above"
    place = f"{code(one.location.path)} {one.location.line}" if "of" not in where else code(one.comment.path)
    added = any(line in hunk.added for hunk in hunks.get(one.comment.path, ()))
    return f"{where} {place}{', added in this pull request' if added else ''}"


def _withheld(new: Sequence[Found], links: Links) -> str:
    without = [found for found in new if found.finding.withheld]
    if not without:
        return ""
    if len(without) == 1:
        head = f"1 fix withheld: {without[0].finding.withheld.rstrip('.')}"
        return markdown.details(
            markdown.inline_html(head), f"{_at(without[0], links)}: {links.check(without[0].check.id)}"
        )
    items = (
        f"- {_at(found, links)}, {links.check(found.check.id)}: {markdown.prose(found.finding.withheld)}"
        for found in without
    )
    return _folded(f"{len(without):,} fixes withheld", items)


def _unreadable(review: Review, links: Links) -> str:
    items = (
        f"- {links.place(one.path, one.line)}: {markdown.prose(one.reason)}" for one in review.unreadable
    )
    number = len(review.unreadable)
    return _folded(f"{markdown.counted(number, 'file')} can't be read", items) if number else ""


def _crashed(crashed: Sequence[Crashed]) -> str:
    if not crashed:
        return ""
    lines = (
        f"- {code(one.check)}{f' at {code(one.path)}' if one.path else ''}: {code(one.error)}"
        for one in crashed
    )
    return _folded("What crashed (our fault, not yours)", lines)


def _folded(head: str, items: Iterator[str]) -> str:
    return markdown.details(head, "\n".join(markdown.budgeted(items, _SECTION, "- … and {} more")))


def text(untold: Sequence[Found], texts: Texts, links: Links) -> str:
    """The second part: the story of each finding that has no comment; empty if there is none."""
    stories = (_story(found, texts, links) for found in worst_first(untold))
    return "\n".join(markdown.budgeted(stories, markdown.MAX_BODY - 200, "… and {} more."))


def _story(found: Found, texts: Texts, links: Links) -> str:
    head = f"**{found.severity.value}** {_at(found, links)} · {links.check(found.check.id)}"
    return "\n\n".join(
        [head, *(part for part in comment.told(found, None, None, texts, links) if part), "---\n"]
    )
