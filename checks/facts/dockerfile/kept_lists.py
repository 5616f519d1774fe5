"""Comments of a Dockerfile that say for what a `RUN` keeps the lists of packages that it fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction
from checks.regex import regex

_KEPT = regex(
    r"\b(?:cache|index(?:es)?|indices|lists?)\b(?:[^.]|\.(?! )){0,120}\b(?:child|derived|following|later|other|subsequent)\s+"
    r"(?:\w+\s+)?(?:images?|installs?|layers?|RUNs?|stages?|steps?)\b",
    re.IGNORECASE,
)
"""What is kept, with what finds it there."""


def line_of_reason(dockerfile: Dockerfile, it: Instruction) -> int | None:
    """The first line of the comment on an instruction, above it or in it, that says so; None without one."""
    lines = list(_comments_on(dockerfile, it))
    words = " ".join(text for _, text in lines)
    return lines[0][0] if _KEPT.search(words) else None


def _comments_on(dockerfile: Dockerfile, it: Instruction) -> Iterator[tuple[int, str]]:
    """The comments of the lines right above an instruction and of its own, each with its line."""
    text = dockerfile.text
    by_line = {text.line_of(one.span.start): one.text for one in dockerfile.source.comments}
    first, last = text.line_of(it.span.start), text.line_of(it.span.end)
    begin = first
    while begin - 1 in by_line:
        begin -= 1
    yield from ((line, by_line[line]) for line in range(begin, last + 1) if line in by_line)
