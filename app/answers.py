"""What commands are answered with, in Markdown: pure text, each with a hidden last line by which we find it again."""

from __future__ import annotations

from difflib import get_close_matches

from app import commands
from app.commands import EXPLAIN, IGNORE
from app.fixes import Fixed
from app.github.pull import PullRequest
from app.jobs import Asked, Job
from app.report import markdown
from app.report.catalogue import page
from checks.catalogue import catalogue
from checks.check import Check, code
from checks.record import Record

HELP_MARKER = "<!-- tidewaiter:help -->"
_MOST_LISTED = 50
"""Fixes that an answer lists."""


class Told(Record):
    """An answer."""

    body: str
    """Ends with the marker."""
    marker: str


def help_() -> Told:
    return Told(f"{commands.table()}\n{commands.RULES}\n\n{HELP_MARKER}", HELP_MARKER)


def explained(name: str, check: Check | None, pages: str) -> Told:
    """The page of a check; or that there is none of that name."""
    marker = f"<!-- tidewaiter:explain={check.id if check else '?'} -->"
    if check is None:
        return Told(f"{_unknown(name) if name else _usage(EXPLAIN)}\n\n{marker}", marker)
    address = f"{pages}/{check.id}" if pages else ""
    end = f"<sub>{markdown.link(check.id, address)}</sub>\n{marker}" if address else marker
    parts = page(check).split("\n\n")
    kept = markdown.budgeted(
        parts, markdown.MAX_BODY - len(end) - 2 * len(parts) - 200, "… and {} parts more."
    )
    return Told("\n\n".join([*kept, end]), marker)


def not_understood(asked: Asked, check: Check | None) -> Told:
    """To `/ignore` without a check that there is, or without a reason."""
    if check is None:
        return _to(asked, _unknown(asked.check) if asked.check else _usage(IGNORE))
    return _to(asked, f"{code(check.id)} is not ignored: a reason is missing. {_usage(IGNORE)}")


def enforced(asked: Asked, check: Check) -> Told:
    return _to(asked, f"{code(check.id)} is not ignored: the organisation enforces it.")


def too_many_ignored(asked: Asked) -> Told:
    return _to(asked, "Nothing more can be ignored on this pull request.")


def _to(asked: Asked, said: str) -> Told:
    marker = f"<!-- tidewaiter:answer={asked.comment_id} -->"
    return Told(f"{said}\n\n{marker}", marker)


def _usage(command: commands.Command) -> str:
    return f"What is to be written: {code(command.usage)}"


def _unknown(name: str) -> str:
    names = {
        name: module.check.id for module in catalogue() for name in (module.check.id, *module.check.aliases)
    }
    close = get_close_matches(name, list(names), 1)
    meant = f" Did you mean {code(names[close[0]])}?" if close else ""
    return f"No check is called {code(name)}.{meant}"


# Fixes


def fix_marker(job: Job) -> str:
    return f"<!-- tidewaiter:fix={job.delivery} -->"


def not_fixed(job: Job, why: str) -> Told:
    """`why` ends the sentence "Nothing was committed: …"."""
    return Told(f"Nothing was committed: {markdown.prose(why)}.\n\n{fix_marker(job)}", fix_marker(job))


def committed(job: Job, pull: PullRequest, sha: str, fixed: Fixed | None) -> Told:
    """What a commit did. None: an attempt that was cut short made it, and its message tells."""
    where = markdown.link(code(sha[:7]), f"{pull.page}/commit/{sha}")
    if fixed is None:
        return Told(f"Committed {where}; its message lists the fixes.\n\n{fix_marker(job)}", fix_marker(job))
    count = markdown.counted(len(fixed.applied), "fix", "fixes")
    lines = (f"- {code(one.path)}: {markdown.prose(one.title)} ({code(one.check)})" for one in fixed.applied)
    listed = "\n".join(markdown.budgeted(lines, markdown.MAX_BODY - 2_000, "- … and {} more"))
    parts = [f"Committed {where}: {count}.", listed, left_alone(fixed), fix_marker(job)]
    return Told("\n\n".join(part for part in parts if part), fix_marker(job))


def left_alone(fixed: Fixed) -> str:
    """What was not touched, in a sentence; or nothing."""
    if not fixed.closed:
        return ""
    if fixed.closed == 1:
        left = "1 safe fix in a workflow is left alone"
    else:
        left = f"{fixed.closed:,} safe fixes in workflows are left alone"
    return f"{left}: the installation does not grant `workflows: write`."


def message(job: Job, asked: Asked, fixed: Fixed) -> str:
    """Of the commit. Its last line tells an attempt that comes later that it is made."""
    count = markdown.counted(len(fixed.applied), "safe fix", "safe fixes")
    lines = [
        markdown.visible(f"- {one.path}: {one.title} ({one.check})").replace("\n", " ")
        for one in fixed.applied
    ]
    more = [f"- and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    listed = "\n".join([*lines[:_MOST_LISTED], *more])
    return f"Apply {count}\n\n{listed}\n\nAsked for by {asked.author}.\n\n{trailer(job)}"


def trailer(job: Job) -> str:
    """https://git-scm.com/docs/git-interpret-trailers"""
    return f"Tidewaiter-Delivery: {job.delivery}"
