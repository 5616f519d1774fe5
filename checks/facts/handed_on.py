"""Where later scripts take over, as an output of a step or of its job, or as a variable, what a step has put into its own.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from checks.facts.workflows import Job, Step, strings
from checks.source import expression
from checks.source.text import Location, Span

_ASSIGNED = re.compile(r"\b([A-Za-z_]\w{0,100})=([^\n]*)")
_HANDED_ON = re.compile(
    r"\b([A-Za-z_][\w-]{0,100})=([^\n]{0,300}?)[\"']?[ \t]*>>[ \t]*[\"']?\$\{?GITHUB_(OUTPUT|ENV)\b"
)
_READ = re.compile(r"\$\{?(\w+)")
_ASKED = re.compile(r"\$\((?!\s*(?:echo|printf)\b)|`")
"""In what is assigned: a command that answers with something of its own."""


@dataclass(frozen=True)
class HandedOn:
    """One expression of a later script that is filled with what an earlier one was given."""

    step: Step
    span: Span
    """In the script."""
    variable: str
    """What a variable with it may be called."""
    location: Location


def handed_on(step: Step, script: str, texts: Iterable[str]) -> tuple[HandedOn, ...]:
    """The places in scripts behind a step that read what holds one of these expressions of its script.

    What those hand on themselves is followed, too.
    """
    found: dict[tuple[Step, Span], HandedOn] = {}
    pending = [(step, script, tuple(texts))]
    while pending:
        by_step: dict[Step, list[HandedOn]] = {}
        for one in _taken_over(*pending.pop()):
            if (one.step, one.span) not in found:
                found[one.step, one.span] = one
                by_step.setdefault(one.step, []).append(one)
        for later, places in by_step.items():
            written = later.run.value if later.run is not None else ""
            pending.append((later, written, tuple(written[it.span.start : it.span.end] for it in places)))
    return tuple(sorted(found.values(), key=lambda one: one.location.span.start))


def _taken_over(step: Step, script: str, texts: tuple[str, ...]) -> Iterator[HandedOn]:
    """The same of the outputs and variables that the step itself sets."""
    if step.job is None or "GITHUB_" not in script:
        return
    holders = _holders(script, texts)
    lines = "\n".join(line for line in script.split("\n") if "GITHUB_" in line)
    outputs = {
        (f"env.{name}" if sink == "ENV" else f"steps.{step.id}.outputs.{name}").lower(): name
        for name, value, sink in _HANDED_ON.findall(lines)
        if any(text in value for text in texts) or not holders.isdisjoint(_READ.findall(value))
    }
    of_job = _of_job(step.job, outputs)
    others = (
        other for job in step.job.workflow.jobs if job is not step.job and of_job for other in job.steps
    )
    outputs |= of_job
    for later in (*step.job.after(step), *others) if outputs else ():
        run = later.run
        for one in expression.find(run.value) if run is not None else ():
            name = outputs.get(run.value[one.inner.start : one.inner.end].strip().lower()) if run else None
            span = run.locate(one.span.start, one.span.end) if run is not None and name else None
            if run is not None and name is not None:
                place = Location(later.text, span or run.span, "takes it over")
                variable = "OUTPUT_" + re.sub(r"\W", "_", name).upper()
                yield HandedOn(later, one.span, variable, place)


def _holders(script: str, texts: tuple[str, ...]) -> set[str]:
    """The variables of a script that hold one of these texts, by themselves or by another that does."""
    holders: set[str] = set()
    for name, value in _ASSIGNED.findall(script):
        is_copied = not holders.isdisjoint(_READ.findall(value)) and not _ASKED.search(value)
        if is_copied or any(text in value for text in texts):
            holders.add(name)
    return holders


def _of_job(job: Job, outputs: Mapping[str, str]) -> dict[str, str]:
    """The outputs of a job that hold one of these, as other jobs name them."""
    found: dict[str, str] = {}
    for name, value in strings(job.node.get("outputs")).items():
        (whole, *more) = expression.find(value) or (None,)
        inner = value[whole.inner.start : whole.inner.end].strip().lower() if whole and not more else ""
        if inner in outputs:
            found[f"needs.{job.id}.outputs.{name}".lower()] = name
    return found
