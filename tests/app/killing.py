"""Kills the server at a write and starts it again: shared by the sample of `make test` and by `make soak`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.app import serving
from tests.app.cargo import FIRST, README, SCAN_PATH, SECOND
from tests.app.serving import Proposal, World, wait
from tests.github.faults import Fault
from tests.github.state import Delivery

WORLDS = 2
"""Servers at a time."""


@dataclass(frozen=True)
class Write:
    """One of the writes of a review."""

    push: int
    """1: the first review of a pull request; 2: the one after the next push."""
    method: str
    path: str
    """A glob of what follows the repository's name."""
    nth: int
    """Among those of the same method and path in that review."""


@dataclass(frozen=True)
class Kill:
    """The server dies at a write."""

    write: Write
    after: bool
    """GitHub has done it; else it never arrived."""

    def __str__(self) -> str:
        it = self.write
        when = "after" if self.after else "before"
        return f"{when} {it.method} {it.path} (number {it.nth}) of review {it.push}"


@dataclass(frozen=True)
class Undisturbed:
    """A first and a second review with nothing in their way."""

    writes: tuple[Write, ...]
    looks: tuple[str, str]
    """The pull request after each."""
    calls: tuple[int, int]
    """All requests to GitHub of each, in a process that has just begun."""


def undisturbed(world: World) -> Undisturbed:
    """Nothing else may go on in this world."""
    it = world.proposal(README, FIRST)
    writes: list[Write] = []
    looks: list[str] = []
    calls: list[int] = []
    for push, deliver in ((1, it.deliver), (2, lambda: second(it))):
        logged, written = len(world.fake.log), len(it.writes())
        assert it.ended(deliver()) == "done"
        calls.append(len(world.fake.log) - logged)
        writes += _writes(push, it.writes()[written:])
        looks.append(it.looks())
    return Undisturbed(tuple(writes), (looks[0], looks[1]), (calls[0], calls[1]))


def _writes(push: int, made: Sequence[tuple[str, str]]) -> Iterator[Write]:
    counted: Counter[tuple[str, str]] = Counter()
    for method, path in made:
        key = method, re.sub(r"[0-9]+", "*", path)
        counted[key] += 1
        yield Write(push, *key, counted[key])


def second(it: Proposal) -> Delivery:
    """A reply to one of the comments, and the next push."""
    (replied,) = [one for one in it.comments() if one.path == SCAN_PATH]
    it.fake.reply(replied, "rosa", "We had our reasons.")
    it.push(SECOND)
    return it.deliver("synchronize")


def killed(folder: Path, calm: Undisturbed, kills: Sequence[Kill]) -> dict[str, tuple[str, str]]:
    """What became of each, where that is not what an undisturbed review comes to: seen, expected."""
    with ExitStack() as stack, ThreadPoolExecutor(WORLDS) as pool:
        worlds = [stack.enter_context(serving.world(folder / str(number))) for number in range(WORLDS)]
        seen = pool.map(lambda n: list(_in_turn(worlds[n], kills[n::WORLDS])), range(WORLDS))
        ended = {kill: looks for each in list(seen) for kill, looks in each}
    expected = {kill: calm.looks[kill.write.push - 1] for kill in kills}
    return {str(kill): (ended[kill], expected[kill]) for kill in kills if ended[kill] != expected[kill]}


def _in_turn(world: World, kills: Sequence[Kill]) -> Iterator[tuple[Kill, str]]:
    proposals = [(kill, world.proposal(README, FIRST)) for kill in kills]
    first = [(it, it.deliver()) for kill, it in proposals if kill.write.push == 2]
    for it, delivery in first:
        it.ended(delivery)
    for kill, it in proposals:
        write = kill.write
        it.on(write.method, write.path, Fault(after=kill.after, reset=True, action=world.kill), write.nth)
        delivery = second(it) if write.push == 2 else it.deliver()
        restarted(world)
        it.ended(delivery)
        yield kill, it.looks()


def restarted(world: World, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Waits for the server's death and starts it again."""
    wait(lambda: world.is_dead, "the server to be killed")
    meanwhile()
    world.start()
