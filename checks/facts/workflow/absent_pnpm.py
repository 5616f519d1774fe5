"""Steps that stop on every run, since they cache for pnpm ahead of what installs it."""

from __future__ import annotations

import re

from checks.facts.workflow.runners import is_on_plain_linux
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex

_SETUP = "actions/setup-node"
_MAY_BRING = regex(r"pnpm|corepack|npm\s|yarn|volta|mise|asdf|nix|devbox|proto|brew|PATH", re.IGNORECASE)
"""What speaks of a program that may install pnpm."""


def steps_without_pnpm(workflow: Workflow) -> frozenset[Step]:
    """The steps of `actions/setup-node` with `cache: pnpm` on GitHub's own machines, which have no pnpm, behind nothing that may bring one.

    The action asks pnpm for its folder and fails where it isn't there. In a reusable workflow the same holds.
    https://github.com/actions/setup-node/blob/main/docs/advanced-usage.md#caching-packages-data
    https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2404-Readme.md
    """
    found = (_stopping(job) for job in workflow.jobs if is_on_plain_linux(job))
    return frozenset(step for step in found if step is not None)


def _stopping(job: Job) -> Step | None:
    for step in job.steps:
        cache = step.input("cache") if step.uses_action(_SETUP) else None
        if cache is not None and cache.value == "pnpm" and step.condition is None and not step.is_lenient:
            return step
        if not step.uses_action("actions/checkout") and (
            step.uses is not None or _MAY_BRING.search(step.text[step.node.span])
        ):
            return None
    return None
