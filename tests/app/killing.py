"""Kills the server at a call and starts it again: shared by the sample of `make test` and by `make soak`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.app import serving
from tests.app.calm import ACTIONS, Call, Calm, pushed
from tests.app.cargo import FIRST, README
from tests.app.serving import OVER, Proposal, World, wait
from tests.github.endstate import EndState
from tests.github.faults import Fault
from tests.github.state import Delivery

WORLDS = 3
"""Servers at a time."""
AT_ONCE = 4
"""Reviews at a time on each: a job may begin five times, then the queue takes it for one that kills servers."""
ACCEPTED = 202


@dataclass(frozen=True)
class Kill:
    """The server dies at a call."""

    call: Call
    after: bool
    """GitHub has done it; else it never arrived."""

    def __str__(self) -> str:
        return f"killed {'after' if self.after else 'before'} {self.call}"


def killed(folder: Path, calm: Calm, kills: Sequence[Kill]) -> dict[str, tuple[EndState | None, EndState]]:
    """What became of each, where that is not what an undisturbed review comes to: seen (nothing, if the call never
    came), expected."""
    with ExitStack() as stack, ThreadPoolExecutor(WORLDS) as pool:
        worlds = [stack.enter_context(serving.world(folder / str(number))) for number in range(WORLDS)]
        seen = pool.map(lambda n: list(_batches(worlds[n], kills[n::WORLDS])), range(WORLDS))
        ended = {kill: end for each in list(seen) for kill, end in each}
    expected = {kill: calm.seen[kill.call.push - 1] for kill in kills}
    return {str(kill): (ended[kill], expected[kill]) for kill in kills if ended[kill] != expected[kill]}


def _batches(world: World, kills: Sequence[Kill]) -> Iterator[tuple[Kill, EndState | None]]:
    for start in range(0, len(kills), AT_ONCE):
        for kill, seen in _at_once(world, kills[start : start + AT_ONCE]):
            # What the call tells may be remembered from another review: then once more in a new process.
            yield (kill, seen) if seen else _alone(world, kill)


def _alone(world: World, kill: Kill) -> tuple[Kill, EndState | None]:
    world.site.end(signal.SIGTERM)
    world.start()
    return _at_once(world, [kill])[0]


def _at_once(world: World, kills: Sequence[Kill]) -> list[tuple[Kill, EndState | None]]:
    """Each review is killed at its own call, and by the others wherever it is then."""
    proposals = [(kill, world.proposal(README, FIRST)) for kill in kills]
    later = [it for kill, it in proposals if kill.call.push == 2]
    for delivery in [it.deliver() for it in later]:
        later[0].ended(delivery)
    for it in later:
        pushed(it)
    for kill, it in proposals:
        fault = Fault(after=kill.after, reset=True, action=world.kill)
        call = kill.call
        world.fake.faults.on(call.method, call.glob(it), call.nth, fault, owner=it.owner)
    sent = [(it, _delivered(it, kill.call.push)) for kill, it in proposals]
    wait(lambda: _revived(world) and all(it.state(one) in OVER for it, one in sent), "the reviews to end")
    return [(kill, it.seen() if world.fake.faults.forget(it.owner) else None) for kill, it in proposals]


def _delivered(it: Proposal, push: int) -> Delivery:
    payload = it.fake.payloads.pull_request(it.pull, ACTIONS[push])
    delivery = it.fake.deliver("pull_request", payload)
    while delivery.status_code != ACCEPTED:
        _revived(it.world)
        delivery = it.fake.deliver("pull_request", payload, guid=delivery.guid)
    return delivery


def _revived(world: World) -> bool:
    """Starts the server again if it is dead; whether it lives. The next kill may strike while it starts."""
    if world.is_dead:
        with suppress(AssertionError, httpx.TransportError):
            world.start()
    return not world.is_dead


def restarted(world: World, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Waits for the server's death and starts it again."""
    wait(lambda: world.is_dead, "the server to be killed")
    meanwhile()
    world.start()
