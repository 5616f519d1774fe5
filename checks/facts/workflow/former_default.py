"""Workflows that wait for a default branch which the repository has given up."""

from __future__ import annotations

from collections.abc import Collection

from checks.facts.workflow.events import USUAL_DEFAULTS
from checks.facts.workflow.workflows import Workflow

_OF_BRANCHES = frozenset(("push", "pull_request"))
_OF_TAGS = ("tags", "tags-ignore")


def for_former_default(workflows: Collection[Workflow]) -> frozenset[str]:
    """The paths of workflows that start for `master` alone where two others name `main`, more than name `master`, and none both; or the reverse.

    Both are there while a repository changes from one to the other; afterwards the one stands where a workflow was forgotten.
    """
    named = [_branches(one) for one in workflows]
    for former, newer in (USUAL_DEFAULTS, USUAL_DEFAULTS[::-1]):
        using = sum(newer in names for names in named)
        forgetting = sum(former in names for names in named)
        if using > max(1, forgetting) and not any({former, newer} <= names for names in named):
            return frozenset(one.path for one in workflows if _starts_for_alone(one, former))
    return frozenset()


def _starts_for_alone(workflow: Workflow, branch: str) -> bool:
    """Whether pushes to one branch, or pull requests into it, are all that starts a workflow."""
    triggers = workflow.triggers.values()
    is_of_branches = all(
        one.name in _OF_BRANCHES and not any(one.filter(name) is not None for name in _OF_TAGS)
        for one in triggers
    )
    return is_of_branches and all(one.filter("branches") == (branch,) for one in triggers) and bool(triggers)


def _branches(workflow: Workflow) -> frozenset[str]:
    """The patterns of the branches that the events of a workflow name."""
    filters = (one.filter("branches") for one in workflow.triggers.values())
    return frozenset(name for names in filters for name in names or ())
