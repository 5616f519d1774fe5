"""Walks tree-sitter's tree of a script and collects the commands. Only `checks.source.shell` needs it.

Apart from there because tree-sitter costs 20 ms to import. The grammar:
https://github.com/tree-sitter/tree-sitter-bash/blob/master/grammar.js
"""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from checks.source.command import Command, Connector, Guard, GuardKind, Redirection
from checks.source.command_line import reads_script, shell_string
from checks.source.shell import Script
from checks.source.shell_command import BEYOND, COMMANDS, REDIRECTS, CommandParts, until
from checks.source.shell_place import Place
from checks.source.shell_words import SUBSTITUTIONS, Words, Written, mask
from checks.source.text import Span

MAX_DEPTH = 200
"""Compound commands and substitutions inside of each other."""
MAX_STRINGS = 3
"""Scripts in strings of scripts: `bash -c "sh -c '…'"`."""

MAX_SECONDS = 2.0
"""Processor time for one script. The parser is linear but for hostile text, where it takes minutes for 60 KB
of `a=(`; a script of 1 MB takes half a second."""

_CHUNK = 65_536
_LANGUAGE = Language(tree_sitter_bash.language())
_LAST_COMMAND_COUNTS = frozenset({"list", "pipeline", "negated_command"})
"""What is redirected behind these belongs to their last command, whatever the tree says."""


@dataclass
class Found:
    """What the walk has collected."""

    commands: list[Command] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    functions: dict[str, Span] = field(default_factory=dict)
    loop_variables: set[str] = field(default_factory=set)
    errors: list[Span] = field(default_factory=list)
    complete: bool = True


_Step: TypeAlias = tuple[Node, Place]


def read(source: str) -> Script:
    """The script that `source` is."""
    found = Found()
    _Walk(Words(source), found, 0).run(mask(source), Place())
    found.commands.sort(key=lambda command: (command.span.start, -command.span.end))
    errors = tuple(sorted(found.errors))
    return Script(
        source,
        tuple(_with_certainty(source, found.commands, errors)),
        tuple(sorted(found.comments)),
        found.functions,
        frozenset(found.loop_variables),
        errors,
        found.complete,
    )


