"""Vulnerabilities that a scanner is told to pass over.

Trivy's files: https://trivy.dev/docs/latest/guide/configuration/filtering/. Grype's `ignore:`:
https://oss.anchore.com/docs/guides/vulnerability/filter-results/
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.deployment.kubernetes import at, mappings
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location, Span, Text
from checks.source.yaml import Comment, Entry, Mapping, Scalar, comments
from checks.source.yaml import parse as parse_yaml

_VULNERABILITY = regex(r"(?:CVE|GHSA|GO|RUSTSEC|PYSEC|DSA|DLA|ALAS|RHSA|USN|ELSA)-[\w-]+")
_OUR_COMMENT = "tidewaiter:"


class Ignored(Record, eq=False):
    """One vulnerability that is passed over."""

    id: str
    location: Location
    """The id."""
    has_end: bool
    has_reason: bool
    """Whether a field or a comment says why; a comment above a group of entries speaks of all of them, also from
    across a blank line."""
    item: tuple[Mapping, Entry] | None = None
    """Of a YAML file for Trivy: where the end can be added, and behind which entry."""
    can_end: bool = True
    """Whether the scanner knows an end at all: Grype does not."""


class ScanIgnores(Record, eq=False):
    """A file that tells a scanner what to pass over."""

    text: Text
    entries: tuple[Ignored, ...]


def parse_scan_ignores(text: Text) -> ScanIgnores | None:
    """The file's entries; None for a YAML file that holds none. `CannotRead` if that is not YAML."""
    if not text.path.endswith((".yaml", ".yml")):
        return ScanIgnores(text, tuple(_of_lines(text)))
    documents = parse_yaml(text)
    root = documents[0] if documents else None
    if not isinstance(root, Mapping):
        return None
    found = tuple(_of_trivy(text, root)) + tuple(_of_grype(text, root))
    return ScanIgnores(text, found) if found else None


def _of_lines(text: Text) -> Iterator[Ignored]:
    """A line an entry; what follows the id is an end (`exp:2027-01-31`) or said to people."""
    explained, in_group = False, False
    for number in range(1, text.line_count + 1):
        span = text.line(number)
        line = text[span]
        stripped = line.strip()
        if not stripped:
            explained, in_group = explained and not in_group, False
        elif stripped.startswith("#"):
            explained = explained or _OUR_COMMENT not in stripped
        elif _VULNERABILITY.fullmatch(stripped.split()[0]):
            fields, in_group = stripped.split(), True
            start = span.start + line.index(fields[0])
            place = Location(text, Span(start, start + len(fields[0])))
            has_end = any(field.startswith("exp:") for field in fields[1:])
            says_why = len(fields) > 1 and not has_end and _OUR_COMMENT not in stripped
            yield Ignored(fields[0], place, has_end, explained or says_why)


def _of_trivy(text: Text, root: Mapping) -> Iterator[Ignored]:
    said = tuple(_reasons(text))
    for item in mappings(at(root, "vulnerabilities")):
        entry = item.entry("id")
        if entry is not None and isinstance(entry.value, Scalar):
            by_field = any(item.get(name) is not None for name in ("statement", "reason"))
            has_reason = by_field or _is_explained(text, item, said)
            place = Location(text, entry.value.span)
            has_end = item.get("expired_at") is not None
            yield Ignored(entry.value.value, place, has_end, has_reason, (item, entry))


def _of_grype(text: Text, root: Mapping) -> Iterator[Ignored]:
    said = tuple(_reasons(text))
    for item in mappings(at(root, "ignore")):
        entry = item.entry("vulnerability")
        if entry is not None and isinstance(entry.value, Scalar):
            by_field = any(item.get(name) is not None for name in ("reason", "vex-status"))
            place = Location(text, entry.value.span)
            yield Ignored(
                entry.value.value, place, False, by_field or _is_explained(text, item, said), can_end=False
            )


def _reasons(text: Text) -> Iterator[Comment]:
    """The comments that are not for us."""
    return (one for one in comments(text) if _OUR_COMMENT not in text[one.span])


def _is_explained(text: Text, item: Mapping, said: tuple[Comment, ...]) -> bool:
    """Whether a comment stands on the lines of an item, or above its group, also from across a blank line."""
    first, last = text.line_of(item.span.start), text.line_of(item.span.end)
    while first > 1 and text[text.line(first - 1)].strip():
        first -= 1
    while first > 1 and not text[text.line(first - 1)].strip():
        first -= 1
    first = max(first - 1, 1)
    return any(first <= text.line_of(comment.span.start) <= last for comment in said)
