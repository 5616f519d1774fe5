"""Comments of a Dockerfile that say why the version of a base is to stay."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.end_of_life import Release

_NAMES = {"Node.js": r"node(?:\.?js)?", "Go": r"go(?:lang)?"}
"""How a product is called, where that is not its name alone."""
_KEPT = r"(?<!not )(?<!n[’']t )(?<!never )(?<!longer )\b(?:pin(?:ned|s|ning)?|stay(?:s|ing)?|st[iu]ck(?:s|ing)?|keep(?:s|ing)?|kept)\b"
_MARKS = "# \t"
_REASON = (
    r"\b(?:for|because|since|as|until|till|due|so|to\s+(?:avoid|keep|match|support|work)|needs?|requires?"
    r"|otherwise|breaks?|(?:is|are|was|were|do|does|did)\s*(?:not|n[’']t))\b"
)


class Kept(NamedTuple):
    """A comment that says why a version stays."""

    line: int
    words: str
    """What it says, to the end of the line."""


def name_pattern(product: str) -> str:
    """What people call a product, as a part of a pattern."""
    return _NAMES.get(product, re.escape(product))


@cache
def _pattern(release: Release) -> re.Pattern[str]:
    version = rf"{name_pattern(release.product)}[\s:@-]{{0,2}}v?{re.escape(release.version)}(?!\d)"
    return re.compile(rf"{_KEPT}[^.;]{{0,40}}\b{version}.{{0,100}}?{_REASON}", re.IGNORECASE)


def kept_at(dockerfile: Dockerfile, release: Release) -> Kept | None:
    """The first comment that holds a base to a release, `pinned to node25 for native modules`, with its reason behind it.

    The reason may stand on the next line.
    """
    by_line = {dockerfile.text.line_of(one.span.start): one.text for one in dockerfile.source.comments}
    for line, comment in sorted(by_line.items()):
        words = comment.lstrip(_MARKS).rstrip()
        found = _pattern(release).search(f"{words} {by_line.get(line + 1, '').lstrip(_MARKS)}")
        if found is not None and found.start() < len(words):
            return Kept(line, words[found.start() :])
    return None
