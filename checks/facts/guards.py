"""Edits that keep a step from running for an event."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.workflows import Step
from checks.source.snapshot import Edit
from checks.source.yaml_edit import insert_after, replace_value


def only_if(step: Step, condition: str) -> Edit | None:
    """Lets a step run only if a condition holds besides the one that it has; None where that can't be written."""
    written = step.condition
    if written is not None:
        if "${{" in written.value or written.style in ("literal", "folded"):
            return None
        rest = f"({written.value})" if "||" in written.value else written.value
        return replace_value(written, f"{condition} && {rest}")
    entries = [step.node.entry(name) for name in ("name", "id", "uses", "run")]
    first = next((one for one in entries if one is not None), None)
    return insert_after(step.node, first, f"if: {condition}") if first is not None else None


def unless_pull_request(events: Iterable[str]) -> str:
    """The condition that leaves out pull requests, of the kinds that start a workflow."""
    names = dict.fromkeys(name for name in events if name.startswith("pull_request"))
    return " && ".join(f"github.event_name != '{name}'" for name in names)
