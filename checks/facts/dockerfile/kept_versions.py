"""Comments of a Dockerfile that say why the version of a base is to stay."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from checks.facts.action.versions import version_parts
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.end_of_life import Release
from checks.regex import regex

_NAMES = {"Node.js": r"node(?:\.?js)?", "Go": r"go(?:lang)?"}
"""How a product is called, where that is not its name alone."""
_KEPT = r"(?<!not )(?<!n[’']t )(?<!never )(?<!longer )\b(?:pin(?:ned|s|ning)?|stay(?:s|ing)?|st[iu]ck(?:s|ing)?|keep(?:s|ing)?|kept)\b"
_MARKS = "# \t"
_REASON = (
    r"\b(?:for|because|since|as|until|till|due|so|to\s+(?:avoid|keep|match|support|work)|needs?|requires?"
    r"|otherwise|breaks?|(?:is|are|was|were|do|does|did)\s*(?:not|n[’']t))\b"
)


_SINCE = r"\b(?:since|as\s+of|starting\s+(?:at|from|in|with)|(?:newer|later|higher)\s+than|above|beyond)\s+"
_BEGUN = regex(
    r"\b(?:todo|fixme|upgrad\w+|migrat\w+|mov(?:e|ed|ing)|bump\w*|built|cop(?:y|ied)|taken)\b",
    re.IGNORECASE,
)
"""In a comment that asks for a newer release, or says where something comes from."""
_VERSION = r"v?(?P<version>\d{1,4}(?:\.\d{1,4}){0,2})(?![\d.]*\d)"
_ALONE = r"v?(?P<alone>\d{1,3}(?:\.\d{1,4}){0,2})(?![\d.]*\d)"
"""Without the product's name in front: no year."""


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


@cache
def _newer(product: str) -> re.Pattern[str]:
    name = name_pattern(product)
    return re.compile(
        rf"(?:{_SINCE}|\bfrom\s+(?=.{{0,40}}\d\s+(?:on(?:wards?)?(?!\s+\d)|up)\b))(?:{name}[\s:@-]{{0,2}}{_VERSION}|(?=.{{0,80}}\b{name}\b){_ALONE})",
        re.IGNORECASE,
    )


def _speaks_of_newer(words: str, release: Release) -> int | None:
    """Where a comment begins to say what is so from a newer release on: `since 3.18, alpine has another ffmpeg`."""
    own = version_parts(release.version)
    for found in _newer(release.product).finditer(words) if own and not _BEGUN.search(words) else ():
        version = version_parts(found["version"] or found["alone"])
        if version is not None and own is not None and version > own:
            return found.start()
    return None


def kept_at(dockerfile: Dockerfile, release: Release) -> Kept | None:
    """The first comment that holds a base to a release, `pinned to node25 for native modules`, with its reason behind it.

    The reason may stand on the next line. Or the one right above a `FROM` that says what is so from a newer release on.
    """
    by_line = {dockerfile.text.line_of(one.span.start): one.text for one in dockerfile.source.comments}
    names = ("$", release.version, release.code_name or "$")
    froms = {
        dockerfile.text.line_of(stage.instruction.span.start)
        for stage in dockerfile.stages
        if any(name in dockerfile.text[stage.instruction.span] for name in names)
    }
    for line, comment in sorted(by_line.items()):
        words = comment.lstrip(_MARKS).rstrip()
        found = _pattern(release).search(f"{words} {by_line.get(line + 1, '').lstrip(_MARKS)}")
        if found is not None and found.start() < len(words):
            return Kept(line, words[found.start() :])
        start = _speaks_of_newer(words, release) if line + 1 in froms else None
        if start is not None:
            return Kept(line, words[start:])
    return None
