"""Edits of HCL as `terraform fmt` would leave it, with the author's comments and line endings.

Texts to insert are given with LF and without indentation; further lines of them as they should stand
below the first. What can't be done without touching more than the lines concerned answers None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from checks.source.hcl import Attribute, Block, Body, Heredoc, ListExpr, Literal, ObjectExpr, ObjectItem
from checks.source.snapshot import Edit
from checks.source.text import Span, Text

Assignment: TypeAlias = Attribute | ObjectItem
"""What has a name, a `=` and a value, and stands aligned with its neighbours."""

_STEP = 2
"""Blanks of an indentation: https://developer.hashicorp.com/terraform/language/style."""


def replace_value(assignment: Assignment, value: str) -> Edit | None:
    """Another expression for an attribute, or for an item of an object; None where the value is told elsewhere."""
    if not isinstance(assignment.value, Literal | ListExpr):
        return None
    text = assignment.text
    return Edit(text.path, assignment.value_span, text.laid_out(_indent(text, assignment.span), value))


def add_attribute(body: Body, after: Attribute, name: str, value: str) -> tuple[Edit, ...] | None:
    """`name = value` on a line below an attribute of the body; None if that shares its last line.

    The `=` is aligned with those of the lines around; where they were aligned and the name is longer
    than theirs, theirs move too, as `terraform fmt` would have it.
    """
    if not _ends_line(body.text, after.span.end):
        return None
    return _add_aligned(body.text, body.attributes, after, name, value, ending="")


def add_item(target: ObjectExpr, after: ObjectItem, name: str, value: str) -> tuple[Edit, ...] | None:
    """`name = value` on a line below an item of an object; with a comma if that one has a comma.

    `name` is given as it is to be written. None for an object on one line.
    """
    text = target.text
    line = text.line_of(after.span.end)
    if line == text.line_of(target.span.start) or line == text.line_of(target.span.end):
        return None
    if ":" in text[Span(after.key_span.end, after.value_span.start)]:
        return None
    ending = "," if _comma(text, after) else ""
    return _add_aligned(text, target.items, after, name, value, ending)


def add_block(target: Block, lines: str) -> Edit:
    """A nested block, or whatever `lines` are, at the end of a block, a blank line before it."""
    text = target.text
    outer = text.indent_of(text.line_of(target.span.start))
    indent = outer + " " * _STEP
    ends = [one.span.end for one in target.body.attributes]
    ends += [one.span.end for one in target.body.blocks]
    inserted = text.newline + indent + text.laid_out(indent, lines)
    closing = target.body.span.end
    if not ends:
        if not text[target.body.span].strip():
            return Edit(text.path, target.body.span, f"{inserted}{text.newline}{outer}")
        at = closing - len(text[target.body.span]) + len(text[target.body.span].rstrip())
        return Edit(text.path, Span(at, closing), f"{text.newline}{inserted}{text.newline}{outer}")
    if text.line_of(max(ends)) == text.line_of(closing):
        only = text.newline + indent + text[target.body.span].strip()
        return Edit(text.path, target.body.span, f"{only}{text.newline}{inserted}{text.newline}{outer}")
    at = closing - len(text[target.body.span]) + len(text[target.body.span].rstrip())
    return Edit(text.path, Span(at, at), f"{text.newline}{inserted}")


def add_first_attribute(target: Block, name: str, value: str) -> Edit:
    """`name = value` at the start of a block, a blank line behind it unless attributes follow."""
    text = target.text
    outer = text.indent_of(text.line_of(target.span.start))
    indent = outer + " " * _STEP
    line = text.newline + indent + text.laid_out(indent, f"{name} = {value}")
    inside = text[target.body.span].strip()
    first = text.line_of(target.body.span.start)
    if first == text.line_of(target.body.span.end) or not inside:
        rest = f"{text.newline}{indent}{inside}" if inside else ""
        return Edit(text.path, target.body.span, f"{line}{rest}{text.newline}{outer}")
    at = text.line(first).end
    follows = any(text.line_of(one.span.start) == first + 1 for one in target.body.attributes)
    blank_follows = not text[text.line(first + 1)].strip()
    return Edit(text.path, Span(at, at), line if follows or blank_follows else line + text.newline)


def add_at_end(body: Body, lines: str) -> Edit:
    """A further block at the end of a file, a blank line before it."""
    text = body.text
    end = len(text.content)
    is_ended = text.content.endswith("\n")
    inserted = text.newline.join(lines.split("\n"))
    before = text.newline if is_ended or not text.content else text.newline * 2
    return Edit(text.path, Span(end, end), f"{before}{inserted}{text.newline if is_ended else ''}")


def delete_attribute(body: Body, attribute: Attribute) -> tuple[Edit, ...] | None:
    """Takes an attribute out with its line and the comment on it; None if others share its lines.

    Neighbours that were aligned with it are aligned anew.
    """
    return _delete_aligned(body.text, body.attributes, attribute)


def delete_item(target: ObjectExpr, item: ObjectItem) -> tuple[Edit, ...] | None:
    """Takes an item out of an object that has a line for each."""
    text = target.text
    if text.line_of(target.span.start) == text.line_of(item.span.start):
        return None
    return _delete_aligned(text, target.items, item)


def delete_block(block: Block) -> Edit | None:
    """Takes a block out with its lines; None if something else shares them."""
    gone = _lines_of(block.text, block.span, block.span.end)
    return None if gone is None else Edit(block.text.path, gone, "")


