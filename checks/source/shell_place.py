"""What stands around a node of tree-sitter's tree. Only `checks.source.shell_tree` needs it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from tree_sitter import Node

from checks.record import Record
from checks.source.command import Command, Connector, Guard, GuardKind, Redirection
from checks.source.shell_command import CommandParts
from checks.source.text import Span

MAX_FALLBACKS = 8
"""`a || b || c …`: what stands behind that many is not looked at."""


class Place(Record):
    """What the compound commands around a node say about it; most fields are those of `Command`."""

    connector: Connector = Connector.NONE
    guards: tuple[Guard, ...] = ()
    fallbacks: tuple[Span, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    tail: tuple[Node, ...] = ()
    """Redirections and words that the tree has hung outside, but that belong to the last command inside."""
    piped_from: Span | None = None
    piped_to: Span | None = None
    pipeline: Span | None = None
    in_condition: bool = False
    in_function: str | None = None
    in_substitution: Span | None = None
    in_subshell: bool = False
    in_string: Span | None = None
    background: bool = False
    negated: bool = False
    uncertain: bool = False
    depth: int = 0

    def deeper(self, connector: Connector = Connector.NONE) -> Place:
        return replace(self, connector=connector, tail=(), depth=self.depth + 1)

    def guarded(self, kind: GuardKind, condition: Span) -> Place:
        return replace(self.deeper(), guards=(*self.guards, Guard(kind, condition)), in_condition=False)

    def alone(self, span: Span) -> Place:
        """Inside a substitution at `span`, whose output goes into a word."""
        return Place(
            guards=self.guards,
            fallbacks=self.fallbacks,
            in_condition=self.in_condition,
            in_function=self.in_function,
            in_substitution=span,
            in_subshell=True,
            in_string=self.in_string,
            background=self.background,
            uncertain=self.uncertain,
            depth=self.depth + 1,
        )

    def joined(self, operator: str, left: Span, right: Span) -> tuple[Place, Place]:
        """The places left and right of `&&` or `||`."""
        takes_over = (right, *self.fallbacks)[:MAX_FALLBACKS] if operator == "||" else self.fallbacks
        guards = (*self.guards, Guard(GuardKind(operator), left))
        return (
            replace(self, fallbacks=takes_over, tail=()),
            replace(self, connector=Connector(operator), guards=guards),
        )

    def staged(self, stages: Sequence[Span]) -> list[Place]:
        """The places of the stages of a pipeline."""
        last = len(stages) - 1
        return [
            replace(
                self,
                connector=Connector.PIPE if index else self.connector,
                piped_from=stages[index - 1] if index else self.piped_from,
                piped_to=stages[index + 1] if index < last else self.piped_to,
                pipeline=stages[0].to(stages[-1]),
                in_subshell=True,
                tail=self.tail if index == last else (),
            )
            for index in range(len(stages))
        ]

    def command(self, parts: CommandParts, span: Span) -> Command:
        """The command that stands here."""
        return Command(
            span=span,
            words=tuple(parts.words),
            assignments=tuple(parts.assignments),
            redirections=(*parts.redirections, *self.redirections),
            connector=self.connector,
            guards=self.guards,
            fallbacks=self.fallbacks,
            piped_from=self.piped_from,
            piped_to=self.piped_to,
            pipeline=self.pipeline,
            in_condition=self.in_condition,
            in_function=self.in_function,
            in_substitution=self.in_substitution,
            in_subshell=self.in_subshell,
            in_string=self.in_string,
            background=self.background,
            negated=self.negated,
            uncertain=self.uncertain,
        )
