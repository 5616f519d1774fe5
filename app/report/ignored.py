"""What a person asked to leave out of one pull request, by a command."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from checks.engine import Found, Review, State
from checks.record import Record


class Ignore(Record):
    """A check whose new findings somebody takes responsibility for."""

    check: str
    """Its id."""
    author: str
    """A login."""
    reason: str


class Ignored(Record):
    """A finding that is left out."""

    found: Found
    ignore: Ignore


def without_ignored(
    review: Review, ignores: Sequence[Ignore], enforced: Collection[str]
) -> tuple[Review, tuple[Ignored, ...]]:
    """The review without the new findings of ignored checks, and those findings.

    What the organisation enforces stays. What stood there before is told by number anyhow, and stays too: code
    scanning would take it for mended.
    """
    by_check = {one.check: one for one in ignores if one.check not in enforced}
    left_out = tuple(
        Ignored(found, by_check[found.check.id])
        for found in review.findings
        if found.state is State.NEW and found.check.id in by_check
    )
    gone = {id(one.found) for one in left_out}
    return replace(review, findings=tuple(it for it in review.findings if id(it) not in gone)), left_out
