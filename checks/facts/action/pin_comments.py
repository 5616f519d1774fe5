"""What comments of a file say of the commits of actions that it uses elsewhere, and of why an action stays at its version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.action.releases import Release
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location, Span, Text
from checks.source.yaml import Comment, comments

_ROW = regex(
    r"#[#\-* \t]{0,20}(?P<action>[\w.-]{1,100}/[\w./-]{1,200})(?:@(?P<tag>v?\d{1,9}(?:\.\d{1,9}){0,2}))?[ \t]{0,60}"
    r"(?:[@:=→]|[-=]>)?[ \t]{0,60}(?P<commit>[0-9a-f]{7,40})(?:[ \t]{1,60}\(?(?P<version>v?\d{1,9}(?:\.\d{1,9}){0,2})\)?)?[ \t]*"
)
"""Nothing but an action, the commit at which it is pinned, and which version that is."""
_COMMIT = regex(r"(?<!\w)[0-9a-f]{7,40}(?!\w)")
_SENTENCE = regex(r"[.;](?:\s|$)")
_MEANT = r"(?:(?:deliberate|intentional|purpose)ly|on purpose|by design)"
_STAYS = r"(?:held|kept|left|pinned|stays?)"
_AT = r"(?:at|on|to)\s{1,4}v?\d{1,9}(?:\.\d{1,9}){0,2}\b"
_KEPT = regex(
    rf"\b{_MEANT}\b.{{0,60}}\b{_STAYS}\b.{{0,20}}\b{_AT}|\b{_STAYS}\b.{{0,20}}\b{_AT}.{{0,200}}\b(?:{_MEANT}|because|parity|until)\b"
    r"|\b(?:do not|don[’']t|never)\s{1,4}(?:bump|move|update|upgrade)\b.{0,60}\bv\d",
    re.IGNORECASE,
)
"""Of a version: a pin to a commit is one that moves along."""


class Reason(Record):
    """A sentence of a comment that says why something stays at its version."""

    place: Location
    """Where the comment begins."""
    last: int
    """The last line of the comment."""
    until_version: str
    """The sentence as far as it is about that."""


def carried(
    moves: Iterable[tuple[ActionUse, Release]], uses: Iterable[ActionUse]
) -> Iterator[tuple[Comment, tuple[Edit, ...]]]:
    """The comments of a file that name a commit which its `moves` leave, each with the edits that carry it along.

    None are made where the comment is more than a row of a list: somebody has to read it. A comment is left out that stands at a
    step that uses the action or holds one, and one about a commit at which another of the `uses` stays.
    """
    moved = {id(use.scalar): (use, release) for use, release in moves if use.is_commit}
    by_commit = {use.ref: (use, release) for use, release in moved.values()}
    texts = {use.scalar.text for use, _ in by_commit.values()}
    there = [use for use in uses if use.is_commit and use.scalar.text in texts]
    for use in there:
        if id(use.scalar) not in moved:
            by_commit.pop(use.ref, None)
    at_steps = {use.scalar.text.line_of(use.scalar.span.start) for use in there}
    for text in texts if by_commit else ():
        for comment in comments(text):
            said, line = text[comment.span], text.line_of(comment.span.start)
            found = next((move for one in _COMMIT.findall(said) for move in _of(one, by_commit)), None)
            if found is not None and at_steps.isdisjoint((line, line + 1)) and "uses:" not in said:
                yield comment, tuple(_rewritten(text, comment, *found))


def _of(commit: str, moved: dict[str, tuple[ActionUse, Release]]) -> Iterator[tuple[ActionUse, Release]]:
    """Those that leave a commit, given by as many of its digits as there are."""
    yield from (move for one, move in moved.items() if one.startswith(commit))


def _rewritten(text: Text, comment: Comment, use: ActionUse, release: Release) -> Iterator[Edit]:
    row = _ROW.fullmatch(text.content, comment.span.start, comment.span.end)
    if row is None or row["action"].lower() != use.action:
        return
    for name in ("tag", "commit", "version"):
        said = row[name]
        if said:
            span = Span(*row.span(name))
            new = release.commit[: len(said)] if name == "commit" else _as_wide(said, release.version)
            yield Edit(text.path, span, new)


def _as_wide(said: str, version: str) -> str:
    """A version with as many parts as another one has, and with `v` if that has it."""
    new = ".".join(version.split(".")[: said.count(".") + 1])
    return new if said.startswith("v") else new.removeprefix("v")


def keeps(use: ActionUse, step: Step | None, reasons: Iterable[Reason]) -> Location | None:
    """The comment of those of its file that says why an action stays at its version: one at its step, or one that names it."""
    text = use.scalar.text
    at = {text.line_of(use.scalar.span.start)} | ({text.line_of(step.node.span.start)} if step else set())
    for reason in reasons:
        name = _named(use).search(reason.until_version)
        if reason.last + 1 in at or name is not None:
            return reason.place
    return None


def reasons(text: Text) -> Iterator[Reason]:
    """What the comments of a file say of why something stays at its version."""
    lines: list[Comment] = []
    said_alone = (one for one in comments(text) if one.own_line and text[one.span].strip("# \t"))
    for comment in (*said_alone, None):
        line = text.line_of(comment.span.start) if comment else 0
        if lines and line != text.line_of(lines[-1].span.start) + 1:
            yield from _reasons_in(text, lines)
            lines = []
        lines += [comment] if comment else []


def _reasons_in(text: Text, lines: list[Comment]) -> Iterator[Reason]:
    """Those in comments on lines that follow each other."""
    place, last = Location(text, lines[0].span), text.line_of(lines[-1].span.start)
    for sentence in _SENTENCE.split(" ".join(text[one.span].strip("# \t") for one in lines)):
        kept = _KEPT.search(sentence)
        if kept is not None:
            yield Reason(place, last, sentence[: kept.end()])


def _named(use: ActionUse) -> re.Pattern[str]:
    """With its owner; without, where the name is not a word of its own."""
    owner = rf"{re.escape(use.owner)}/"
    return re.compile(
        rf"(?<![\w/-])(?:{owner}){'?' if '-' in use.name else ''}{re.escape(use.name)}(?![\w-])",
        re.IGNORECASE,
    )
