"""What a defect of ours may cost: the part of the analysis that it is in, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def attempted(act: Callable[[], T]) -> T | str:
    """What comes of a part of the analysis, which is never a text, or in words how it crashed."""
    try:
        return act()
    except MemoryError:
        raise  # no defect of the part: the limit is the whole review's
    except Exception as error:  # noqa: BLE001 - any defect of a part is told and must not lose the others
        return f"{type(error).__name__}: {error}"
