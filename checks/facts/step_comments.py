"""What comments say at a step of a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from checks.facts.workflows import Step
from checks.source.text import Location
from checks.source.yaml import Comment, comments

_OUR_COMMENT = "tidewaiter:"


def comments_at(step: Step, place: Location) -> Iterator[str]:
    """The comments right above a step, and in it up to the line of a place; those on lines that follow each other in one.

    Those for us are left out.
    """
    text = step.text
    first, last = (text.line_of(span.start) for span in (step.node.span, place.span))
    said = {text.line_of(one.span.start): one for one in comments(text) if _OUR_COMMENT not in text[one.span]}
    while _stands_alone(said.get(first - 1)):
        first -= 1
    lines = (line for line in range(first, last + 1) if line in said)
    for _, together in groupby(enumerate(lines), key=lambda one: one[1] - one[0]):
        yield " ".join(text[said[line].span].lstrip("# ") for _, line in together)


def _stands_alone(comment: Comment | None) -> bool:
    return comment is not None and comment.own_line
