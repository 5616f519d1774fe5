"""Whether a text of a step certainly has what a context holds, in one leg of its job's matrix."""

from __future__ import annotations

from checks.facts.workflow.context_paths import input_of
from checks.facts.workflow.resolve import Scope
from checks.record import Record
from checks.source.expression import (
    Binary,
    Call,
    Constant,
    Expr,
    ExpressionError,
    Operator,
    parse,
    path_of,
)
from checks.source.expression_places import find

_FALSE = ("", "0", "false")


def has_text(text: str, path: str, scope: Scope) -> bool:
    """Whether `${{ … }}` of a text puts in what stands in a context, `inputs.tag`, wherever that isn't empty.

    By itself, by `format`, and as a choice of which the leg tells that it is taken.
    """
    return any(_has(one.source, path, scope) for one in find(text))


def _has(source: str, path: str, scope: Scope) -> bool:
    try:
        return _Sought(path, source, scope).is_in(parse(source))
    except ExpressionError:
        return False


class _Sought(Record):
    """What is looked for, and where."""

    path: str
    source: str
    scope: Scope

    def is_in(self, expr: Expr) -> bool:
        if isinstance(expr, Binary) and expr.operator is Operator.AND:
            left = self._known(expr.left)
            return left is not None and left not in _FALSE and self.is_in(expr.right)
        if isinstance(expr, Binary) and expr.operator is Operator.OR:
            return self.is_in(expr.left) or (self._is_false(expr.left) and self.is_in(expr.right))
        if isinstance(expr, Call) and expr.name == "format":
            return self._is_formatted(expr)
        named = path_of(expr)
        if named is None:
            return False
        given = input_of(named)
        return (given is not None and given == input_of(self.path.split("."))) or ".".join(
            named
        ).lower() == self.path.lower()

    def _is_formatted(self, call: Call) -> bool:
        template = call.arguments[0] if call.arguments else None
        written = template.value if isinstance(template, Constant) else None
        if not isinstance(written, str):
            return False
        holes = written.replace("{{", "").replace("}}", "")
        return any(f"{{{at}}}" in holes and self.is_in(one) for at, one in enumerate(call.arguments[1:]))

    def _is_false(self, expr: Expr) -> bool:
        """Whether a part is known as false; a text that reads `0` or `false` holds, and a matrix may give such."""
        known = self._known(expr)
        return known == "" or (known in _FALSE and isinstance(expr, Binary))

    def _known(self, expr: Expr) -> str | None:
        """What a part comes to, if that is known."""
        part = self.source[expr.span.start : expr.span.end]
        return self.scope.value(f"${{{{ {part} }}}}").literal
