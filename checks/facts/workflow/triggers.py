"""What starts a workflow by its `on:`.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.workflow.values import scalar_of, scalars
from checks.record import Record
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar, Sequence


class Trigger(Record):
    """One event under `on:`."""

    name: str
    key: Scalar
    """Where the event is named."""
    node: YamlMapping | None
    """Its filters."""

    def filter(self, name: str) -> tuple[str, ...] | None:
        """The patterns of a filter such as `branches`; None where it is not written."""
        if self.node is None or self.node.get(name) is None:
            return None
        return tuple(scalar.value for scalar in scalars(self.node.get(name)))


def triggers_of(on: Node | None) -> Mapping[str, Trigger]:
    """The events by name."""
    if isinstance(on, YamlMapping):
        return {
            entry.key.value: Trigger(
                entry.key.value, entry.key, entry.value if isinstance(entry.value, YamlMapping) else None
            )
            for entry in on.entries
            if isinstance(entry.key, Scalar)
        }
    return {scalar.value: Trigger(scalar.value, scalar, None) for scalar in scalars(on)}


def crons_of(on: Node | None) -> tuple[str, ...]:
    """The times of `schedule:`, as they are written."""
    schedule = on.get("schedule") if isinstance(on, YamlMapping) else None
    entries = schedule.items if isinstance(schedule, Sequence) else ()
    found = (scalar_of(entry, "cron") for entry in entries if isinstance(entry, YamlMapping))
    return tuple(cron.value for cron in found if cron is not None)
