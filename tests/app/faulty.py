"""One fault at each call of a first review: shared by the sample of `make test` and by `make soak`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.app.cargo import FIRST, README
from tests.app.serving import Proposal, World
from tests.github import faults

FAULTS = {
    "502": faults.bad_gateway(),
    "502 after the effect": faults.answer_lost(),
    "reset": faults.connection_reset(),
    "reset after the effect": faults.connection_reset(after=True),
    "403 with Retry-After": faults.secondary_limit(1),
}


@dataclass(frozen=True)
class Call:
    """A call to GitHub, of a review that nothing disturbs."""

    method: str
    path: str
    """A glob, with `OWNER` for the repository's owner and `INSTALLATION` for the installation."""
    nth: int
    """Among those of the same method and path."""


@dataclass(frozen=True)
class Struck:
    """A call, and what went wrong with it."""

    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.fault} at {self.call.method} {self.call.path} (number {self.call.nth})"


def calls(it: Proposal) -> tuple[Call, ...]:
    """Those that were made for one pull request; GraphQL calls name none."""
    counted: Counter[tuple[str, str]] = Counter()
    made = []
    for entry in list(it.fake.log):
        if not entry.path.startswith((f"/repos/{it.owner}/web/", _minting(it))):
            continue
        path = entry.path.replace(_minting(it), "INSTALLATION").replace(it.owner, "OWNER")
        key = entry.method, re.sub(r"(?<=/)(?:[0-9a-f]{40}(\.\.\.)?|[0-9]{3,})+", "*", path)
        counted[key] += 1
        made.append(Call(*key, counted[key]))
    return tuple(made)


def _minting(it: Proposal) -> str:
    return f"/app/installations/{it.installation.id}/access_tokens"


def struck(world: World, one: Struck) -> Proposal:
    """A first review with a fault at that call."""
    it = world.proposal(README, FIRST)
    path = one.call.path.replace("INSTALLATION", _minting(it)).replace("OWNER", it.owner)
    world.fake.faults.on(one.call.method, path, one.call.nth, FAULTS[one.fault])
    it.review()
    return it


def sample(made: Sequence[Call]) -> list[Struck]:
    """Each call once, each fault several times."""
    kinds = list(FAULTS)
    return [Struck(call, kinds[number % len(kinds)]) for number, call in enumerate(made)]


def every(made: Sequence[Call]) -> list[Struck]:
    return [Struck(call, kind) for call in made for kind in FAULTS]
