"""What Yarn, from its second release on, is told by the `.yarnrc.yml` of a project.

https://yarnpkg.com/configuration/yarnrc#enableImmutableInstalls
"""

from __future__ import annotations

from checks.record import Record
from checks.source.text import CannotRead, Text
from checks.source.yaml import Mapping, Scalar
from checks.source.yaml import parse as parse_yaml


class YarnConfig(Record):
    """One such file."""

    path: str
    is_immutable: bool | None
    """Whether each `yarn install` has to leave the lock file as it is, or fails; None where it doesn't say."""


def parse_yarn_config(text: Text) -> YarnConfig:
    """What a file says; of one that can't be read nothing is known."""
    try:
        roots = parse_yaml(text)
    except CannotRead:
        roots = ()
    said = [root.get("enableImmutableInstalls") for root in roots if isinstance(root, Mapping)]
    values = [one.value for one in said if isinstance(one, Scalar)]
    is_immutable = "true" in values or (False if "false" in values else None)
    return YarnConfig(text.path, is_immutable)
