"""Attestations of images that GitHub's own actions make, with the workflow's identity.

https://github.com/actions/attest#inputs; `attest-build-provenance` and `attest-sbom` are the same with one type each.
In a public repository the certificate comes from Sigstore's public instance, in any other one from GitHub's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.image.signing import ATTEST_ACTIONS
from checks.facts.value import UNKNOWN, Value
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.text import Location

PROVENANCE = "https://slsa.dev/provenance/v1"


class GitHubAttestation(Record, eq=False):
    """What one step attests of an image, in one leg of its job's matrix."""

    step: Step
    location: Location
    """The action's name."""
    image: Value
    """Registry and repository; unknown where the action reads them from a file."""
    predicate_type: str | None
    """None if it is not known: of an SBOM in SPDX the file's version is a part of it."""
    is_in_registry: bool | None
    """Whether the attestation is stored beside the image; None if that is not known."""


def github_attestations_of(
    steps: Iterable[Step], slug: str | None, handed: HandedIn | None = None
) -> tuple[GitHubAttestation, ...]:
    """The attestations of steps, in file order."""
    found = (step for step in steps if step.uses_action(*ATTEST_ACTIONS))
    return tuple(one for step in found for one in _of_step(step, slug, handed))


def _of_step(step: Step, slug: str | None, handed: HandedIn | None) -> Iterator[GitHubAttestation]:
    if step.uses is None:
        return
    at = step.uses.location
    pushed = step.input("push-to-registry")
    name = step.input("subject-name")
    for scope in scopes_of(step, slug, handed):
        stored = False if step.input_entry("push-to-registry") is None else None
        if pushed is not None:
            stored = {"true": True, "false": False}.get((scope.value(pushed.value).literal or "").lower())
        image = scope.value(name.value) if name else UNKNOWN
        yield GitHubAttestation(step, at, image, _predicate_type(step, scope), stored)


def _predicate_type(step: Step, scope: Scope) -> str | None:
    """The URI of the type, by the action and by its inputs."""
    if step.uses_action("actions/attest-build-provenance"):
        return PROVENANCE
    if step.uses_action("actions/attest-sbom") or step.input_entry("sbom-path") is not None:
        return None
    written = step.input("predicate-type")
    if written is not None:
        return scope.value(written.value).literal
    is_given = any(
        step.input_entry(name) is not None for name in ("predicate", "predicate-path", "predicate-type")
    )
    return None if is_given else PROVENANCE
