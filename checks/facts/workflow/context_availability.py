"""Workflows that GitHub refuses as a whole, since an expression names a context, or a function, that its key does not have.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TypeAlias

from checks.facts.workflow.workflows import Workflow
from checks.source import expression, yaml
from checks.source.expression_places import find
from checks.source.yaml import Node, Scalar, Sequence

_Available: TypeAlias = "frozenset[str] | Mapping[str, _Available]"
"""The contexts for all that is written below a key; or that by the keys below it, where `*` is any of them, and any item of
a list, and the empty key is what is written in place of them all. Of a key that isn't named nothing is known."""

_START = frozenset(("github", "inputs", "vars"))
_NEEDED = _START | {"needs"}
_LEG = _NEEDED | {"matrix", "strategy"}
_SECRET = _LEG | {"secrets"}
_MACHINE = _LEG | {"env", "job", "runner"}
_STEP_CONDITION = _MACHINE | {"steps"}
_STEP = _STEP_CONDITION | {"secrets"}
_CONTAINER: _Available = {
    "": _LEG,
    "image": _LEG,
    "credentials": _SECRET | {"env"},
    "env": _MACHINE | {"secrets"},
}
_IN_STEPS: _Available = {
    "if": _STEP_CONDITION,
    **dict.fromkeys(
        ("continue-on-error", "env", "name", "run", "timeout-minutes", "with", "working-directory"), _STEP
    ),
}
_IN_JOBS: _Available = {
    "if": _NEEDED,
    "strategy": _NEEDED,
    **dict.fromkeys(("concurrency", "continue-on-error", "name", "runs-on", "timeout-minutes", "with"), _LEG),
    "container": _CONTAINER,
    "defaults": {"run": _LEG | {"env"}},
    "env": _SECRET,
    "environment": {"": _LEG, "name": _LEG, "url": _STEP_CONDITION},
    "outputs": _STEP,
    "secrets": _SECRET,
    "services": {"*": _CONTAINER},
    "steps": {"*": _IN_STEPS},
}
_AVAILABLE: _Available = {
    "concurrency": _START,
    "env": _START | {"secrets"},
    "run-name": _START,
    "jobs": {"*": _IN_JOBS},
}
_OF_FILES = frozenset(("hashfiles",))
"""What the condition of a job can't call: no machine has the files yet."""
_CONTEXTS = _STEP | {"jobs"}
"""All that there are: another name is a typing error, or stands for another forge or for a program that fills it in."""


def names_what_is_missing(workflow: Workflow) -> bool:
    """Whether GitHub starts no run of a workflow: what an expression names certainly isn't available there."""
    return any(
        _names_one(scalar.value, _CONTEXTS - available, _OF_FILES, is_condition=True)
        if is_condition and available == _NEEDED
        else _names_one(scalar.value, _CONTEXTS - available, frozenset(), is_condition=is_condition)
        for scalar, available, is_condition in _written(workflow.node, _AVAILABLE)
    )


def evaluated(workflow: Workflow) -> Iterator[tuple[Scalar, bool]]:
    """The texts of a workflow in which GitHub looks for expressions, and whether they are conditions, which need no braces."""
    return ((scalar, is_condition) for scalar, _, is_condition in _written(workflow.node, _AVAILABLE))


def _written(
    node: Node, available: _Available, *, is_condition: bool = False
) -> Iterator[tuple[Scalar, frozenset[str], bool]]:
    """The texts below a key, with what is available in them, and whether they are conditions, which need no braces."""
    if isinstance(available, frozenset):
        yield from ((one, available, is_condition) for one in yaml.walk(node) if isinstance(one, Scalar))
        return
    below: list[tuple[str, Node]] = []
    if isinstance(node, yaml.Mapping):
        below = [(one.key.value, one.value) for one in node.entries if isinstance(one.key, Scalar)]
    elif isinstance(node, Sequence):
        below = [("*", one) for one in node.items]
    elif isinstance(node, Scalar):
        below = [("", node)]
    for key, value in below:
        of_key = available.get(key, available.get("*"))
        if of_key is not None:
            yield from _written(value, of_key, is_condition=key == "if")


def _names_one(text: str, contexts: frozenset[str], functions: frozenset[str], *, is_condition: bool) -> bool:
    """Whether an expression of a text names one of some contexts or functions; what can't be read names none."""
    lowered = text.lower()
    if not any(one in lowered for one in contexts | functions):
        return False
    inner = [one.source for one in find(text)]
    sources = [text] if is_condition and "${{" not in text else inner
    return any(map(partial(_holds_one, contexts, functions), sources))


def _holds_one(contexts: frozenset[str], functions: frozenset[str], source: str) -> bool:
    try:
        parts = tuple(expression.walk(expression.parse(source)))
    except expression.ExpressionError:
        return False
    named = {part.name.lower() for part in parts if isinstance(part, expression.Context)}
    called = {part.name for part in parts if isinstance(part, expression.Call)}
    return not named.isdisjoint(contexts) or not called.isdisjoint(functions)
