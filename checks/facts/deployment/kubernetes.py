"""Kubernetes objects in YAML: each document with `apiVersion` and `kind`."""

from __future__ import annotations

from checks.record import Record
from checks.source.text import Text
from checks.source.yaml import Mapping, Node, Scalar, Sequence
from checks.source.yaml import parse as parse_yaml


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
