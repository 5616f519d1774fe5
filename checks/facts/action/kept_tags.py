"""Comments by which authors keep an action at a tag, since its commit does not do, or at a branch, which is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.workflow.step_comments import lines_at, lines_beside
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location, Span

_COMMIT = r"(?:commits?|digests?|hash(?:es)?|shas?)"
_FAILS = r"(?:break|broke|fail|flak(?:y|ed|es)\b|unreliable|(?:can|could|did|do|does|will)(?:\s?not|n[’']t)\s{1,4}(?:resolve|work))"
_PIN = r"pin(?:s|ned|ning)?"
_DECIDED = regex(
    rf"\b{_COMMIT}[ -]{_PIN}\b[\w\s/-]{{0,30}}\b{_FAILS}|\b{_PIN}\s{{1,4}}(?:at|by|to)\s{{1,4}}(?:[a-z]{{1,10}}\s{{1,4}}){{0,2}}{_COMMIT}\b[\w\s/-]{{0,30}}\b{_FAILS}"
    rf"|\b(?:do not|don[’']t|must not|never|can(?:not|[’']t)|(?:deliberate|intentional)ly (?:not|un)|avoid)\s{{0,4}}(?:be\s{{1,4}})?{_PIN}\b(?:(?!\b(?:branch(?:es)?|but|tags?|versions?|without)\b)[^.,;:]){{0,30}}\b{_COMMIT}\b"
    rf"|\b(?:must|has to|have to|needs? to)\s{{1,4}}be\s{{1,4}}(?:pinned|referenced|used)\s{{1,4}}(?:at|by|to|with)\s{{1,4}}(?:[a-z]{{1,10}}\s{{1,4}}){{0,2}}tags?\b",
    re.IGNORECASE,
)
_OPEN = regex(r"\b(?:todo|fixme|xxx|yet|for now|later|should|images?)\b", re.IGNORECASE)
"""What says that it is still to be pinned, or that this is about something else."""

_MEANT = r"\b(?<!\bnot )(?:deliberately|intentionally|on purpose|by design)\b"
_NOT_KNOWN = regex(
    r"\b(?:not sure|unclear|unsure|no idea|wonder\w*|(?:nobody|no one|who) knows|(?:do not|don[’']t) know)\b",
    re.IGNORECASE,
)
"""What asks for the reason, in place of telling it."""
_OF_RUNS = rf"(?:\b(?:push|merg|runs?\b|running|deploy|commit|compar|diff)\w*[^.;:]{{0,20}}\s|{_MEANT}\s{{1,4}}only\s)(?:on|onto|to|into|for|of|after|against|with)\s{{1,4}}(?:the\s{{1,4}})?[`'\"]?"
"""What stands before the name of a branch on which something runs, or to which it goes, and at which no action is."""


def is_kept_at_tag(use: ActionUse, step: Step | None) -> bool:
    """Whether a comment at a step says why its action is named by a tag and not by a commit."""
    return not use.is_commit and any(True for _ in _decisions(use, step))


def is_kept_at_branch(use: ActionUse, step: Step | None) -> bool:
    """Whether a comment at a step says why its action is named by that branch, or that it is meant to be."""
    name = rf"(?<![\w./]){re.escape(use.ref)}(?![\w/]|\.\w)"
    of_runs = re.compile(_OF_RUNS + name, re.IGNORECASE)
    says_why = re.compile(
        rf"\bwhy\b.{{0,60}}{name}|{_MEANT}.{{0,60}}{name}|{name}.{{0,60}}{_MEANT}", re.IGNORECASE
    )
    return any(
        says_why.search(of_runs.sub("", said)) and not _OPEN.search(said) and not _NOT_KNOWN.search(said)
        for said, _ in _comments_at(use, step)
    )


def renamed(use: ActionUse, step: Step | None, tag: str) -> Iterator[Edit]:
    """What writes another tag where that comment names the action by the one that it has."""
    for span in _decisions(use, step):
        text = use.scalar.text
        named = re.search(rf"{re.escape(f'{use.action}@{use.ref}')}(?=[ :,)`]|$)", text[span], re.IGNORECASE)
        if named:
            end = span.start + named.end()
            yield Edit(text.path, Span(end - len(use.ref), end), tag)


def _decisions(use: ActionUse, step: Step | None) -> Iterator[Span]:
    """The lines of each comment that says so."""
    for said, spans in _comments_at(use, step):
        if _DECIDED.search(said) and not _OPEN.search(said):
            yield from spans


def _comments_at(use: ActionUse, step: Step | None) -> Iterator[tuple[str, list[Span]]]:
    """What each comment at a step says, or beside the workflow that a job calls, with the places of its lines."""
    text = use.scalar.text
    place = Location(text, use.scalar.span)
    for lines in lines_at(step, place) if step is not None else lines_beside(place):
        yield " ".join(text[one.span].strip("# \t") for one in lines), [one.span for one in lines]
