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
_WORD = regex(r"[^\W\d_]{4,}")
"""What tells of which instruction comments speak; shorter ones stand anywhere."""

_CONTINUED = ("\\", "`")


def without_instruction(text: Text, instruction: Span, about: Pattern[str] | None = None) -> Edit:
    """Takes the lines of an instruction out, and the comments right above that speak of nothing else.

    These are the ones behind which no other instruction follows at once, but for those at the top of the file, for
    headings, and where a word of them stands in the next instruction and not in this one; where they match `about`, they
    go in any case.
    """
    first, last = text.line_of(instruction.start), text.line_of(instruction.end)
    top = first
    while top > 1 and _line(text, top - 1).startswith("#"):
        top -= 1
    above = [text[text.line(number)] for number in range(top, first)]
    below = _line(text, last + 1) if last < text.line_count else ""
    is_alone = top > 1 and not any(map(_OF_MORE.search, above)) and (not below or below.startswith("#"))
    is_alone = is_alone and not _speak_of_next(text, above, text[instruction], last)
    goes = is_alone or (about is not None and any(map(about.search, above)))
    return Edit(text.path, text.full_line(top if goes else first).to(text.full_line(last)), "")


def _speak_of_next(text: Text, above: list[str], gone: str, last: int) -> bool:
    """Whether comments have a word of the instruction that follows a line, and that the one that goes does not have."""
    return bool((_words("\n".join(above)) & _words(_next(text, last))) - _words(gone))


def _next(text: Text, last: int) -> str:
    """The instruction that follows a line, without the comments."""
    found: list[str] = []
    for number in range(last + 1, text.line_count + 1):
        line = _line(text, number)
        if line and not line.startswith("#"):
            found.append(line)
            if not line.endswith(_CONTINUED):
                break
    return "\n".join(found)


def _words(written: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(written)}


def _line(text: Text, number: int) -> str:
    return text[text.line(number)].strip()
