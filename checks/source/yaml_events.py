"""From the events of ruamel's parsers to the tree of `checks.source.yaml`.

Never through a composer or constructor of ruamel: those recurse, resolve tags and expand merge keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field
from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is there, and not exported
from ruamel.yaml.error import YAMLError
from ruamel.yaml.reader import ReaderError

from checks.record import Record
from checks.regex import regex
from checks.source.text import CannotRead, Span, Text
from checks.source.yaml import Entry, Mapping, Node, Scalar, Sequence, Style

MAX_CHARACTERS = 4_000_000
"""Longer files are data, not configuration."""
MAX_CHARACTERS_SLOWLY = 300_000
"""What the parser in Python reads in about a second."""
MAX_DEPTH = 100
"""Nested collections; libyaml itself takes quadratic time for deep ones."""
MAX_NODES = 200_000
"""Nodes of a file, those that aliases repeat counted each time."""

_STYLES: dict[str, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_FORBIDDEN = regex("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROPERTY = regex(r"[!&]\S*(?:\s+|(?<=[\n\r\x85\u2028\u2029])\ufeff|#[^\n\r]*)*")


class _Built(Struct, eq=False):
    """A node with what the limits need to know."""

    node: Node
    span: Span
    """Where it is written, tag and anchor included."""
    count: int = 1
    height: int = 0


class _Frame(Struct, eq=False):
    """A collection that is not closed yet."""

    event: Any
    start: int
    """Where it begins, tag and anchor included."""
    content: int
    """Where it begins without them."""
    children: list[_Built] = field(default_factory=list)


class Stream(Record):
    """What a file holds."""

    roots: tuple[Node, ...]
    """The root node of each document that is not empty."""
    scalars: tuple[Span, ...]
    """The extent of each scalar, in the order of the file."""


def read(text: Text) -> Stream:
    """All documents of a file. `CannotRead` if it is not YAML, or beyond a limit."""
    if len(text.content) > MAX_CHARACTERS:
        raise CannotRead(text.path, 1, f"it is longer than {MAX_CHARACTERS:,} characters")
    builder = _Builder(text, pure=False)
    try:
        return builder.run()
    except YAMLError as error:
        if not builder.is_too_strict(error):
            raise builder.refused(error) from None
    except UnicodeEncodeError as error:
        raise CannotRead(text.path, text.line_of(error.start), "a surrogate is no character") from None
    builder = _Builder(text, pure=True)
    try:
        return builder.run()
    except YAMLError as error:
        raise builder.refused(error) from None


class _Builder:
    """Consumes the events of one file; a stack of our own stands for recursion."""

    def __init__(self, text: Text, pure: bool) -> None:
        self.text = text
        self.pure = pure
        self.shift = 1 if text.content.startswith("\ufeff") and not pure else 0
        self.frames: list[_Frame] = []
        self.anchors: dict[str, _Built | None] = {}
        self.roots: list[Node] = []
        self.scalars: list[Span] = []
        self.nodes = 0

    def run(self) -> Stream:
        for event in self._events():
            self._take(event)
        return Stream(tuple(self.roots), tuple(self.scalars))

    def _events(self) -> Iterator[Any]:
        if self.pure:
            yield from YAML(typ="safe", pure=True).parse(self.text.content)
            return
        parser = CParser(self.text.content)
        while parser.check_event():
            yield parser.get_event()

    def is_too_strict(self, error: Any) -> bool:
        """Whether ruamel's copy of libyaml may refuse what YAML allows: `[a:b]` and `[a?b]`.

        Its parser in Python reads them, twenty times slower. https://yaml.org/spec/1.2.2/#733-plain-style
        """
        if error.__class__ is ReaderError or len(self.text.content) > MAX_CHARACTERS_SLOWLY:
            return False
        at = self._offset(error.problem_mark)
        if self.text.content[at : at + 1] == ":":
            return self.text.content[at + 1 : at + 2] not in ("", *" \t\r\n,[]{}")
        return "flow" in str(error.context) and self.text.content[at : at + 1] == "?"

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._add(self._scalar(event), event.anchor)
        elif kind == "AliasEvent":
            self._add(self._alias(event), None)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(self._offset(event.end_mark))
        elif kind == "DocumentStartEvent":
            self.anchors = {}

    def _offset(self, mark: Any) -> int:
        """The offset of a mark; libyaml does not count a byte order mark."""
        return min(int(mark.index) + self.shift, len(self.text.content))

    def _cannot(self, offset: int, reason: str) -> CannotRead:
        return CannotRead(self.text.path, self.text.line_of(offset), reason)

    def refused(self, error: Any) -> CannotRead:
        """The parser's complaint, at its line."""
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            bad = _FORBIDDEN.search(self.text.content)
            at, shown = (bad.start(), f"U+{ord(bad[0]):04X}") if bad else (0, "a character")
            return self._cannot(at, f"{shown} is not allowed in YAML")
        reason = str(error.problem)
        if error.context and error.context_mark is not None:
            line = self.text.line_of(self._offset(error.context_mark))
            reason += f" ({error.context} that starts on line {line})"
        return self._cannot(self._offset(mark), reason)

    def _scalar(self, event: Any) -> _Built:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        content = self._after_properties(event, start, end)
        style = _STYLES.get(event.style, "plain")
        extent = Span(content, end)
        tight = extent
        if style in ("literal", "folded"):
            tight = _without_blank_lines(self.text, extent)
        elif start == end:
            tight = extent = self._place_of_nothing(start)
        self.scalars.append(extent)
        tag = None if event.tag is None else str(event.tag)
        flow = bool(self.frames) and bool(self.frames[-1].event.flow_style)
        node = Scalar(self.text, tight, event.value, style, extent, flow, tag, event.anchor)
        return _Built(node, Span(min(start, tight.start), tight.end))

    def _after_properties(self, event: Any, start: int, end: int) -> int:
        if event.tag is None and event.anchor is None:
            return start
        while start < end and (match := _PROPERTY.match(self.text.content, start, end)):
            start = match.end()
        return start

    def _place_of_nothing(self, at: int) -> Span:
        """A value left out stands after its `:` or `-`, else after its key; parsers may say where they noticed."""
        content = self.text.content
        if self.frames and self.frames[-1].children and content[at - 1 : at] not in (":", "-"):
            key = self.frames[-1].children[-1].span.end
            rest = content[key:at]
            colon = rest.lstrip(" \t").startswith(":")
            at = key + (rest.index(":") + 1 if colon else 0)
        return Span(at, at)

    def _alias(self, event: Any) -> _Built:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        if event.anchor not in self.anchors:
            raise self._cannot(start, f"the alias `*{event.anchor}` has no anchor")
        target = self.anchors[event.anchor]
        if target is None:
            raise self._cannot(start, f"the alias `*{event.anchor}` stands inside of its own anchor")
        return _Built(target.node, Span(start, end), target.count, target.height)

    def _open(self, event: Any) -> None:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        if len(self.frames) >= MAX_DEPTH:
            raise self._cannot(start, f"it nests deeper than {MAX_DEPTH}")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        indicator = self.text.content[end - 1 : end] if end > start else ""
        content = end - 1 if indicator in ("[", "{") else end
        if indicator == "-" and self.text.content[end : end + 1] != "-":
            content = end - 1
        self.frames.append(_Frame(event, start, content if end > start else start))

    def _close(self, end: int) -> None:
        frame = self.frames.pop()
        children = frame.children
        flow = bool(frame.event.flow_style)
        if not flow or self.text.content[end - 1 : end] not in ("]", "}"):
            end = max((child.span.end for child in children[-2:]), default=frame.content)
        span = Span(frame.content, max(frame.content, end))
        node = self._collection(frame, span, flow)
        count = 1 + sum(child.count for child in children)
        height = 1 + max((child.height for child in children), default=0)
        self._add(_Built(node, Span(frame.start, span.end), count, height), frame.event.anchor)

    def _collection(self, frame: _Frame, span: Span, flow: bool) -> Node:
        children = frame.children
        event = frame.event
        tag = None if event.tag is None else str(event.tag)
        if type(event).__name__ == "SequenceStartEvent":
            items = tuple(child.node for child in children)
            spans = tuple(child.span for child in children)
            return Sequence(self.text, span, items, flow, spans, tag, event.anchor)
        pairs = zip(children[::2], children[1::2], strict=True)
        entries = tuple(Entry(key.node, value.node, value.span) for key, value in pairs)
        return Mapping(self.text, span, entries, flow, tag, event.anchor)

    def _add(self, built: _Built, anchor: str | None) -> None:
        """Gives a finished node to the collection that it belongs to."""
        self.nodes += 1
        if max(self.nodes, built.count) > MAX_NODES:
            raise self._cannot(built.span.start, f"it has more than {MAX_NODES:,} nodes")
        if len(self.frames) + built.height > MAX_DEPTH:
            raise self._cannot(built.span.start, f"it nests deeper than {MAX_DEPTH}")
        if anchor is not None:
            self.anchors[anchor] = built
        if self.frames:
            self.frames[-1].children.append(built)
        elif not _is_nothing(built.node):
            self.roots.append(built.node)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.span.start == node.span.end and node.style == "plain"


def _without_blank_lines(text: Text, extent: Span) -> Span:
    """A block scalar's span without blank lines at its end, which belong to it only if it keeps them."""
    content = text[extent]
    header = content.partition("\n")[0].partition("#")[0]
    if "+" in header:
        return Span(
            extent.start, extent.end - (len(content) - len(content.removesuffix("\n").removesuffix("\r")))
        )
    return Span(extent.start, extent.start + len(content.rstrip(" \t\r\n")))
