"""Which Node runners have for the actions that they run.

https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.action.releases import of_use
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Step
from checks.source.text import Location
from checks.source.yaml import Mapping, Scalar

_CURRENT = "node24"
_FORCES = "FORCE_JAVASCRIPT_ACTIONS_TO_NODE24"
"""Had runners take it while they still had Node 20: https://github.com/actions/runner/pull/3948"""
_TRUE = ("true", "1")
_ARM32 = frozenset(("arm", "arm32", "armhf", "armv6", "armv6l", "armv7", "armv7l"))
"""Labels of machines for which a runner has no Node but 20."""


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


def forcing_variables(steps: Iterable[Step]) -> tuple[Location, ...]:
    """The variables by which runners take Node 24 for what is made for Node 20, from workflows to their steps."""
    ones = tuple(steps)
    jobs = [step.job for step in ones if step.job is not None]
    envs = (*(job.workflow.env for job in jobs), *(job.env for job in jobs), *(step.env for step in ones))
    forcing = ((env, env.entry(_FORCES)) for env in envs if env is not None)
    found = (
        Location(env.text, entry.span)
        for env, entry in forcing
        if entry is not None and isinstance(entry.value, Scalar) and entry.value.value.lower() in _TRUE
    )
    return tuple(dict.fromkeys(found))
