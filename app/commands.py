"""The commands that a comment on a pull request may hold: a table, and how one is told from mere text.

`/help`'s answer and the README's list are made from the table. What a comment says beyond a command's name is a
check's id or a reason, and nothing else: commands change no setting.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from checks.check import code
from checks.record import Record


class Who(StrEnum):
    """Whose commands are carried out, in the words of `/help`."""

    ANYONE = "anyone"
    WRITERS = "who may write to the repository"
    WRITERS_AND_FORKERS = "who may write to the repository, and the author of a pull request from a fork"


class Limit(Record):
    """How often a command is carried out on one pull request."""

    most: int
    within: datetime.timedelta


_SELDOM = (Limit(1, datetime.timedelta(seconds=30)), Limit(10, datetime.timedelta(hours=1)))


class Command(Record):
    """One command."""

    name: str
    """Lower case, without the slash."""
    who: Who
    does: str
    """A sentence for `/help`, in Markdown."""
    takes: str = ""
    """What follows the name: nothing, `CHECK` or `CHECK reason`."""
    limits: tuple[Limit, ...] = ()

    @property
    def usage(self) -> str:
        """What is to be written."""
        return f"/{self.name} {self.takes}".strip()


RECHECK = Command(
    "recheck",
    Who.WRITERS_AND_FORKERS,
    "Reviews the head again, as *Re-run* does at the check run.",
    limits=_SELDOM,
)
EXPLAIN = Command(
    "explain",
    Who.WRITERS_AND_FORKERS,
    "Answers with the page of a check, once on a pull request.",
    "CHECK",
    (Limit(10, datetime.timedelta(hours=1)),),
)
IGNORE = Command(
    "ignore",
    Who.WRITERS,
    "Leaves out what a check finds new in this pull request, until it is closed. The check run lists it, with "
    "who said so and why. What the organisation enforces stays.",
    "CHECK reason",
    (Limit(60, datetime.timedelta(hours=1)),),
)
FIX = Command(
    "fix",
    Who.WRITERS,
    "Commits the safe fixes to the branch, in one commit, where the App may write there.",
    limits=_SELDOM,
)
HELP = Command("help", Who.ANYONE, "Answers with this list, once on a pull request.")
COMMANDS = (RECHECK, EXPLAIN, IGNORE, FIX, HELP)
MAX_CHECK, MAX_REASON = 100, 300
"""Characters."""


class Written(Record):
    """A command as it stands in a comment."""

    command: Command
    check: str = ""
    """As it was written; empty if it was not."""
    reason: str = ""


_BY_NAME = {command.name: command for command in COMMANDS}
_COMMAND = re.compile(r"/([A-Za-z]{1,20})(?:[ \t]+(\S.*))?[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_RAW = re.compile(r" {0,3}<(pre|script|style|textarea|code|blockquote)(?=[\s>]|$)", re.IGNORECASE)
_QUOTE = re.compile(r" {0,3}>")
_TICKS = re.compile("`+")

Ends = Callable[[str], bool]
"""Whether a line ends what an earlier one began."""


def read(body: str) -> Written | None:
    """The first command of a comment, or None. One stands on a line from its first character on, with nothing
    behind it but what it takes.

    Not in code (fenced, indented, a span over several lines), not in a quotation, not in a comment of
    HTML: where Markdown leaves room for doubt it is no command. A word that we don't know is none either.
    """
    for paragraph in _paragraphs(body):
        for line in _spoken(paragraph):
            found = _COMMAND.fullmatch(line)
            command = _BY_NAME.get(found[1].lower()) if found else None
            written = _written(command, found[2] or "") if command and found else None
            if written:
                return written
    return None


def _written(command: Command, rest: str) -> Written | None:
    """A command with what follows it, if that is what it takes, all of it or less."""
    check, reason = (*rest.split(None, 1), "", "")[:2]
    if (check and "CHECK" not in command.takes) or (reason and "reason" not in command.takes):
        return None
    return Written(command, check.strip("`")[:MAX_CHECK], " ".join(reason.split())[:MAX_REASON])


def _paragraphs(body: str) -> Iterator[Sequence[str]]:
    """The lines without blank ones between, outside of fences and of HTML that shows no Markdown."""
    paragraph: list[str] = []
    ends: Ends | None = None
    for line in _LINE_END.split(body):
        if ends is not None:
            ends = None if ends(line) else ends
            continue
        ends = _begun(line)
        if ends is None and line.strip():
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    yield paragraph


def _begun(line: str) -> Ends | None:
    """What has to come before a line is read again; None: the next one is."""
    fence = _FENCE.match(line)
    if fence:
        ticks = fence[1]
        return lambda end: _closes(end, ticks)
    if "-->" not in line[max(line.rfind("<!--"), 0) :] and "<!--" in line:
        return lambda end: "-->" in end
    raw = _RAW.match(line)
    if raw:
        closing = f"</{raw[1].lower()}>"
        return None if closing in line.lower() else lambda end: closing in end.lower()
    return None


def _closes(line: str, fence: str) -> bool:
    indent = len(line) - len(line.lstrip(" "))
    rest = line.strip(" \t")
    return indent < 4 and len(rest) >= len(fence) and not rest.strip(fence[0])


def _spoken(paragraph: Sequence[str]) -> Iterator[str]:
    """The lines that begin outside of a code span and above a quotation: what follows one, without a
    blank line between, is quoted too."""
    above = next((number for number, line in enumerate(paragraph) if _QUOTE.match(line)), len(paragraph))
    lines = paragraph[:above]
    spans = _spans("\n".join(lines))
    span = next(spans, None)
    at = 0
    for line in lines:
        while span is not None and span.stop <= at:
            span = next(spans, None)
        if span is None or at < span.start:
            yield line
        at += len(line) + 1


def _spans(text: str) -> Iterator[range]:
    """The code spans of a paragraph: https://spec.commonmark.org/0.31.2/#code-spans"""
    runs = [match.span() for match in _TICKS.finditer(text)]
    of_length: dict[int, list[int]] = {}
    for number in reversed(range(len(runs))):
        of_length.setdefault(runs[number][1] - runs[number][0], []).append(number)
    number = 0
    while number < len(runs):
        start, end = runs[number]
        start += _is_escaped(text, start)
        later = of_length.get(end - start, [])
        while later and later[-1] <= number:
            later.pop()
        if later:
            number = later.pop()
            yield range(start, runs[number][1])
        number += 1


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while before and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def table() -> str:
    """The commands as a table in Markdown."""
    rows = [f"| {code(it.usage)} | {it.does} | {it.who.value} |" for it in COMMANDS]
    return "\n".join(["| command | what it does | who |", "|---|---|---|", *rows]) + "\n"


RULES = (
    "A command stands at the start of a line of a new comment, with nothing else on that line, outside of code and "
    "quotations; one in a comment. The reaction `eyes` says that it is carried out. The reaction `confused` says "
    f"that it is not: its author may not, or {code(RECHECK.usage)} or {code(FIX.usage)} came again within "
    f"{_SELDOM[0].within.seconds} seconds, or more than {_SELDOM[1].most} times in an hour."
)
