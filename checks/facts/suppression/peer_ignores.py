"""Comments that ask another linter to leave something out: the author has seen it and decided.

Read as the tools document it:
https://github.com/hadolint/hadolint#inline-ignores
https://docs.docker.com/reference/dockerfile/#check
https://docs.zizmor.sh/usage/#ignoring-results
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.record import Record
from checks.regex import regex
from checks.source.hcl import Body
from checks.source.kind import Kind
from checks.source.text import Location, Span, Text

_HADOLINT = regex(r"hadolint\s+(?P<whole>global\s+)?ignore\s*=\s*(?P<rules>[A-Z0-9,\s]+)")
_SKIP = regex(r"(?:^|;)\s*skip\s*=(?P<rules>[^;]*)")
_ZIZMOR = regex(r"#[ \t]*zizmor:[ \t]*ignore\[(?P<rules>[a-z0-9, \t-]+)\]")
_CHECKOV = regex(r"(?:checkov|bridgecrew):skip=(?P<rules>CKV\w+)")


class PeerIgnore(Record):
    """One such comment."""

    tool: str
    """`hadolint`, `buildkit`, `zizmor` or `checkov`."""
    rules: tuple[str, ...]
    """As written; `all` of BuildKit means all of its rules."""
    location: Location
    about: Location
    """What it speaks of."""
    actions: str = ""
    """The names of the actions that it speaks of, `owner/*`; empty for whatever is found there."""

    def is_about(self, place: Location, lines: Collection[int]) -> bool:
        """Whether it speaks of what is found at a place, or on one of these lines."""
        if self.actions and not fnmatchcase(place.fragment.partition("@")[0].lower(), self.actions.lower()):
            return False
        return not set(self.about.text.lines_of(self.about.span)).isdisjoint(lines)

    def leaves_out(self, peers: tuple[str, ...]) -> str:
        """The first of a check's peers, `tool:rule`, that it leaves out, as the rule alone; empty if none."""
        names = (name for tool, _, name in (peer.partition(":") for peer in peers) if tool == self.tool)
        return next((name for name in names if name in self.rules or "all" in self.rules), "")


def peer_ignores(text: Text, kind: Kind, parsed: object) -> tuple[PeerIgnore, ...]:
    """Those of a file, by tool and place; `parsed` is what the file holds."""
    if isinstance(parsed, Dockerfile):
        return (*_hadolint(parsed), *_buildkit(parsed), *_checkov_in_dockerfile(parsed))
    if isinstance(parsed, Body):
        return tuple(_checkov_in_terraform(parsed))
    return tuple(_zizmor(text)) if kind in {Kind.WORKFLOW, Kind.ACTION} else ()


def _hadolint(file: Dockerfile) -> Iterator[PeerIgnore]:
    """For the file, or for the instruction below."""
    for comment in file.source.comments:
        match = _HADOLINT.match(comment.text)
        below = (one.span for one in file.source.instructions if one.span.start >= comment.span.end)
        span = (whole(file.text).span if match["whole"] else next(below, None)) if match else None
        if match and span:
            yield PeerIgnore("hadolint", _names(match), file.location(comment.span), file.location(span))


def _buildkit(file: Dockerfile) -> Iterator[PeerIgnore]:
    directive = file.source.directive("check")
    match = _SKIP.search(directive.value) if directive else None
    if directive and match:
        yield PeerIgnore("buildkit", _names(match), file.location(directive.span), whole(file.text))


def _checkov_in_dockerfile(file: Dockerfile) -> Iterator[PeerIgnore]:
    for comment in file.source.comments:
        if match := _CHECKOV.match(comment.text):
            yield PeerIgnore("checkov", _names(match), file.location(comment.span), whole(file.text))


def _checkov_in_terraform(file: Body) -> Iterator[PeerIgnore]:
    """Within a block, for the block."""
    for comment in file.comments:
        match = _CHECKOV.search(file.text.content, comment.span.start, comment.span.end)
        around = (one.span for one in file.blocks if one.span.start < comment.span.start < one.span.end)
        span = next(around, None) if match else None
        if match and span:
            at = Location(file.text, comment.span)
            yield PeerIgnore("checkov", _names(match), at, Location(file.text, span))


def _zizmor(text: Text) -> Iterator[PeerIgnore]:
    """On any line of what is found."""
    for match in _ZIZMOR.finditer(text.content):
        place = Location(text, Span(match.start(), match.end()))
        yield PeerIgnore("zizmor", _names(match), place, Location(text, text.line(place.line)))


def whole(text: Text) -> Location:
    """All of a file."""
    return Location(text, Span(0, len(text.content)))


def _names(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(match["rules"].replace(",", " ").split())
