"""Tags that docker/metadata-action makes, as shapes for each event.

The rules are those of its `src/tag.ts`, `src/flavor.ts` and `src/meta.ts` (v6.2.0): https://github.com/docker/metadata-action
Entries are taken by priority, the highest first; the first one that makes a tag decides whether `latest` is added;
prefix and suffix of an entry stand in for those of the flavor; what no tag may have becomes `-`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from checks.facts.image.metadata_inputs import Entry, Flavor, entries_of, flavor_of
from checks.facts.value import UNKNOWN, Hole, Value, Varies, joined, literal
from checks.facts.workflow.conditions import certainly_holds, may_hold
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.filter_patterns import are_names
from checks.facts.workflow.job_events import is_after_merge
from checks.facts.workflow.lists import items_but_comments
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location

ACTION = "docker/metadata-action"
OUTPUT = regex(r"\s*\$\{\{\s*steps\.([\w-]+)\.outputs\.tags\s*\}\}\s*")
"""An input that is the tags of a step and nothing else."""

_VERSIONS = {"semver": "", "pep440": "", "match": ""}
_BEGINS_VERSION = regex(r"v?(?:\d.*)?", re.IGNORECASE)
"""What a version begins with, for semver and PEP 440."""
_BEFORE_SIGNS = regex(r"(?:[^*?+\[\]!\\](?!\?))*")
"""What all names that a filter lets in begin with."""
_EXPRESSION = regex(r"\{\{\s*([\w]+)([^}]*)\}\}")
_NOT_A_TAG = regex(r"[^a-zA-Z0-9._-]+")
_COMMENT = regex(r"(?:^|\s)#.*")
_DEFAULT_ALONE = regex(r"\s*\{\{\s*is_default_branch\s*\}\}\s*")
_DEFAULT_BRANCHES = ("refs/heads/main", "refs/heads/master")
_PREFIXES = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/"}
_LONG, _SHORT = (Value((Hole(Varies.COMMIT, source),)) for source in ("github.sha", "{{sha}}"))
"""The commit, and its first digits, as the action calls them: https://github.com/docker/metadata-action#typesha"""


class Generated(Record, eq=False):
    """One tag, without the image's name, that the action makes for an event."""

    value: Value
    event: Event
    entry: Entry
    """The entry that makes it; of `latest`, the one that adds it."""
    is_latest: bool = False
    """Whether it is the `latest` that the flavor adds, and that no entry names."""
    is_certain: bool = True
    """Whether the event certainly makes it; False where `enable=`, `flavor:` or the step's `if:` may say otherwise."""

    @property
    def is_of_default_branch(self) -> bool:
        """Whether the entry is for the default branch alone, of which there is one."""
        return _DEFAULT_ALONE.fullmatch(self.entry.attributes.get("enable", "")) is not None

    @property
    def is_refused(self) -> bool:
        """Whether it begins as no tag may: with the `-` behind a `{{branch}}` that the event leaves empty."""
        first = self.value.parts[0] if self.value.parts else ""
        return isinstance(first, str) and first.startswith(("-", "."))


class Metadata(Record, eq=False):
    """What one step of the action answers with."""

    step: Step
    images: tuple[Value, ...]
    """The names, without tags."""
    flavor: Flavor
    tags: tuple[Generated, ...] = ()

    @property
    def location(self) -> Location:
        """The `tags:` input, else the step."""
        written = self.step.input("tags")
        return Location(written.text, written.span) if written else self.step.location


def metadata(scope: Scope) -> Metadata | None:
    """The tags of a step for each of its events; None if its inputs are not known well enough."""
    step = scope.step
    happening, context = scope.events, step.input("context")
    images, entries, flavor = _images(scope), entries_of(scope), flavor_of(scope)
    is_git = context is not None and context.value.strip() != "workflow"
    if not happening or not images or entries is None or flavor is None or is_git:
        return None
    is_merged = is_after_merge(step)
    tags = tuple(
        replace(tag, event=event)
        for event in happening
        for tag in made_for(_merged(event) if is_merged else event, entries, flavor)
    )
    return Metadata(step, images, flavor, tags)


