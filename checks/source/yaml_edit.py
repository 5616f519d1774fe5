"""Edits of YAML that keep the author's style: indentation, quotes, comments, line endings, the end of file.

Each function answers None where its edit can't be made without changing what it should not touch. Texts
to insert are given with LF and without indentation; further lines of them as they should stand below
the first.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import lru_cache

from msgspec.structs import replace

from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import CannotRead, Span, Text
from checks.source.yaml import Entry, Mapping, Scalar, Sequence, column, parse


def insert_after(mapping: Mapping, entry: Entry, lines: str) -> Edit | None:
    """Adds `lines` (`key: value`) to a mapping below one of its entries.

    In a flow mapping behind it; None there if it has several lines.
    """
    text, span = mapping.text, entry.span
    if mapping.flow:
        return _insert_in_flow(text, mapping.span, span, lines)
    return _insert_below(text, _last_line(text, span, mapping.indent), mapping.indent, lines)


def insert_before(mapping: Mapping, entry: Entry, lines: str) -> Edit | None:
    """Adds `lines` (`key: value`) to a mapping above one of its entries.

    Comments directly above an entry stay with it, unless it is the first one: those tell of the whole. Lines that
    are commented out of the entry before stay with that.
    """
    text, start = mapping.text, entry.span.start
    if mapping.flow:
        return None if "\n" in lines else Edit(text.path, Span(start, start), f"{lines}, ")
    indent = " " * mapping.indent
    if entry is not mapping.entries[0]:
        line = text.line_of(start)
        before = mapping.entries[mapping.entries.index(entry) - 1]
        above = _last_line(text, before.span, mapping.indent)
        while line - 1 > above and text[text.line(line - 1)].startswith(f"{indent}#"):
            line -= 1
        start = text.full_line(line).start + len(indent)
    body = text.laid_out(indent, lines)
    return Edit(text.path, Span(start, start), f"{body}{text.newline}{indent}")


def append_entry(mapping: Mapping, lines: str) -> Edit | None:
    """Adds `lines` (`key: value`) at the end of a mapping; `{}` too. None as for `insert_after`."""
    if mapping.entries:
        return insert_after(mapping, mapping.entries[-1], lines)
    return _fill_empty(mapping.text, mapping.span, lines)


def append_item(sequence: Sequence, lines: str) -> Edit | None:
    """Adds an item, given without its dash, at the end of a sequence; `[]` too.

    Several lines in a flow sequence: None.
    """
    if not sequence.items:
        return _fill_empty(sequence.text, sequence.span, lines)
    return insert_item_after(sequence, len(sequence.items) - 1, lines)


def insert_item_after(sequence: Sequence, index: int, lines: str) -> Edit | None:
    """Adds an item, given without its dash, behind another one; behind a blank line where that one has it too.

    Several lines in a flow sequence: None.
    """
    text, before = sequence.text, sequence.item_spans[index]
    if sequence.flow:
        return _insert_in_flow(text, sequence.span, before, lines)
    dash = _dash(sequence, index)
    line = text.line_of(dash)
    same_line = line == text.line_of(before.start) and before.end > before.start
    gap = text.content[dash + 1 : before.start] if same_line else " "
    hanging = lines.replace("\n", "\n" + " " * (1 + len(gap)))
    last = _last_line(text, Span(dash, max(dash + 1, before.end)), sequence.indent)
    edit = _insert_below(text, last, sequence.indent, f"-{gap}{hanging}")
    is_parted = index > 0 and not text[text.line(line - 1)].strip()
    return replace(edit, replacement=text.newline + edit.replacement) if is_parted else edit


def replace_value(scalar: Scalar, value: str) -> Edit | None:
    """Makes a scalar say `value`, in its own style where that can say it.

    A plain text is quoted if it would not stay the same text without. None where no style on one line
    can say it, or for a folded block scalar.
    """
    start = scalar.span.start
    absent = scalar.span.end == start
    if absent and scalar.text.content[start - 1 : start] not in (":", "-"):
        return None
    for shown in _spellings(scalar, value):
        if _says(shown, value, scalar.flow):
            return Edit(scalar.text.path, scalar.span, f" {shown}" if absent else shown)
    return None


def delete_entry(mapping: Mapping, entry: Entry) -> Edit | None:
    """Takes an entry out, with its lines and the comments on them. None for a block mapping's only one."""
    at = mapping.entries.index(entry)
    spans = [one.span for one in mapping.entries]
    if mapping.flow:
        return _delete_in_flow(mapping.text, mapping.span, spans, at)
    return _delete_lines(mapping.text, spans, at)


