"""The edits that move a use to a commit or a tag, with what comments behind and above say of its version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.action.releases import Release
from checks.facts.action.version_comments import page_behind, restated, said_above, version_comment
from checks.facts.action.versions import tag_of
from checks.facts.workflow.uses import ActionUse
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span

_DIRECTIVE = regex(r"[ \t]*(?:[a-z][\w-]*:[ \t]*\S|nosemgrep\b|noqa\b)")
_DATE = regex(
    r"[ \t]{0,9}(?:[,;@|–—-]|\bon\b)?[ \t]{0,9}[(\[]?(?:(?:from|on|published|released)[ \t]{1,9}){0,2}(?<!\d)\d{4}[-/]\d\d[-/]\d\d"
    r"(?:[T ][\d:.]{4,15} ?(?:Z|UTC|[+-][\d:]{4,6})?)?[)\]]?(?=[ \t]*$)",
    re.IGNORECASE,
)
"""When a release was made, behind its version: not known of another one."""
_TO_PIN = regex(
    r"[ \t]*(?:TODO|FIXME|XXX)\b"
    r"(?!.*(?:n't|\b(?:after|also|and|before|not|once|then|until|when)\b))"
    r".{0,80}\b(?:digest|pin(?:ned|s)?|sha)\b.{0,40}",
    re.IGNORECASE,
)
"""A comment that asks for nothing but a commit at this place, which a pin brings."""


def pin(use: ActionUse, version: str, commit: str) -> tuple[Edit, ...]:
    """The commit for the ref, and the version, where it is known, at the start of the line's comment where there is room for one."""
    return tuple(_pin(use, version, commit))


def at_tag(use: ActionUse, release: Release, tag: str) -> Iterator[Edit]:
    """The tag for the ref, with what a comment above says of it: the same tag, or the version."""
    if use.ref_span is None:
        return
    yield Edit(use.scalar.text.path, use.ref_span, tag)
    for place in said_above(use):
        said = tag if place.fragment == use.ref else restated(place, release.version)
        yield Edit(place.path, place.span, said)


def _pin(use: ActionUse, version: str, commit: str) -> Iterator[Edit]:
    text = use.scalar.text
    if use.ref_span is None:
        return
    yield Edit(text.path, use.ref_span, commit)
    if not version:
        return
    commented = version_comment(use)
    above = tuple(said_above(use))
    for place in above:
        is_commit = place.fragment == use.ref and use.is_commit
        yield Edit(text.path, place.span, commit if is_commit else restated(place, version))
    page = page_behind(use)
    if page is not None:
        yield Edit(text.path, page.span, restated(page, version))
    end = use.scalar.span.end
    rest = text.content[end : text.line(text.line_of(end)).end]
    before, hash_sign, comment = rest.partition("#")
    if commented is not None:
        old = commented[1]
        dated = _DATE.match(text.content, old.span.end, text.line(text.line_of(end)).end)
        behind = dated.end() if dated else old.span.end
        yield Edit(text.path, Span(old.span.start, behind), restated(old, version))
    elif above or page is not None:
        return
    elif not rest.strip():
        yield Edit(text.path, Span(end, end), f" # {tag_of(use.repository, version)}")
    elif hash_sign and not before.strip():
        at = end + len(before) + 1
        blanks = len(comment) - len(comment.lstrip())
        said = comment.strip() == use.ref or _TO_PIN.fullmatch(comment) is not None
        # What is said to a tool has to begin a comment.
        between = " # " if _DIRECTIVE.match(comment) else ", "
        tag = tag_of(use.repository, version)
        new = f" {tag}" if said or not comment.strip() else f" {tag}{between}"
        yield Edit(text.path, Span(at, at + (len(comment.rstrip()) if said else blanks)), new)