def _parsed(masked: str) -> Node | None:
    """The root of the tree; None where the parser would not finish in time."""
    text = masked.encode("ascii")
    started = time.thread_time()
    try:
        tree = Parser(_LANGUAGE).parse(
            lambda offset, _point: text[offset : offset + _CHUNK],
            encoding="utf8",
            progress_callback=lambda _offset, _has_error: time.thread_time() - started > MAX_SECONDS,
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


def _span(nodes: Sequence[Node]) -> tuple[int, int]:
    return nodes[0].start_byte, nodes[-1].end_byte


def _named(nodes: Sequence[Node]) -> list[Node]:
    return [node for node in nodes if node.is_named and node.type != "comment"]


class _Walk:
    """One walk over one tree."""

    def __init__(self, words: Words, found: Found, strings: int) -> None:
        self._words = words
        self._found = found
        self._strings = strings
        self._handlers: dict[str, Callable[[Node, Place], Iterator[_Step]]] = {
            "list": self._list,
            "pipeline": self._pipeline,
            "negated_command": self._negated,
            "redirected_statement": self._redirected,
            "if_statement": self._if,
            "while_statement": self._while,
            "for_statement": self._for,
            "c_style_for_statement": self._for,
            "case_statement": self._case,
            "function_definition": self._function,
            "subshell": self._subshell,
            "compound_statement": self._block,
            "program": self._block,
            **dict.fromkeys(COMMANDS, self._command),
            **dict.fromkeys(SUBSTITUTIONS, self._substitution),
        }

    def run(self, masked: str, place: Place) -> None:
        """Walk the tree without recursion: it is as deep as its author likes."""
        root = _parsed(masked)
        self._found.complete = self._found.complete and root is not None
        stack: list[_Step] = [(root, place)] if root is not None else []
        while stack:
            node, place = stack.pop()
            if place.depth > MAX_DEPTH:
                self._found.complete = False
                continue
            if node.is_error or node.is_missing:
                self._found.errors.append(self._span(node))
                stack += self._sequence(node.children, replace(place, uncertain=True))
            elif node.type == "comment":
                self._found.comments.append(self._span(node))
            elif handler := self._handlers.get(node.type):
                stack += handler(node, place)
            elif node.child_count:
                stack += ((child, place) for child in node.children)

    def _sequence(self, nodes: Sequence[Node], place: Place) -> Iterator[_Step]:
        """Statements one after the other."""
        connector = place.connector
        for index, node in enumerate(nodes):
            if not node.is_named:
                continue
            following = nodes[index + 1].type if index + 1 < len(nodes) else ""
            background = place.background or following == "&"
            yield node, replace(place, connector=connector, background=background)
            if node.type != "comment":
                connector = Connector.BACKGROUND if following == "&" else Connector.SEQUENCE

    def _block(self, node: Node, place: Place) -> Iterator[_Step]:
        children = node.children
        if children and children[0].type == "((":
            return ((child, place) for child in children)
        return self._sequence(children, replace(place, depth=place.depth + 1, tail=()))

    def _subshell(self, node: Node, place: Place) -> Iterator[_Step]:
        return self._block(node, replace(place, in_subshell=True))

    def _substitution(self, node: Node, place: Place) -> Iterator[_Step]:
        span = self._words.span(self._words.start(node), node.end_byte)
        yield from self._sequence(node.children, place.alone(span))

    def _negated(self, node: Node, place: Place) -> Iterator[_Step]:
        return ((child, replace(place, negated=not place.negated)) for child in _named(node.children))

    def _list(self, node: Node, place: Place) -> Iterator[_Step]:
        yield from ((child, place) for child in node.children if child.type == "comment")
        sides = _sides(node)
        yield from self._joined(*sides, place) if sides else self._sequence(node.children, place)

    def _joined(self, left: Node, operator: str, right: Node, place: Place) -> Iterator[_Step]:
        """`left && right` or `left || right`."""
        before, after = place.joined(operator, self._span(left), self._span(right))
        yield left, before
        yield right, after

    def _span(self, node: Node) -> Span:
        return self._words.span(node.start_byte, node.end_byte)

    def _pipeline(self, node: Node, place: Place) -> Iterator[_Step]:
        yield from ((child, place) for child in node.children if child.type == "comment")
        stages = _named(node.children)
        yield from zip(stages, place.staged([self._span(stage) for stage in stages]), strict=True)

    def _redirected(self, node: Node, place: Place) -> Iterator[_Step]:
        """A statement with redirections."""
        redirects = [child for child in node.children if child.type in REDIRECTS]
        body = next((child for child in _named(node.children) if child.type not in REDIRECTS), None)
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
    ) -> Iterator[_Step]:
        """`cat <<EOF | next && other`: the tree hangs all after `<<EOF` into the redirection."""
        place = replace(place, tail=())
        stages = [body]
        at = until(heredoc.children, BEYOND)
        following = heredoc.children[at]
        if following.type == "pipeline":
            stages += _named(following.children)
        elif at + 1 < len(heredoc.children):
            right = heredoc.children[at + 1]
            place, after = place.joined(following.type, self._span(body), self._span(right))
            yield right, after
        while (sides := _sides(stages[-1])) and len(stages) > 1:
            stages[-1], operator, right = sides
            whole = self._span(body).to(self._span(stages[-1]))
            place, after = place.joined(operator, whole, self._span(right))
            yield right, after
        places = place.staged([self._span(stage) for stage in stages]) if len(stages) > 1 else [place]
        yield body, replace(places[0], tail=tuple(redirects))
        yield from zip(stages[1:], places[1:], strict=True)

    def _inside(self, redirects: Sequence[Node], place: Place) -> Iterator[_Step]:
        """Substitutions in the targets and bodies of redirections."""
        place = replace(place, fallbacks=(), tail=())
        for redirect in redirects:
            for child in redirect.children:
                if child.child_count and child.type not in BEYOND | REDIRECTS | COMMANDS:
                    yield child, place

    def _if(self, node: Node, place: Place) -> Iterator[_Step]:
        failed: tuple[Guard, ...] = ()
        yield from self._branch(node.children, place)
        condition = self._condition(node.children)
        for child in node.children:
            if child.type not in {"elif_clause", "else_clause"}:
                continue
            failed = (*failed, Guard(GuardKind.ELSE, condition))[-MAX_DEPTH:]
            inside = replace(place.deeper(), guards=(*place.guards, *failed))
            if child.type == "else_clause":
                yield from self._sequence(child.children, replace(inside, in_condition=False))
            else:
                yield from self._branch(child.children, inside)
                condition = self._condition(child.children)

    def _condition(self, children: Sequence[Node]) -> Span:
        """From the first to the last command before `then` or `do`."""
        nodes = _named(children[: until(children, {"then"})]) or list(children[:1])
        return self._words.span(*_span(nodes))

    def _branch(self, children: Sequence[Node], place: Place) -> Iterator[_Step]:
        """`if`, condition, `then`, body, up to the next clause."""
        then = until(children, {"then"})
        end = until(children, {"elif_clause", "else_clause", "fi"})
        yield from self._sequence(children[:then], replace(place.deeper(place.connector), in_condition=True))
        yield from self._sequence(children[then:end], place.guarded(GuardKind.IF, self._condition(children)))

    def _while(self, node: Node, place: Place) -> Iterator[_Step]:
        children = node.children
        body = until(children, {"do_group"})
        condition = self._words.span(*_span(_named(children[:body]) or children))
        yield from self._sequence(children[:body], replace(place.deeper(place.connector), in_condition=True))
        for child in children[body:]:
            yield from self._sequence(child.children, place.guarded(GuardKind.LOOP, condition))

    def _for(self, node: Node, place: Place) -> Iterator[_Step]:
        children = node.children
        body = until(children, {"do_group", "compound_statement"})
        header = self._words.span(*_span(children[: max(body, 1)]))
        for child in children[:body]:
            if child.type == "variable_name" and (name := self._words.name(child)):
                self._found.loop_variables.add(name)
            yield child, replace(place, fallbacks=(), tail=())
        for child in children[body:]:
            yield from self._sequence(child.children, place.guarded(GuardKind.LOOP, header))

    def _case(self, node: Node, place: Place) -> Iterator[_Step]:
        children = node.children
        subject = self._words.span(*_span(_named(children)[:1] or children))
        for child in children:
            if child.type == "case_item":
                body = until(child.children, {")"})
                yield from self._sequence(child.children[body:], place.guarded(GuardKind.CASE, subject))
            elif child.child_count or child.type == "comment":
                yield child, replace(place, fallbacks=(), tail=())

    def _function(self, node: Node, place: Place) -> Iterator[_Step]:
        named = _named(node.children)
        first = named[0].id if named else None
        name = (self._words.name(named[0]) if named else None) or "?"
        self._found.functions.setdefault(name, self._span(node))
        inside = Place(
            in_function=name, in_string=place.in_string, uncertain=place.uncertain, depth=place.depth + 1
        )
        return ((child, inside) for child in node.children if child.is_named and child.id != first)

    def _command(self, node: Node, place: Place) -> Iterator[_Step]:
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


def _sides(node: Node) -> tuple[Node, str, Node] | None:
    """Left side, operator and right side of `a && b` and `a || b`."""
    operator = next((child.type for child in node.children if child.type in {"&&", "||"}), None)
    sides = _named(node.children)
    if node.type != "list" or operator is None or len(sides) != 2:
        return None
    return sides[0], operator, sides[1]


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