def delete_entries(mapping: Mapping, *gone: Entry) -> tuple[Edit | None, ...]:
    """Takes entries out as `delete_entry` does; those that follow each other by one edit."""
    spans: list[Span] = []
    out: list[int] = []
    for entry, before in zip(mapping.entries, (None, *mapping.entries), strict=False):
        if entry in gone and before in gone:
            spans[-1] = Span(spans[-1].start, entry.span.end)
            continue
        out += [len(spans)] if entry in gone else []
        spans.append(entry.span)
    if mapping.flow:
        return tuple(_delete_in_flow(mapping.text, mapping.span, spans, at) for at in out)
    return tuple(_delete_lines(mapping.text, spans, at) for at in out)


def delete_item(sequence: Sequence, index: int) -> Edit | None:
    """Takes an item out, with its lines and the comments on them. None for a block sequence's only one."""
    if sequence.flow:
        return _delete_in_flow(sequence.text, sequence.span, list(sequence.item_spans), index)
    spans = [
        Span(dash, max(dash + 1, span.end))
        for dash, span in ((_dash(sequence, at), span) for at, span in enumerate(sequence.item_spans))
    ]
    return _delete_lines(sequence.text, spans, index)


def delete_line(scalar: Scalar, index: int) -> Edit | None:
    """Takes the line out of a literal block scalar that is `index`-th in its value, from 0.

    None for its only line, in other styles, and where the rest would be read with another indentation.
    """
    return delete_lines(scalar, {index})[0]


def delete_lines(scalar: Scalar, gone: AbstractSet[int]) -> tuple[Edit | None, ...]:
    """Takes lines out as `delete_line` does; those that follow each other by one edit."""
    text, lines = scalar.text, list(scalar.lines())
    first = next((line for at, (line, _) in enumerate(lines) if at not in gone), None)
    if scalar.style != "literal" or first is None or (0 in gone and first[:1] in ("", " ", "\t")):
        return (None,)
    runs: list[Span] = []
    before = -2
    for at in sorted(gone):
        span = lines[at][1]
        if span is None:
            return (None,)
        line = text.full_line(text.line_of(span.start))
        if at == before + 1:
            runs[-1] = Span(runs[-1].start, line.end)
        else:
            runs.append(line)
        before = at
    return tuple(Edit(text.path, _with_ending(text, run), "") for run in runs)


def insert_line_after(scalar: Scalar, index: int, lines: str) -> Edit | None:
    """Adds lines to a literal block scalar below the line that is `index`-th in its value, from 0."""
    span = list(scalar.lines())[index][1]
    if scalar.style != "literal" or span is None or not scalar.text[span].strip():
        return None
    return _insert_below(scalar.text, scalar.text.line_of(span.end), column(scalar.text, span.start), lines)


def _last_line(text: Text, span: Span, indent: int) -> int:
    """The last line of a member of a collection that stands in a column: what is commented out of it is a part of it."""
    line = text.line_of(span.end)
    while line < text.line_count and _commented_depth(text[text.line(line + 1)]) > indent:
        line += 1
    return line


def _commented_depth(line: str) -> int:
    """The column in which a line that is commented out would stand, taking one blank for the comment's own; else 0."""
    before, hash_sign, said = line.partition("#")
    if not hash_sign or before.strip():
        return 0
    blanks = len(said) - len(said.lstrip(" "))
    return len(before) + max(blanks - 1, 0)


def _insert_below(text: Text, line: int, indent: int, lines: str) -> Edit:
    """New lines below a line, behind the comment that may end it."""
    at = text.line(line).end
    blanks = " " * indent
    return Edit(text.path, Span(at, at), f"{text.newline}{blanks}{text.laid_out(blanks, lines)}")


def _insert_in_flow(text: Text, whole: Span, before: Span, lines: str) -> Edit | None:
    """A further member of a flow collection, on a line of its own if the one before has one."""
    if "\n" in lines:
        return None
    line = text.line_of(before.start)
    own_line = (
        text.line_of(whole.start) != line and not text[Span(text.line(line).start, before.start)].strip()
    )
    gap = text.newline + text.indent_of(line) if own_line else " "
    return Edit(text.path, Span(before.end, before.end), f",{gap}{lines}")


def _fill_empty(text: Text, span: Span, lines: str) -> Edit | None:
    inside = Span(span.start + 1, span.end - 1)
    if "\n" in lines or "#" in text[inside]:
        return None
    return Edit(text.path, inside, lines)


