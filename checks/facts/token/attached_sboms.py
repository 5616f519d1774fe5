"""Whether a step that makes an SBOM may write it to the repository with the token of its job.

https://github.com/anchore/sbom-action#permissions
"""

from __future__ import annotations

from checks.facts.workflow.events import RefKind
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.workflows import Step

_OF_RELEASES = ("push", "release", "workflow_call")


def may_attach(step: Step) -> bool:
    """Whether a step may add its SBOM to a release or to the graph of dependencies: releases or tags start it, or nobody can tell.

    https://github.com/anchore/sbom-action/blob/main/src/github/SyftGithubAction.ts
    """
    snapshot, upload = step.input("dependency-snapshot"), step.input("upload-release-assets")
    if snapshot is not None and snapshot.value not in ("", "false"):
        return True
    started = of_step(step)
    return (upload is None or upload.value != "false") and (
        started is None
        or any(event.ref_kind is RefKind.TAG and event.name in _OF_RELEASES for event in started)
    )
