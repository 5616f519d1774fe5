"""What runs of workflows hand on as artifacts.

https://docs.github.com/en/actions/concepts/workflows-and-actions/workflow-artifacts
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

UPLOAD = "actions/upload-artifact"
DOWNLOAD = "actions/download-artifact"
_SPEAKS_OF = regex(r"artifact|\brun\s+download\b", re.IGNORECASE)
_CALLED = "workflow_call"
_AFTER_ANOTHER = "workflow_run"


def is_lone_upload(step: Step, steps: Iterable[Step], workflows: Iterable[Workflow]) -> bool:
    """Whether nothing else of its run certainly uploads an artifact where a step does, and nothing here downloads one.

    `steps` are all of the repository. What somebody else's workflow does in the run is not known, nor what callers do, nor
    what a workflow takes that runs after another.
    """
    workflow = step.job.workflow if step.job else None
    if workflow is None or _CALLED in workflow.triggers:
        return False
    if any(job.uses is not None and not job.uses.is_local for job in workflow.jobs):
        return False
    if any(_AFTER_ANOTHER in one.triggers for one in workflows):
        return False
    return not any(_may_share(other, workflow) for other in steps if other is not step)


def _may_share(step: Step, workflow: Workflow) -> bool:
    """Whether a step may take an artifact of a workflow's run, or add one to it."""
    if step.uses is not None and step.uses.repository == UPLOAD:
        other = step.job.workflow if step.job else None
        return other is None or other is workflow or _CALLED in other.triggers
    script = step.run or step.input("script")
    name = step.uses.name if step.uses is not None else ""
    return _SPEAKS_OF.search(f"{name}\n{script.value if script else ''}") is not None
