"""What one simple command of tree-sitter's tree is made of. Only `checks.source.shell_tree` needs it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from tree_sitter import Node

from checks.regex import regex
from checks.source.command import DECLARATIONS, Assignment, Redirection
from checks.source.shell_words import Words
from checks.source.text import Span
from checks.source.word import Literal, Word

REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
COMMANDS = frozenset(
    {
        "command",
        "declaration_command",
        "unset_command",
        "variable_assignment",
        "variable_assignments",
        "test_command",
    }
)
BEYOND = frozenset({"&&", "||", "pipeline"})
"""What the tree hangs into a here-document's redirection but belongs to the statement around."""
_EXPORTS = regex(r"export|-[A-Za-z]*x")
_NAME_AND_EQUALS = regex(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
_NOT_WORDS = frozenset({"comment", "heredoc_body", "heredoc_end", "pipeline", "ERROR", "variable_assignment"})
_PUNCTUATION = frozenset({";", "&", "&&", "||", "|", "\n", "(", ")", "{", "}"})


def until(nodes: Sequence[Node], types: AbstractSet[str]) -> int:
    """Index of the first node of one of `types`, or the number of nodes."""
    return next((index for index, node in enumerate(nodes) if node.type in types), len(nodes))


class CommandParts:
    """What one simple command is made of."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.words: list[Word] = []
        self.nodes: list[list[Node]] = []
        """The nodes that each word is made of."""
        self.assignments: list[Assignment] = []
        self.redirections: list[Redirection] = []
        self.heredoc: tuple[int, int, bool] | None = None
        """Start, end and whether quoted, of the text of a here-document."""
        self.spans: list[tuple[int, int]] = []
        self._exports = False

    def take(self, children: Sequence[Node]) -> None:
        """Words, assignments and redirections from the children of a command."""
        group: list[Node] = []
        for child in children:
            if group and not (_is_in_word(child) and self._words.adjacent(group[-1], child)):
                self._add(group)
                group = []
            if child.type == "variable_assignment":
                group = [child]
            elif child.type in REDIRECTS:
                self._add_redirection(child)
            elif child.type == "command_name":
                group += child.children or [child]
            elif _is_word(child):
                group.append(child)
        if group:
            self._add(group)

    def take_tail(self, node: Node) -> None:
        """A redirection, or a word, that stands behind the command."""
        if node.type in REDIRECTS:
            self._add_redirection(node)
        else:
            self.take([node])

    def _add(self, nodes: list[Node]) -> None:
        """Adds a word, or an assignment with what the tree parts from it: of `A=$B/c:$D-e` what is behind the second `$`."""
        if nodes[0].type == "variable_assignment":
            self._add_assignment(*nodes)
        else:
            self._add_word(nodes)

    def _add_word(self, nodes: list[Node]) -> None:
        start, end = nodes[0].start_byte, nodes[-1].end_byte
        if start == end:
            return
        word = self._words.word(nodes)
        self.spans.append((start, end))
        self.words.append(word)
        self.nodes.append(nodes)
        if len(self.words) <= 3 and self.words[0].literal in DECLARATIONS:
            self._exports = self._exports or bool(_EXPORTS.fullmatch(word.literal or ""))
            self._assignment_in_quotes(word)

    def _assignment_in_quotes(self, word: Word) -> None:
        """`export "NAME=value"`."""
        match = _NAME_AND_EQUALS.match(word.prefix)
        if match:
            value = word.drop(match.end())
            self.assignments.append(Assignment(match[1], value, word.span, bool(match[2]), self._exports))

    def _add_assignment(self, node: Node, *behind: Node) -> None:
        end = (node, *behind)[-1].end_byte
        self.spans.append((node.start_byte, end))
        children = node.children
        equals = until(children, {"=", "+="})
        target = children[0]
        name = self._words.name(target.children[0] if target.type == "subscript" else target)
        if name is None or equals == len(children):
            return
        values = (*children[equals + 1 :], *behind)
        value = self._value(children[equals], values)
        append = children[equals].type == "+=" or target.type == "subscript"
        elements = self._elements(values[0]) if values and value is None else ()
        self.assignments.append(
            Assignment(name, value, self._words.span(node.start_byte, end), append, self._exports, elements)
        )

    def _elements(self, array: Node) -> tuple[Word, ...]:
        inside = CommandParts(self._words)
        inside.take(array.children)
        return tuple(word for word in inside.words if not word.prefix.startswith("["))

    def _value(self, equals: Node, nodes: Sequence[Node]) -> Word | None:
        if not nodes:
            at = self._words.span(equals.end_byte, equals.end_byte)
            return Word(at, (Literal("", at),))
        return None if nodes[0].type == "array" else self._words.word(nodes, assigned=True)

    def _add_redirection(self, node: Node) -> None:
        children = node.children
        descriptor = ""
        operator: Node | None = None
        targets: list[Node] = []
        for child in children:
            if child.type == "file_descriptor":
                descriptor = self._words.source[child.start_byte : child.end_byte]
            elif operator is None and not child.is_named:
                operator = child
            elif child.type in BEYOND or child.type == "heredoc_body":
                break
            elif child.type in REDIRECTS:
                self._add_redirection(child)
            elif _is_word(child):
                targets.append(child)
        if operator is None or not targets:
            return
        count = 1
        while count < len(targets) and self._words.adjacent(targets[count - 1], targets[count]):
            count += 1
        own, rest = targets[:count], targets[count:]
        start, end = children[0].start_byte, own[-1].end_byte
        self.spans.append((start, end))
        body = self._body(children)
        target = self._words.word(own, assigned=True)
        self.redirections.append(
            Redirection(operator.type, target, self._words.span(start, end), descriptor, body)
        )
        if body is not None:
            self._note_heredoc(children, own)
        self.take(rest)

    def _body(self, children: Sequence[Node]) -> Span | None:
        node = next((child for child in children if child.type == "heredoc_body"), None)
        return self._words.span(node.start_byte, node.end_byte) if node else None

    def _note_heredoc(self, children: Sequence[Node], delimiter: Sequence[Node]) -> None:
        body = next(child for child in children if child.type == "heredoc_body")
        start, end = delimiter[0].start_byte, delimiter[-1].end_byte
        quoted = not self._words.source[start:end].isidentifier()
        self.heredoc = (body.start_byte, body.end_byte, quoted)


def _is_in_word(node: Node) -> bool:
    return node.type == "command_name" or _is_word(node)


def _is_word(node: Node) -> bool:
    if node.type in _NOT_WORDS or node.type in REDIRECTS or node.type in COMMANDS:
        return False
    return node.is_named or node.type not in _PUNCTUATION
