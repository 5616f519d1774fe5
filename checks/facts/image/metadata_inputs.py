"""What docker/metadata-action is given: its entries and its flavor, read as it reads them.

The rules are those of its `src/tag.ts` and `src/flavor.ts` (v6.2.0): https://github.com/docker/metadata-action
"""

from __future__ import annotations

import csv
import re

from checks.facts.workflow.lists import Item, items, items_but_comments
from checks.facts.workflow.resolve import Scope
from checks.record import Record

_PRIORITIES = {
    "schedule": 1000.0,
    "semver": 900.0,
    "pep440": 900.0,
    "match": 800.0,
    "edge": 700.0,
    "ref": 600.0,
    "raw": 200.0,
    "sha": 100.0,
}
_DEFAULTS = ("type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr")


class Entry(Record, eq=False):
    """One entry of `tags:`."""

    type: str
    attributes: dict[str, str]
    item: Item | None
    """None for the entries that an empty `tags:` stands for."""

    @property
    def priority(self) -> float:
        try:
            return float(self.attributes.get("priority", ""))
        except ValueError:
            return _PRIORITIES[self.type]


class Flavor(Record):
    """`flavor:`."""

    latest: str = "auto"
    """`auto`, `true` or `false`; empty if it is not known."""
    prefix: str = ""
    suffix: str = ""
    prefix_latest: bool = False
    suffix_latest: bool = False


def entries_of(scope: Scope) -> tuple[Entry, ...] | None:
    written = scope.step.input("tags")
    if written is None and scope.step.input_entry("tags") is not None:
        return None
    lines = (
        [(line, item) for item in items(written, commas=False) for line in _lines(scope, item)]
        if written
        else []
    )
    filled = [(text, item) for text, item in lines if not text.startswith("#")]
    read = [_entry(scope, text, item) for text, item in filled] or [
        _entry(scope, text, None) for text in _DEFAULTS
    ]
    known = tuple(one for one in read if one is not None)
    return known if len(known) == len(read) else None


def _lines(scope: Scope, item: Item) -> list[str]:
    """The entries of an item: those of its value where an expression alone holds several lines, or ends one."""
    value = scope.value(item.text).literal if item.text.startswith("${{") else None
    lines = [line.strip() for line in value.split("\n")] if value and "\n" in value else [item.text]
    return [line for line in lines if line]


def _entry(scope: Scope, text: str, item: Item | None) -> Entry | None:
    """One entry; None where the action would refuse it, or where it can't be read for certain."""
    attributes: dict[str, str] = {}
    try:
        fields = next(csv.reader([_without_comment(text)]), [])
    except csv.Error:  # a line break, in an expression that goes over several lines
        return None
    for one in fields:
        key, equals, value = one.strip().partition("=")
        if not equals or "${{" in key:
            key, value = "value", one.strip()
        attributes[key.strip().lower()] = value.strip()
    kind = attributes.pop("type", "raw")
    if kind not in _PRIORITIES or not _is_whole(kind, attributes):
        return None
    for name, value in attributes.items():
        if name != "enable" and "${{" in value:
            known = scope.value(value).literal
            attributes[name] = value if known is None else known
    return Entry(kind, _with_defaults(kind, attributes), item)


def _without_comment(text: str) -> str:
    return re.sub(r"\s+#.*", "", text)


def _is_whole(kind: str, attributes: dict[str, str]) -> bool:
    needed = {"semver": "pattern", "pep440": "pattern", "match": "pattern", "ref": "event", "raw": "value"}
    if kind == "ref" and attributes.get("event") not in ("branch", "tag", "pr"):
        return False
    return needed.get(kind, "") in ("", *attributes)


def _with_defaults(kind: str, attributes: dict[str, str]) -> dict[str, str]:
    defaults: dict[str, dict[str, str]] = {"schedule": {"pattern": "nightly"}, "sha": {"prefix": "sha-"}}
    if kind == "ref" and attributes["event"] == "pr":
        defaults["ref"] = {"prefix": "pr-"}
    return {**defaults.get(kind, {}), **attributes}


def flavor_of(scope: Scope) -> Flavor | None:
    """The flavor; None where it is not of a form that is known here."""
    written = scope.step.input("flavor")
    if written is None:
        return Flavor() if scope.step.input_entry("flavor") is None else None
    found: dict[str, str] = {}
    on_latest: set[str] = set()
    last = ""
    for item in items_but_comments(written):
        key, equals, value = item.text.partition("=")
        key, value = key.strip().lower(), scope.value(value.strip()).literal or ""
        if not equals or key not in ("latest", "prefix", "suffix", "onlatest"):
            return None
        if key == "onlatest":
            on_latest |= {last} if value == "true" else set()
        else:
            found[key] = value
            last = key
    latest = found.get("latest", "auto")
    affixes = found.get("prefix", ""), found.get("suffix", "")
    return Flavor(latest, *affixes, "prefix" in on_latest, "suffix" in on_latest)
