"""Sigstore policy-controller's `ClusterImagePolicy`.

Fields: https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md. OpenShift's
object of the same kind (group `config.openshift.io`) is another schema and is none of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.facts.kubernetes import Manifest, at, mappings
from checks.source.yaml import Scalar

GROUP = "policy.sigstore.dev"


@dataclass(frozen=True, eq=False)
class ClusterImagePolicy:
    """A policy, and the images that it speaks of."""

    manifest: Manifest

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def globs(self) -> tuple[Scalar, ...]:
        """`spec.images[].glob`."""
        images = mappings(at(self.manifest.node, "spec", "images"))
        return tuple(glob for image in images if isinstance(glob := image.get("glob"), Scalar))


def policies_in(manifests: Iterable[Manifest]) -> tuple[ClusterImagePolicy, ...]:
    """The policies among Kubernetes objects."""
    return tuple(
        ClusterImagePolicy(manifest)
        for manifest in manifests
        if manifest.kind == "ClusterImagePolicy" and manifest.group == GROUP
    )
