"""What an expression comes to when only a part of its contexts is known.

A value is a set of constants that it may have, and perhaps anything else. Unknown stays unknown, except
where the rest decides: `false && x` is false whatever x is, and `x && 'a' || 'b'` is one of `a` and `b`.
The rules: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TypeAlias

from checks.record import Record
from checks.source import expression_functions as functions
from checks.source.expression import (
    Binary,
    Call,
    Constant,
    Context,
    Expr,
    ExpressionError,
    Index,
    Not,
    Operator,
    parse,
    path_of,
)
from checks.source.expression_functions import Data, EvaluationError
from checks.source.expression_places import Found, find, of_if

MAX_ALTERNATIVES = 16
"""More alternatives than this are called unknown."""
_MAX_COMBINATIONS = 256
_STATUS = {"success": True, "always": True, "failure": False, "cancelled": False}


class Value(Record):
    """What a value may be."""

    constants: tuple[Data, ...] = ()
    """Constants that it may be."""
    other_falsy: bool = False
    """Whether it may be something else that counts as false: `false`, `0`, `''`, `null`."""
    other_truthy: bool = False
    """Whether it may be something else that counts as true."""

    @property
    def alternatives(self) -> tuple[Data, ...] | None:
        """Each constant that it may be; None if it may be anything else, too."""
        return None if self.other_falsy or self.other_truthy else self.constants

    @property
    def may_be_true(self) -> bool:
        return self.other_truthy or any(functions.truthy(constant) for constant in self.constants)

    @property
    def may_be_false(self) -> bool:
        return self.other_falsy or not all(functions.truthy(constant) for constant in self.constants)

    @property
    def truth(self) -> bool | None:
        """Whether an `if:` with this value holds; None if that is not known."""
        return None if self.may_be_true and self.may_be_false else self.may_be_true

    @property
    def if_true(self) -> Value:
        """What it may be where it counts as true; nothing at all where it never does."""
        return _only(self, True)

    @property
    def texts(self) -> tuple[str, ...] | None:
        """What may be put into the text around `${{ … }}`; None if it may be anything."""
        if self.alternatives is None or any(
            isinstance(c, tuple | functions.Object) for c in self.alternatives
        ):
            return None
        return tuple(dict.fromkeys(functions.text(constant) for constant in self.alternatives))


UNKNOWN = Value((), other_falsy=True, other_truthy=True)
EITHER = Value((False, True))
"""A boolean of which nothing more is known."""

Lookup: TypeAlias = Callable[[tuple[str, ...]], Value]
"""Value of a context by its path in lower case: `("github", "event_name")`. `UNKNOWN` where not known.

Also asked for status functions, as `("failure()",)`: where that is not known, it is that of a run in which nothing failed.
"""


def known(*constants: Data) -> Value:
    """A value that is one of `constants`."""
    return _either([Value(constants)])


def evaluate(expr: Expr, lookup: Lookup) -> Value:
    """The value of an expression by GitHub's rules, as far as it is known. Never raises.

    Status functions are those of a run in which nothing failed and nothing was cancelled, unless `lookup` knows better.
    """
    match expr:
        case Constant(value=value):
            return Value((value,))
        case Context(name=name):
            return lookup((name.lower(),))
        case Index():
            return _index(expr, lookup)
        case Not(operand=operand):
            return _not(evaluate(operand, lookup))
        case Binary(operator=Operator.AND | Operator.OR):
            return _logical(expr, lookup)
        case Binary(operator=operator, left=left, right=right):
            sides = (evaluate(left, lookup), evaluate(right, lookup))
            return _apply(lambda a, b: functions.compare(operator, a, b), sides, EITHER)
        case Call():
            return _call(expr, lookup)


def _either(values: Iterable[Value]) -> Value:
    """A value that is one of several."""
    values = tuple(values)
    distinct = {(type(constant), constant): constant for value in values for constant in value.constants}
    constants = tuple(sorted(distinct.values(), key=lambda constant: constant is True))
    falsy = any(value.other_falsy for value in values)
    truthy = any(value.other_truthy for value in values)
    if len(constants) > MAX_ALTERNATIVES:
        whole = Value(constants)
        return Value((), falsy or whole.may_be_false, truthy or whole.may_be_true)
    return Value(constants, falsy, truthy)


def _not(value: Value) -> Value:
    truth = value.truth
    return EITHER if truth is None else Value((not truth,))


def _logical(expr: Binary, lookup: Lookup) -> Value:
    """The left value where it decides, else the right one."""
    decides = expr.operator is Operator.OR
    left = evaluate(expr.left, lookup)
    if not (left.may_be_false if decides else left.may_be_true):
        return left
    return _either([_only(left, decides), evaluate(expr.right, lookup)])


def _only(value: Value, truth: bool) -> Value:
    """The part of a value that counts as true, or as false."""
    constants = tuple(constant for constant in value.constants if functions.truthy(constant) is truth)
    return Value(constants, value.other_falsy and not truth, value.other_truthy and truth)


def _apply(function: Callable[..., Data], arguments: tuple[Value, ...], otherwise: Value) -> Value:
    """A function's value over all alternatives of its arguments; `otherwise` where they are not known."""
    choices: list[tuple[Data, ...]] = []
    combinations = 1
    for argument in arguments:
        if argument.alternatives is None:
            return otherwise
        choices.append(argument.alternatives)
        combinations *= len(argument.alternatives)
    if combinations > _MAX_COMBINATIONS:
        return otherwise
    try:
        return _either([Value((function(*chosen),)) for chosen in itertools.product(*choices)])
    except EvaluationError:
        return otherwise


