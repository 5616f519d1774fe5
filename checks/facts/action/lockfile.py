"""The lockfile of the workflows' actions."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.deployment.kubernetes import at
from checks.record import Record
from checks.source.text import Text
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar, Sequence
from checks.source.yaml import parse as parse_yaml


class ActionsLock(Record, eq=False):
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
