"""Jobs that make images and vouch for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.facts.build.builds import Build
from checks.facts.image.pushes import Push
from checks.facts.image.sboms import Attested
from checks.facts.image.signing import CosignCall
from checks.facts.scan.scans import Scan, Target
from checks.facts.workflow.workflows import Job, Step, Workflow

_OF_FILES = frozenset(
    ("cosign attest-blob", "cosign sign-blob", "cosign verify-blob", "cosign verify-blob-attestation")
)
"""https://docs.sigstore.dev/cosign/signing/signing_with_blobs/"""
_OF_NO_IMAGE = _OF_FILES | {
    "cosign generate-key-pair",
    "cosign import-key-pair",
    "cosign initialize",
    "cosign login",
    "cosign public-key",
    "cosign version",
}
"""What cosign does with files, keys and itself."""


def image_steps_of(
    builds: Iterable[Build],
    pushes: Iterable[Push],
    scans: Iterable[Scan],
    cosign: Iterable[CosignCall],
    attested: Iterable[Attested],
) -> frozenset[Step]:
    """The steps of jobs and of composite actions that build, push, scan, sign or attest an image."""
    steps: list[Step | None] = [one.step for one in builds]
    steps += (one.step for one in pushes)
    steps += (one.step for one in scans if one.target is not Target.FOLDER)
    steps += (one.step for one in cosign if one.name not in _OF_NO_IMAGE)
    steps += (one.step for one in attested)
    return frozenset(step for step in steps if step is not None)


def jobs_of(steps: Iterable[Step]) -> frozenset[Job]:
    """The jobs that some steps are of, but for those of composite actions."""
    return frozenset(step.job for step in steps if step.job is not None)


def jobs_with_signed_files(cosign: Iterable[CosignCall]) -> frozenset[Job]:
    """The jobs in which cosign signs a file, or verifies one."""
    steps = (one.step for one in cosign if one.name in _OF_FILES)
    return jobs_of(step for step in steps if step is not None)


def by_workflow(jobs: Iterable[Job]) -> Mapping[Workflow, frozenset[Job]]:
    """Some jobs by the workflow that they are of."""
    found: dict[Workflow, set[Job]] = {}
    for job in jobs:
        found.setdefault(job.workflow, set()).add(job)
    return {workflow: frozenset(own) for workflow, own in found.items()}