def _index(expr: Index, lookup: Lookup) -> Value:
    path = path_of(expr)
    value = lookup(_lower(path)) if path else UNKNOWN
    if value != UNKNOWN or expr.key is None:
        return value
    key = evaluate(expr.key, lookup)
    if path is None and (of := path_of(expr.of)) and key.texts and len(key.texts) == 1:
        value = lookup(_lower((*of, key.texts[0])))
    if value != UNKNOWN:
        return value
    return _apply(functions.item, (evaluate(expr.of, lookup), key), UNKNOWN)


def _lower(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in path)


def _call(expr: Call, lookup: Lookup) -> Value:
    if expr.name in _STATUS:
        value = lookup((f"{expr.name}()",))
        return Value((_STATUS[expr.name],)) if value == UNKNOWN else value
    arguments = tuple(evaluate(argument, lookup) for argument in expr.arguments)
    if expr.name == "case":
        return _case(arguments)
    function = functions.BY_NAME.get(expr.name)
    if function is None:
        return UNKNOWN
    call, least, most, otherwise = function
    if not least <= len(arguments) <= most:
        return UNKNOWN
    return _apply(call, arguments, EITHER if otherwise == "boolean" else UNKNOWN)


def _case(arguments: tuple[Value, ...]) -> Value:
    """`case(condition, value, condition, value, …, default)`."""
    if len(arguments) < 3 or len(arguments) % 2 == 0:
        return UNKNOWN
    possible: list[Value] = []
    for condition, value in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if condition.alternatives is None or not all(isinstance(c, bool) for c in condition.alternatives):
            return UNKNOWN
        if condition.truth is not False:
            possible.append(value)
        if condition.truth is True:
            return _either(possible)
    return _either([*possible, arguments[-1]])


def holds(source: str, lookup: Lookup) -> bool | None:
    """Whether an `if:` holds, written with or without `${{ }}`; None if that is not known.

    It is asked of a run in which nothing failed so far.
    """
    deciding = of_if(source)
    return True if deciding is None else value_of(deciding, lookup).truth


Filled: TypeAlias = tuple[str | Found, ...]
"""A text with what is not known left as it was found."""


def expand(text: str, lookup: Lookup) -> tuple[Filled, ...]:
    """Each text that `text` may become once its `${{ … }}` are filled in, at least one."""
    filled: list[Filled] = [()]
    at = 0
    for found in find(text):
        choices = value_of(found.source, lookup).texts
        if choices is None or len(choices) * len(filled) > MAX_ALTERNATIVES:
            parts: tuple[str | Found, ...] = (found,)
        else:
            parts = choices
        before = text[at : found.span.start]
        filled = [(*start, before, part) for start in filled for part in parts]
        at = found.span.end
    return tuple(dict.fromkeys(_joined((*start, text[at:])) for start in filled))


def value_of(source: str, lookup: Lookup) -> Value:
    """The value of an expression as it is written, without braces; `UNKNOWN` if it is none."""
    try:
        return evaluate(parse(source), lookup)
    except ExpressionError:
        return UNKNOWN


def _joined(parts: Filled) -> Filled:
    joined: list[str | Found] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part:
            joined.append(part)
    return tuple(joined)
