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


def is_lone_upload(step: Step) -> bool:
    """Whether nothing else of its workflow certainly uploads an artifact where a step does.

    What somebody else's workflow does in the run is not known, nor what callers do. See `may_share_artifacts`.
    """
    workflow = step.job.workflow if step.job else None
    if workflow is None or _CALLED in workflow.triggers:
        return False
    if any(job.uses is not None and not job.uses.is_local for job in workflow.jobs):
        return False
    return not any(_uploads(other) for other in workflow.steps if other is not step)


def may_share_artifacts(steps: Iterable[Step], workflows: Iterable[Workflow]) -> bool:
    """Whether something may take an artifact of the run of another workflow of a repository, or add one to it.

    `steps` and `workflows` are all of the repository. It is not known what a workflow takes that runs after another.
    """
    return any(_AFTER_ANOTHER in one.triggers for one in workflows) or any(map(_may_share, steps))


def _uploads(step: Step) -> bool:
    return step.uses is not None and step.uses.repository == UPLOAD


def _may_share(step: Step) -> bool:
    """Whether a step may take an artifact of a run, or add one to that of a workflow which is not its own."""
    if _uploads(step):
        return step.job is None or _CALLED in step.job.workflow.triggers
    script = step.run or step.input("script")
    name = step.uses.name if step.uses is not None else ""
    return _SPEAKS_OF.search(f"{name}\n{script.value if script else ''}") is not None
