"""Add-ons of Home Assistant: a Dockerfile with a `config.yaml` beside it.

https://developers.home-assistant.io/docs/apps/configuration/
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from checks.source.text import CannotRead, Text
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar
from checks.source.yaml import parse as parse_yaml

_NAMES = ("config.yaml", "config.yml")
_REQUIRED = ("slug", "version", "arch")
"""What the file of each add-on says."""


def configuration_beside(dockerfile: str, texts: Mapping[str, Text]) -> Text | None:
    """The file that may describe the add-on of a Dockerfile."""
    folder = posixpath.dirname(dockerfile)
    paths = (posixpath.join(folder, name) for name in _NAMES)
    return next((texts[path] for path in paths if path in texts), None)


def is_deprecated(text: Text) -> bool:
    """Whether a file describes an add-on that its makers have given up."""
    if "deprecated" not in text.content:
        return False
    try:
        roots = parse_yaml(text)
    except CannotRead:
        return False
    root = roots[0] if roots else None
    stage = root.get("stage") if isinstance(root, YamlMapping) else None
    return (
        isinstance(root, YamlMapping)
        and isinstance(stage, Scalar)
        and stage.value == "deprecated"
        and all(root.get(name) is not None for name in _REQUIRED)
    )
