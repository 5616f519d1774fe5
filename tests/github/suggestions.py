"""What GitHub's *Commit suggestion* makes of a review comment."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.github.reviews import standing
from tests.github.state import Pull, Review, ReviewComment

OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*suggestion[ \t]*")


def suggestion_of(body: str) -> str | None:
    """The content of a comment's suggestion block: whole lines, each ended with LF; `None` without one."""
    found: str | None = None
    fence = ""
    lines: list[str] = []
    for line in body.replace("\r\n", "\n").split("\n"):
        if fence:
            if re.fullmatch(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*", line):
                if found is not None:
                    raise ValueError("a comment holds two suggestions")
                found, fence = "".join(f"{one}\n" for one in lines), ""
                continue
            lines.append(line)
            continue
        opening = OPENING.fullmatch(line)
        if opening:
            fence, lines = opening.group(1), []
    if fence:
        raise ValueError("the suggestion block is never closed")
    return found


def apply(pull: Pull, comment: ReviewComment) -> str:
    """The file at the head with the suggestion applied. `ValueError` where GitHub could not apply it."""
    suggested = suggestion_of(comment.body)
    now = standing(pull, comment)
    if suggested is None:
        raise ValueError("the comment has no suggestion")
    if pull.state != "open":
        raise ValueError("suggestions cannot be applied on a closed pull request")
    if comment.side == "LEFT" or comment.start_side == "LEFT":
        raise ValueError("suggestions cannot be applied on deleted lines")
    if now.line is None:
        raise ValueError("the suggestion is outdated")
    entry = pull.repository.store.entry(pull.head_sha, comment.path)
    content = pull.repository.store.blob(entry.sha) if entry else None
    if content is None:
        raise ValueError(f"no file {comment.path} at the head")
    changed = _replaced(content.decode("utf-8"), now.start_line or now.line, now.line, suggested)
    if changed == content.decode("utf-8"):
        raise ValueError("the suggestion changes nothing")
    return changed


def _replaced(text: str, first: int, last: int, suggested: str) -> str:
    """Lines `first` to `last` become the suggestion, under the line ending that they had."""
    lines = text.split("\n")
    old = lines[first - 1 : last]
    if old and old[0].endswith("\r"):
        suggested = suggested.replace("\n", "\r\n")
    new = suggested.removesuffix("\n").split("\n") if suggested else []
    return "\n".join([*lines[: first - 1], *new, *lines[last:]])


def reply_to(top: ReviewComment, number: int, review: Review, body: str, now: str) -> ReviewComment:
    """A reply under a comment, by the author of its review."""
    return replace(
        top,
        id=number,
        review_id=review.id,
        author=review.author,
        body=body,
        created_at=now,
        updated_at=now,
        in_reply_to=top.in_reply_to or top.id,
    )
