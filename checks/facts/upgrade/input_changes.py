"""Inputs that newer releases of actions take no more, and the names that some have now: `data/action_inputs.json`.

An input that the release in use does not take either does nothing already.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from checks.facts.action.versions import number_of
from checks.facts.tables import table
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Edit
from checks.source.yaml import Scalar
from checks.source.yaml_edit import delete_entry, replace_value

_TAKEN_OUT = {
    "actions/setup-node": "always-auth",
    "docker/setup-buildx-action": "install",
    "google-github-actions/setup-gcloud": "skip_tool_cache",
    "release-drafter/release-drafter": "disable-autolabeler",
}
"""By action the input that newer releases don't take, and that nothing takes the place of."""
_SAME_BEFORE = {"docker/bake-action": (6,)}
"""By action the first release in which its old names mean something else than the new ones.

https://github.com/docker/bake-action/blob/v6.0.0/src/main.ts: the folder of a command that builds the commit.
"""


def gone_inputs(upgrade: Upgrade) -> tuple[str, ...]:
    """The inputs that a step gives, its release takes, and the newer one does not."""
    step, release, target = upgrade.step, upgrade.release, upgrade.target
    if step is None or release is None or target is None:
        return ()
    return tuple(
        name
        for name, last_with in _removed_inputs().get(upgrade.action.action, {}).items()
        if step.input(name.lower()) and release.number <= number_of(last_with) < target.number
    )


def lost_inputs(upgrade: Upgrade) -> tuple[str, ...]:
    """Those that nothing takes out, and that have no other name."""
    known = {*renames(upgrade), *([_TAKEN_OUT[upgrade.action.action]] if input_taken_out(upgrade) else ())}
    return tuple(name for name in gone_inputs(upgrade) if name not in known)


def input_taken_out(upgrade: Upgrade) -> Edit | None:
    """Takes an input from a step that the newer release does not have.

    None where the step has no such input, and where it can't be taken out.
    """
    step, name = upgrade.step, _TAKEN_OUT.get(upgrade.action.action, "")
    entry = step.input_entry(name) if step and name in gone_inputs(upgrade) else None
    if step is None or entry is None:
        return None
    inputs, given = step.inputs, step.node.entry("with")
    if inputs is None or given is None:
        return None
    return delete_entry(inputs, entry) or delete_entry(step.node, given)


def renames(upgrade: Upgrade) -> dict[str, Edit]:
    """By the old names of inputs what writes those that the newer release knows them by.

    Not where another input has that name.
    """
    step, names = upgrade.step, _renamed_inputs().get(upgrade.action.action, {})
    until = _SAME_BEFORE.get(upgrade.action.action)
    if until is not None and (upgrade.release is None or upgrade.release.number >= until):
        return {}
    given = {name: names[name] for name in gone_inputs(upgrade) if name in names}
    taken = list(given.values())
    edits: dict[str, Edit] = {}
    for name, new in given.items():
        entry = step.input_entry(name.lower()) if step else None
        is_free = step is not None and step.input_entry(new) is None and taken.count(new) == 1
        key = entry.key if is_free and entry else None
        edit = replace_value(key, new) if isinstance(key, Scalar) else None
        if edit is not None:
            edits[name] = edit
    return edits


@cache
def _removed_inputs() -> Mapping[str, Mapping[str, str]]:
    """By action the inputs that its newest release does not take, each with the last version that does."""
    removed: Mapping[str, Mapping[str, str]] = table("action_inputs")["removed"]
    return removed


@cache
def _renamed_inputs() -> Mapping[str, Mapping[str, str]]:
    """By action the names that its newest release has for inputs of older ones, by their old names."""
    renamed: Mapping[str, Mapping[str, str]] = table("action_inputs")["renamed"]
    return renamed
