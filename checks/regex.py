"""Regular expressions of a module, compiled at their first use.

All checks together hold several hundred, of which one review uses a part; compiled as the modules are
imported they were a sixth of what the command takes to start.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = frozenset({"match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn"})


class _AtFirstUse:
    """Stands for the pattern; its methods become the compiled one's own as soon as one is asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(self, name)

    def __repr__(self) -> str:
        return f"regex({self.pattern!r})"


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, of which only the methods that match and `pattern` may be used.

    A pattern with a mistake raises `re.error` at its first use, not here.
    """
    return cast("re.Pattern[str]", _AtFirstUse(pattern, flags))
