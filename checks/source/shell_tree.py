"""Walks tree-sitter's tree of a script and collects the commands. Only `checks.source.shell` needs it.

Apart from there because tree-sitter costs 20 ms to import. The grammar:
https://github.com/tree-sitter/tree-sitter-bash/blob/master/grammar.js
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence

import tree_sitter_bash
from msgspec.structs import replace
from tree_sitter import Language, Node, Parser

from checks.source.command import Command, Redirection
from checks.source.shell import Script
from checks.source.shell_command import BEYOND, COMMANDS, REDIRECTS, CommandParts, until
from checks.source.shell_place import Place
from checks.source.shell_statements import MAX_DEPTH, Found, Statements, Step, named, sides
from checks.source.shell_words import Words, Written, mask
from checks.source.text import Span
from checks.source.wrappers import reads_script, shell_string

MAX_STRINGS = 3
"""Scripts in strings of scripts: `bash -c "sh -c '…'"`."""

MAX_STEPS = 280
"""A step is a hundred operations of the parser: about 140 characters of usual text, but fewer of text that is
wrong everywhere. With `MAX_CHARACTERS` this holds such text to a few seconds and 300 MB."""
_CHUNK = 65_536
_LANGUAGE = Language(tree_sitter_bash.language())
_LAST_COMMAND_COUNTS = frozenset({"list", "pipeline", "negated_command"})
"""What is redirected behind these belongs to their last command, whatever the tree says."""


def read(source: str) -> Script:
    """The script that `source` is."""
    found = Found()
    _Walk(Words(source), found).run(mask(source), Place())
    found.commands.sort(key=lambda command: (command.span.start, -command.span.end))
    errors = tuple(sorted(found.errors))
    return Script(
        source,
        tuple(_with_certainty(source, found.commands, errors)),
        tuple(sorted(found.comments)),
        found.functions,
        frozenset(found.loop_variables),
        tuple(found.subjects),
        tuple(found.listed),
        errors,
        found.complete,
    )


def _parsed(masked: str, found: Found) -> Node | None:
    """The root of the tree; None where the steps do not suffice, which all scripts in strings share."""
    text = masked.encode("ascii")

    def is_enough(_offset: int, _has_error: bool) -> bool:
        found.steps += 1
        return found.steps > MAX_STEPS

    try:
        tree = Parser(_LANGUAGE).parse(
            lambda offset, _point: text[offset : offset + _CHUNK],
            encoding="utf8",
            progress_callback=is_enough,
        )
    except ValueError:  # how the binding says that the callback has stopped it
        return None
    return tree.root_node


def _with_certainty(source: str, commands: Sequence[Command], errors: Sequence[Span]) -> Iterator[Command]:
    """Commands, those marked that share a line with an error."""
    lines = [_whole_lines(source, span) for span in errors]
    reach: list[int] = []
    for line in lines:
        reach.append(max(line.end, reach[-1] if reach else 0))
    for command in commands:
        before = bisect.bisect_left(lines, Span(command.span.end, command.span.end))
        near = before > 0 and reach[before - 1] > command.span.start
        yield replace(command, uncertain=True) if near and not command.uncertain else command


def _whole_lines(source: str, span: Span) -> Span:
    end = source.find("\n", span.end)
    return Span(source.rfind("\n", 0, span.start) + 1, end if end >= 0 else len(source))


class _Walk:
    """One walk over one tree."""

    def __init__(self, words: Words, found: Found, strings: int = 0) -> None:
        self._words = words
        self._found = found
        self._strings = strings
        self._statements = Statements(words, found)
        self._handlers: Mapping[str, Callable[[Node, Place], Iterator[Step]]] = {
            **self._statements.handlers,
            "redirected_statement": self._redirected,
            **dict.fromkeys(COMMANDS, self._command),
        }

    def run(self, masked: str, place: Place) -> None:
        """Walk the tree without recursion: it is as deep as its author likes."""
        root = _parsed(masked, self._found)
        self._found.complete = self._found.complete and root is not None
        stack: list[Step] = [(root, place)] if root is not None else []
        while stack:
            node, place = stack.pop()
            if place.depth > MAX_DEPTH:
                self._found.complete = False
                continue
            if node.is_error or node.is_missing:
                self._found.errors.append(self._statements.span(node))
                stack += self._statements.sequence(node.children, replace(place, uncertain=True))
            elif node.type == "comment":
                self._found.comments.append(self._statements.span(node))
            elif handler := self._handlers.get(node.type):
                stack += handler(node, place)
            elif node.child_count:
                stack += ((child, place) for child in node.children)

    def _redirected(self, node: Node, place: Place) -> Iterator[Step]:
        """A statement with redirections."""
        redirects = [child for child in node.children if child.type in REDIRECTS]
        body = next((child for child in named(node.children) if child.type not in REDIRECTS), None)
        own = replace(place, tail=(*redirects, *place.tail))
        if body is None:
            self._emit([], own)
            return self._inside(redirects, own)
        heredoc = next((child for child in redirects if child.type == "heredoc_redirect"), None)
        if heredoc is not None and any(child.type in BEYOND for child in heredoc.children):
            return self._after_heredoc(body, heredoc, redirects, place)
        if body.type in COMMANDS or body.type in _LAST_COMMAND_COUNTS:
            return iter([(body, own)])
        outer = self._redirections(own.tail)
        around = replace(place, redirections=(*outer, *place.redirections), tail=())
        return iter([(body, around), *self._inside(redirects, around)])

    def _redirections(self, nodes: Sequence[Node]) -> tuple[Redirection, ...]:
        parts = CommandParts(self._words)
        for node in nodes:
            parts.take_tail(node)
        return tuple(parts.redirections)

    def _after_heredoc(
        self, body: Node, heredoc: Node, redirects: Sequence[Node], place: Place
    ) -> Iterator[Step]:
        """`cat <<EOF | next && other`: the tree hangs all after `<<EOF` into the redirection."""
        place = replace(place, tail=())
        stages = [body]
        at = until(heredoc.children, BEYOND)
        following = heredoc.children[at]
        if following.type == "pipeline":
            stages += named(following.children)
        elif at + 1 < len(heredoc.children):
            right = heredoc.children[at + 1]
            place, after = place.joined(
                following.type, self._statements.span(body), self._statements.span(right)
            )
            yield right, after
        while (joined := sides(stages[-1])) and len(stages) > 1:
            stages[-1], operator, right = joined
            whole = self._statements.span(body).to(self._statements.span(stages[-1]))
            place, after = place.joined(operator, whole, self._statements.span(right))
            yield right, after
        places = (
            place.staged([self._statements.span(stage) for stage in stages]) if len(stages) > 1 else [place]
        )
        yield body, replace(places[0], tail=tuple(redirects))
        yield from zip(stages[1:], places[1:], strict=True)

    def _inside(self, redirects: Sequence[Node], place: Place) -> Iterator[Step]:
        """Substitutions in the targets and bodies of redirections."""
        place = replace(place, fallbacks=(), tail=())
        for redirect in redirects:
            for child in redirect.children:
                if child.child_count and child.type not in BEYOND | REDIRECTS | COMMANDS:
                    yield child, place

    def _command(self, node: Node, place: Place) -> Iterator[Step]:
        children = [node] if node.type == "variable_assignment" else node.children
        if node.type == "test_command":
            children = _flat_test(node)
        if node.has_error and not place.uncertain:
            place = replace(place, uncertain=True)
        read = {part.id for part in self._emit(children, place)}
        entered = [child for child in (*children, *place.tail) if _is_entered(child) and child.id not in read]
        if not entered:
            return
        place = replace(place, tail=())
        if node.type not in {"variable_assignment", "variable_assignments"}:
            place = replace(place, fallbacks=(), in_condition=False)
        for child in entered:
            if child.type in REDIRECTS:
                yield from self._inside([child], place)
            elif child.type == "variable_assignment":
                yield from ((part, place) for part in child.children if part.child_count)
            else:
                yield child, place

    def _emit(self, children: Sequence[Node], place: Place) -> Sequence[Node]:
        """Add one command; the nodes that were read as a script of their own, and so are not to be entered."""
        parts = CommandParts(self._words)
        parts.take(children)
        for extra in place.tail:
            parts.take_tail(extra)
        if not parts.spans:
            return ()
        span = self._words.span(min(start for start, _ in parts.spans), max(end for _, end in parts.spans))
        command = place.command(parts, span)
        self._found.commands.append(command)
        return self._string(command, parts, place)

    def _string(self, command: Command, parts: CommandParts, place: Place) -> Sequence[Node]:
        """Read the script in a string or a here-document that the command runs."""
        if self._strings >= MAX_STRINGS or not command.words:
            return ()
        string = shell_string(command.unwrapped)
        if string is not None:
            index = next((i for i, word in enumerate(command.words) if word is string), None)
            nodes = parts.nodes[index] if index is not None else ()
            if nodes:
                written = self._words.written(self._words.local_pieces(nodes))
                self._nested(written, string.span, place)
            return nodes
        if parts.heredoc and reads_script(command.unwrapped):
            start, end, quoted = parts.heredoc
            written = self._words.heredoc(start, end, quoted)
            self._nested(written, self._words.span(start, end), place)
            return [node for node in place.tail if node.type == "heredoc_redirect"]
        return ()

    def _nested(self, written: Written, span: Span, place: Place) -> None:
        inside = replace(
            place.deeper(),
            in_string=span,
            in_subshell=True,
            redirections=(),
            in_substitution=place.in_substitution,
        )
        walk = _Walk(Words(written.value, written), self._found, self._strings + 1)
        walk.run(mask(written.value), inside)


def _is_entered(node: Node) -> bool:
    """Whether a part of a command may have commands, comments or errors in it."""
    if node.type == "command_name":
        return any(child.child_count for child in node.children)
    return node.child_count > 0 or node.type == "comment" or node.is_error or node.is_missing


def _flat_test(node: Node) -> list[Node]:
    """The operands and operators of `[ … ]` in order, as the words of a command."""
    flat: list[Node] = []
    stack = list(reversed(node.children))
    while stack:
        child = stack.pop()
        if child.type.endswith("_expression") and child.type != "brace_expression":
            stack += reversed(child.children)
        else:
            flat.append(child)
    return flat
