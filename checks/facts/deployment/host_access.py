"""Which images run with a part of the host: its files, its processes, or its devices.

https://kubernetes.io/docs/concepts/storage/volumes/#hostpath,
https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from checks.facts.build.compose import Compose
from checks.facts.deployment.kubernetes import Manifest, at, mappings
from checks.facts.dockerfile.base_images import image_name
from checks.regex import regex
from checks.source.yaml import Mapping, Node, Scalar, Sequence, walk

_OF_HOST = regex(
    r"(?:/(?:var/run|run|proc|sys|dev|var/lib|var/log|boot|lib/modules|etc/kubernetes)\b[^:]*|/):"
)
"""In Compose: a folder of the host that root owns."""
_HARMLESS = frozenset(("/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"))
"""What everybody may read."""


def images_of_pods_with_host(manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """The last part of the name of each image that a container of Kubernetes runs with a part of the host."""
    pods = (node for manifest in manifests for node in walk(manifest.node) if isinstance(node, Mapping))
    return tuple(name for pod in pods for container in _containers(pod) for name in _named(container))


def images_of_services_with_host(composes: Iterable[Compose]) -> tuple[str, ...]:
    """Likewise for the services of Compose."""
    return tuple(name for one in composes for service in _services(one) for name in _named(service))


def dockerfiles_with_host(composes: Iterable[Compose]) -> frozenset[str]:
    """The paths of the Dockerfiles that Compose builds for such services."""
    found: set[str] = set()
    for compose in composes:
        builds = {build.location.span: build.dockerfile for build in compose.builds}
        written = (at(service, "build") for service in _services(compose))
        found |= {path for node in written if node is not None and (path := builds.get(node.span))}
    return frozenset(found)


def _containers(pod: Mapping) -> Iterator[Mapping]:
    """The containers of a pod that get a part of the host."""
    paths = {
        _text(volume.get("name")): _text(at(volume, "hostPath", "path"))
        for volume in mappings(pod.get("volumes"))
    }
    mounted = {name for name, path in paths.items() if path and path not in _HARMLESS}
    for key in ("containers", "initContainers"):
        for container in mappings(pod.get(key)):
            mounts = {_text(mount.get("name")) for mount in mappings(container.get("volumeMounts"))}
            if (
                mounts & mounted
                or _text(pod.get("hostPID")) == "true"
                or _text(at(container, "securityContext", "privileged")) == "true"
            ):
                yield container


def _services(compose: Compose) -> Iterator[Mapping]:
    """The services that get a part of the host."""
    services = compose.node.get("services")
    for entry in services.entries if isinstance(services, Mapping) else ():
        service = entry.value
        if isinstance(service, Mapping):
            volumes = service.get("volumes")
            texts = [_text(one) for one in volumes.items] if isinstance(volumes, Sequence) else []
            texts += [f"{_text(one.get('source'))}:" for one in mappings(volumes)]
            has_all = _text(service.get("privileged")) == "true" or _text(service.get("pid")) == "host"
            devices = service.get("devices")
            has_device = isinstance(devices, Sequence) and bool(devices.items)
            if has_all or has_device or any(map(_OF_HOST.match, texts)):
                yield service


def _named(container: Mapping) -> Iterator[str]:
    name = posixpath.basename(image_name(_text(container.get("image"))))
    if name and "$" not in name and "{" not in name:
        yield name


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) else ""
