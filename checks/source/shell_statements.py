"""Statements of shell: what each says about the commands inside. Only `checks.source.shell_tree` needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace
from tree_sitter import Node

from checks.source.command import Command, Connector, Guard, GuardKind
from checks.source.shell_command import until
from checks.source.shell_place import Place
from checks.source.shell_words import SUBSTITUTIONS, Words
from checks.source.text import Span
from checks.source.word import Word

MAX_DEPTH = 200
"""Compound commands and substitutions inside of each other."""

Step: TypeAlias = tuple[Node, Place]
"""A node to visit, with what stands around it."""


class Found(Struct):
    """What the walk has collected."""

    commands: list[Command] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    functions: dict[str, Span] = field(default_factory=dict)
    loop_variables: set[str] = field(default_factory=set)
    subjects: list[Word] = field(default_factory=list)
    listed: list[Word] = field(default_factory=list)
    errors: list[Span] = field(default_factory=list)
    complete: bool = True
    steps: int = 0
    """What the parser has taken so far."""


def named(nodes: Sequence[Node]) -> list[Node]:
    """The nodes that are neither punctuation nor comments."""
    return [node for node in nodes if node.is_named and node.type != "comment"]


def sides(node: Node) -> tuple[Node, str, Node] | None:
    """Left side, operator and right side of `a && b` and `a || b`."""
    operator = next((child.type for child in node.children if child.type in {"&&", "||"}), None)
    both = named(node.children)
    if node.type != "list" or operator is None or len(both) != 2:
        return None
    return both[0], operator, both[1]


def ends(nodes: Sequence[Node]) -> tuple[int, int]:
    """Where the first node starts and the last one ends."""
    return nodes[0].start_byte, nodes[-1].end_byte


class Statements:
    """The statements that hold others, each with a method that yields what to visit next."""

    def __init__(self, words: Words, found: Found) -> None:
        self._words = words
        self._found = found

    @property
    def handlers(self) -> Mapping[str, Callable[[Node, Place], Iterator[Step]]]:
        """By the type of the node."""
        return {
            "list": self._list,
            "pipeline": self._pipeline,
            "negated_command": self._negated,
            "if_statement": self._if,
            "while_statement": self._while,
            "for_statement": self._for,
            "c_style_for_statement": self._for,
            "case_statement": self._case,
            "function_definition": self._function,
            "subshell": self._subshell,
            "compound_statement": self._block,
            "program": self._block,
            **dict.fromkeys(SUBSTITUTIONS, self._substitution),
        }

    def sequence(self, nodes: Sequence[Node], place: Place) -> Iterator[Step]:
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

    def joined(self, left: Node, operator: str, right: Node, place: Place) -> Iterator[Step]:
        """`left && right` or `left || right`."""
        before, after = place.joined(operator, self.span(left), self.span(right))
        yield left, before
        yield right, after

    def _block(self, node: Node, place: Place) -> Iterator[Step]:
        children = node.children
        if children and children[0].type == "((":
            return ((child, place) for child in children)
        return self.sequence(children, replace(place, depth=place.depth + 1, tail=()))

    def _subshell(self, node: Node, place: Place) -> Iterator[Step]:
        return self._block(node, replace(place, in_subshell=True))

    def _substitution(self, node: Node, place: Place) -> Iterator[Step]:
        span = self._words.span(self._words.start(node), node.end_byte)
        yield from self.sequence(node.children, place.alone(span))

    def _negated(self, node: Node, place: Place) -> Iterator[Step]:
        return ((child, replace(place, negated=not place.negated)) for child in named(node.children))

    def _list(self, node: Node, place: Place) -> Iterator[Step]:
        yield from ((child, place) for child in node.children if child.type == "comment")
        found = sides(node)
        yield from self.joined(*found, place) if found else self.sequence(node.children, place)

    def _pipeline(self, node: Node, place: Place) -> Iterator[Step]:
        yield from ((child, place) for child in node.children if child.type == "comment")
        stages = named(node.children)
        yield from zip(stages, place.staged([self.span(stage) for stage in stages]), strict=True)

    def _if(self, node: Node, place: Place) -> Iterator[Step]:
        failed: tuple[Guard, ...] = ()
        yield from self._branch(node.children, place)
        condition = self._condition(node.children)
        for child in node.children:
            if child.type not in {"elif_clause", "else_clause"}:
                continue
            failed = (*failed, Guard(GuardKind.ELSE, condition))[-MAX_DEPTH:]
            inside = replace(place.deeper(), guards=(*place.guards, *failed))
            if child.type == "else_clause":
                yield from self.sequence(child.children, replace(inside, in_condition=False))
            else:
                yield from self._branch(child.children, inside)
                condition = self._condition(child.children)

    def _condition(self, children: Sequence[Node]) -> Span:
        """From the first to the last command before `then` or `do`."""
        nodes = named(children[: until(children, {"then"})]) or list(children[:1])
        return self._words.span(*ends(nodes))

    def _branch(self, children: Sequence[Node], place: Place) -> Iterator[Step]:
        """`if`, condition, `then`, body, up to the next clause."""
        then = until(children, {"then"})
        end = until(children, {"elif_clause", "else_clause", "fi"})
        yield from self.sequence(children[:then], replace(place.deeper(place.connector), in_condition=True))
        yield from self.sequence(children[then:end], place.guarded(GuardKind.IF, self._condition(children)))

    def _while(self, node: Node, place: Place) -> Iterator[Step]:
        children = node.children
        body = until(children, {"do_group"})
        condition = self._words.span(*ends(named(children[:body]) or children))
        yield from self.sequence(children[:body], replace(place.deeper(place.connector), in_condition=True))
        for child in children[body:]:
            yield from self.sequence(child.children, place.guarded(GuardKind.LOOP, condition))

    def _for(self, node: Node, place: Place) -> Iterator[Step]:
        children = node.children
        body = until(children, {"do_group", "compound_statement"})
        header = self._words.span(*ends(children[: max(body, 1)]))
        if not place.in_string and not place.uncertain:
            listed = named(children[until(children, {"in"}) : body])
            self._found.listed += (self._words.word([child]) for child in listed)
        for child in children[:body]:
            if child.type == "variable_name" and (name := self._words.name(child)):
                self._found.loop_variables.add(name)
            yield child, replace(place, fallbacks=(), tail=())
        for child in children[body:]:
            yield from self.sequence(child.children, place.guarded(GuardKind.LOOP, header))

    def _case(self, node: Node, place: Place) -> Iterator[Step]:
        children = node.children
        compared = named(children)[:1]
        subject = self._words.span(*ends(compared or children))
        if compared and not place.in_string and not place.uncertain:
            self._found.subjects.append(self._words.word(compared, assigned=True))
        for child in children:
            if child.type == "case_item":
                body = until(child.children, {")"})
                yield from self.sequence(child.children[body:], place.guarded(GuardKind.CASE, subject))
            elif child.child_count or child.type == "comment":
                yield child, replace(place, fallbacks=(), tail=())

    def _function(self, node: Node, place: Place) -> Iterator[Step]:
        parts = named(node.children)
        first = parts[0].id if parts else None
        name = (self._words.name(parts[0]) if parts else None) or "?"
        self._found.functions.setdefault(name, self.span(node))
        inside = Place(
            in_function=name, in_string=place.in_string, uncertain=place.uncertain, depth=place.depth + 1
        )
        return ((child, inside) for child in node.children if child.is_named and child.id != first)

    def span(self, node: Node) -> Span:
        """Where a node stands in the outermost text."""
        return self._words.span(node.start_byte, node.end_byte)
