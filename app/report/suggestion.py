"""A fix as GitHub shows it: a suggestion that one click commits, or a diff to read.

A suggestion replaces exactly the lines that its comment spans by whole lines:
https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.report.hunks import Hunk
from app.report.region import Texts
from checks.check import Edit, Fix, Span
from checks.record import Record
from checks.source.snapshot import EditConflict, apply
from checks.source.text import Text

MAX_SPAN = 20
"""Lines that a suggestion is stretched to so that it also covers the finding."""


class Suggestion(Record):
    """Lines of one file and what takes their place."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]
    """Without line endings; none deletes the lines."""

    def applied(self, content: str) -> str:
        """What GitHub makes of a file: the lines replaced, its line ending kept, its last line as ended
        as before."""
        newline = Text(self.path, content).newline
        before = content.split(newline)
        return newline.join([*before[: self.first - 1], *self.lines, *before[self.last :]])


def suggestion(
    fix: Fix, texts: Texts, hunks: Sequence[Hunk], cover: range | None = None
) -> Suggestion | None:
    """The suggestion that has the effect of `fix`, inside one of the `hunks` of its file, or None.

    `cover` are the lines of the finding in the same file: the suggestion spans them too where that
    keeps it in the hunk and short. None also where a suggestion could not give exactly the file that
    the fix gives: other line endings in the lines, a line ending added to or taken from the end.
    """
    text = _only_text(fix, texts)
    fixed = _fixed(text, fix.edits) if text else None
    if text is None or fixed is None:
        return None
    for hunk in hunks:
        for lines in _spans(text, fix.edits, hunk, cover):
            made = _made(text, fixed, lines)
            if made and made.applied(text.content) == fixed:
                return made
    return None


def _only_text(fix: Fix, texts: Texts) -> Text | None:
    paths = {edit.path for edit in fix.edits}
    return texts.get(paths.pop()) if len(paths) == 1 else None


def _fixed(text: Text, edits: Iterable[Edit]) -> str | None:
    try:
        return apply(text.content, edits)
    except EditConflict:
        return None


def _spans(text: Text, edits: Sequence[Edit], hunk: Hunk, cover: range | None) -> Iterator[range]:
    """Runs of lines in the hunk that hold all edits, the best first.

    An insertion at the start of a line can be told by that line or by the one before it, and one at
    the end of the file only by the last line.
    """
    touched = _touched(text, edits)
    start, stop = touched.start, min(touched.stop, text.line_count + 1)
    near = (range(start, stop), range(start - 1, max(stop - 1, start)), range(start - 1, stop))
    for lines in near:
        if cover is not None and cover:
            wide = range(min(lines.start, cover.start), max(lines.stop, cover.stop))
            if hunk.holds(wide) and len(wide) <= MAX_SPAN:
                yield wide
        if hunk.holds(lines):
            yield lines


def _touched(text: Text, edits: Sequence[Edit]) -> range:
    """The lines that edits change, the next one too where it is joined to them."""
    lines = [text.lines_of(edit.span) for edit in edits]
    stop = max(it.stop + _joins(text, edit) for it, edit in zip(lines, edits, strict=True))
    return range(min(it.start for it in lines), stop)


def _joins(text: Text, edit: Edit) -> bool:
    """Whether an edit takes a line's ending away and not the whole line."""
    span = edit.span
    if not text[span].endswith("\n") or edit.replacement.endswith("\n") or span.end == len(text.content):
        return False
    return bool(edit.replacement) or text.line_and_column(span.start)[1] > 1


def _made(text: Text, fixed: str, lines: range) -> Suggestion | None:
    """The suggestion that replaces `lines` by what `fixed` has in their place; None if nothing does."""
    start = text.full_line(lines.start).start
    tail = len(text.content) - text.full_line(lines.stop - 1).end
    if fixed[:start] != text.content[:start] or (tail and fixed[-tail:] != text.content[-tail:]):
        return None
    if start > len(fixed) - tail:
        return None
    middle = fixed[start : len(fixed) - tail]
    ended = middle.endswith(text.newline)
    if text.newline == "\r\n" and not text[text.full_line(lines.stop - 1)].endswith("\n"):
        return None  # what GitHub ends such a line with is not documented
    new = middle.split(text.newline)[: -1 if ended or not middle else None]
    if any(not _plain(line) for line in new):
        return None
    return Suggestion(text.path, lines.start, lines.stop - 1, tuple(new))


def _plain(line: str) -> bool:
    """Whether a line survives the way through a comment: nothing that is stripped or changed."""
    return all(char.isprintable() or char == "\t" for char in line)


class Change(Record):
    """Lines of a file that a fix replaces."""

    line: int
    """The first line, from 1, that goes, or before which the new ones come."""
    old: tuple[str, ...]
    new: tuple[str, ...]


def changes(text: Text | None, edits: Iterable[Edit]) -> tuple[Change, ...]:
    """What edits of one file change, as whole lines in their order; no file yet means an empty one.

    Neighbouring edits are told together; lines that stay the same at both ends of a run are left out.
    """
    text = text or Text("", "")
    found: list[Change] = []
    for group in _groups(text, sorted(set(edits), key=lambda edit: edit.span)):
        lines = _touched(text, group)
        start, end = text.full_line(lines.start).start, text.full_line(lines.stop - 1).end
        shifted = [_shifted(edit, start) for edit in group]
        old = text.content[start:end]
        found.append(_trimmed(lines.start, _lines(old), _lines(apply(old, shifted))))
    return tuple(change for change in found if change.old or change.new)


def _groups(text: Text, edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    group: list[Edit] = []
    for edit in edits:
        if group and text.line_of(edit.span.start) > _touched(text, group).stop:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _shifted(edit: Edit, by: int) -> Edit:
    return Edit(edit.path, Span(edit.span.start - by, edit.span.end - by), edit.replacement)


def _lines(content: str) -> tuple[str, ...]:
    lines = content.split("\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def _trimmed(line: int, old: tuple[str, ...], new: tuple[str, ...]) -> Change:
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Change(line + head, old[head : len(old) - tail], new[head : len(new) - tail])
