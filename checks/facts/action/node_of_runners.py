"""Which Node runners have for the actions that they run.

https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checks.facts.action.releases import of_use
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Step
from checks.source.text import Location
from checks.source.yaml import Mapping, Scalar

_CURRENT = "node24"
_TRUE = ("true", "1", "$true")
_ARM32 = frozenset(("arm", "arm32", "armhf", "armv6", "armv6l", "armv7", "armv7l"))
"""Labels of machines for which a runner has no Node but 20."""


class _Variable(NamedTuple):
    """One that chose the Node for actions."""

    name: str
    note: str
    is_switch: bool = True
    """Whether it has to be true."""


_CHOSE = (
    _Variable(
        "FORCE_JAVASCRIPT_ACTIONS_TO_NODE24",
        "had runners take Node 24 early, and changes nothing any more: it can go",
    ),
    _Variable(
        "FORCE_JAVASCRIPT_ACTIONS_TO_NODE20",
        "had runners take Node 20 early, and changes nothing any more: it can go",
    ),
    _Variable(
        "ACTIONS_ALLOW_USE_UNSECURE_NODE_VERSION",
        "kept actions on an older Node while runners had it, and changes nothing any more: it can go",
    ),
    _Variable(
        "ACTIONS_RUNNER_FORCE_ACTIONS_NODE_VERSION",
        "is what runners took from their own environment alone, and take no more: it changes nothing and can go",
        is_switch=False,
    ),
)
"""Read no more, or only while a runner has more than one Node: https://github.com/actions/runner/pull/3503 and
https://github.com/actions/runner/pull/3948"""


def needs_node24(job: Job) -> bool:
    """Whether each run of a job comes to an action that is made for Node 24."""
    always = (step.uses for step in job.steps if step.uses is not None and step.condition is None)
    return any(release.runtime == _CURRENT for use in always if (release := of_use(use)))


def is_on_arm32(step: Step | None) -> bool:
    """Whether a step runs on somebody's own 32-bit ARM, for which there is no Node 24: moving would end it."""
    runner = step.job.node.get("runs-on") if step and step.job else None
    written = runner.get("labels") if isinstance(runner, Mapping) else runner
    labels = {label.value.lower() for label in scalars(written)}
    return "self-hosted" in labels and not labels.isdisjoint(_ARM32)


def variables_without_effect(steps: Iterable[Step]) -> tuple[Location, ...]:
    """The variables that chose a Node for actions while runners had more than one, from workflows to their steps."""
    ones = tuple(steps)
    jobs = [step.job for step in ones if step.job is not None]
    envs = (*(job.workflow.env for job in jobs), *(job.env for job in jobs), *(step.env for step in ones))
    return tuple(dict.fromkeys(place for env in envs if env is not None for place in _without_effect(env)))


def _without_effect(env: Mapping) -> Iterator[Location]:
    entries = ((one, env.entry(one.name)) for one in _CHOSE)
    for one, entry in entries:
        if entry is None or not isinstance(entry.value, Scalar):
            continue
        if not one.is_switch or entry.value.value.lower() in _TRUE:
            yield Location(env.text, entry.span, one.note)
