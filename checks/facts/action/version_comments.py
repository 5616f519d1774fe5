"""What comments at a `uses:` say: the version of its commit, or that it is to be left as it is."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from checks.facts.action.releases import of_use, releases
from checks.facts.action.versions import version_parts
from checks.facts.workflow.uses import ActionUse
from checks.regex import regex
from checks.source.text import Location, Span, Text
from checks.source.yaml import comments

_COMMENT = regex(
    r"[ \t]*#[# \t]*(?:(?:refs/)?tags/|[^\s@#]*@|(?:action|pin(?:ned)?(?: (?:at|to))?|release|tag|version)(?:[ \t]{0,9}[:=]|[ \t])[ \t]{0,9})?"
    r"(?P<version>v\d{1,9}(?:\.\d{1,9}){0,2}(?:-node\d{2})?(?![\w.-])|\d{1,9}(?:\.\d{1,9}){1,2}(?=[ \t]*$))",
    re.IGNORECASE,
)
_CONSTRAINT = regex(r"#[# \t]*ratchet:(?P<repository>[^\s@#]+)@$")
"""Ahead of what ratchet updates the commit to: https://github.com/sethvargo/ratchet#readme"""
_EXCLUDED = regex(r"[ \t]*#.{0,200}\bratchet:exclude\b")
"""Behind what ratchet is to leave at its tag or branch."""
_PAGE = regex(
    r"https://github\.com/(?P<repository>[\w.-]{1,100}/[\w.-]{1,100})/(?:releases/tag|tree|commits?)/(?P<name>v?\d+(?:\.\d+){0,2}|[0-9a-f]{40})(?![\w.-])"
)
"""Of a release or a commit."""
_LITTLE = regex(r"[#\s,;:()<>-]*(?:v?\d[\w.]*[#\s,;:()<>-]*)?(?:see[#\s,;:()<>-]*)?", re.IGNORECASE)
"""What stands around a link that is a comment by itself: nothing, the version, or `see`."""
_STATED = regex(
    r"#[# \t]*(?:(?:pin(?:ned)?(?: (?:at|to))?|release|tag|version)(?:[ \t]{0,9}[:=]|[ \t])[ \t]{0,9}"
    r"|(?P<action>[\w.-]{1,100}(?:/[\w.-]{1,100}){0,9})(?:[ \t]{0,9}[@:=]|[ \t])[ \t]{0,9})?"
    r"(?P<version>v\d{1,9}(?:\.\d{1,9}){0,2}|\d{1,9}(?:\.\d{1,9}){1,2})[ \t]*",
    re.IGNORECASE,
)
"""A comment that is nothing but a version, perhaps with the name of an action before it."""
_NAMED = regex(r"(?<![\w.-])(?:v?\d+(?:\.\d+){0,2}|[0-9a-f]{40})(?![\w-]|\.\d)")
_WITHOUT_LINES = frozenset(("aquasecurity/trivy-action", "astral-sh/setup-uv"))
"""Whose newer releases have no tag of their major or minor version: https://github.com/astral-sh/setup-uv/releases/tag/v8.0.0"""


def is_left_at_its_name(use: ActionUse) -> bool:
    """Whether the comment behind a use tells ratchet not to pin it: somebody has decided that.

    https://github.com/sethvargo/ratchet#excluding
    """
    text, end = use.scalar.text, use.scalar.span.end
    return _EXCLUDED.match(text.content, end, text.line(text.line_of(end)).end) is not None


def version_comment(use: ActionUse) -> tuple[str, Location] | None:
    """The version that the comment behind `uses:` names, with its `v`, and where it stands, with what follows: `v1-node16`."""
    text = use.scalar.text
    end = use.scalar.span.end
    match = _COMMENT.match(text.content, end, text.line(text.line_of(end)).end)
    if match is None:
        return None
    place = Location(text, Span(match.start("version"), match.end("version")))
    return f"v{match['version'].lower().removeprefix('v').partition('-')[0]}", place


def said_behind(use: ActionUse) -> str:
    """The tag or the branch that the comment behind `uses:` names: its version, or all of it."""
    said, text, end = version_comment(use), use.scalar.text, use.scalar.span.end
    _, _, comment = text.content[end : text.line(text.line_of(end)).end].partition("#")
    return said[1].fragment if said is not None else comment.strip()


