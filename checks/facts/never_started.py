"""Workflows that nothing starts any more: their triggers wait for files that are gone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.facts.workflows import Trigger, Workflow

_WAITING = frozenset(("push", "pull_request", "pull_request_target"))
"""Events that `paths` can keep from a workflow."""


def never_started(workflows: Iterable[Workflow], paths: frozenset[str]) -> frozenset[str]:
    """The paths of workflows of which each trigger names paths, and nothing lies at any of them.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
    """
    return frozenset(
        one.path
        for one in workflows
        if one.triggers and all(_waits_in_vain(trigger, paths) for trigger in one.triggers.values())
    )


def _waits_in_vain(trigger: Trigger, paths: frozenset[str]) -> bool:
    patterns = trigger.filter("paths") if trigger.name in _WAITING else None
    wanted = [pattern for pattern in patterns or () if not pattern.startswith("!")]
    if not wanted or trigger.filter("tags") is not None:
        return False  # `paths` does not count for tags
    return not any(_lies_somewhere(pattern, paths) for pattern in wanted)


def _lies_somewhere(pattern: str, paths: frozenset[str]) -> bool:
    """Whether something lies where a pattern begins, up to the folder before its first wildcard."""
    literal = re.split(r"[*?+\[]", pattern, maxsplit=1)[0]
    if literal == pattern:
        return pattern in paths
    folder = literal.rpartition("/")[0]
    return not folder or any(path.startswith(f"{folder}/") for path in paths)
