"""What the legs of a job's matrix give to the condition of a step, and which of them it runs in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from checks.facts.deployment.kubernetes import at
from checks.facts.workflow.conditions import WHATEVER_COMES, Given, asked_of, empty_inputs, may_hold
from checks.facts.workflow.events import events
from checks.facts.workflow.matrix import Leg, legs
from checks.facts.workflow.workflows import Job, Step
from checks.record import kept_with
from checks.regex import regex
from checks.source.evaluation import UNKNOWN, Value, known
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar

_NUMBER = regex(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_LIKE_NUMBER = regex(r"[-+]?\.?(?:\d|inf|nan).*", re.IGNORECASE)
"""What is plain and may be another spelling of a number, or a date."""


def given_by_legs(job: Job, condition: str) -> Sequence[Given]:
    """What is given of the matrix that a condition asks for, in each leg of a job that differs in that; nothing where a leg is not known.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#matrix-context
    """
    paths = [path for path in asked_of("matrix", condition) if "*" not in path]
    found = legs(job) if paths and not _is_filled_in(job) else None
    rows = dict.fromkeys(tuple(_value(leg, path[1:]) for path in paths) for leg in found or ())
    return [dict(zip(paths, row, strict=True)) for row in rows] or ({},)


@kept_with
def legs_of_step(step: Step) -> tuple[Leg, ...]:
    """The legs of its job that a step may run in by its `if`, one empty one where they can't be known; all where it runs in none."""
    job, condition = step.job, step.condition.value if step.condition is not None else ""
    every = (legs(job) or ({},)) if job is not None else ({},)
    paths = [path for path in asked_of("matrix", condition) if "*" not in path]
    if job is None or not paths or _is_filled_in(job):
        return every

    def may_run(leg: Leg) -> bool:
        given = {**WHATEVER_COMES, **{path: _value(leg, path[1:]) for path in paths}}
        return any(
            may_hold(condition, event, {**given, **empty_inputs(job.workflow, event)})
            for event in events(job.workflow)
        )

    return tuple(filter(may_run, every)) or every


def _is_filled_in(job: Job) -> bool:
    """Whether a part of the matrix comes from elsewhere."""
    matrix = at(job.node, "strategy", "matrix")
    return matrix is not None and "${{" in job.node.text[matrix.span]


def _value(leg: Leg, names: Iterable[str]) -> Value:
    """What a path of names, in lower case, comes to in a leg; null where there is nothing."""
    found: Node | None = None
    inside: Mapping[str, Node | None] = leg
    for name in names:
        if found is not None and not isinstance(found, YamlMapping):
            return UNKNOWN
        fitting = [value for key, value in inside.items() if key.lower() == name]
        if len(fitting) != 1:
            return UNKNOWN if fitting else known(None)
        found = fitting[0]
        inside = {key: found.get(key) for key in found.keys} if isinstance(found, YamlMapping) else {}
    return _constant(found) if isinstance(found, Scalar) else UNKNOWN


def _constant(node: Scalar) -> Value:
    """A scalar as GitHub reads it, where that is beyond doubt."""
    if "${{" in node.value:  # by an alias
        return UNKNOWN
    boolean = node.as_bool()
    if node.is_null or boolean is not None:
        return known(boolean)
    if not node.is_plain or not _LIKE_NUMBER.fullmatch(node.value):
        return known(node.value)
    return known(float(node.value)) if _NUMBER.fullmatch(node.value) else UNKNOWN