def page_behind(use: ActionUse) -> Location | None:
    """The version in a link to the page of a release of the action, where the comment behind `uses:` has little else."""
    text, end = use.scalar.text, use.scalar.span.end
    line_end = text.line(text.line_of(end)).end
    page = _PAGE.search(text.content, end, line_end)
    if page is None or page["repository"].lower() != use.repository or version_parts(page["name"]) is None:
        return None
    before, behind = text.content[end : page.start()], text.content[page.end() : line_end]
    is_alone = _LITTLE.fullmatch(before) is not None and _NAMED.search(behind) is None
    return Location(text, Span(*page.span("name"))) if is_alone and _LITTLE.fullmatch(behind) else None


def restated(place: Location, version: str) -> str:
    """Another version as a comment says one, at the place that `version_comment` found: with its `v`, or without.

    What ratchet is to keep to stays as wide as it is, `v4` or `v4.2`: that is a tag, and moves.
    """
    text, said = place.text, place.fragment
    before = text.content[text.line(text.line_of(place.span.start)).start : place.span.start]
    constraint = _CONSTRAINT.search(before)
    if constraint is not None and constraint["repository"].lower() not in _WITHOUT_LINES:
        version = ".".join(version.split(".")[: said.count(".") + 1])
    return version if said.lower().startswith("v") else version.removeprefix("v")


def said_above(use: ActionUse) -> Iterator[Location]:
    """Where a comment in the line above says which release or commit is used: by its page at GitHub, each mention in that line, or by
    nothing but the version, which may stand above the step as well."""
    text = use.scalar.text
    number = text.line_of(use.scalar.span.start)
    yield from _in_pages(use, _own_line(text, number - 1))
    for line in dict.fromkeys((number - 1, _first_line(use) - 1)):
        yield from _stated(use, _own_line(text, line))


def _own_line(text: Text, number: int) -> Span:
    """The comment that a line is; empty where it is none."""
    if number < 1:
        return Span(0, 0)
    line, known = text.line(number), comments(text)
    at = bisect_left(known, line.start, key=lambda one: one.span.start)
    is_there = at < len(known) and known[at].own_line and known[at].span.start < line.end
    return known[at].span if is_there else Span(0, 0)


def _in_pages(use: ActionUse, line: Span) -> Iterator[Location]:
    text, release = use.scalar.text, of_use(use)
    content = text[line]
    used = {use.ref, *((release.version, release.version.removeprefix("v")) if release is not None else ())}
    names = (page["name"] for page in _PAGE.finditer(content) if page["repository"].lower() == use.repository)
    if used.isdisjoint(names):
        return
    for match in _NAMED.finditer(content):
        if match[0] in used:
            yield Location(text, Span(line.start + match.start(), line.start + match.end()))


def _stated(use: ActionUse, line: Span) -> Iterator[Location]:
    match = _STATED.fullmatch(use.scalar.text.content, line.start, line.end)
    if match is None:
        return
    named, version = (match["action"] or "").lower(), match["version"].lower()
    is_unknown = of_use(use) is None and version_parts(use.ref) is None
    if (not named or _is_called(use, named)) and (_may_be_at(use, version) or (bool(named) and is_unknown)):
        yield Location(use.scalar.text, Span(*match.span("version")))


def _is_called(use: ActionUse, name: str) -> bool:
    """Whether a name is that of the action, or the end of it: `upload-artifact`."""
    return any(f"/{one}".endswith(f"/{name}") for one in (use.action, use.repository))


def _may_be_at(use: ActionUse, version: str) -> bool:
    """Whether a use is at a version, or at a line of versions that it is of, or the other way round."""
    said, named, release = version_parts(version) or (), version_parts(use.ref), of_use(use)
    known = [one.number[: len(said)] for one in releases(use.repository)]
    is_within = named is not None and said[: len(named)] == named and (not known or said in known)
    return is_within or (release is not None and release.number[: len(said)] == said)


def _first_line(use: ActionUse) -> int:
    """The line in which the step of a use begins; for what is no step's that of the use."""
    text = use.scalar.text
    number = text.line_of(use.scalar.span.start)
    indent, _ = _first_key(text, number)
    for above in range(number, 0, -1):
        column, is_first = _first_key(text, above)
        if is_first and column == indent:
            return above
        written = text[text.line(above)].strip()
        if column < indent and written and not written.startswith("#"):
            break
    return number


def _first_key(text: Text, number: int) -> tuple[int, bool]:
    """How far a line is indented up to its first key, and whether a dash stands before that."""
    written = text[text.line(number)]
    rest = written.lstrip()
    is_first = rest.startswith("- ")
    return len(written) - len(rest.removeprefix("-").lstrip() if is_first else rest), is_first
