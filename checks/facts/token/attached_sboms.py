"""Whether a step that makes an SBOM may write it to the repository with the token of its job.

https://github.com/anchore/sbom-action#permissions
"""

from __future__ import annotations

from checks.facts.workflow.events import RefKind
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.workflows import Step

_OF_RELEASES = ("push", "release", "workflow_call")
_OF_REFS = "release-ref-prefix"
"""The input that says which refs pushes for releases go to, of tags unless it is given."""


def may_attach(step: Step) -> bool:
    """Whether a step may add its SBOM to a release or to the graph of dependencies: releases or tags start it, or nobody can tell.

    https://github.com/anchore/sbom-action/blob/main/src/github/SyftGithubAction.ts
    """
    snapshot, upload = step.input("dependency-snapshot"), step.input("upload-release-assets")
    if snapshot is not None and snapshot.value.lower() not in ("", "false"):
        return True
    started, is_of_tags = of_step(step), step.input(_OF_REFS) is None
    return (upload is None or upload.value.lower() != "false") and (
        started is None
        or any(
            event.name in _OF_RELEASES and (event.ref_kind is RefKind.TAG or not is_of_tags)
            for event in started
        )
    )
