"""Workflows that GitHub refuses for what they call in the same repository, with which it reads them at once.

https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from checks.facts.workflow.calls import Calls
from checks.facts.workflow.workflows import Job, Workflow
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar

_MERGED = "<<"
"""What brings keys along that are not written, or is one that GitHub doesn't know."""


def refused_by_calls(
    calls: Calls, refused: frozenset[str], paths: Collection[str] | None = None
) -> frozenset[str]:
    """The paths of workflows that are refused though nothing in them may be wrong by itself.

    A job of theirs hands a workflow beside them what that does not declare, or not what it asks for; or calls one
    that is refused, for such a reason too, or that is not among the `paths` of the repository, which are all. Whether
    the job would run does not count.
    https://github.com/actions/runner/blob/main/src/Sdk/WorkflowParser/Conversion/ReusableWorkflowsLoader.cs
    """
    beside = [
        (job, called)
        for workflow in calls.workflows
        for job in workflow.jobs
        if job.uses is not None and job.uses.is_local and (called := calls.called(job)) is not None
    ]
    found = frozenset(job.workflow.path for job, called in beside if hands_amiss(job, called))
    if paths is not None:
        found |= frozenset(
            job.workflow.path
            for workflow in calls.workflows
            for job in workflow.jobs
            if job.uses is not None and job.uses.is_local and job.uses.folder not in paths
        )
    while more := {job.workflow.path for job, called in beside if called.path in refused | found} - found:
        found |= more
    return found


def hands_amiss(job: Job, called: Workflow) -> bool:
    """Whether a job certainly hands a reusable workflow an input or a secret that it does not declare, or leaves out a required one.

    A default does not make up for one that is left out. Names are compared without case.
    https://github.com/actions/runner/blob/main/src/Sdk/WorkflowParser/Conversion/WorkflowTemplateConverter.cs
    """
    trigger = called.triggers.get("workflow_call")
    on = called.node.get("on")
    block = on.get("workflow_call") if isinstance(on, YamlMapping) else None
    if trigger is None or job.node.entry(_MERGED) is not None or (declared := _entries(block)) is None:
        return False
    return any(
        _differ(_entries(job.node.get(handed)), _entries(declared.get(kind)))
        for handed, kind in (("with", "inputs"), ("secrets", "secrets"))
    )


def _differ(handed: Mapping[str, Node] | None, declared: Mapping[str, Node] | None) -> bool:
    if handed is None or declared is None:
        return False
    return not handed.keys() <= declared.keys() or any(
        _is_required(one) for name, one in declared.items() if name not in handed
    )


def _is_required(declared: Node) -> bool:
    required = declared.get("required") if isinstance(declared, YamlMapping) else None
    return isinstance(required, Scalar) and required.as_bool() is True


def _entries(node: Node | None) -> Mapping[str, Node] | None:
    """What stands below a key, by name in lower case; nothing below a key that isn't there; None where that is not known."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return {}
    if not isinstance(node, YamlMapping) or any(key == _MERGED or "${{" in key for key in node.keys):
        return None
    return {one.key.value.lower(): one.value for one in node.entries if isinstance(one.key, Scalar)}
