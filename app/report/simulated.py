"""What a plan would post, as text: every body as it would stand there."""

from __future__ import annotations

import json
from collections.abc import Iterator

from app.report.markdown import counted
from app.report.outcome import Annotation, CheckRun
from app.report.placement import Comment, review_body
from app.report.plain import printable
from app.report.plan import Plan


def text(where: str, plan: Plan, summary: str) -> str:
    """The plan for a terminal. `where` names the pull request and its head; `summary` is the check run's, whole."""
    parts = [f"{where}: nothing was posted.", *_parts(plan, summary)]
    return "\n".join(printable(line) for part in parts for line in (*part.splitlines(), ""))


def _parts(plan: Plan, summary: str) -> Iterator[str]:
    yield from _check_run(plan.check_run, summary)
    yield _heading(counted(len(plan.check_run.annotations), "annotation"))
    yield from map(_annotation, plan.check_run.annotations)
    yield _heading(counted(len(plan.comments), "review comment"))
    if plan.comments:
        yield review_body(len(plan.comments))
    yield from map(_comment, plan.comments)
    if plan.rewritten or plan.deleted:
        yield _heading("comments of earlier reviews")
    for one in plan.rewritten:
        yield f"Comment {one.id} would say:\n{one.body}"
    for number in plan.deleted:
        yield f"Comment {number} would be deleted."
    if plan.sarif is not None:
        yield from _sarif(plan.sarif)


def _heading(words: str) -> str:
    return f"──── {words} ────"


def _check_run(run: CheckRun, summary: str) -> Iterator[str]:
    yield _heading(f"check run: {run.conclusion.value}")
    yield run.title
    yield summary
    if run.text:
        yield run.text
    if run.actions:
        yield "\n".join(f"Button “{it.label}”: {it.description}" for it in run.actions)


def _annotation(it: Annotation) -> str:
    place = f"{it.path}:{it.start_line}" + (f"-{it.end_line}" if it.end_line != it.start_line else "")
    details = f"\n{it.details}" if it.details else ""
    return f"{it.level.value} {place} {it.title}\n{it.message}{details}"


def _comment(it: Comment) -> str:
    place = f"{it.start_line}-{it.line}" if it.start_line is not None else f"{it.line}"
    return f"{it.path}:{place}\n{it.body}"


def _sarif(document: bytes) -> Iterator[str]:
    results = json.loads(document)["runs"][0].get("results", [])
    yield _heading(f"code scanning, where it is enabled: {counted(len(results), 'result')}")
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        path, line = place["artifactLocation"]["uri"], place["region"]["startLine"]
        yield f"{result['level']} {path}:{line} {result['ruleId']}\n{result['message']['text']}"
