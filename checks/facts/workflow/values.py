"""Plain values out of a file of YAML: its root, and the strings that stand in its nodes."""

from __future__ import annotations

from checks.source.text import Text
from checks.source.yaml import Mapping, Node, Scalar, Sequence, parse


def root_of(text: Text) -> Mapping | None:
    """The mapping that a file holds; None where it holds none. `CannotRead` if it is not YAML."""
    documents = parse(text)
    return documents[0] if documents and isinstance(documents[0], Mapping) else None


def scalar_of(node: Mapping, key: str) -> Scalar | None:
    """The value of a key that is a scalar."""
    value = node.get(key)
    return value if isinstance(value, Scalar) else None


def mapping_of(node: Mapping, key: str) -> Mapping | None:
    """The value of a key that is a mapping."""
    value = node.get(key)
    return value if isinstance(value, Mapping) else None


def strings(node: Node | None) -> dict[str, str]:
    """The entries of a mapping whose keys and values are both scalars."""
    if not isinstance(node, Mapping):
        return {}
    return {
        entry.key.value: entry.value.value
        for entry in node.entries
        if isinstance(entry.key, Scalar) and isinstance(entry.value, Scalar)
    }


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """A scalar, or the scalars of a sequence."""
    if isinstance(node, Scalar):
        return (node,)
    if isinstance(node, Sequence):
        return tuple(item for item in node.items if isinstance(item, Scalar))
    return ()
