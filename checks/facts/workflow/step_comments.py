"""What comments say at a step of a workflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from checks.facts.workflow.workflows import Step, Workflow
from checks.record import kept_with
from checks.source.text import Location, Text
from checks.source.yaml import Comment, comments

_OUR_COMMENT = "tidewaiter:"


def comments_at(step: Step, place: Location) -> Iterator[str]:
    """The comments right above a step, and in it up to the line of a place; those on lines that follow each other in one.

    Those for us are left out.
    """
    return _joined(step.text, _comments(step.text, step.node.span.start, place.span.start))


def lines_at(step: Step, place: Location) -> Iterator[tuple[Comment, ...]]:
    """The same comments, each as its lines."""
    return _comments(step.text, step.node.span.start, place.span.start)


def lines_beside(place: Location) -> Iterator[tuple[Comment, ...]]:
    """The comments in the line of a place and right above it, each as its lines."""
    return _comments(place.text, place.span.start, place.span.start)


def comments_before(step: Step, place: Location) -> Iterator[str]:
    """The same of the job of a step, right above its name, and in it up to the line of a place; of an action from its first line."""
    start = step.job.key.span.start if step.job else 0
    return _joined(step.text, _comments(step.text, start, place.span.start))


def comments_at_head(workflow: Workflow) -> Iterator[str]:
    """The same of a workflow, before its jobs."""
    jobs = workflow.node.entry("jobs")
    return _joined(workflow.text, _comments(workflow.text, 0, jobs.key.span.start if jobs else 0))


def _joined(text: Text, found: Iterable[tuple[Comment, ...]]) -> Iterator[str]:
    return (" ".join(text[one.span].lstrip("# ") for one in lines) for lines in found)


def _comments(text: Text, start: int, end: int) -> Iterator[tuple[Comment, ...]]:
    first, last = text.line_of(start), text.line_of(end)
    said = _by_line(text)
    while _stands_alone(said.get(first - 1)):
        first -= 1
    lines = (line for line in range(first, last + 1) if line in said)
    for _, together in groupby(enumerate(lines), key=lambda one: one[1] - one[0]):
        yield tuple(said[line] for _, line in together)


@kept_with
def _by_line(text: Text) -> Mapping[int, Comment]:
    """The comments of a file that are not for us, each by its line."""
    return {text.line_of(one.span.start): one for one in comments(text) if _OUR_COMMENT not in text[one.span]}


def _stands_alone(comment: Comment | None) -> bool:
    return comment is not None and comment.own_line
