"""Which paths of the workspace steps certainly write: by redirections, `sed -i`, and downloads of artifacts.

https://github.com/actions/download-artifact#inputs
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.script.invocations import Invocation
from checks.facts.value import Value
from checks.facts.workflow.artifacts import DOWNLOAD
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location

_MOVES = regex(r"\b(?:cd|pushd|chdir)\b")


class Written(Record, eq=False):
    """A path that a step writes."""

    path: str
    """From the root of the workspace."""
    step: Step
    location: Location


def written_paths(step: Step, invocations: Iterable[Invocation], slug: str | None) -> Iterator[Written]:
    """The literal paths that a step without a condition writes; `invocations` are all that there are."""
    if step.condition is not None:
        return
    path = step.input("path") if step.uses_action(DOWNLOAD) else None
    if path is not None and step.uses is not None:
        yield from _written(Scope(step, {}, slug).value(path.value), step, Location(path.text, path.span))
    if step.run is None or step.working_directory is not None or _MOVES.search(step.run.value):
        return
    for one in invocations:
        if one.step is step and not one.command.uncertain:
            yield from _by_command(one, step)


def overwritten_paths(invocations: Iterable[Invocation]) -> Iterator[Written]:
    """The literal paths whose files commands of steps without a condition certainly write anew."""
    for one in invocations:
        step = one.step
        if step is None or step.run is None or step.condition is not None or one.command.uncertain:
            continue
        if step.working_directory is not None or _MOVES.search(step.run.value):
            continue
        for redirection in one.command.redirections:
            if redirection.operator in (">", ">|", "&>") and redirection.descriptor in ("", "1"):
                yield from _written(one.value(redirection.target), step, one.place(redirection.span))


def _by_command(one: Invocation, step: Step) -> Iterator[Written]:
    for redirection in one.command.redirections:
        if redirection.operator in (">", ">>", ">|", "&>") and redirection.descriptor in ("", "1"):
            yield from _written(one.value(redirection.target), step, one.place(redirection.span))
    words = one.command.arguments
    if one.program == "sed" and any((word.literal or "").startswith(("-i", "--in-place")) for word in words):
        yield from _written(one.value(words[-1]), step, one.location)


def _written(value: Value, step: Step, location: Location) -> Iterator[Written]:
    text = value.literal
    if text is None or text.startswith(("/", "~", "&")) or not re.fullmatch(r"[\w./@+-]+", text):
        return
    path = posixpath.normpath(text)
    if path != "." and not path.startswith(".."):
        yield Written(path, step, location)
