"""Which context an expression names, and which names of contexts mean the same.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.source.expression import Constant, Context, Expr, Index

INPUTS = ("inputs",)
EVENT_INPUTS = ("github", "event", "inputs")
"""The other name of what somebody types who starts a workflow by hand, in which a boolean is a text:
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#inputs-context"""


def context_path(expr: Expr) -> tuple[str, ...]:
    """The keys of a context, with `*` for one that is a number or an expression; empty for anything else."""
    keys: list[str] = []
    while isinstance(expr, Index):
        key = expr.key
        keys.append(key.value if isinstance(key, Constant) and isinstance(key.value, str) else "*")
        expr = expr.of
    return (expr.name, *reversed(keys)) if isinstance(expr, Context) else ()


def input_of(path: Sequence[str]) -> str | None:
    """The name of the input, in lower case, that a path names in either way; None where it names none."""
    *above, name = (key.lower() for key in path)
    return name if tuple(above) in (INPUTS, EVENT_INPUTS) else None
