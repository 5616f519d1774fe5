"""Who owns all of a repository, by its CODEOWNERS.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.source.kind import CODE_OWNERS
from checks.source.text import Text

_ALL = "*"
"""The pattern of those who own what no later line gives to others."""


def owners_of_all(texts: Mapping[str, Text]) -> frozenset[str]:
    """The people, in lower case, whom the last line for all files names: each of them can write to the repository.

    No teams, which are their organisation's, and no addresses. GitHub takes the first of the places.
    """
    text = next((texts[path] for path in CODE_OWNERS if path in texts), None)
    lines = [line.partition("#")[0].split() for line in text.content.splitlines()] if text else []
    last = next(
        (names for pattern, *names in reversed([line for line in lines if line]) if pattern == _ALL), []
    )
    return frozenset(name[1:].lower() for name in last if name.startswith("@") and "/" not in name)
