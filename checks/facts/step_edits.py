"""Edits that add steps to a job."""

from __future__ import annotations

from checks.facts.actions import newest_pin
from checks.facts.kubernetes import at
from checks.facts.workflows import ActionUse, Step
from checks.source.snapshot import Edit
from checks.source.text import Span
from checks.source.yaml import Sequence
from checks.source.yaml_edit import insert_item_after


def insert_step_after(step: Step, lines: str) -> Edit | None:
    """Adds a step, given without its dash, behind another one; None where they don't stand on lines of their own."""
    steps = at(step.job.node, "steps") if step.job else None
    if not isinstance(steps, Sequence) or steps.flow:
        return None
    index = next((at for at, item in enumerate(steps.items) if item is step.node), None)
    return None if index is None else insert_item_after(steps, index, lines)


def insert_step_before(step: Step, lines: str) -> Edit | None:
    """Adds a step, given without its dash, above another one that has lines of its own."""
    steps = at(step.job.node, "steps") if step.job else None
    if not isinstance(steps, Sequence) or steps.flow:
        return None
    index = next((at for at, item in enumerate(steps.items) if item is step.node), 0)
    if index:
        return insert_item_after(steps, index - 1, lines)
    text, line = step.text, step.text.line_of(step.node.span.start)
    if not text[text.line(line)].lstrip().startswith("- "):
        return None
    indent, start = " " * steps.indent, text.full_line(line).start
    body = f"{text.newline}{indent}  ".join(lines.split("\n"))
    return Edit(text.path, Span(start, start), f"{indent}- {body}{text.newline}")


def pinned(action: str) -> str | None:
    """`owner/name@commit # version` of the newest known release of an action."""
    pin = newest_pin(action)
    return f"{action}@{pin.commit} # {pin.version}" if pin else None


def as_used_or_pinned(use: ActionUse) -> str | None:
    """An action as a step uses it, where that is a commit; else its newest known release, by its commit."""
    if not use.is_commit:
        return pinned(use.action)
    text, line = use.scalar.text, use.scalar.text.line_of(use.scalar.span.end)
    return use.scalar.value + text.content[use.scalar.span.end : text.line(line).end].rstrip()
