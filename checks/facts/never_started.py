"""Workflows that nothing starts any more: they are switched off, or their triggers wait for files that are gone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.facts.workflows import Trigger, Workflow
from checks.source.yaml import Mapping, Node, Sequence

_WAITING = frozenset(("push", "pull_request", "pull_request_target"))
"""Events that `paths` can keep from a workflow."""
_OFF = frozenset(("", "~", "null", "false", "no", "off", "never", "none", "disabled"))
"""What is written in the place of an event where there is to be none."""


def never_started(workflows: Iterable[Workflow], paths: frozenset[str]) -> frozenset[str]:
    """The paths of workflows whose `on:` names no event but says so, or of which each trigger names paths where nothing lies.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
    """
    return frozenset(
        one.path
        for one in workflows
        if _is_empty(one.node.get("on"))
        or (one.triggers and all(_waits_in_vain(trigger, paths) for trigger in one.triggers.values()))
    )


def _is_empty(on: Node | None) -> bool:
    """Whether no event is left of a list or of a block."""
    return (isinstance(on, Sequence) and not on.items) or (isinstance(on, Mapping) and not on.entries)


def _waits_in_vain(trigger: Trigger, paths: frozenset[str]) -> bool:
    if trigger.name.lower() in _OFF:
        return True
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
