"""Where images go: what Kubernetes workloads and Compose services name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.compose import Compose
from checks.facts.kubernetes import Manifest, at
from checks.facts.references import Reference, reference
from checks.facts.value import UNKNOWN, Value, literal
from checks.source.text import Location
from checks.source.yaml import Mapping, Scalar, walk


@dataclass(frozen=True)
class DeployedImage:
    """One image that something runs."""

    value: Value
    """As it is written; unknown where a template or a variable fills a part."""
    location: Location

    @cached_property
    def reference(self) -> Reference:
        return reference(self.value)


def images_in(manifests: Iterable[Manifest], composes: Iterable[Compose]) -> tuple[DeployedImage, ...]:
    """The images of Kubernetes objects, then those of Compose services that are not built from here."""
    found = [image for manifest in manifests for image in _images(manifest.node)]
    for compose in composes:
        services = compose.node.get("services")
        for entry in services.entries if isinstance(services, Mapping) else ():
            image = at(entry.value, "image")
            if isinstance(image, Scalar):
                found.append(_deployed(image))
    return tuple(found)


def _images(node: Mapping) -> Iterator[DeployedImage]:
    for inner in walk(node):
        image = inner.get("image") if isinstance(inner, Mapping) else None
        if isinstance(image, Scalar) and image.value:
            yield _deployed(image)


def _deployed(image: Scalar) -> DeployedImage:
    known = not any(sign in image.value for sign in ("{{", "${", "$("))
    return DeployedImage(literal(image.value) if known else UNKNOWN, Location(image.text, image.span))
