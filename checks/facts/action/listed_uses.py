"""Files beside the workflows that list by which names these are to use actions: a name that is not there is one that nobody has decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from checks.facts.action.workflow_tests import uses_rewritten
from checks.regex import regex
from checks.source.kind import kind_by_path
from checks.source.snapshot import Edit
from checks.source.text import CannotRead, Text
from checks.source.yaml import Scalar, Sequence, parse, walk

_PLACE = regex(r"\.github/(?!workflow-templates/).*\.ya?ml")
_NAME = regex(r"[\w-]{1,39}/[\w./-]{1,140}@v?\d[\w.-]{0,40}")
_USED = regex(r"uses[\"']?:\s{0,9}[\"']?([^\s\"'#]{1,300})")
_FEWEST = 3
"""Entries that are the very names in workflows: fewer may be there for another reason."""


def lists_of_uses(texts: Iterable[Text], used: Collection[str]) -> Mapping[str, frozenset[str]]:
    """By path the names of a file's lists, `owner/name@v1`, of which at least a few are `used` as they stand there."""
    found = {
        one.path: frozenset(_listed(one))
        for one in texts
        if _PLACE.fullmatch(one.path) and kind_by_path(one.path) is None
    }
    return {path: names for path, names in found.items() if len(names.intersection(used)) >= _FEWEST}


def _listed(text: Text) -> Iterator[str]:
    if "@" not in text.content:
        return
    try:
        nodes = [node for root in parse(text) for node in walk(root) if isinstance(node, Sequence)]
    except CannotRead:
        return
    items = (item.value for node in nodes for item in node.items if isinstance(item, Scalar))
    yield from filter(_NAME.fullmatch, items)


def names_left(edits: Iterable[Edit], texts: Mapping[str, Text]) -> frozenset[str]:
    """The names by which actions are used where edits rewrite that."""
    lines = (line for line, _ in uses_rewritten(edits, texts))
    return frozenset(found[1] for line in lines if (found := _USED.match(line)))
