"""The legs of a job's matrix.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from checks.facts.deployment.kubernetes import at
from checks.facts.workflow.workflows import Job
from checks.record import kept_with
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar, Sequence

MAX_LEGS = 256
"""GitHub's own limit on the jobs of one matrix."""

_MAX_CHANGES = 1_000
"""Entries of `include` or `exclude`: each is compared with each leg."""

_CHANGES = ("include", "exclude")
"""What of a matrix is no key of its legs."""

Leg = Mapping[str, Node]
"""The value of each key of the matrix."""


@kept_with
def legs(job: Job) -> tuple[Leg, ...] | None:
    """The legs that a job runs in, one empty one without a matrix; None where they can't be known."""
    matrix = at(job.node, "strategy", "matrix")
    if matrix is None:
        return ({},)
    if not isinstance(matrix, YamlMapping):
        return None
    axes: dict[str, tuple[Node, ...]] = {}
    extra: dict[str, tuple[YamlMapping, ...]] = {"include": (), "exclude": ()}
    for entry in matrix.entries:
        items = entry.value.items if isinstance(entry.value, Sequence) else None
        if items is None or not isinstance(entry.key, Scalar) or any(_computed(item) for item in items):
            return None
        if entry.key.value in extra:
            extra[entry.key.value] = tuple(item for item in items if isinstance(item, YamlMapping))
        else:
            axes[entry.key.value] = items
    return _expand(axes, extra["include"], extra["exclude"])


@kept_with
def keys_of_legs(job: Job) -> frozenset[str]:
    """The keys that some leg of a job has, in lower case."""
    return frozenset(key.lower() for leg in legs(job) or () for key in leg)


def name_of_leg(job: Job) -> str:
    """What an expression tells the legs of a job apart by; empty without a matrix.

    That is the only key, where its values are plain, and none is that of several legs, as an `include` may have it that
    adds some or is not known; else their number.
    """
    matrix = at(job.node, "strategy", "matrix")
    if matrix is None:
        return ""
    keys = [entry.key for entry in matrix.entries] if isinstance(matrix, YamlMapping) else []
    names = [key.value for key in keys if isinstance(key, Scalar) and key.value not in _CHANGES]
    values = matrix.get(names[0]) if isinstance(matrix, YamlMapping) and len(names) == 1 else None
    is_plain = isinstance(values, Sequence) and all(isinstance(one, Scalar) for one in values.items)
    found = legs(job)
    told = [leg.get(names[0]) for leg in found or ()] if is_plain else []
    is_known = found is not None or len(keys) == 1
    are_apart = is_known and len({one.value for one in told if isinstance(one, Scalar)}) == len(told)
    return f"matrix.{names[0]}" if is_plain and are_apart else "strategy.job-index"


def _computed(node: Node) -> bool:
    return isinstance(node, Scalar) and "${{" in node.value


def _expand(
    axes: dict[str, tuple[Node, ...]], include: tuple[YamlMapping, ...], exclude: tuple[YamlMapping, ...]
) -> tuple[Leg, ...] | None:
    number = 1
    for items in axes.values():
        number *= len(items)
    if number > MAX_LEGS or max(len(include), len(exclude)) > _MAX_CHANGES:
        return None
    combinations = [dict(zip(axes, row, strict=True)) for row in product(*axes.values())] if axes else []
    kept = [leg for leg in combinations if not any(_agrees(leg, other) for other in exclude)]
    originals = [dict(leg) for leg in kept]
    for addition in include:
        entries = {
            entry.key.value: entry.value for entry in addition.entries if isinstance(entry.key, Scalar)
        }
        fitting = [
            leg
            for leg, original in zip(kept, originals, strict=False)
            if all(_same(original[key], value) for key, value in entries.items() if key in original)
        ]
        for leg in fitting:
            leg.update(entries)
        if not fitting:
            kept.append(dict(entries))
    return tuple(kept) if 0 < len(kept) <= MAX_LEGS else None


def _agrees(leg: Leg, other: YamlMapping) -> bool:
    """Whether a leg has all that an `exclude` names."""
    return all(
        isinstance(entry.key, Scalar) and entry.key.value in leg and _same(leg[entry.key.value], entry.value)
        for entry in other.entries
    )


def _same(one: Node, other: Node) -> bool:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.value == other.value
    if isinstance(one, YamlMapping) and isinstance(other, YamlMapping):
        values = [(one.get(key), other.get(key)) for key in one.keys]
        return one.keys == other.keys and all(a and b and _same(a, b) for a, b in values)
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one.items) == len(other.items) and all(map(_same, one.items, other.items))
    return False
