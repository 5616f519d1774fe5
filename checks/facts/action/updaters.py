"""Bots that keep what is pinned up to date: Dependabot by its file, Renovate and others by their traces.

https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.deployment.kubernetes import at, mappings
from checks.facts.mention import Mention
from checks.facts.workflow.values import scalars
from checks.record import Record, kept_with
from checks.regex import regex
from checks.source.text import Location, Text
from checks.source.yaml import Mapping, Scalar, Sequence
from checks.source.yaml import parse as parse_yaml

RENOVATE_FILES = frozenset(
    f"{folder}{name}"
    for folder in ("", ".github/", ".gitlab/")
    for name in ("renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5")
)
"""https://docs.renovatebot.com/configuration-options/"""
_OTHER_FILES = regex(r"\.version-bump\.yml|(?:.*/)?updatecli(?:\.d)?/.*")
_MAJOR = "version-update:semver-major"
_WITHIN_MAJORS = frozenset(("version-update:semver-minor", "version-update:semver-patch"))
_OTHERS = Mention(r"renovate|updatecli|pinact|frizbee|ratchet|digestabot|version-bump")


class Update(Record, eq=False):
    """One entry of `updates:`."""

    node: Mapping
    ecosystem: str
    directories: tuple[str, ...]
    """From the root, with its slash; `*` and `**` as they are written."""

    def covers(self, folder: str) -> bool:
        """Whether it looks into a folder from the root; those below it count only where a pattern names them."""
        path = "/" + folder.strip("/")
        return any(_matches(pattern, path) for pattern in self.directories)


class Dependabot(Record, eq=False):
    """`.github/dependabot.yml`."""

    text: Text
    updates: Sequence
    entries: tuple[Update, ...]

    def of(self, ecosystem: str) -> Iterator[Update]:
        """The entries of an ecosystem; one with `open-pull-requests-limit: 0` is somebody's decision, too."""
        return (entry for entry in self.entries if entry.ecosystem == ecosystem)


def keeps_major(dependabot: Dependabot, repository: str) -> Location | None:
    """Where Dependabot is told to leave newer major versions of an action out, by its name, `owner/name` in lower case.

    A pattern for all actions is no word on one of them.
    https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference#ignore--
    """
    for entry in dependabot.of("github-actions"):
        for ignored in mappings(entry.node.get("ignore")):
            name, kinds = (
                ignored.get("dependency-name"),
                [one.value for one in scalars(ignored.get("update-types"))],
            )
            is_named = isinstance(name, Scalar) and name.value.lower() == repository
            if is_named and (not kinds or _MAJOR in kinds) and isinstance(name, Scalar):
                return Location(dependabot.text, name.span)
    return None


def is_left_alone(dependabot: Dependabot, action: str) -> bool:
    """Whether Dependabot is told to leave all versions of an action out, by its name or a pattern for its owner or repository.

    `action` is `owner/name`, with the path inside it, in lower case; Dependabot knows most by the repository alone.
    A pattern for all actions, `*/*` as well, is no word on one of them.
    https://github.com/dependabot/dependabot-core/blob/main/github_actions/lib/dependabot/github_actions/file_parser.rb
    """
    called = {action, "/".join(action.split("/")[:2])}
    ignored = (one for entry in dependabot.of("github-actions") for one in mappings(entry.node.get("ignore")))
    every = (one for one in ignored if one.get("update-types") is None and one.get("versions") is None)
    names = (name.value.lower() for one in every if isinstance(name := one.get("dependency-name"), Scalar))
    narrow = (name for name in names if "/" in name and name.strip("*/"))
    return any(fnmatch.fnmatchcase(one, name) for name in narrow for one in called)


def leaves_majors_floating(dependabot: Dependabot) -> bool:
    """Whether Dependabot is told, of all actions of the workflows, to leave out what is new within a major version, and that alone.

    A tag like `v4` brings that by itself; at a commit it would come from nowhere.
    """
    entries = [entry for entry in dependabot.of("github-actions") if entry.covers("")]
    return bool(entries) and all(_kinds_left_out(entry) == _WITHIN_MAJORS for entry in entries)


def _kinds_left_out(entry: Update) -> set[str]:
    """The kinds of versions that an entry leaves out of all that it looks after."""
    named = (
        (name.value, one)
        for one in mappings(entry.node.get("ignore"))
        if isinstance(name := one.get("dependency-name"), Scalar)
    )
    every = [one for name, one in named if name == "*" and one.get("versions") is None]
    return {kind.value for one in every for kind in scalars(one.get("update-types"))}


def parse_dependabot(text: Text) -> Dependabot | None:
    """The configuration in a file; None where it has no `updates:`. `CannotRead` if it is not YAML."""
    documents = parse_yaml(text)
    updates = at(documents[0], "updates") if documents else None
    if not isinstance(updates, Sequence):
        return None
    return Dependabot(text, updates, tuple(map(_update, mappings(updates))))


def _update(node: Mapping) -> Update:
    ecosystem = node.get("package-ecosystem")
    written = (*scalars(node.get("directory")), *scalars(node.get("directories")))
    return Update(
        node,
        ecosystem.value if isinstance(ecosystem, Scalar) else "",
        tuple(one.value for one in written),
    )


def _matches(pattern: str, path: str) -> bool:
    """Whether a pattern names a folder; `/web/**` is taken to name `/web` too."""
    shapes = {"/**/": "/(?:.*/)?", "/**": "(?:/.*)?", "**": ".*", "*": "[^/]*"}
    pieces = re.split(r"(/\*\*/|/\*\*|\*\*|\*)", posixpath.normpath("/" + pattern.strip("/")))
    regexp = "".join(shapes.get(piece, re.escape(piece)) for piece in pieces)
    return bool(re.fullmatch(regexp, path)) or (path == "/" and bool(re.fullmatch(regexp, "")))


def may_be_updated_otherwise(paths: Iterable[str], automation: Iterable[Text]) -> bool:
    """Whether Renovate or another tool is configured, or a text speaks of one that updates what is pinned."""
    if any(path in RENOVATE_FILES or _OTHER_FILES.fullmatch(path) for path in paths):
        return True
    return any(map(_speaks_of_others, automation))


@kept_with
def _speaks_of_others(text: Text) -> bool:
    return _OTHERS.is_in(text.content)
