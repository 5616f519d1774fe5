"""`permissions:` as a workflow or a job writes it.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.workflow.values import strings
from checks.record import Record
from checks.source.yaml import Entry, Scalar
from checks.source.yaml import Mapping as YamlMapping


class Permissions(Record):
    """A `permissions:` key as it is written."""

    entry: Entry
    scopes: Mapping[str, str]
    """The access that is written for each scope; all others are `none`."""
    everything: str | None = None
    """`read-all` or `write-all`; then `scopes` is empty."""

    def access(self, scope: str) -> str:
        """`read`, `write` or `none`."""
        if self.everything:
            return {"read-all": "read", "write-all": "write"}.get(self.everything, "none")
        return self.scopes.get(scope, "none")

    @property
    def writes(self) -> bool:
        """Whether a scope is written with."""
        return self.everything == "write-all" or "write" in self.scopes.values()

    def entry_of(self, scope: str) -> Entry | None:
        """Where a scope is named; None where it isn't."""
        block = self.entry.value
        return block.entry(scope) if isinstance(block, YamlMapping) else None


def permissions_of(node: YamlMapping) -> Permissions | None:
    """The block of a workflow or a job; None where it has none."""
    entry = node.entry("permissions")
    if entry is None:
        return None
    if isinstance(entry.value, YamlMapping):
        return Permissions(entry, strings(entry.value))
    if isinstance(entry.value, Scalar) and entry.value.value in ("read-all", "write-all"):
        return Permissions(entry, {}, entry.value.value)
    return Permissions(entry, {})
