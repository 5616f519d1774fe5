"""Actions of which it is known what they do with the token of their job; the table has its sources: `data/action_scopes.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from msgspec import convert, field

from checks.facts.tables import table
from checks.record import Record


class KnownAction(Record, forbid_unknown_fields=True):
    """What is known of an action; nothing of one that the table does not have."""

    writes: frozenset[str] | None = None
    """The scopes that it is there to write with; none for one that writes nothing but what `needs` tells, and what a login
    is for."""
    may_write: frozenset[str] | None = None
    """It writes with no other scopes than these, and by what it is told with some of them or none."""
    only_where_asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By input those of them that it uses only where that asks for it."""
    where_asked: Mapping[str, str] = field(default_factory=dict)
    """By input the scope that it uses where that asks for it, and else none."""
    unless_given: Mapping[str, str] = field(default_factory=dict)
    """By input the scope that it uses unless it is given that."""
    found_in: Literal["input", "environment", "checkout"] = "input"
    """Where it finds the token that it writes with: in an input; in the environment, having no input for it; or it runs git
    on the machine with the one that the checkout left, wherever it keeps that, and does not push with another one that it
    is given."""
    submits_dependencies: bool = False
    """Whether it writes a snapshot of dependencies where it is told to submit it."""
    is_reader: bool = False
    """Whether it reads with the token, and writes nothing by it."""
    reads_where: str = ""
    """The input without which a reader reads nothing."""
    source: str = ""
    """Where that is told, if by more than its `action.yml`."""


_UNKNOWN = KnownAction()


@cache
def _actions() -> Mapping[str, KnownAction]:
    return convert(table("action_scopes")["actions"], dict[str, KnownAction])


def known_action(name: str) -> KnownAction:
    """What is known of an action by its repository and the path inside it, in lower case."""
    return _actions().get(name, _UNKNOWN)
