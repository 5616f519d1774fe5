"""The base of all classes that are their fields, and never change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, dataclass_transform

from msgspec import Struct, field

R = TypeVar("R", bound="Record")
T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record(Struct, frozen=True):
    """What a frozen dataclass is, made in a fiftieth of the time: a dataclass compiles its methods from text, half a
    millisecond for each class, and all checks together have three hundred to make before the command can start.

    Equal to a record of the same class whose fields are equal; with `eq=False` to itself only. `dict=True` gives it
    room for cached properties. A changed copy is made by `msgspec.structs.replace`.
    """


def kept_with(read: Callable[[R], T]) -> Callable[[R], T]:
    """What a function makes of a record, kept as long as the record is: as a cached property of another module.

    A cache of the function's own would hold on to the files of reviews that are over. The record needs `dict=True`.
    """
    name = f"{read.__module__}.{read.__qualname__}"

    @wraps(read)
    def once(record: R) -> T:
        known = vars(record)
        if name not in known:
            known[name] = read(record)
        found: T = known[name]
        return found

    return once
