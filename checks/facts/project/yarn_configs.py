"""What Yarn, from its second release on, is told by the `.yarnrc.yml` of a project.

https://yarnpkg.com/configuration/yarnrc#enableImmutableInstalls
https://yarnpkg.com/configuration/yarnrc#yarnPath
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
    has_program: bool = False
    """Whether it names the Yarn to run, or may: the first one hands over to that, too, https://github.com/yarnpkg/yarn/pull/7350."""


def parse_yarn_config(text: Text) -> YarnConfig:
    """What a file says; of one that can't be read nothing is known."""
    try:
        roots = parse_yaml(text)
    except CannotRead:
        return YarnConfig(text.path, None, has_program=True)
    said = [root.get("enableImmutableInstalls") for root in roots if isinstance(root, Mapping)]
    values = [one.value for one in said if isinstance(one, Scalar)]
    is_immutable = "true" in values or (False if "false" in values else None)
    has_program = any(isinstance(root, Mapping) and root.get("yarnPath") is not None for root in roots)
    return YarnConfig(text.path, is_immutable, has_program)