def _key(assignment: Assignment) -> Span:
    return assignment.name_span if isinstance(assignment, Attribute) else assignment.key_span


def _indent(text: Text, span: Span) -> str:
    return text.indent_of(text.line_of(span.start))


def _ends_line(text: Text, at: int) -> bool:
    """Whether nothing but a comment follows on the line."""
    behind = text[Span(at, max(at, text.line(text.line_of(at)).end))].strip()
    return not behind or behind.startswith(("#", "//"))


def _comma(text: Text, item: Assignment) -> bool:
    """Whether a comma follows."""
    rest = text[Span(item.span.end, text.line(text.line_of(item.span.end)).end)]
    return rest.lstrip(" \t").startswith(",")


def _run(text: Text, members: Sequence[Assignment], one: Assignment) -> list[Assignment]:
    """The assignments on consecutive lines around `one`, which `terraform fmt` aligns with each other.

    An assignment over several lines belongs to no run: the run of such a one is empty. A heredoc ends one.
    """
    by_line: dict[int, Assignment] = {}
    for member in members:
        line = text.line_of(member.span.start)
        alone = not text[Span(text.line(line).start, member.span.start)].strip()
        if alone and (line == text.line_of(member.span.end) or isinstance(member.value, Heredoc)):
            by_line[line] = member
    at = text.line_of(one.span.start)
    if by_line.get(at) is not one:
        return []
    first = last = at
    while first - 1 in by_line:
        first -= 1
    while last + 1 in by_line:
        last += 1
    return [by_line[line] for line in range(first, last + 1)]


def _run_below(text: Text, members: Sequence[Assignment], one: Assignment) -> list[Assignment]:
    """The run that a new line directly below an assignment would belong to."""
    last = text.line_of(one.span.end)
    if text.line_of(one.span.start) == last:
        return _run(text, members, one)
    below = next((member for member in members if text.line_of(member.span.start) == last + 1), None)
    return _run(text, members, below) if below else []


def _longest(run: Sequence[Assignment]) -> int:
    return max((_key(one).end - _key(one).start for one in run), default=0)


def _is_aligned(text: Text, run: Sequence[Assignment]) -> bool:
    """Whether `terraform fmt` would leave the `=` of a run where they are."""
    return not any(_realigned(text, run, _longest(run)))


def _realigned(text: Text, run: Sequence[Assignment], width: int) -> Iterator[Edit]:
    for one in run:
        gap = Span(_key(one).end, one.value_span.start)
        wanted = " " * (width - (_key(one).end - _key(one).start)) + " = "
        if text[gap] != wanted:
            yield Edit(text.path, gap, wanted)


def _add_aligned(
    text: Text, members: Sequence[Assignment], after: Assignment, name: str, value: str, ending: str
) -> tuple[Edit, ...]:
    run = _run_below(text, members, after)
    edits: list[Edit] = []
    width = len(name)
    if _is_aligned(text, run) and "\n" not in value:
        width = max(width, _longest(run))
        edits += _realigned(text, run, width)
    elif _is_aligned(text, run) and run:
        cut = run.index(after) + 1 if after in run else 0
        for part in (run[:cut], run[cut:]):
            edits += _realigned(text, part, _longest(part))
    indent = _indent(text, after.span)
    line = indent + text.laid_out(indent, f"{name}{' ' * (width - len(name))} = {value}{ending}")
    at = text.line(text.line_of(after.span.end)).end
    return (*edits, Edit(text.path, Span(at, at), text.newline + line))


def _delete_aligned(text: Text, members: Sequence[Assignment], gone: Assignment) -> tuple[Edit, ...] | None:
    lines = _lines_of(text, gone.span, gone.span.end + (1 if _comma(text, gone) else 0))
    if lines is None:
        return None
    first, last = text.line_of(gone.span.start), text.line_of(gone.span.end)
    above = next((one for one in members if text.line_of(one.span.end) == first - 1), None)
    below = next((one for one in members if text.line_of(one.span.start) == last + 1), None)
    runs = [_run(text, members, one) for one in (above, gone, below) if one]
    rest = [one for one in dict.fromkeys(one for run in runs for one in run) if one is not gone]
    edits: list[Edit] = []
    if all(_is_aligned(text, run) for run in runs):
        edits += _realigned(text, rest, _longest(rest))
    return (*edits, Edit(text.path, lines, ""))


def _lines_of(text: Text, span: Span, end: int) -> Span | None:
    """The lines of a span with their endings, and one of the blank lines on both sides of it.

    None if anything but a comment stands on them too.
    """
    first, last = text.line_of(span.start), text.line_of(span.end)
    before = text[Span(text.line(first).start, span.start)]
    if before.strip(" \t\ufeff") or not _ends_line(text, end):
        return None
    above = text[text.line(first - 1)].strip() if first > 1 else "{"
    below = text[text.line(last + 1)].strip() if last < text.line_count else "}"
    closing = above == "" and (not below or below.startswith(("}", ")", "]")))
    opening = above.endswith(("{", "[", "(")) and not below
    start = text.full_line(first - 1 if closing else first).start
    stop = text.full_line(last + 1 if opening and last < text.line_count else last).end
    if stop == len(text.content) and not text.content.endswith("\n") and start > 0:
        start = text.line(text.line_of(start - 1)).end
    return Span(start, stop)
