"""The folders whose changes a workflow waits for."""

from __future__ import annotations

from collections.abc import Collection

from checks.facts.workflow.filter_patterns import start_of
from checks.facts.workflow.triggers import Trigger
from checks.facts.workflow.workflows import Workflow

_WITH_PATHS = ("pull_request", "pull_request_target", "push")


def waits_for_others(workflow: Workflow, folders: Collection[str]) -> bool:
    """Whether a workflow starts by itself only for changes outside of some folders, `""` for the root.

    Not where tags start it, for which `paths` don't count:
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
    """
    own = [one for one in workflow.triggers.values() if one.name != "workflow_dispatch"]
    return bool(own) and all(_waits_for_others(one, folders) for one in own)


def _waits_for_others(trigger: Trigger, folders: Collection[str]) -> bool:
    if trigger.name not in _WITH_PATHS or trigger.filter("tags") is not None:
        return False
    wanted = [one for one in trigger.filter("paths") or () if not one.startswith("!")]
    places = [start_of(one) for one in wanted]
    return bool(places) and not any(meet(place, folder) for place in places for folder in folders)


def meet(one: str, other: str) -> bool:
    """Whether one of two paths lies in the other, or is it."""
    return not one or not other or f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
