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
from tests.app.serving import OVER, Proposal, World, wait
from tests.github.faults import Fault
from tests.github.state import Delivery

WORLDS = 3
"""Servers at a time."""
AT_ONCE = 4
"""Reviews at a time on each: a job may begin five times, then the queue takes it for one that kills servers."""
ACCEPTED = 202


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
    for push, action in ((1, "opened"), (2, "synchronize")):
        if push == 2:
            pushed(it)
        logged, written = len(world.fake.log), len(it.writes())
        assert it.review(action) == "done"
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


def pushed(it: Proposal) -> None:
    """A reply to one of the comments, and the next push."""
    (replied,) = [one for one in it.comments() if one.path == SCAN_PATH]
    it.fake.reply(replied, "rosa", "We had our reasons.")
    it.push(SECOND)


def killed(folder: Path, calm: Undisturbed, kills: Sequence[Kill]) -> dict[str, tuple[str, str]]:
    """What became of each, where that is not what an undisturbed review comes to: seen, expected."""
    with ExitStack() as stack, ThreadPoolExecutor(WORLDS) as pool:
        worlds = [stack.enter_context(serving.world(folder / str(number))) for number in range(WORLDS)]
        seen = pool.map(lambda n: list(_batches(worlds[n], kills[n::WORLDS])), range(WORLDS))
        ended = {kill: looks for each in list(seen) for kill, looks in each}
    expected = {kill: calm.looks[kill.write.push - 1] for kill in kills}
    return {str(kill): (ended[kill], expected[kill]) for kill in kills if ended[kill] != expected[kill]}


def _batches(world: World, kills: Sequence[Kill]) -> Iterator[tuple[Kill, str]]:
    for start in range(0, len(kills), AT_ONCE):
        yield from _at_once(world, kills[start : start + AT_ONCE])


def _at_once(world: World, kills: Sequence[Kill]) -> list[tuple[Kill, str]]:
    """Each review is killed at its own write, and by the others wherever it is then."""
    proposals = [(kill, world.proposal(README, FIRST)) for kill in kills]
    later = [it for kill, it in proposals if kill.write.push == 2]
    for delivery in [it.deliver() for it in later]:
        later[0].ended(delivery)
    for it in later:
        pushed(it)
    for kill, it in proposals:
        write = kill.write
        it.on(write.method, write.path, Fault(after=kill.after, reset=True, action=world.kill), write.nth)
    sent = [(it, _delivered(it, kill.write.push)) for kill, it in proposals]
    wait(lambda: _revived(world) and all(it.state(one) in OVER for it, one in sent), "the reviews to end")
    return [(kill, it.looks()) for kill, it in proposals]


def _delivered(it: Proposal, push: int) -> Delivery:
    payload = it.fake.payloads.pull_request(it.pull, "opened" if push == 1 else "synchronize")
    delivery = it.fake.deliver("pull_request", payload)
    while delivery.status_code != ACCEPTED:
        _revived(it.world)
        delivery = it.fake.deliver("pull_request", payload, guid=delivery.guid)
    return delivery


def _revived(world: World) -> bool:
    """Starts the server again if it is dead."""
    if world.is_dead:
        world.start()
    return True


def restarted(world: World, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Waits for the server's death and starts it again."""
    wait(lambda: world.is_dead, "the server to be killed")
    meanwhile()
    world.start()