def _merged(event: Event) -> Event:
    """What the action sees of an event in a step that runs for pull requests once they are merged alone: the ref is the base branch.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
    """
    if event.ref_kind is not RefKind.PULL:
        return event
    is_one = len(event.bases) == 1 and are_names(event.bases)
    ref = f"{_PREFIXES[RefKind.BRANCH]}{event.bases[0]}" if is_one else None
    return Event(event.name, RefKind.BRANCH, ref, types=event.types, bases=event.bases, paths=event.paths)


def made_for(event: Event, entries: tuple[Entry, ...], flavor: Flavor) -> Iterator[Generated]:
    """The tags for one event, in the action's order."""
    latest: tuple[Entry, bool] | None = None
    seen: set[Value] = set()
    for entry in sorted(entries, key=lambda one: -one.priority):
        enabled = _enabled(entry, event)
        value = _value(entry, event, flavor) if enabled is not False else None
        if value is None or not value.parts:
            continue
        is_certain = enabled is True
        if latest is None and is_certain:
            latest = entry, _adds_latest(entry, flavor)
        if value not in seen:
            seen.add(value)
            yield Generated(value, event, entry, is_certain=is_certain)
    if latest and latest[1]:
        value = _sanitized(literal(_latest(flavor)))
        if value not in seen:
            yield Generated(value, event, latest[0], is_latest=True)


def _latest(flavor: Flavor) -> str:
    before = flavor.prefix if flavor.prefix_latest else ""
    return f"{before}latest{flavor.suffix if flavor.suffix_latest else ''}"


def _adds_latest(entry: Entry, flavor: Flavor) -> bool:
    """With `auto`, a version, a match and a git tag add `latest`; a pre-release does not, and may be the next one."""
    if flavor.latest != "auto":
        return flavor.latest == "true"
    is_tag = entry.type == "ref" and entry.attributes.get("event") == "tag"
    return entry.type in _VERSIONS or is_tag


def _enabled(entry: Entry, event: Event) -> bool | None:
    """Whether an entry is on for an event; None if it may be."""
    written = entry.attributes.get("enable", "true").strip()
    if written in ("true", "false"):
        return written == "true"
    named = _EXPRESSION.fullmatch(written)
    if "${{" not in written and named and named[1] in ("is_default_branch", "is_not_default_branch"):
        on_default = _on_default_branch(event)
        if on_default is None:
            return None
        return on_default if named[1] == "is_default_branch" else not on_default
    if written.startswith("${{") and written.endswith("}}"):
        if not may_hold(written, event):
            return False
        return True if certainly_holds(written, event) else None
    return None


def _on_default_branch(event: Event) -> bool | None:
    if event.ref_kind is not RefKind.BRANCH:
        return False
    if event.name in ("schedule", "issues", "discussion", "create"):
        return True
    return True if event.ref in _DEFAULT_BRANCHES else None


def _value(entry: Entry, event: Event, flavor: Flavor) -> Value | None:
    """The tag of an entry for an event; None if it makes none."""
    middle = _middle(entry, event)
    if middle is None:
        return None
    before = entry.attributes.get("prefix", flavor.prefix)
    after = entry.attributes.get("suffix", flavor.suffix)
    parts = (*_filled(before, event).parts, *middle.parts, *_filled(after, event).parts)
    return _sanitized(joined(parts))


def _middle(entry: Entry, event: Event) -> Value | None:
    """What stands between prefix and suffix."""
    kind, written = entry.type, entry.attributes
    if kind == "schedule":
        return _filled(written["pattern"], event) if "schedule" in event.name else None
    if kind in _VERSIONS:
        return _version(entry, event)
    if kind == "edge":
        return _edge(written.get("branch", ""), event)
    if kind == "ref":
        wanted = {"branch": RefKind.BRANCH, "tag": RefKind.TAG, "pr": RefKind.PULL}[written["event"]]
        return _ref(event) if event.ref_kind is wanted else None
    if kind == "raw":
        return _filled(written["value"], event)
    return _SHORT if written.get("format", "short") == "short" else _LONG


