"""Jobs that make images and vouch for them."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.builds import Build
from checks.facts.pushes import Push
from checks.facts.sboms import Attested
from checks.facts.scans import Scan, Target
from checks.facts.signing import CosignCall
from checks.facts.workflows import Job, Step

_OF_NO_IMAGE = frozenset(
    f"cosign {name}"
    for name in (
        "attest-blob",
        "generate-key-pair",
        "import-key-pair",
        "initialize",
        "login",
        "public-key",
        "sign-blob",
        "verify-blob",
        "verify-blob-attestation",
        "version",
    )
)
"""What cosign does with files, keys and itself: https://docs.sigstore.dev/cosign/signing/signing_with_blobs/"""


def image_jobs_of(
    builds: Iterable[Build],
    pushes: Iterable[Push],
    scans: Iterable[Scan],
    cosign: Iterable[CosignCall],
    attested: Iterable[Attested],
) -> frozenset[Job]:
    """The jobs in which a step builds, pushes, scans, signs or attests an image."""
    steps: list[Step | None] = [one.step for one in builds]
    steps += (one.step for one in pushes)
    steps += (one.step for one in scans if one.target is not Target.FOLDER)
    steps += (one.step for one in cosign if one.name not in _OF_NO_IMAGE)
    steps += (one.step for one in attested)
    return frozenset(step.job for step in steps if step is not None and step.job is not None)
