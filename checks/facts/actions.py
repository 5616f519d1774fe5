"""What is known of actions outside of the repository: releases with their commits, and the lockfile.

The table is data, with its source and the day on which it was checked: `data/action_pins.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from checks.facts.kubernetes import at
from checks.source.text import Text
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar, Sequence
from checks.source.yaml import parse as parse_yaml


@dataclass(frozen=True)
class Pin:
    """A release of an action."""

    version: str
    commit: str


@cache
def _table() -> Mapping[str, tuple[Pin, ...]]:
    """The known releases of each action's repository, oldest first."""
    data = json.loads(files("checks.facts").joinpath("data/action_pins.json").read_text(encoding="utf-8"))
    return {
        repository: tuple(Pin(version, commit) for version, commit in sorted(pins.items(), key=_by_version))
        for repository, pins in data["actions"].items()
    }


def _by_version(item: tuple[str, str]) -> tuple[int, ...]:
    return tuple(int(part) for part in item[0].removeprefix("v").split("."))


def newest_pin(repository: str) -> Pin | None:
    """The newest release of an action that the shipped table has; `repository` is `owner/name` in lower case."""
    pins = _table().get(repository, ())
    return pins[-1] if pins else None


@dataclass(frozen=True, eq=False)
class ActionsLock:
    """`.github/workflows/actions.lock`: GitHub runs the workflows that it names at the commits that it holds.

    https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles
    """

    text: Text
    uses: Mapping[str, frozenset[str]]
    """For each workflow's path what it uses, as `owner/name@ref`."""


def parse_lock(text: Text) -> ActionsLock | None:
    """The lockfile, or None if it is something else. `CannotRead` if it is not YAML."""
    documents = parse_yaml(text)
    workflows = at(documents[0], "workflows") if documents else None
    if not isinstance(workflows, YamlMapping):
        return None
    return ActionsLock(
        text,
        {
            entry.key.value: frozenset(item.value for item in entry.value.items if isinstance(item, Scalar))
            for entry in workflows.entries
            if isinstance(entry.key, Scalar) and isinstance(entry.value, Sequence)
        },
    )
