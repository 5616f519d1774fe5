"""Whether the author has written beside a `FROM` that its base is to move."""

from __future__ import annotations

import re

from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.regex import regex

_MEANT = r"(?:on purpose|by design|deliberate(?:ly)?|intentional(?:ly)?)"
_MOVING = r"(?:un-?pinned|floating|rolling|moving)"
_OPEN = regex(
    r"\bpin\s+nothing\b|\bnot\s+pinned\b|\bno\s+digest\b"
    rf"|\b(?:do\s+not|don[’']t|never|no\s+need\s+to|(?:deliberate|intentional)ly\s+not)\s+pin(?:ned|ning)?\b(?![^.]{{0,40}}\blatest\b)"
    rf"|\b{_MOVING}\b[^.]{{0,100}}\b{_MEANT}\b|\b{_MEANT}\b[^.]{{0,100}}\b{_MOVING}\b",
    re.IGNORECASE,
)
_FLOATS = regex(
    r"\bwe\s+(?:now\s+|still\s+|again\s+)?float\b|\blet(?:s|ting)?\s+(?:it|this|the\s+\w+)\s+float\b"
    r"|\b(?:left|leave|kept|keep)\s+(?:(?:it|this|the|base|image|tag)\s+){0,2}floating\b",
    re.IGNORECASE,
)
"""What is said of a base alone, and says that somebody has decided it."""
_SENTENCE = regex(r"(?<=[.;!?])\s+")
_OF_BASE = regex(r"\bFROM\b|\b(?i:base|digests?|tags?)\b")
"""What such a comment speaks of, where it is not the packages that are installed alone."""
_NOT_YET = regex(r"\b(?:todo|fixme|xxx|yet|should|until|temporar(?:y|ily)|for now)\b", re.IGNORECASE)


def is_left_open(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a comment right above the `FROM` of a stage, or between it and the next instruction, says so."""
    start = stage.instruction.span.end
    end = stage.instructions[0].span.start if stage.instructions else start
    below = (one.text for one in dockerfile.source.comments if start <= one.span.start < end)
    comments = (dockerfile.comment_above(stage.instruction.span), "\n".join(below))
    return any(_says_so(" ".join(one.split())) for one in comments)


def _says_so(comment: str) -> bool:
    if any(_FLOATS.search(one) and not _NOT_YET.search(one) for one in _SENTENCE.split(comment)):
        return True
    return bool(_OPEN.search(comment) and _OF_BASE.search(comment)) and not _NOT_YET.search(comment)
