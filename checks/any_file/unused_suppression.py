"""Ignore comment leaves nothing out

`# tidewaiter: ignore[check-id] reason` stays behind when what it was written for is repaired. From then on
it waits: the next finding of that check at that place is left out, and nobody decided that. A comment
without a reason, or whose last day is over, is not in force, and its finding is told all the same.

Delete the comment, or the id that leaves nothing out. A reason that still holds wants a new last day.

The check is silent for ids of checks that the config switches off.

References:

- https://github.com/tidewaiter/tidewaiter#readme
- https://docs.astral.sh/ruff/rules/unused-noqa/
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Outside,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.suppression.ignores import Ignore, UnusedIgnore

check = Check(
    id="unused-suppression",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=tuple(Kind),
    fix=Applicability.SAFE,
    scope=Scope.OUTCOME,
    tags=("suppression",),
    examples=(
        Example(
            title="what it was written for is repaired",
            files="""\
-- Dockerfile --
FROM debian:13
USER 1001
# tidewaiter: ignore[shell-form-entrypoint] the old init needed it
ENTRYPOINT ["/srv/run"]
""",
            at="# tidewaiter: ignore[shell-form-entrypoint] the old init needed it",
            fixed="""\
-- Dockerfile --
FROM debian:13
USER 1001
ENTRYPOINT ["/srv/run"]
""",
        ),
        Example(
            title="one of two ids, at the end of a line",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/linter@main  # tidewaiter: ignore[sarif-severity-ignored, action-on-branch] we own it
""",
            at="# tidewaiter: ignore[sarif-severity-ignored, action-on-branch] we own it",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/linter@main  # tidewaiter: ignore[action-on-branch] we own it
""",
        ),
        Example(
            title="its last day is over: what it left out is told again, and it goes",
            files="""\
-- Dockerfile --
FROM debian:13
USER 1001
# tidewaiter: ignore[shell-form-entrypoint] until 2026-01-31 the old init needed it
ENTRYPOINT /srv/run
""",
            at="# tidewaiter: ignore[shell-form-entrypoint] until 2026-01-31 the old init needed it",
            fixed="""\
-- Dockerfile --
FROM debian:13
USER 1001
ENTRYPOINT /srv/run
""",
            outside=Outside(today=datetime.date(2026, 11, 24)),
        ),
        Example(
            title="no reason: it never was in force, and only its author knows one",
            files="""\
-- Dockerfile --
FROM debian:13
USER 1001
# tidewaiter: ignore[shell-form-entrypoint]
ENTRYPOINT /srv/run
""",
            at="# tidewaiter: ignore[shell-form-entrypoint]",
        ),
        Example(
            title="comments that leave something out, and an id that no check has",
            files="""\
-- Dockerfile --
FROM debian:13
USER 1001
# tidewaiter: ignore[shell-form-entrypoint] the old init needs it
ENTRYPOINT /srv/run
# tidewaiter: ignore[no-such-check] from a newer version
EXPOSE 80
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in repo.unused_ignores:
        yield _finding(one)


def _finding(one: UnusedIgnore) -> Finding:
    comment = one.ignore
    lapsed = bool(comment.lapsed)
    consequence = (
        "It is not in force, and what it was written for is told."
        if lapsed
        else "The next finding of that check at this place would be left out unseen."
    )
    return Finding(
        message=f"{code(comment.location.fragment)} {one.why}.",
        consequence=consequence,
        location=comment.location,
        fixes=() if comment.lapsed and not comment.reason else _deleted(comment, one.id),
    )


def _deleted(comment: Ignore, name: str) -> tuple[Fix, ...]:
    """Takes the id out, or the whole comment where it has no other."""
    text, span = comment.location.text, comment.location.span
    if len(comment.ids) > 1 and not comment.lapsed:
        start = span.start + comment.location.fragment.index("[") + 1
        end = span.start + comment.location.fragment.index("]")
        kept = ", ".join(other for other in comment.ids if other != name)
        if "until" in text.content[start:end]:
            return ()
        return offer(f"take {code(name)} out", Applicability.SAFE, Edit(text.path, Span(start, end), kept))
    line = text.line_of(span.start)
    if comment.is_alone:
        return offer("delete the comment", Applicability.SAFE, Edit(text.path, text.full_line(line), ""))
    before = text.content[text.line(line).start : span.start]
    gone = Span(text.line(line).start + len(before.rstrip()), span.end)
    return offer("delete the comment", Applicability.SAFE, Edit(text.path, gone, ""))
