"""Kubernetes objects in YAML: each document with `apiVersion` and `kind`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from checks.record import Record
from checks.regex import regex
from checks.source.text import Text
from checks.source.yaml import Mapping, Node, Scalar, Sequence
from checks.source.yaml import parse as parse_yaml

_PATH = regex(r"[\w./-]+")


_KUSTOMIZATIONS = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))
"""https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#kustomization"""


class Manifest(Record, eq=False):
    """One Kubernetes object as it is written."""

    text: Text
    node: Mapping
    api_version: str
    kind: str

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def name(self) -> str:
        """`metadata.name`, or empty."""
        name = at(self.node, "metadata", "name")
        return name.value if isinstance(name, Scalar) else ""


def at(node: Node | None, *keys: str) -> Node | None:
    """The node that a path of keys leads to, or None."""
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def mappings(node: Node | None) -> tuple[Mapping, ...]:
    """The mappings among a sequence's items."""
    return (
        tuple(item for item in node.items if isinstance(item, Mapping)) if isinstance(node, Sequence) else ()
    )


_OF_CLOUD_RUN = ("run.googleapis.com/", "cloud.googleapis.com/location")
"""How labels, annotations and selectors begin that only Google's own service reads."""
_CLOUD_RUN_APIS = frozenset(
    (
        "run.googleapis.com",
        "run.cnrm.cloud.google.com",
        "cloudrun.gcp.upbound.io",
        "cloudrun.gcp.m.upbound.io",
    )
)
"""Its own API, and those by which a cluster's controllers call that.

https://cloud.google.com/config-connector/docs/reference/resource-docs/run/runservice
https://marketplace.upbound.io/providers/upbound/provider-gcp-cloudrun
"""


def is_of_cloud_run(manifest: Manifest) -> bool:
    """Whether Google's Cloud Run runs what an object says, not a cluster: it is one of its APIs, or a service of Knative's with its marks.

    https://cloud.google.com/run/docs/reference/yaml/v1
    """
    if manifest.group in _CLOUD_RUN_APIS:
        return True
    template = at(manifest.node, "spec", "template", "metadata")
    marked = [
        at(metadata, part)
        for metadata in (at(manifest.node, "metadata"), template)
        for part in ("labels", "annotations")
    ]
    marked.append(at(manifest.node, "spec", "template", "spec", "nodeSelector"))
    keys = [key for one in marked if isinstance(one, Mapping) for key in one.keys]
    return manifest.group == "serving.knative.dev" and any(key.startswith(_OF_CLOUD_RUN) for key in keys)


class Manifests(Record, eq=False):
    """A file of Kubernetes objects."""

    text: Text
    objects: tuple[Manifest, ...]


def parse_manifests(text: Text) -> Manifests:
    """The objects in a file, those in a `List` too. `CannotRead` if it is not YAML."""
    found: list[Manifest] = []
    for root in parse_yaml(text):
        for node in (root, *mappings(at(root, "items"))):
            api_version, kind = at(node, "apiVersion"), at(node, "kind")
            if isinstance(node, Mapping) and isinstance(api_version, Scalar) and isinstance(kind, Scalar):
                found.append(Manifest(text, node, api_version.value, kind.value))
    return Manifests(text, tuple(found))


def files_of_tests(manifests: Iterable[Manifest], applied: Iterable[str]) -> frozenset[str]:
    """The files beside Kyverno's tests of policies, or below, whose objects these try, and which nothing else takes in.

    `applied` are texts that name what is applied; a Kustomization names it, too, and what delivers a folder of the repository.
    A test at the root tries what the whole repository holds.

    https://kyverno.io/docs/kyverno-cli/usage/test
    https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
    https://fluxcd.io/flux/components/kustomize/kustomizations/#path
    """
    found, taken, named = set[str](), set[str](), list(applied)
    for one in manifests:
        if one.kind == "Test" and one.group == "cli.kyverno.io":
            folder = posixpath.dirname(one.text.path)
            found.update(path for path in _resources(one) if folder and path.startswith(f"{folder}/"))
        elif one.kind == "Kustomization":
            taken.update(_resources(one))
        delivered = (at(one.node, "spec", "path"), at(one.node, "spec", "source", "path"))
        named += (part.value for part in delivered if isinstance(part, Scalar))
    words = {posixpath.normpath(word).strip("/") for text in named for word in _PATH.findall(text)}
    words |= {posixpath.basename(word) for word in words}
    return frozenset(path for path in found - taken if words.isdisjoint(_names_of(path)))


def _names_of(path: str) -> Iterator[str]:
    """How commands may name a file: by its name, or by a folder over it."""
    parts = path.split("/")
    yield parts[-1]
    yield from ("/".join(parts[:end]) for end in range(1, len(parts)))


def _resources(manifest: Manifest) -> Iterator[str]:
    """The paths of the files that an object names as its resources."""
    named, folder = at(manifest.node, "resources"), posixpath.dirname(manifest.text.path)
    for item in named.items if isinstance(named, Sequence) else ():
        if isinstance(item, Scalar) and item.value:
            yield posixpath.normpath(posixpath.join(folder, item.value))


def is_kustomization(path: str) -> bool:
    """Whether Kustomize reads a file, by its name."""
    return posixpath.basename(path) in _KUSTOMIZATIONS