def _dash(sequence: Sequence, index: int) -> int:
    """The offset of an item's dash: all dashes of a block sequence stand in one column."""
    text = sequence.text
    first = text.line_of(sequence.span.start)
    for line in range(text.line_of(sequence.item_spans[index].start), first, -1):
        at = text.line(line).start + sequence.indent
        if text.content[at : at + 1] == "-" and not text[Span(text.line(line).start, at)].strip():
            return at
    return sequence.span.start


def _delete_in_flow(text: Text, whole: Span, spans: list[Span], at: int) -> Edit:
    """Takes a member out of a flow collection, with the comma that parted it from its neighbour."""
    if len(spans) == 1:
        gone = Span(whole.start + 1, whole.end - 1)
    elif at == 0:
        gone = Span(spans[0].start, spans[1].start)
    else:
        gone = Span(spans[at - 1].end, spans[at].end)
    return Edit(text.path, gone, "")


def _delete_lines(text: Text, spans: list[Span], at: int) -> Edit | None:
    """Takes a member out of a block collection."""
    span = spans[at]
    if len(spans) == 1:
        return None
    line = text.full_line(text.line_of(span.start))
    if text[Span(line.start, span.start)].strip(" \ufeff"):
        return Edit(text.path, Span(span.start, spans[at + 1].start), "") if at == 0 else None
    return Edit(text.path, _whole_lines(text, span), "")


def _whole_lines(text: Text, span: Span) -> Span:
    """The lines of a span; where blank lines stand on both sides, one of them too."""
    first, last = text.line_of(span.start), text.line_of(span.end)
    blank_above = first > 1 and not text[text.line(first - 1)].strip()
    blank_below = last >= text.line_count or not text[text.line(last + 1)].strip()
    start = text.full_line(first - 1 if blank_above and blank_below else first).start
    return _with_ending(text, Span(start, text.full_line(last).end))


def _with_ending(text: Text, lines: Span) -> Span:
    """Lines with an ending to take out: their own, or at the end of a file the one before."""
    if lines.end < len(text.content) or text.content.endswith("\n") or lines.start == 0:
        return lines
    return Span(text.line(text.line_of(lines.start - 1)).end, lines.end)


def _spellings(scalar: Scalar, value: str) -> list[str]:
    """How a value may be written in place of a scalar, the author's style first."""
    single = "'" + value.replace("'", "''") + "'"
    double = '"' + re.sub(r'[\\"]', r"\\\g<0>", value).replace("\n", "\\n").replace("\t", "\\t") + '"'
    quoted = [single, double] if "\\" in value or '"' in value else [double, single]
    if scalar.style == "plain":
        was_text = not _is_typed(scalar.value)
        return quoted if was_text and _is_typed(value) else [value, *quoted]
    if scalar.style == "single":
        return [single, double]
    if scalar.style == "double":
        return [double]
    return _block_spellings(scalar, value)


_TYPED = regex(
    r"[-+]?(?:\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+|\.inf"
    r"|[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?)|\.nan|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t ].*)?",
    re.IGNORECASE,
)
_WORDS = frozenset(("", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"))


def _is_typed(value: str) -> bool:
    """Whether some reader of YAML 1.1 or 1.2 takes a plain scalar for something else than text."""
    return value.lower() in _WORDS or bool(_TYPED.fullmatch(value))


def _block_spellings(scalar: Scalar, value: str) -> list[str]:
    """A literal block scalar with new lines, if its indentation is plain to see."""
    text = scalar.text
    first = next((span for line, span in scalar.lines() if line.strip() and span), None)
    if scalar.style != "literal" or first is None:
        return []
    header = text[Span(scalar.span.start, text.line(text.line_of(scalar.span.start)).end)]
    blanks = " " * column(text, first.start)
    ends = value.endswith("\n") == scalar.value.endswith("\n")
    if not ends or not value.strip() or value.endswith("\n\n") or value[:1] in " \t\n":
        return []
    lines = [blanks + line if line else "" for line in value.removesuffix("\n").split("\n")]
    return [text.newline.join([header, *lines])]


@lru_cache(maxsize=1024)
def _says(shown: str, value: str, flow: bool) -> bool:
    """Whether a spelling is read as the value, and as nothing else."""
    around = f"[{shown}]" if flow else f"- {shown}\n"
    try:
        roots = parse(Text("", around))
    except CannotRead:
        return False
    if len(roots) != 1 or not isinstance(roots[0], Sequence) or len(roots[0].items) != 1:
        return False
    only = roots[0].items[0]
    return isinstance(only, Scalar) and only.value == value and only.tag is None and only.anchor is None
