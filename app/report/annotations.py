"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message

Of one step GitHub shows the first 10 errors, 10 warnings and 10 notices, and of one job 50 of all:
https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations. The log has the others. What makes
the review incomplete comes first, so that it is not among them. How values are escaped is only in the runner's
own library: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.report.plain import plain, printable
from app.report.region import Region, region_of
from checks.check import Severity
from checks.engine import Found, Review, State

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def workflow_commands(review: Review, prefix: str = "") -> str:
    """One command a line: for what crashed or is missing, for each new finding, for what could not be read.

    `prefix` leads from the root of the repository to the folder that was reviewed ("services/web/" or
    nothing): GitHub wants paths from the root.
    """
    return "".join(f"{line}\n" for line in _commands(review, prefix))


def _commands(review: Review, prefix: str) -> Iterator[str]:
    for crashed in review.crashed:
        place = {"file": prefix + crashed.path} if crashed.path else {}
        yield _command("error", {**place, "title": f"{crashed.check} crashed"}, crashed.error)
    for reason in review.incomplete:
        yield _command("warning", {"title": "The review is incomplete"}, reason)
    for found in review.findings:
        if found.state is State.NEW:
            yield _of_finding(found, prefix)
    for unreadable in review.unreadable:
        place = {"file": prefix + unreadable.path, "line": str(unreadable.line)}
        yield _command("warning", {**place, "title": "Can't be read"}, unreadable.reason)


def _of_finding(found: Found, prefix: str) -> str:
    finding = found.finding
    place = {"file": prefix + finding.location.path, **_lines(region_of(finding.location))}
    text = f"{finding.message} {finding.consequence}".strip()
    return _command(_COMMANDS[found.severity], {**place, "title": found.check.id}, plain(text, "'"))


def _lines(region: Region) -> dict[str, str]:
    """GitHub takes columns only where a region stays on one line."""
    if region.start_line == region.end_line:
        last = max(region.start_column, region.end_column - 1)
        columns = {"col": str(region.start_column), "endColumn": str(last)}
    else:
        columns = {}
    at_line_start = region.end_column == 1 and region.end_line > region.start_line
    return {"line": str(region.start_line), "endLine": str(region.end_line - at_line_start), **columns}


def _command(name: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(printable(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(printable(message))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
