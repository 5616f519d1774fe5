"""The steps of CodeQL's action, which move to a release together.

What `init` leaves, `autobuild` and `analyze` take from a step of the very same version only: a commit for one of them
parts it from the others on the day on which their tag moves.
https://github.com/github/codeql-action/blob/main/CHANGELOG.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from checks.facts.action.pin_edits import at_tag, pin
from checks.facts.action.releases import Release
from checks.facts.action.version_comments import version_comment
from checks.facts.workflow.uses import ActionUse
from checks.regex import regex
from checks.source.snapshot import Edit

CODEQL = "github/codeql-action"
_OF_ONE_RUN = frozenset(("init", "autobuild", "analyze"))
_LINE = regex(r"v\d{1,9}")


def siblings(uses: Sequence[ActionUse], every: Iterable[ActionUse]) -> tuple[ActionUse, ...]:
    """What else in the file of some uses has to be of their version."""
    if not any(use.path in _OF_ONE_RUN for use in uses):
        return ()
    known = {id(use.scalar) for use in uses}
    return tuple(
        one
        for one in every
        if one.repository == CODEQL
        and one.path in _OF_ONE_RUN
        and one.scalar.text is uses[0].scalar.text
        and id(one.scalar) not in known
    )


def are_at_tags(uses: Iterable[ActionUse]) -> bool:
    """Whether each use is at the tag of a major version, as `v4`, without a comment that says more."""
    return all(_LINE.fullmatch(use.ref) and version_comment(use) is None for use in uses)


def moved(uses: Iterable[ActionUse], release: Release, *, to_tag: bool) -> Iterator[Edit]:
    """Moves uses to the tag of a release's major version, or to its commit."""
    for use in uses:
        if not to_tag:
            yield from pin(use, release.version, release.commit) if use.ref != release.commit else ()
        elif use.ref != line_of(release):
            yield from at_tag(use, release, line_of(release))


def also_in(others: Iterable[ActionUse], release: Release, *, to_tag: bool) -> str:
    """What the title of a move says of siblings that move along; empty where all are there already."""
    moving = sum(any(moved((use,), release, to_tag=to_tag)) for use in others)
    return (
        f", also in {'one more step' if moving == 1 else f'{moving} more steps'} of the analysis"
        if moving
        else ""
    )


def line_of(release: Release) -> str:
    """The tag of a release's major version."""
    return f"v{release.number[0]}"
