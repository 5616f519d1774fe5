"""What comes in beside the files of a repository."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from msgspec import field

from checks.facts.action.upstream import Upstream
from checks.record import Record
from checks.source.text import Text


class Outside(Record, eq=False):
    """What is known of a repository that its files do not say. Everything may be unknown."""

    slug: str | None = None
    """`owner/name` on GitHub."""
    visibility: str | None = None
    """`public`, `private` or `internal`."""
    made: datetime.date | None = None
    """The day on which the repository was made on GitHub."""
    ids: tuple[int, int] | None = None
    """GitHub's numbers of its owner and of itself."""
    today: datetime.date | None = None
    """The day of the review; without it nothing is out of date."""
    actions: Mapping[str, Upstream] = field(default_factory=dict)
    """By `owner/name` in lower case: what GitHub says that the repositories of actions have. Without it the shipped
    table counts."""
    registries: frozenset[str] = frozenset()
    """Registry hosts that the organisation calls its own."""
    accounts: frozenset[str] = frozenset()
    """AWS accounts that the organisation calls its own."""
    others: Mapping[str, Text] = field(default_factory=dict)
    """Files of other repositories of the owner, by what `path_elsewhere` calls them. What they declare counts as
    if it stood here; what is wrong with them is not this repository's."""
