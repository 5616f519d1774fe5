"""Actions that a repository's own tests name: one that asserts what a workflow says fails once that says something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from checks.regex import regex
from checks.source.kind import is_test_of_workflows
from checks.source.snapshot import Edit, apply
from checks.source.text import Text

MOST = 10
"""Tests that are read: a project whose own subject is workflows may have hundreds of that name."""
_COPIES = regex(
    r"(?:^|/)(?:vendor|third_party|node_modules|test[-_]?data|fixtures?|__fixtures__|__snapshots__)/"
)
_BEFORE_SIGN = regex(r"\\+(?=[^\w\s])")
_LETTER = regex(r"\\+[bnrst]")
"""What regular expressions and strings have for a boundary, a blank or the end of a line."""
_NAMED = regex(r"(?<![\w./-])[\w-]{1,39}/[\w./-]{1,140}(?=@)")
_USE = regex(r"\buses[\"']?:\s{0,9}[\"']?([\w-]{1,39}/[\w./-]{1,140})@[^\r\n]*")


def tests_of_workflows(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths of a few files that are, by their names, tests of workflows: the shortest, as those stand near the root."""
    found = (path for path in paths if is_test_of_workflows(path) and not _COPIES.search(path))
    return tuple(sorted(found, key=lambda path: (len(path), path))[:MOST])


def actions_named(test: Text) -> frozenset[str]:
    """The actions, in lower case, that stand in a test with an `@` behind them, in a regular expression, too."""
    if "@" not in test.content:
        return frozenset()
    content = _LETTER.sub(" ", _BEFORE_SIGN.sub("", test.content))
    return frozenset(name.lower() for name in _NAMED.findall(content))


def actions_rewritten(edits: Iterable[Edit], texts: Mapping[str, Text]) -> frozenset[str]:
    """The actions, in lower case, of which edits change or take away a use, or the comment behind one."""
    return frozenset(action for _, action in uses_rewritten(edits, texts))


def uses_rewritten(edits: Iterable[Edit], texts: Mapping[str, Text]) -> frozenset[tuple[str, str]]:
    """These uses, each with its line from `uses:` on before the edits."""
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    found: set[tuple[str, str]] = set()
    for path, group in by_path.items():
        content = texts[path].content if path in texts else ""
        found.update(_uses(content) - _uses(apply(content, group)))
    return frozenset(found)


def _uses(content: str) -> Counter[tuple[str, str]]:
    """Each line from `uses:` on, with its action."""
    return Counter((use[0].rstrip(), use[1].lower()) for use in _USE.finditer(content))
