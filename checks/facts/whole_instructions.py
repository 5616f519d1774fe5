"""Edits that take a whole instruction out of a Dockerfile."""

from __future__ import annotations

from re import Pattern

from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span, Text

_OF_MORE = regex(
    r"[-=#*_~─━═]{3,}|^\s*#[#\s]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|RUN|USER|WORKDIR)\s"
)
"""In a line of comments that head a part of the file, or keep an instruction for another day."""


def without_instruction(text: Text, instruction: Span, about: Pattern[str] | None = None) -> Edit:
    """Takes the lines of an instruction out, and the comments right above that speak of nothing else.

    These are the ones behind which no other instruction follows at once, but for those at the top of the file and for
    headings; where they match `about`, they go in any case.
    """
    first, last = text.line_of(instruction.start), text.line_of(instruction.end)
    top = first
    while top > 1 and _line(text, top - 1).startswith("#"):
        top -= 1
    above = [text[text.line(number)] for number in range(top, first)]
    below = _line(text, last + 1) if last < text.line_count else ""
    is_alone = top > 1 and not any(map(_OF_MORE.search, above)) and (not below or below.startswith("#"))
    goes = is_alone or (about is not None and any(map(about.search, above)))
    return Edit(text.path, text.full_line(top if goes else first).to(text.full_line(last)), "")


def _line(text: Text, number: int) -> str:
    return text[text.line(number)].strip()
