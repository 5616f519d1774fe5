"""Comments that ask to leave a finding out: `# tidewaiter: ignore[check-id, …] reason`.

At the end of the line where the syntax has comments there, else alone on the line above the finding's
first line; several stack. The reason is required, and `until 2027-01-31` after the ids ends the comment
after that day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from checks.record import Record
from checks.regex import regex
from checks.source.kind import Kind
from checks.source.text import Location, Span, Text

_COMMENT = regex(r"(?P<sign>#|//)[ \t]*tidewaiter:[ \t]*ignore\[(?P<ids>[^\]\n]{0,2000})\](?P<rest>[^\n]*)")
_FILE = r"(?:file|script|workflow|pipeline|makefile|dockerfile|manifest|config(?:uration)?)"
_OF_FILE = r"\b(?:docker)?(?:file|script|workflow) (?:is|was|has been) (?!(?:originally|initially|first|not) )(?:\w+[ -]?)?"
_GENERATED = r"(?:auto(?:matically)?[ -]?generated|code generated)"
_WRITTEN_ELSEWHERE = regex(
    r"\bdo(?: not|n['’]t) (?:\w+ )?(?:edit|modify)\b(?! the | below)|\bto (?:edit|modify|change),? (?:edit|see|use|run)\b"
    r"|\bdo(?: not|n['’]t) (?:\w+ )?change\b(?! the | below| it\b| them\b| this (?!file|script|workflow))"
    rf"|{_OF_FILE}generated\b(?! (?:manually|by hand|here|once)\b| (?:by|using|with) (?:chatgpt|claude|copilot|ai)\b)"
    rf"|(?:^[\s#/!*=+-]*|\s[—–-]+ |\b(?:note|warning|important|attention): |\b{_FILE} (?:is )?){_GENERATED}"
    rf"(?=[\s)*=#-]*$|[.,;:!)]|\s+(?:by|from|via|with|using|[—–-]|do(?: not|n['’]t)|(?:\w+ ){{0,2}}{_FILE})\b"
    r"(?! (?:chatgpt|claude|copilot|ai)\b))",
    re.IGNORECASE,
)
"""A line says it of the file; not of notes, code or passwords that the file makes, nor of what a model wrote once."""
_MANAGED_ELSEWHERE = regex(
    rf"{_OF_FILE}(?:managed|provided (?:by|from|via) (?:an?|our|the) (?:\w+ ){{0,2}}template|synced)\b"
    r"(?! (?:manually|by hand|here)\b| by (?:(?:the|our) )?(?:[\w-]+ ){0,3}(?:team|group|owners|maintainers|people)\b)",
    re.IGNORECASE,
)
"""Of a Dockerfile people say that of their service: there it counts only with a word on edits."""
_COPIED_HERE = regex(
    r"^[\s#=*-]*(?:(?:this|the) action is )?(?:managed|(?P<provided>provided)|synced|synchroni[sz]ed) (?:by|from|through|via|with) "
    r"(?:(?:an?|our|the) (?:[\w'’-]+ ){0,3}template\b|(?:copier|cruft|multi-gitter|opentofu|repo-file-sync|terraform)\b|(?(provided)(?!)|https://github\.com/))",
    re.IGNORECASE,
)
"""The same without naming the file, or of a workflow called an action; Terraform says it of what it manages.

