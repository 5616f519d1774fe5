"""Which Node.js a job sets up ahead of a step whose action is to move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.resolve import Scope


def nodes_ahead(upgrade: Upgrade, legs: Iterable[Scope]) -> Iterator[str]:
    """The version that the last step of `actions/setup-node` ahead is given, for each of some legs where it is known."""
    ahead = [
        one for one in upgrade.earlier if one.uses_action("actions/setup-node") and one.input("node-version")
    ]
    written = ahead[-1].input("node-version") if ahead else None
    for leg in legs if written else ():
        found = Scope(ahead[-1], leg.leg, None, leg.handed).value(written.value).literal if written else None
        if found is not None:
            yield found
