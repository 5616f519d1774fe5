"""What the files say of one image, link by link."""

from __future__ import annotations

import re
from enum import StrEnum

from checks.check import code
from checks.facts.value import Hole, Value, Varies
from checks.record import Record
from checks.source.text import Location


class Kind(StrEnum):
    """The links of a chain, in their order."""

    BUILD = "build"
    SCAN = "scan"
    PUSH = "push"
    SIGN = "sign"
    ATTEST = "attest"
    ADMIT = "admit"
    DEPLOY = "deploy"
    EXPIRE = "expire"


class State(StrEnum):
    """Whether a link is there."""

    SEEN = "seen"
    MISSING = "missing"
    """Certainly: nothing makes it, or what should make it does not."""
    UNKNOWN = "unknown"
    """What makes it may stand elsewhere, or can't be told from the files."""


class Link(Record):
    """One link of an image's chain."""

    kind: Kind
    state: State
    what: str = ""
    """What goes with the verb, in Markdown: "`Dockerfile`", "by `trivy`"; empty where there is nothing to name."""
    why: str = ""
    """Why it is missing or unknown, or what else is to be known of it: Markdown without a full stop."""
    place: Location | None = None
    """Where it is written; None for what is written nowhere."""
    extent: Location | None = None
    """All that says it: the step, the resource, the object; else the place."""

    @property
    def detail(self) -> str:
        """All that is known of it, in Markdown."""
        return ": ".join(part for part in (self.what, self.why) if part)


class Image(Record):
    """An image and its chain."""

    name: str
    """Registry and repository, as far as they are known."""
    short: str
    """The repository, where no other image has the same; else the name."""
    links: tuple[Link, ...]
    """In the order of `Kind`, at least one of each."""
    sources: frozenset[str] = frozenset()
    """The files that what is built comes from: Dockerfiles, and the ignore files that hold for them."""

    def of(self, kind: Kind) -> tuple[Link, ...]:
        """Its links of a kind."""
        return tuple(link for link in self.links if link.kind is kind)


_WORDS = {
    Varies.COMMIT: "commit",
    Varies.RUN: "run",
    Varies.BRANCH: "branch",
    Varies.TAG: "tag",
    Varies.PULL_REQUEST: "pull request",
    Varies.SERIES: "series",
    Varies.DIGEST: "digest",
}


def shape(value: Value) -> str:
    """A value in few characters: `sha-…`, `<branch>`; an expression that nothing is known of as it is written."""
    hole = value.parts[0] if len(value.parts) == 1 else ""
    if isinstance(hole, Hole):
        named = hole.varies in _WORDS and not hole.source.startswith("{{")
        return f"<{_WORDS[hole.varies]}>" if named else str(hole)
    short = "".join(part if isinstance(part, str) else _short(part) for part in value.parts)
    return re.sub("…+", "…", short)


def _short(hole: Hole) -> str:
    """An expression of docker/metadata-action as it is written: there it is a name."""
    return hole.source if hole.source.startswith("{{") else "…"


def shown(value: Value) -> str:
    """The shape as a code span."""
    return code(shape(value))
