"""Files by which a repository checks at which commits its workflows use actions: one that lists them takes no others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping

from checks.facts.asides import is_vendored
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Text

_PART = regex(r"[A-Z]?[a-z0-9]+|[A-Z]+")
_OF_ACTIONS = frozenset(("action", "actions", "gha", "workflow", "workflows"))
_OF_PINS = frozenset(("pin", "pinned", "pinning", "pins", "sha", "shas"))
_CHECKS = frozenset(
    ("allowed", "allowlist", "check", "checks", "enforce", "guard", "policy", "validate", "verify")
)
_WRITES = frozenset(("bump", "generate", "rewrite", "sync", "test", "tests", "update"))
"""What says that a file does something else: it writes the commits, or tries what checks them."""
_OTHER_PINS = frozenset(("docker", "image", "images", "node", "npm", "pip", "python"))
_LISTS = (".json", ".toml", ".txt", ".yaml", ".yml")
_RUNS = (".bash", ".cjs", ".go", ".js", ".mjs", ".ps1", ".py", ".rb", ".sh", ".ts")
_COMMIT = regex(r"[0-9a-f]{40}")
_USED = regex(r"\buses:\s{0,9}[\"']?[\w.-]{1,100}/[\w./-]{1,200}@$")
_LONGEST = 320
"""Characters of what stands before a commit, and a few more."""
_OF_TESTS = regex(r"(?:^|/)(?:tests?|specs?|__tests__)/", re.IGNORECASE)


def guard_of_pins(paths: Collection[str], texts: Iterable[Text]) -> str | None:
    """The path of what says which commits of actions are allowed, or of what checks that, by their names; None where nothing does.

    What no text names is left out: nobody runs it.
    """
    found = sorted(filter(_is_guard, paths), key=lambda path: (not path.endswith(_LISTS), path))
    contents = [text.content for text in texts] if found else []
    return next(
        (path for path in found if any(posixpath.basename(path) in content for content in contents)), None
    )


def _is_guard(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if not name.endswith(_LISTS + _RUNS) or folder == ".github/workflows":
        return False
    words = {word.lower() for word in _PART.findall(name)}
    is_named_so = all(not words.isdisjoint(some) for some in (_OF_ACTIONS, _OF_PINS, _CHECKS))
    is_other = not words.isdisjoint(_WRITES | _OTHER_PINS)
    return is_named_so and not is_other and not _OF_TESTS.search(path) and not is_vendored(path)


def writes_commits(edits: Iterable[Edit], texts: Mapping[str, Text]) -> bool:
    """Whether edits bring an action to a commit."""
    return any(
        _COMMIT.fullmatch(edit.replacement)
        and edit.path in texts
        and _USED.search(texts[edit.path].content, max(0, edit.span.start - _LONGEST), edit.span.start)
        for edit in edits
    )
