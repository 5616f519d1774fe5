"""What an audit says of an owner's repositories: plain data for each of them, and one page for all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup
from msgspec.structs import asdict

from app.report.comment import Links
from app.report.markdown import counted, inline_html, place
from app.report.summary import worst_first
from app.template import rendered
from checks.check import Severity
from checks.engine import Found, Review
from checks.record import Record


class Occurrence(Record):
    """A finding, as the page lists it."""

    severity: str
    check: str
    message: str
    """Markdown."""
    place: str
    """Likewise."""
    address: str
    """Of the line at the commit that was read."""


class Audited(Record):
    """A repository at the tip of its default branch."""

    slug: str
    page: str
    """Its address for people."""
    branch: str
    sha: str
    """Empty where there is no commit."""
    findings: tuple[Occurrence, ...] = ()
    gaps: tuple[str, ...] = ()
    """Why not all of it was seen, in Markdown."""
    problem: str = ""
    """Why it was not reviewed at all; empty if it was."""

    @property
    def name(self) -> str:
        return self.slug.partition("/")[2]

    @property
    def counts(self) -> str:
        """`2 errors, 1 note`."""
        return counts(self.findings) or "nothing found"

    def to_json(self) -> str:
        """One line, for `from_json`."""
        return json.dumps(self, default=asdict)

    @staticmethod
    def from_json(text: str) -> Audited:
        """Raises `ValueError`, `KeyError` or `TypeError` for what `to_json` did not write."""
        fields = json.loads(text)
        findings = tuple(Occurrence(**one) for one in fields.pop("findings"))
        return Audited(findings=findings, gaps=tuple(fields.pop("gaps")), **fields)


class Tally(Record):
    """A check over all repositories."""

    check: str
    severity: str
    """The one that most of its findings have."""
    findings: int
    repositories: int


def occurrences(review: Review, links: Links) -> tuple[Occurrence, ...]:
    """Everything that a review found, the worst first."""
    return tuple(_occurrence(found, links) for found in worst_first(review.findings))


def gaps(review: Review) -> tuple[str, ...]:
    """What a review could not see, in Markdown."""
    return (
        *(f"{reason}." for reason in review.incomplete),
        *(f"The check `{crash.check}` crashed." for crash in review.crashed),
        *(f"{place(one.path, one.line)} can't be read: {one.reason}." for one in review.unreadable),
    )


def counts(findings: Iterable[Occurrence]) -> str:
    """How many there are of each severity, in words; empty for none."""
    by_severity = Counter(one.severity for one in findings)
    return ", ".join(
        counted(by_severity[severity], severity.value) for severity in Severity if by_severity[severity]
    )


def report(owner: str, about: str, audited: Sequence[Audited], left_out: Sequence[str], pages: str) -> str:
    """The page, as HTML. `about` says when and by what; `pages` is the address of a check, with `{}` for its id.

    `left_out` are repositories that were not to be reviewed.
    """
    reviewed = sorted((one for one in audited if not one.problem), key=_worst_first)
    findings = [finding for one in reviewed for finding in one.findings]
    return rendered(
        "audit.html",
        owner=owner,
        about=about,
        counts=counts(findings) or "nothing",
        counted=counted,
        tallies=_tallies(reviewed),
        reviewed=reviewed,
        clean=sum(not one.findings for one in reviewed),
        failed=[one for one in audited if one.problem],
        left_out=sorted(left_out),
        pages=pages,
        sentence=_sentence,
    )


def _occurrence(found: Found, links: Links) -> Occurrence:
    finding, location = found.finding, found.finding.location
    return Occurrence(
        found.severity.value,
        found.check.id,
        finding.message,
        place(location.path, location.line),
        links.address(location.path, location.line),
    )


def _worst_first(one: Audited) -> tuple[object, ...]:
    by_severity = Counter(finding.severity for finding in one.findings)
    return (*(-by_severity[severity] for severity in Severity), one.slug.lower())


def _tallies(reviewed: Sequence[Audited]) -> list[Tally]:
    by_check: dict[str, list[Occurrence]] = {}
    where: dict[str, set[str]] = {}
    for one in reviewed:
        for finding in one.findings:
            by_check.setdefault(finding.check, []).append(finding)
            where.setdefault(finding.check, set()).add(one.slug)
    made = [
        Tally(check, Counter(it.severity for it in found).most_common(1)[0][0], len(found), len(where[check]))
        for check, found in by_check.items()
    ]
    order = [severity.value for severity in Severity]
    return sorted(made, key=lambda it: (order.index(it.severity), -it.repositories, it.check))


def _sentence(markdown: str) -> Markup:
    """A sentence of ours, in which everything from a repository stands in code spans."""
    return Markup(inline_html(markdown))  # noqa: S704 - `inline_html` escapes all that it is given
