"""What tags may and must look like, against the prefixes and wildcards of ECR.

A tag has at most 128 characters of `[A-Za-z0-9_.-]`: https://github.com/opencontainers/distribution-spec
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator

from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import STANDARD, Selector
from checks.facts.value import Hole, Value, Varies
from checks.record import Record

_ANY = frozenset(string.ascii_letters + string.digits + "_.-")
_HEX = frozenset("0123456789abcdef")
_DIGITS = frozenset(string.digits)
_SHORTEST_COMMIT = 7


class _Unit(Record):
    characters: frozenset[str]
    repeats: bool


def may_match(pattern: str, tag: Value) -> bool:
    """Whether some tag of the shape matches a pattern with `*`; False is certain."""
    units = tuple(_units(tag))
    waiting, seen = [(0, 0)], {(0, 0)}
    while waiting:
        at, unit = waiting.pop()
        if at == len(pattern) and unit == len(units):
            return True
        for state in _after(pattern, units, at, unit):
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return False


def _after(pattern: str, units: tuple[_Unit, ...], at: int, unit: int) -> Iterator[tuple[int, int]]:
    sign = pattern[at] if at < len(pattern) else ""
    if sign == "*":
        yield at + 1, unit
    if unit == len(units):
        return
    if units[unit].repeats:
        yield at, unit + 1
    behind = unit if units[unit].repeats else unit + 1
    if sign == "*":
        yield at, behind
    elif sign in units[unit].characters:
        yield at + 1, behind


def _units(tag: Value) -> Iterator[_Unit]:
    for part in tag.parts:
        if isinstance(part, str):
            yield from (_Unit(frozenset(one), False) for one in part)
        else:
            yield from _hole(part)


def _hole(hole: Hole) -> Iterator[_Unit]:
    if hole.varies is Varies.COMMIT:
        yield from [_Unit(_HEX, False)] * _SHORTEST_COMMIT
        yield _Unit(_HEX, True)
    elif hole.varies is Varies.RUN:
        yield _Unit(_DIGITS, False)
        yield _Unit(_DIGITS, True)
    else:
        yield _Unit(_ANY, True)


def must_match(pattern: str, tag: Value) -> bool:
    """Whether every tag of the shape certainly matches a pattern: what is not literal only `*` takes."""
    signs: list[str | None] = []
    for part in tag.parts:
        signs += list(part) if isinstance(part, str) else [None]
    states = _skipped(pattern, {0})
    for sign in signs:
        moved = {
            at if pattern[at] == "*" else at + 1
            for at in states
            if at < len(pattern) and pattern[at] in ("*", sign)
        }
        states = _skipped(pattern, moved)
    return len(pattern) in states


def _skipped(pattern: str, states: set[int]) -> set[int]:
    found = set(states)
    for at in states:
        behind = at
        while behind < len(pattern) and pattern[behind] == "*":
            behind += 1
            found.add(behind)
    return found


def globs(rule: Selector) -> tuple[str, ...]:
    """The tag list of a rule as patterns."""
    return (*(prefix + "*" for prefix in rule.prefixes), *rule.patterns)


def may_select(rule: Selector, tags: Iterable[Value]) -> bool:
    """Whether a rule's tag requirement may be met by an image with tags of these shapes; False is certain."""
    tags = tuple(tags)
    if rule.tag_status != "tagged":
        return rule.tag_status == "any" or not tags
    return all(any(may_match(glob, tag) for tag in tags) for glob in globs(rule))


def must_select(rule: Selector, tags: Iterable[Value]) -> bool:
    """Whether a rule's tag requirement is certainly met by an image with tags of these shapes."""
    tags = tuple(tags)
    if rule.tag_status != "tagged":
        return rule.tag_status == "any" or not tags
    return bool(tags) and all(any(must_match(glob, tag) for tag in tags) for glob in globs(rule))


def rule_of(policy: LifecyclePolicy, tags: Iterable[Value]) -> Rule | None:
    """The rule that a stored image with tags of these shapes certainly belongs to, whether that acts on it or not.

    None if it belongs to none, or if an earlier rule may take it.
    """
    tags = tuple(tags)
    for selector in policy.selectors or ():
        if selector.storage_class == STANDARD and may_select(selector, tags):
            rules = policy.rules or ()
            found = (one for one in rules if one.selector == selector)
            return next(found, None) if must_select(selector, tags) else None
    return None