def _ref(event: Event) -> Value:
    """The name of the ref."""
    if event.ref_kind is RefKind.PULL:
        return Value((Hole(Varies.PULL_REQUEST, "github.event.number"),))
    if event.ref is not None:
        return literal(event.ref.removeprefix(_PREFIXES[event.ref_kind]))
    varies = Varies.TAG if event.ref_kind is RefKind.TAG else Varies.BRANCH
    return Value((Hole(varies, "github.ref_name"),))


def _edge(branch: str, event: Event) -> Value | None:
    if event.ref_kind is not RefKind.BRANCH:
        return None
    if branch:
        return literal("edge") if event.ref in (None, f"refs/heads/{branch}") else None
    return literal("edge") if event.ref is None or _on_default_branch(event) else None


def _version(entry: Entry, event: Event) -> Value | None:
    """A version of the git tag or of `value=`."""
    given = entry.attributes.get("value", "")
    if not given and event.ref_kind is not RefKind.TAG:
        return None
    source = Varies.UNKNOWN if given else Varies.TAG
    if entry.type == "match":
        return UNKNOWN
    if not given and "match" not in entry.attributes and not _may_be_version(event):
        return None
    parts: list[str | Hole] = []
    at = 0
    pattern = entry.attributes["pattern"]
    for found in _EXPRESSION.finditer(pattern):
        is_series = found[1] in ("major", "minor")
        parts += [pattern[at : found.start()], Hole(Varies.SERIES if is_series else source, found[0])]
        at = found.end()
    return joined((*parts, pattern[at:]))


def _may_be_version(event: Event) -> bool:
    """Whether a git tag of an event may be a version, for which the action takes the whole name."""
    known = (event.ref or "").removeprefix(_PREFIXES[RefKind.TAG])
    start = known or (_BEFORE_SIGNS.match(event.pattern or "") or [""])[0]
    return _BEGINS_VERSION.fullmatch(start) is not None


def _filled(text: str, event: Event) -> Value:
    """A text with its handlebars filled in; a `${{ … }}` that is left in it is not known."""
    if "${{" in text:
        return UNKNOWN
    parts: list[str | Hole] = []
    at = 0
    for found in _EXPRESSION.finditer(text):
        parts += [text[at : found.start()], *_global(found[1], event).parts]
        at = found.end()
    return joined((*parts, text[at:]))


def _global(name: str, event: Event) -> Value:
    if name == "branch":
        return _ref(event) if event.ref_kind is RefKind.BRANCH else Value(())
    if name == "tag":
        return _ref(event) if event.ref_kind is RefKind.TAG else Value(())
    if name == "sha":
        return _SHORT
    return Value((Hole(source=name),))


def _sanitized(tag: Value) -> Value:
    return joined(_NOT_A_TAG.sub("-", part) if isinstance(part, str) else part for part in tag.parts)


def _images(scope: Scope) -> tuple[Value, ...]:
    """The images' names; none if one is not of a form that is known here."""
    written = scope.step.input("images")
    found: list[Value] = []
    for item in items_but_comments(written) if written else ():
        key, equals, value = item.text.partition("=")
        if equals and "${{" not in key and key.strip() != "name":
            return ()
        text = value if equals and key.strip() == "name" else item.text
        found += (line for name in scope.values(text.strip()) for line in _lines(name) if line.parts)
    return () if any("=" in (name.literal or "") for name in found) else tuple(found)


def _lines(name: Value) -> tuple[Value, ...]:
    """The names in the value of a variable that holds one a line, without its comments."""
    if "\n" not in (name.literal or ""):
        return (name,)
    lines = (_COMMENT.sub("", line) for line in (name.literal or "").split("\n"))
    return tuple(literal(one.strip()) for line in lines for one in line.split(","))
