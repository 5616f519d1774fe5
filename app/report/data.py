"""A review as JSON, for programs. The format is a contract, with a version of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec.structs import asdict

from app.report.region import Texts, region, region_of
from checks.check import Fix, Location
from checks.engine import Found, Review

VERSION = 1
"""Goes up when a program that reads the format would have to change."""

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


def data(review: Review, texts: Texts) -> dict[str, Json]:
    """The whole review: findings that are new and known, and what kept it from seeing more.

    Lines and columns count from 1, columns in code points, ends exclusive; messages are Markdown; the
    first location is the primary one and the first fix the one that we would take.
    """
    return {
        "version": VERSION,
        "findings": [_finding(found, texts) for found in review.findings],
        "suppressed": [
            {
                "check": item.check,
                "path": item.location.path,
                "line": item.location.line,
                "reason": item.reason,
            }
            for item in review.suppressed
        ],
        "unreadable": [asdict(item) for item in review.unreadable],
        "crashed": [asdict(item) for item in review.crashed],
    }


def dumps(value: Json) -> str:
    """JSON for people and programs: indented, in UTF-8's own characters, ended by a line break."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _finding(found: Found, texts: Texts) -> Json:
    finding = found.finding
    return {
        "check": found.check.id,
        "severity": found.severity.value,
        "state": found.state.value,
        "message": finding.message,
        "fingerprint": found.fingerprint,
        "locations": [_location(place) for place in (finding.location, *finding.related)],
        "fixes": [_fix(fix, texts) for fix in finding.fixes],
        "withheld": finding.withheld or None,
    }


def _location(place: Location) -> Json:
    return {"path": place.path, **asdict(region_of(place)), "note": place.note}


def _fix(fix: Fix, texts: Texts) -> Json:
    edits = [
        {
            "path": edit.path,
            **asdict(region(texts.get(edit.path), edit.span)),
            "replacement": edit.replacement,
        }
        for edit in fix.edits
    ]
    applicability = fix.applicability.value
    return {
        "title": fix.title,
        "applicability": applicability,
        "caution": fix.caution or None,
        "edits": edits,
    }
