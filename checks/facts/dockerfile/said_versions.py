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

_COMMAND = regex(r"(?:#[# \t]*)?(?:ARG|COPY|FROM|RUN|docker)\s")
"""The start of an instruction or a command that is no more than a comment by now, or shows how to do something."""
_LEAST_AHEAD = regex(r"\b(?:at least|below|min\.?|minimum|since)[\s:]{1,3}$", re.IGNORECASE)
_AHEAD = 200
"""How many characters ahead of a name are looked at, for what makes it another thing."""


def lines_that_say(dockerfile: Dockerfile, release: Release) -> tuple[int, ...]:
    """The lines that name a release of a product by itself: `# Node.js 20`, `LABEL ….base.name="node:20-alpine"`.

    Not those that name a least one, `# needs Go 1.24+`, `# at least Go 1.24`: a newer one will do. Nor an address with it.
    """
    found = (match.span() for span in _said(dockerfile) for match in _matches(dockerfile, release, span))
    return tuple(sorted({dockerfile.location(Span(*one)).line for one in found}))


def _said(dockerfile: Dockerfile) -> Iterator[Span]:
    yield from (
        one.span for one in dockerfile.source.comments if not _COMMAND.match(dockerfile.text[one.span])
    )
    yield from (it.span for it in dockerfile.source.instructions if it.keyword == "LABEL")


def _matches(dockerfile: Dockerfile, release: Release, span: Span) -> Iterator[re.Match[str]]:
    found = _named(release).finditer(dockerfile.text.content, span.start, span.end)
    return (one for one in found if not _is_other(dockerfile.text.content, one.start()))


def _is_other(content: str, start: int) -> bool:
    """Whether what stands ahead of a name makes it a part of an address, or the least of several releases."""
    ahead = content[max(0, start - _AHEAD) : start]
    is_in_address = not ahead[-1:].isspace() and any("://" in word for word in ahead.split()[-1:])
    return is_in_address or _LEAST_AHEAD.search(ahead) is not None


@cache
def _named(release: Release) -> re.Pattern[str]:
    """A version within the line is of it, `20.11`; one of another line that begins like it is not, `1.240`."""
    version = rf"v?{re.escape(release.version)}(?!\d)(?:\.\d{{1,4}}){{0,2}}"
    if release.code_name:
        version = rf"(?:{version}|{release.code_name}(?!\w))"
    least = r"(?![\d.]*(?:\.x)?(?:\+|,?[ \t]+\(?(?:(?:or|and)[ \t]+(?:a[ \t]+|any[ \t]+)?(?:above|greater|higher|later|newer|up)|upwards?)\b))"
    return re.compile(
        rf"(?<![\w.-]){name_pattern(release.product)}[\s:@-]{{0,2}}{version}{least}", re.IGNORECASE
    )
