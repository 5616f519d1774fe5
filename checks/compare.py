"""Which findings are the same across two commits, and which a change brings."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from checks.runner import Identity, Raised
from checks.source.text import Text


def fingerprints(raised: Sequence[Raised]) -> dict[Raised, str]:
    """A fingerprint for each: of its identity and of which occurrence of it this is, in file order."""
    seen: Counter[Identity] = Counter()
    result: dict[Raised, str] = {}
    for one in sorted(raised, key=lambda one: one.finding.location.span):
        identity = one.identity()
        text = "\0".join((*identity, str(seen[identity])))
        result[one] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[identity] += 1
    return result


def new_ones(
    head: Iterable[Raised], base: Iterable[Raised] | None, renames: Mapping[str, str]
) -> set[Raised]:
    """Those of the head that were not there at the base; without a base, all.

    Where one identity occurs more often than before, the occurrences on changed lines are the new ones.
    """
    if base is None:
        return set(head)
    before: dict[Identity, list[Raised]] = defaultdict(list)
    for one in base:
        before[one.identity()].append(one)
    now: dict[Identity, list[Raised]] = defaultdict(list)
    for one in head:
        path = one.finding.location.path
        now[one.identity(renames.get(path, path))].append(one)
    new: set[Raised] = set()
    for identity, group in now.items():
        old = before.get(identity, [])
        if len(group) > len(old):
            new.update(_most_changed(group, old)[: len(group) - len(old)])
    return new


def _most_changed(group: list[Raised], old: list[Raised]) -> list[Raised]:
    """The group, those on changed lines first, then the later ones first."""
    if not old:
        return group
    lines = changed_lines(old[0].finding.location.text, group[0].finding.location.text)

    def untouched_and_early(one: Raised) -> tuple[bool, int]:
        return one.finding.location.line not in lines, -one.finding.location.span.start

    return sorted(group, key=untouched_and_early)


def changed_lines(before: Text, after: Text) -> frozenset[int]:
    """The lines of `after`, from 1, that `before` does not have at the same place."""
    matcher = difflib.SequenceMatcher(
        None, before.content.split("\n"), after.content.split("\n"), autojunk=False
    )
    return frozenset(
        line + 1
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in ("replace", "insert")
        for line in range(start, end)
    )
