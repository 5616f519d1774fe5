"""What steps may make in the workspace before a build, as it is written: what two builds with the same of it find alike."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from checks.facts.build.build_inputs import steps_that_may_make
from checks.facts.build.builds import Build
from checks.facts.build.told_apart import made_by
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.yaml import Entry, Node, Scalar

_OF_NO_FILE = ("id", "name", "timeout-minutes")
"""Keys of a step that say nothing of the files that it writes."""
_AROUND = ("defaults", "env", "environment")
"""What a job and its workflow hand to all steps: of an environment, its variables and secrets."""
_OF_ITS_JOB = regex(r"\b(?:inputs|matrix|needs|steps)\s*[.\[]")
"""In a step: a context in which the same name stands for something else in another job."""


def recipe_of(build: Build, tags: Collection[str]) -> Hashable:
    """What a build makes, of what the steps before it make; the `tags` of images stand for one another, as a scan names them.

    What a matrix decides, or other jobs, steps and callers, is known for the steps of its job alone.
    """
    steps = steps_that_may_make(build)
    written = tuple(_written_in(step, tags) for step in steps)
    job = build.step.job if build.step else None
    around = tuple(
        _text(found)
        for node in ((job.node, job.workflow.node) if job and steps else ())
        for key in _AROUND
        if (found := node.get(key)) is not None
    )
    is_of_its_job = any(_OF_ITS_JOB.search(step.text[step.node.span]) for step in steps)
    own = (build.text.path, job.id) if job and is_of_its_job else None
    return made_by(build), written, around, own


def _written_in(step: Step, tags: Collection[str]) -> Hashable:
    uses = step.uses.action if step.uses else None
    told = (*_OF_NO_FILE, "uses", "with")
    own = tuple(_entry(one) for one in step.node.entries if one.name not in told)
    given = step.inputs.entries if step.inputs else ()
    return uses, own, tuple(_entry(one, tags) for one in given)


def _entry(one: Entry, tags: Collection[str] = ()) -> tuple[str, str]:
    is_tag = isinstance(one.value, Scalar) and one.value.value in tags
    return one.name, "" if is_tag else _text(one.value)


def _text(node: Node) -> str:
    return " ".join(node.text[node.span].split())
