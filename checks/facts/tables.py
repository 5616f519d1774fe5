"""Tables of facts that change in the world: JSON in `data`, each with its source, and for what has days with the one on which it was checked."""

from __future__ import annotations

import datetime
import json
import pkgutil
from functools import cache
from typing import Any


@cache
def table(name: str) -> Any:
    """The table `data/<name>.json`, decoded; it is one for all who ask, and not to be changed."""
    content = pkgutil.get_data(__package__, f"data/{name}.json")
    if content is None:
        raise FileNotFoundError(f"the package has no data/{name}.json")
    return json.loads(content)


DATED = frozenset({"deprecation", "end-of-life", "pinning"})
"""Tags of the checks that go by a table's releases and days."""


_SUBJECTS = {
    "actions": "action_releases",
    "tools": "tool_releases",
    "languages and distributions": "end_of_life",
}


@cache
def checked_on(name: str) -> datetime.date:
    """The day on which a table was checked."""
    return datetime.date.fromisoformat(table(name)["checked"])


@cache
def checked() -> str:
    """On which day each table of releases was checked, as the end of a sentence, with days as YYYY-MM-DD."""
    return ", ".join(f"{subject} as of {table(name)['checked']}" for subject, name in _SUBJECTS.items())
