"""A review as a person reads it in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from app.report.edited import edited_lines
from app.report.excerpt import MAX_LINES, excerpt, fitted
from app.report.plain import plain, printable
from app.report.region import Texts, region_of
from checks.check import Applicability, Finding, Fix, Location, Severity
from checks.engine import Found, Review
from checks.facts.tables import DATED, checked
from checks.record import Record
from checks.source.kind import is_reviewed
from checks.source.text import Unreadable

if TYPE_CHECKING:
    from checks.chain import Image

_INDENT = " " * 9
"""What stands under a finding starts where its severity does."""
SEVERITY_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36;1"}
_LONGEST = 500
"""Cells of a parser's or a crash's own words."""
MOST_WAYS = 10
"""Images whose way is told; `tidewaiter chain` shows all."""
_BOLD, _DIM, _RED, _GREEN = "1", "2", "31", "32"


class Terminal(Record):
    """Where text goes."""

    colour: bool = False
    width: int = 100
    """Cells in a line; longer lines of source are cut around what matters."""

    def paint(self, style: str, text: str) -> str:
        """`text` in a style of ECMA-48's "select graphic rendition", where colours are wanted."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text


_NO_TERMINAL = Terminal()


def wants_colour(environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Whether to colour: https://no-color.org and https://force-color.org, both set to anything."""
    if environment.get("NO_COLOR"):
        return False
    return is_terminal or bool(environment.get("FORCE_COLOR"))


def text(
    review: Review, texts: Texts, terminal: Terminal = _NO_TERMINAL, images: Sequence[Image] = ()
) -> str:
    """The new findings by file, the way of each of the images, what kept the review from seeing more, a summary line."""
    parts = [
        "\n".join([terminal.paint(_BOLD, printable(path)), *_file(group, texts, terminal)])
        for path, group in groupby(review.new, lambda found: found.finding.location.path)
    ]
    parts += _ways(images, terminal) if images else []
    parts += ["\n".join(lines) for lines in _troubles(review, texts) if lines]
    parts.append("\n".join(_summary(review, texts)))
    return "\n\n".join(parts) + "\n"


def _file(group: Iterable[Found], texts: Texts, terminal: Terminal) -> Iterator[str]:
    for number, found in enumerate(group):
        if number:
            yield ""
        yield from _finding(found, texts, terminal)


def _finding(found: Found, texts: Texts, terminal: Terminal) -> Iterator[str]:
    finding = found.finding
    where = region_of(finding.location)
    severity = terminal.paint(SEVERITY_COLOURS[found.severity], found.severity.value)
    place = f"{where.start_line}:{where.start_column}"
    yield f"  {place:5}  {severity}  {terminal.paint(_BOLD, printable(plain(finding.message)))}"
    yield from _source(finding.location, found.severity, terminal)
    for number, related in enumerate(finding.related, 1):
        yield _related(related, last=number == len(finding.related), terminal=terminal)
    if finding.consequence:
        yield from _wrapped("", printable(plain(finding.consequence)), terminal)
    yield from _fixes(finding, texts, terminal)
    yield _INDENT + terminal.paint(_DIM, found.check.id)


def _source(place: Location, severity: Severity, terminal: Terminal) -> Iterator[str]:
    bar = terminal.paint(_DIM, "│")
    yield f"{_INDENT}{bar}"
    for line in excerpt(place, terminal.width - len(_INDENT) - 2):
        number = terminal.paint(_DIM, f"{line.number:>8}")
        yield f"{number} {bar} {line.shown}".rstrip()
        blanks = line.marks[: len(line.marks) - len(line.marks.lstrip(" "))]
        yield f"{_INDENT}{bar} {blanks}" + terminal.paint(SEVERITY_COLOURS[severity], line.marks.strip())
    left_out = len(place.text.lines_of(place.span)) - MAX_LINES
    if left_out > 0:
        yield f"{_INDENT}{bar} … {_count(left_out, 'more line')}"


def _related(place: Location, *, last: bool, terminal: Terminal) -> str:
    """The place, what it has to do with the finding, and the line that stands there."""
    source = place.text[place.text.line(place.line)].strip()
    start = f"{_INDENT}{'└' if last else '├'} "
    note = f" {printable(plain(place.note))}:" if place.note else ""
    told = f"{printable(place.path)}:{place.line}{note}"
    room = max(20, terminal.width - len(start) - len(told) - 2)
    return f"{start}{told}  {terminal.paint(_DIM, fitted(source, room))}"


def _fixes(finding: Finding, texts: Texts, terminal: Terminal) -> Iterator[str]:
    if finding.withheld:
        yield from _wrapped("no fix ", printable(plain(finding.withheld)), terminal)
    for number, fix in enumerate(finding.fixes):
        label = "or     " if number else "fix    "
        yield from _wrapped(label, f"{printable(plain(fix.title))} ({_trust(fix)})", terminal)
        if number == 0:
            yield from _diff(fix, texts, terminal)


def _trust(fix: Fix) -> str:
    """What to know before applying it."""
    if fix.applicability is Applicability.DISPLAY:
        return "by hand"
    caution = printable(plain(fix.caution[:1].lower() + fix.caution[1:]))
    return f"unsafe: {caution}" if caution else fix.applicability.value


def _diff(fix: Fix, texts: Texts, terminal: Terminal) -> Iterator[str]:
    indent = _INDENT + " " * 7
    for path in dict.fromkeys(edit.path for edit in fix.edits):
        for hunk in edited_lines(texts.get(path), [edit for edit in fix.edits if edit.path == path]):
            yield indent + terminal.paint(_DIM, f"{printable(path)}:{hunk.line}")
            for sign, line in hunk.lines:
                shown = f"{sign} {fitted(line, terminal.width - len(indent) - 2)}".rstrip()
                style = {"-": _RED, "+": _GREEN}.get(sign)
                yield indent + (terminal.paint(style, shown) if style else shown)


def _wrapped(label: str, sentence: str, terminal: Terminal) -> list[str]:
    return textwrap.wrap(
        sentence,
        max(40, terminal.width),
        initial_indent=_INDENT + label,
        subsequent_indent=_INDENT + " " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _troubles(review: Review, texts: Texts) -> Iterator[list[str]]:
    """What was left out or could not be seen, a block for each sort."""
    unreadable = unreadable_lines(review.unreadable)
    if unreadable:
        unreadable[-1] += _others(_reviewed(texts))
    yield unreadable
    yield [
        f"{item.check} crashed{f' on {printable(item.path)}' if item.path else ''}: {fitted(item.error, _LONGEST)}."
        " This is a defect of Tidewaiter; what the check would have found is missing."
        for item in review.crashed
    ]
    yield [f"Incomplete: {printable(plain(reason))}." for reason in review.incomplete]
    yield [
        f"{printable(item.location.path)}:{item.location.line}: suppressed: {item.check}, by {printable(item.by)}: {printable(item.reason)}"
        for item in review.suppressed
    ]


def unreadable_lines(files: Iterable[Unreadable]) -> list[str]:
    """A line for each file that can't be read."""
    return [
        f"{printable(item.path)}:{item.line}: can't be read: {fitted(plain(item.reason), _LONGEST)}."
        for item in files
    ]


def _ways(images: Sequence[Image], terminal: Terminal) -> list[str]:
    """The ways of those that need a look most."""
    from app.report import ways  # seldom needed, and long to import

    lines = (printable(plain(ways.way(image))) for image in ways.by_need(images)[:MOST_WAYS])
    return ["\n".join(_continued(line, terminal)) for line in lines]


def _continued(line: str, terminal: Terminal) -> list[str]:
    return textwrap.wrap(
        line,
        max(40, terminal.width),
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _others(number: int) -> str:
    """That unreadable files stop nothing else."""
    if number < 2:
        return " The other file was reviewed." if number else ""
    return f" The other {number} files were reviewed."


def _summary(review: Review, texts: Texts) -> Iterator[str]:
    files = _count(_reviewed(texts), "file")
    new = review.new
    if new:
        counts = [
            (sum(found.severity is severity for found in new), severity) for severity in SEVERITY_COLOURS
        ]
        shown = ", ".join(_count(count, severity.value) for count, severity in counts if count)
        yield f"{_count(len(new), 'finding')} ({shown}) in {files}{_fixable(new)}"
    elif _reviewed(texts):
        yield f"{'Nothing new' if review.known else 'Nothing found'} in {files}"
    else:
        yield "Nothing to review: no file here is of a kind that Tidewaiter reads"
    if any(DATED.intersection(found.check.tags) for found in new):
        yield f"Releases are those of the shipped tables: {checked()}"
    others = [
        (len(review.known), "stood there before"),
        (len(review.suppressed), "suppressed"),
        (len(review.unreadable), "unreadable"),
        (len(review.crashed), "crashed"),
    ]
    counted = [f"{count} {what}" for count, what in others if count]
    if counted:
        yield ", ".join(counted)


def _fixable(findings: Iterable[Found]) -> str:
    """How to get the fixes that can be applied."""
    first = [found.finding.fixes[0].applicability for found in findings if found.finding.fixes]
    safe = first.count(Applicability.SAFE)
    unsafe = first.count(Applicability.UNSAFE)
    if not safe + unsafe:
        return ""
    option = "--fix" if safe else "--fix --unsafe"
    rest = f", for {unsafe} of them with --unsafe too" if safe and unsafe else ""
    return f", {safe + unsafe} with a fix: run again with {option}{rest}"


def _reviewed(texts: Texts) -> int:
    """How many files are of a kind that checks look at."""
    return sum(is_reviewed(one.path, one.content) for one in texts.values())


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
