"""What Renovate is told about actions in its file.

https://docs.renovatebot.com/configuration-options/#pindigests
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from checks.record import Record
from checks.source.text import Text

_ACTIONS = ({"matchManagers": ["github-actions"]}, {"matchDepTypes": ["action"]})
"""The matchers of a rule for all actions."""
_PINNING = ("config:best-practices", "helpers:pinGitHubActionDigests")
"""Presets with such a rule, and what their names begin with: https://docs.renovatebot.com/presets-config/"""
_FOR_ALL = {":pinDigests": True, ":pinDigestsDisabled": False}
"""Presets that say it of everything, written with `default` ahead or without: https://docs.renovatebot.com/presets-default/"""


class Renovate(Record):
    """One of its configuration files."""

    path: str
    keeps_tags_of_actions: bool
    """Whether it is told to leave actions at the names that they are used by."""


def parse_renovate(text: Text) -> Renovate:
    """What a file says; of one with comments nothing is known."""
    try:
        content = json.loads(text.content)
    except (ValueError, RecursionError):
        content = None
    said = [one for one in _pin_digests(content) if isinstance(one, bool)]
    return Renovate(text.path, bool(said) and not said[-1])


def _pin_digests(content: object) -> Iterator[object]:
    """What is said for actions, in the order in which one overrides the other."""
    if not isinstance(content, dict):
        return
    extended, rules = content.get("extends"), content.get("packageRules")
    ignored = content.get("ignorePresets")
    left_out = ignored if isinstance(ignored, list) else []
    listed = extended if isinstance(extended, list) else []
    presets = [one for one in listed if isinstance(one, str) and one not in left_out]
    yield from (_FOR_ALL.get(one.removeprefix("default")) for one in presets)
    yield content.get("pinDigests")
    manager = content.get("github-actions")
    if isinstance(manager, dict):
        yield manager.get("pinDigests")
    yield from (True for one in presets if one.startswith(_PINNING))
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict):
            matchers = {key: value for key, value in rule.items() if key.startswith(("match", "exclude"))}
            if matchers in _ACTIONS:
                yield rule.get("pinDigests")
