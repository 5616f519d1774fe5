"""Whether a file that is attached to an image twice is the same both times, and whether either is sure to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.image.sboms import Attested, clean
from checks.facts.script.ending_commands import may_end_well
from checks.facts.script.invocations import Invocation
from checks.facts.value import Value
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.source.text import Location
from checks.source.word import Word
from checks.source.yaml import Scalar

_READERS = frozenset(
    ("[", "cat", "cosign", "echo", "grep", "grype", "head", "jq", "ls", "sha256sum", "test", "wc")
)
"""Programs that write no file that they are given by its name."""
_BRINGS_FILES = ("actions/cache/restore", "actions/checkout", "actions/download-artifact")


def changed_between(
    one: Attested, other: Attested, invocations: Iterable[Invocation], steps: Iterable[Step]
) -> Location | None:
    """The first place that may make the file anew between the two, by its name; a function that does so may run anywhere."""
    is_first = comes_before(one.step, one.location, other.step, other.location)
    first, last = (one, other) if is_first else (other, one)
    for it in invocations:
        is_inside = it.command.in_function is not None and in_same_run(
            it.step, it.location, last.step, last.location
        )
        if (is_inside or _is_between(it.step, it.location, first, last)) and _may_write(it, last):
            return it.location
    for step in steps:
        place = step.uses.location if step.uses is not None else None
        if place and _is_between(step, place, first, last) and _may_bring(step, last):
            return place
    return None


def may_fail_unseen(one: Attested) -> bool:
    """Whether the run goes on where it fails: `continue-on-error`, `|| true`, `set +e`."""
    step, invocation = one.step, one.invocation
    if step is not None and step.is_lenient:
        return True
    if invocation is None:
        return False
    command, script = invocation.command, invocation.script
    asks = command.in_condition or command.negated or command.background or command.piped_to is not None
    ends = [
        any(it.program == "exit" and not may_end_well(it) for it in script.within(span))
        for span in command.fallbacks
    ]
    is_lax = any(
        it.program == "set" and may_end_well(it)
        for it in script.commands
        if it.span.start < command.span.start
    )
    return asks or is_lax or not all(ends)


def _is_between(step: Step | None, at: Location, first: Attested, last: Attested) -> bool:
    return (
        at not in (first.location, last.location)
        and comes_before(first.step, first.location, step, at)
        and comes_before(step, at, last.step, last.location)
    )


def _may_write(invocation: Invocation, one: Attested) -> bool:
    """Whether a command is told the file, unless it only reads."""
    command = invocation.command
    words: Iterator[Word] = (it.target for it in command.redirections if "<" not in it.operator)
    given = () if command.program in _READERS else command.arguments
    return any(_is_of(value, one.file) for word in (*words, *given) for value in invocation.values(word))


def _may_bring(step: Step, one: Attested) -> bool:
    """Whether an action brings files of whichever name, or is told the file."""
    entries = step.inputs.entries if step.inputs is not None else ()
    written = [it.value.value for it in entries if isinstance(it.value, Scalar)]
    scope: Scope | None = one.scope
    values = (value for text in written for value in (scope.values(text) if scope is not None else ()))
    return step.uses_action(*_BRINGS_FILES) or any(_is_of(value, one.file) for value in values)


def _is_of(value: Value, file: Value) -> bool:
    """Whether a word or an input names a file: by itself, or behind its format as in `spdx-json=FILE`."""
    return any(clean(it) == file for it in (value, value.partition("=")[2]))
