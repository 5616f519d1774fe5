"""GitHub's functions and comparisons over values that are known.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from checks.record import Record
from checks.regex import regex
from checks.source.expression import Operator, Scalar
from checks.source.expression_tokens import number

MAX_TEXT = 20_000
"""Longer texts are not built: `format` nested in `format` doubles them."""


class Object(Record):
    """A JSON object. Names are compared without regard to case."""

    entries: tuple[tuple[str, Data], ...]


Data: TypeAlias = Scalar | Object | tuple["Data", ...]


class EvaluationError(ValueError):
    """A call that GitHub refuses, or a value too large to follow."""


def truthy(value: Data) -> bool:
    """`false`, `0`, `NaN`, `''` and `null` are false; all else, empty arrays too, is true."""
    if isinstance(value, float | int):
        return bool(value) and not math.isnan(value)
    return isinstance(value, tuple | Object) or bool(value)


def text(value: Data) -> str:
    """The value as a string."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() | int():
            return _number_text(value)
        case str():
            return value
        case Object():
            return "Object"
    return "Array"


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def _number(value: Data) -> float:
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
        case str():
            return number(value)
    return math.nan


def _is_plain(value: Data) -> bool:
    return not isinstance(value, tuple | Object)


_ORDERS = {
    Operator.EQUAL: (0,),
    Operator.UNEQUAL: (-1, 1),
    Operator.LESS: (-1,),
    Operator.AT_MOST: (-1, 0),
    Operator.GREATER: (1,),
    Operator.AT_LEAST: (0, 1),
}


def _upper(value: str) -> str:
    """Upper case as .NET's invariant culture has it: the dotless i stays."""
    return "ı".join(part.upper() for part in value.split("ı"))


def compare(operator: Operator, left: Data, right: Data) -> bool:
    """Loose comparison: of different types as numbers; of strings without regard to case."""
    if not (_is_plain(left) and _is_plain(right)):
        raise EvaluationError("arrays and objects are compared by identity")
    if isinstance(left, str) and isinstance(right, str):
        order = (_upper(left) > _upper(right)) - (_upper(left) < _upper(right))
    else:
        low, high = _number(left), _number(right)
        if math.isnan(low) or math.isnan(high):
            return operator is Operator.UNEQUAL
        order = (low > high) - (low < high)
    return order in _ORDERS[operator]


def item(of: Data, key: Data) -> Data:
    """`of[key]`; null where there is none."""
    if isinstance(of, Object):
        sought = _upper(text(key)) if _is_plain(key) else None
        return next((value for name, value in of.entries if _upper(name) == sought), None)
    index = _number(key)
    if isinstance(of, tuple) and 0 <= index < len(of):
        return of[int(index)]
    return None


def _contains(search: Data, sought: Data) -> bool:
    if isinstance(search, tuple):
        return any(_is_plain(v) and _is_plain(sought) and compare(Operator.EQUAL, v, sought) for v in search)
    return _is_plain(search) and _is_plain(sought) and _upper(text(sought)) in _upper(text(search))


def _starts_with(search: Data, sought: Data) -> bool:
    return _is_plain(search) and _is_plain(sought) and _upper(text(search)).startswith(_upper(text(sought)))


def _ends_with(search: Data, sought: Data) -> bool:
    return _is_plain(search) and _is_plain(sought) and _upper(text(search)).endswith(_upper(text(sought)))


_PLACEHOLDER = regex(r"\{\{|\}\}|\{([0-9]{1,4})(?::[^{}]*)?\}|[{}]")


def _format(template: Data, *arguments: Data) -> str:
    source = text(template)
    parts: list[str] = []
    at = length = 0
    for match in _PLACEHOLDER.finditer(source):
        if match[1] is not None and int(match[1]) >= len(arguments):
            raise EvaluationError("refers to an argument that is not given")
        if match[0] in {"{", "}"}:
            raise EvaluationError("a single brace")
        value = text(arguments[int(match[1])]) if match[1] else match[0][0]
        parts += source[at : match.start()], value
        length += len(value)
        if length > MAX_TEXT:
            raise EvaluationError("too long")
        at = match.end()
    return "".join((*parts, source[at:]))


def _join(array: Data, separator: Data = ",") -> str:
    if not isinstance(array, tuple):
        return text(array) if _is_plain(array) else ""
    joined = (text(separator) if _is_plain(separator) else ",").join(text(value) for value in array)
    if len(joined) > MAX_TEXT:
        raise EvaluationError("too long")
    return joined


def _to_json(value: Data) -> str:
    if not _is_plain(value):
        raise EvaluationError("how it is laid out is not worth knowing")
    if isinstance(value, float) and not isinstance(value, bool):
        return _number_text(value)
    return json.dumps(value, ensure_ascii=False)


def _from_json(source: Data) -> Data:
    try:
        return _frozen(json.loads(text(source)), 0)
    except (ValueError, RecursionError) as error:
        raise EvaluationError("no JSON") from error


def _frozen(value: object, depth: int) -> Data:
    if depth > 20:
        raise EvaluationError("too deep")
    match value:
        case dict():
            return Object(tuple((str(key), _frozen(entry, depth + 1)) for key, entry in value.items()))
        case list():
            return tuple(_frozen(entry, depth + 1) for entry in value)
        case bool() | None | str():
            return value
        case int() | float():
            return float(value)
    raise EvaluationError("no JSON")


BY_NAME: Mapping[str, tuple[Callable[..., Data], int, int, str]] = {
    "contains": (_contains, 2, 2, "boolean"),
    "startswith": (_starts_with, 2, 2, "boolean"),
    "endswith": (_ends_with, 2, 2, "boolean"),
    "format": (_format, 1, 255, ""),
    "join": (_join, 1, 2, ""),
    "tojson": (_to_json, 1, 1, ""),
    "fromjson": (_from_json, 1, 1, ""),
}
"""By name in lower case: the function, the fewest and the most arguments, and what it returns at least."""
