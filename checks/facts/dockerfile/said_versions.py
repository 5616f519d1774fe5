"""Where a Dockerfile says in words on which release its images stand: its comments, and what `LABEL` tells others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.end_of_life import Release
from checks.facts.dockerfile.kept_versions import name_pattern
from checks.regex import regex
from checks.source.text import Span

_COMMAND = regex(r"(?:#[# \t]*)?(?:FROM|RUN|docker)\s")
"""The start of an instruction or a command that is no more than a comment by now, or shows how to do something."""


def lines_that_say(dockerfile: Dockerfile, release: Release) -> tuple[int, ...]:
    """The lines that name a release of a product by itself: `# Node.js 20`, `LABEL ….base.name="node:20-alpine"`.

    Not those that name a least one, `# needs Go 1.24+`: a newer one will do.
    """
    found = (match.span() for span in _said(dockerfile) for match in _matches(dockerfile, release, span))
    return tuple(sorted({dockerfile.location(Span(*one)).line for one in found}))


def _said(dockerfile: Dockerfile) -> Iterator[Span]:
    yield from (
        one.span for one in dockerfile.source.comments if not _COMMAND.match(dockerfile.text[one.span])
    )
    yield from (it.span for it in dockerfile.source.instructions if it.keyword == "LABEL")


def _matches(dockerfile: Dockerfile, release: Release, span: Span) -> Iterator[re.Match[str]]:
    return _named(release).finditer(dockerfile.text.content, span.start, span.end)


@cache
def _named(release: Release) -> re.Pattern[str]:
    """A version within the line is of it, `20.11`; one of another line that begins like it is not, `1.240`."""
    version = rf"v?{re.escape(release.version)}(?!\d)(?:\.\d{{1,4}}){{0,2}}"
    least = r"(?![\d.]*\+|[\d.]*[ \t]+(?:or|and)[ \t]+(?:above|higher|later|newer|up))"
    return re.compile(
        rf"(?<![\w.-]){name_pattern(release.product)}[\s:@-]{{0,2}}{version}{least}", re.IGNORECASE
    )
