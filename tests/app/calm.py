"""A first and a second review that nothing disturbs: the calls that they make, and what they come to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.app.cargo import FIRST, README, SCAN_PATH, SECOND
from tests.app.serving import Proposal, World
from tests.github.endstate import EndState
from tests.github.server import Entry

ACTIONS = {1: "opened", 2: "synchronize"}
_CHANGING = re.compile(r"(?<=/)(?:[0-9a-f]{40}(\.\.\.)?|[0-9]{3,})+")
"""What differs from one pull request to another in the path of the same call."""


@dataclass(frozen=True)
class Call:
    """A call to GitHub."""

    push: int
    """1: of the first review of a pull request; 2: of the one after the next push."""
    method: str
    path: str
    """A glob, with `OWNER` for the repository's owner."""
    nth: int
    """Among those of the same method and path in that review."""

    @property
    def writes(self) -> bool:
        """Whether it changes something of the repository."""
        return self.method not in {"GET", "HEAD"} and self.path.startswith("/repos/")

    def glob(self, it: Proposal) -> str:
        """The path for the same call about another pull request."""
        return self.path.replace("OWNER", it.owner)

    def __str__(self) -> str:
        return f"{self.method} {self.path} (number {self.nth}) of review {self.push}"


@dataclass(frozen=True)
class Calm:
    """Both reviews."""

    calls: tuple[Call, ...]
    seen: tuple[EndState, EndState]
    """The pull request after each."""

    def of(self, push: int) -> list[Call]:
        """The calls of one of them, in a process that has just begun."""
        return [call for call in self.calls if call.push == push]

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.writes]


def calm(world: World) -> Calm:
    """Nothing else may go on in this world."""
    it = world.proposal(README, FIRST)
    calls: list[Call] = []
    states: list[EndState] = []
    for push, action in ACTIONS.items():
        if push == 2:
            pushed(it)
        logged = len(world.fake.log)
        assert it.review(action) == "done"
        made = world.fake.log[logged:]
        assert {entry.owner for entry in made} == {it.owner}
        calls += _calls(push, it, made)
        states.append(it.seen())
    return Calm(tuple(calls), (states[0], states[1]))


def _calls(push: int, it: Proposal, made: Sequence[Entry]) -> Iterator[Call]:
    counted: Counter[tuple[str, str]] = Counter()
    for entry in made:
        key = entry.method, _CHANGING.sub("*", entry.path.replace(it.owner, "OWNER"))
        counted[key] += 1
        yield Call(push, *key, counted[key])


def pushed(it: Proposal) -> None:
    """A reply to one of the comments, and the next push."""
    (replied,) = [one for one in it.comments() if one.path == SCAN_PATH]
    it.fake.reply(replied, "rosa", "We had our reasons.")
    it.push(SECOND)
