"""A review whole, as it is kept for its page: plain data, its sentences in Markdown, within a size.

The check run has room for some of it only. What a reader of the page sees of a file is what stands here: lines
that findings cover and that fixes change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from app.report import markdown
from app.report.comment import Links, lowered
from app.report.data import Json
from app.report.edited import edited_lines
from app.report.ignored import Ignored
from app.report.plain import placed, printable
from app.report.region import Texts
from app.report.summary import worst_first
from app.report.ways import SIGNS, WORDS, by_need
from checks.chain import Image, Kind, Link
from checks.check import Fix, Location
from checks.engine import Found, Review
from checks.record import Record

VERSION = 1
"""Of the document; another one is not shown."""
_BUDGET = 1_000_000
"""Characters of the stories of new findings; as many again may all the rest have."""
_MOST = 1_000
"""Items of one list."""
_MOST_IMAGES = 100
_LINES, _DIFF_LINES, _FIXES = 6, 60, 3
"""Lines of an excerpt and of a diff, and fixes of a finding."""


class About(Record):
    """What a review is of."""

    slug: str
    number: int
    page: str
    """The address of the pull request."""
    title: str
    """The check run's."""
    notes: tuple[str, ...] = ()
    """Sentences of the check run, in Markdown."""


def whole(
    about: About,
    review: Review,
    images: Sequence[Image],
    ignored: Sequence[Ignored],
    texts: Texts,
    links: Links,
) -> str:
    """The document, as JSON for `read`."""
    told = list(_within(_BUDGET, (_story(found, texts, links) for found in worst_first(review.new))))
    return json.dumps(
        {
            "version": VERSION,
            "slug": about.slug,
            "number": about.number,
            "page": about.page,
            "sha": links.sha,
            "title": printable(about.title),
            "notes": list(about.notes[:_MOST]),
            "incomplete": list(review.incomplete[:_MOST]),
            "images": [_image(image, links) for image in by_need(images)[:_MOST_IMAGES]],
            "more_images": max(0, len(images) - _MOST_IMAGES),
            "new": told,
            "more_new": len(review.new) - len(told),
            "known": [_row(found, links) for found in review.known[:_MOST]],
            "more_known": max(0, len(review.known) - _MOST),
            "left_out": list(_left_out(review, ignored, links))[:_MOST],
            "unreadable": [
                {**_place(one.path, one.line, links), "reason": one.reason[: markdown.MAX_LINE]}
                for one in review.unreadable[:_MOST]
            ],
            "crashed": [
                {"check": one.check, "path": printable(one.path), "error": _short(one.error)}
                for one in review.crashed[:_MOST]
            ],
        },
        ensure_ascii=False,
    )


def read(document: str) -> dict[str, Json] | None:
    """What `whole` wrote; None where another release did, whose document was another."""
    found = json.loads(document)
    return found if isinstance(found, dict) and found.get("version") == VERSION else None


def _within(budget: int, items: Iterable[Json]) -> Iterator[Json]:
    """The first items that together have so many characters."""
    for item in items:
        budget -= len(json.dumps(item, ensure_ascii=False))
        if budget < 0:
            return
        yield item


def _place(path: str, line: int, links: Links) -> dict[str, Json]:
    return {
        "where": printable(placed(path, line)),
        "url": links.address(path, line),
    }


def _image(image: Image, links: Links) -> Json:
    shown = image.links[:_MOST_IMAGES]
    starts = {id(link) for kind in Kind for link in image.of(kind)[:1]}
    return {
        "name": printable(image.name),
        "links": [_link(link, links, starts=id(link) in starts) for link in shown],
    }


def _link(link: Link, links: Links, *, starts: bool) -> Json:
    return {
        "word": WORDS[link.kind] if starts else "",
        "state": link.state.value,
        "sign": SIGNS[link.state],
        "what": link.what,
        "why": link.why,
        "place": _place(link.place.path, link.place.line, links) if link.place else None,
    }


def _row(found: Found, links: Links) -> dict[str, Json]:
    location = found.finding.location
    return {
        "check": found.check.id,
        "severity": found.severity.value,
        "message": found.finding.message,
        "place": _place(location.path, location.line, links),
    }


def _story(found: Found, texts: Texts, links: Links) -> Json:
    finding = found.finding
    return {
        **_row(found, links),
        "consequence": finding.consequence,
        "excerpt": list(_excerpt(finding.location)),
        "related": [
            {"place": _place(it.path, it.line, links), "note": it.note} for it in finding.related[:_LINES]
        ],
        "fixes": [_fix(fix, texts) for fix in finding.fixes[:_FIXES]],
        "withheld": finding.withheld,
    }


def _excerpt(place: Location) -> Iterator[Json]:
    """Its first lines, each in three parts: before what is meant, that, and behind it."""
    text, span = place.text, place.span
    numbers = list(text.lines_of(span))[:_LINES]
    indent = _indent(text[text.line(number)] for number in numbers)
    for number in numbers:
        line = text.line(number)
        first = min(line.start + indent, line.end)
        start = min(max(span.start, first), line.end)
        end = min(max(span.end, start), line.end)
        parts = (text.content[first:start], text.content[start:end], text.content[end : line.end])
        yield {"number": number, "parts": [_short(part) for part in parts]}


def _indent(lines: Iterable[str]) -> int:
    """Blanks that all lines begin with: a phone has no room for them."""
    return min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)


def _short(part: str) -> str:
    shown = printable(part[: markdown.MAX_LINE].replace("\t", "    "))
    return f"{shown}…" if len(part) > markdown.MAX_LINE else shown


def _fix(fix: Fix, texts: Texts) -> Json:
    lines: list[Json] = []
    for path in dict.fromkeys(edit.path for edit in fix.edits):
        edits = [edit for edit in fix.edits if edit.path == path]
        for hunk in edited_lines(texts.get(path), edits):
            lines.append(["@", f"{printable(path)} {hunk.line}"])
            indent = _indent(line for _, line in hunk.lines)
            lines += [[sign, _short(line[indent:])] for sign, line in hunk.lines]
    more = max(0, len(lines) - _DIFF_LINES)
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "caution": lowered(fix.caution),
        "lines": lines[:_DIFF_LINES],
        "more": more,
    }


def _left_out(review: Review, ignored: Sequence[Ignored], links: Links) -> Iterator[Json]:
    """What comments in files and commands on the pull request leave out, and why."""
    for one in review.suppressed:
        place = _place(one.location.path, one.location.line, links)
        yield {
            "check": one.check,
            "place": place,
            "by": one.by,
            "reason": _short(one.reason),
        }
    for each in ignored:
        row = _row(each.found, links)
        by = f"`/ignore` of {printable(each.ignore.author)}"
        yield {
            "check": row["check"],
            "place": row["place"],
            "by": by,
            "reason": _short(each.ignore.reason),
        }