Whose address something is "provided by" has thought it out.
"""
_SAYING_SO = ("change", "edit", "generated", "managed", "modify", "provided", "sync")
"""Words of which each of these sentences has one, in lower case."""
_ENDS_OPEN = regex(r"^\s*#.*[\w'\"’`),][ \t\r]*$")
"""A comment whose sentence may go on in the next line."""
_OF_GITHUB = frozenset({Kind.WORKFLOW, Kind.ACTION, Kind.DEPENDABOT})
_MAY_BE_EDITED = regex(
    r"\byou (?:can|may) (?:\w+ )?edit\b"
    r"|\b(?:then|and|since|later|but) (?:(?!not\b|never\b)\w+ )?(?:adapted|adjusted|customi[sz]ed|edited|tweaked)\b(?! (?:at|in|through|via)\b)",
    re.IGNORECASE,
)
_HEAD_LINES = 20
"""Lines of comments in which a file says so."""
_UNTIL = regex(r"(?:^|(?<=[ \t,]))until[ \t]+(?P<day>[0-9][0-9-]*)")
_ONLY_WHOLE_LINES = frozenset({Kind.DOCKERFILE, Kind.DOCKERIGNORE})
"""Kinds whose syntax has no comment at the end of a line."""
_SLASHES = frozenset({Kind.TERRAFORM, Kind.TERRAFORM_LOCK, Kind.BAKE})
"""Kinds whose comments may start with `//`."""


class Ignore(Record):
    """One ignore comment."""

    ids: tuple[str, ...]
    """As written, each once."""
    reason: str
    location: Location
    line: int
    """The line, from 1, that it speaks of."""
    is_alone: bool
    """Whether it has its line to itself."""
    lapsed: str = ""
    """Why it is not in force, as the end of a sentence; empty if it is."""


class UnusedIgnore(Record):
    """An id of an ignore comment that leaves nothing out."""

    ignore: Ignore
    id: str
    why: str
    """As the end of a sentence whose subject is the comment."""


def ignores(text: Text, kind: Kind, today: datetime.date | None) -> tuple[Ignore, ...]:
    """The ignore comments of a file where the syntax has comments, in file order."""
    written = list(_written(text, kind))
    targets: dict[int, int] = {}
    for _, line, alone in reversed(written):
        if alone:
            targets[line] = targets.get(line + 1, line + 1)
    return tuple(
        _ignore(text, match, targets.get(line, line), alone, today) for match, line, alone in written
    )


def written_elsewhere(text: Text, kind: Kind, slug: str | None = None) -> Ignore | None:
    """The comment at the head of a file that says that it is not edited here: what is to change is changed elsewhere.

    As an ignore comment of all checks, so that it is listed like one, and an organisation can enforce checks against it.
    Copies are told by where they come from: a repository, by its `slug`, that is named there itself has the original.
    """
    head = text.content.split("\n", _HEAD_LINES)[:_HEAD_LINES]
    for number, line in enumerate(head, start=1):
        written = line.strip(" \t\r\ufeff")
        if written and not written.startswith(("#", "//", "---")):
            return None
        if not any(word in written.lower() for word in _SAYING_SO):
            continue
        above = head[number - 2] if number > 1 else ""
        is_managed = _is_copy(written, kind, above) and not (slug and _names(slug, head))
        if (_WRITTEN_ELSEWHERE.search(written) or is_managed) and not _MAY_BE_EDITED.search(written):
            place = Location(text, text.line(number))
            return Ignore((), "the file says that it is not edited here", place, number, is_alone=True)
    return None


def _is_copy(written: str, kind: Kind, above: str) -> bool:
    is_told = kind in _OF_GITHUB and _COPIED_HERE.search(written) is not None and not _goes_on(above, written)
    return is_told or (kind is not Kind.DOCKERFILE and _MANAGED_ELSEWHERE.search(written) is not None)


def _goes_on(above: str, written: str) -> bool:
    """Whether a comment goes on with the sentence of the line over it, whose subject is something else than the file."""
    said = written.lstrip("# \t")
    return said[:1].islower() and _ENDS_OPEN.search(above) is not None


def _names(slug: str, head: list[str]) -> bool:
    """Whether a comment of these lines names a repository by its address, or as what a file is synced from."""
    comments = "\n".join(line for line in head if line.startswith(("#", "//")))
    named = rf"(?:github\.com/|\b(?:from|in|via) ){re.escape(slug)}(?:\.git)?(?![\w/-]|\.\w)"
    return re.search(named, comments, re.IGNORECASE) is not None


def _written(text: Text, kind: Kind) -> Iterator[tuple[re.Match[str], int, bool]]:
    """The ignore comments where the syntax has comments: each with its line and whether it has that alone."""
    if "tidewaiter:" not in text.content:
        return
    for match in _COMMENT.finditer(text.content):
        line = text.line_of(match.start())
        alone = not text.content[text.line(line).start : match.start()].strip(" \t\ufeff")
        if (alone or kind not in _ONLY_WHOLE_LINES) and (match["sign"] == "#" or kind in _SLASHES):
            yield match, line, alone


def _ignore(text: Text, match: re.Match[str], line: int, alone: bool, today: datetime.date | None) -> Ignore:
    reason = match["rest"].strip()
    inside, after = _UNTIL.search(match["ids"]), _UNTIL.match(reason)
    ids = match["ids"][: inside.start()] if inside else match["ids"]
    reason = reason[after.end() :].strip() if after else reason
    last_day = after or inside
    lapsed = _lapsed(last_day["day"] if last_day else "", today) or ("" if reason else "gives no reason")
    place = Location(text, Span(match.start(), match.start() + len(match[0].rstrip())))
    return Ignore(tuple(dict.fromkeys(ids.replace(",", " ").split())), reason, place, line, alone, lapsed)


def _lapsed(until: str, today: datetime.date | None) -> str:
    """Why a last day is over; a date that does not exist ends the comment, an unknown today does not."""
    if not until:
        return ""
    try:
        last = datetime.date.fromisoformat(until)
    except ValueError:
        return f"ends on {until}, which is no day"
    return f"ended on {until}" if today is not None and today > last else ""
