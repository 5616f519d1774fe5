"""Results that are kept for all repositories of a review."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

T = TypeVar("T")


class Memo:
    """Results of pure functions by the identity of what they were made from.

    Shared by the repositories of a review, so that only what an edit touches is parsed and related again.
    An edited repository has a memo of its own on top, which goes with it.
    """

    def __init__(self, below: Memo | None = None) -> None:
        self._results: dict[Hashable, object] = {}
        self.layers: tuple[Mapping[Hashable, object], ...] = (self._results, *(below.layers if below else ()))
        """Its own results, then those below."""

    def __call__(self, function: Callable[..., T], *arguments: Hashable) -> T:
        key = (function, arguments)
        for layer in self.layers:
            if key in layer:
                return layer[key]  # type: ignore[return-value]  # filled by the same function
        self._results[key] = result = function(*arguments)
        return result
