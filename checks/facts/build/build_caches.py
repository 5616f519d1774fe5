"""Caches that builds read and write: `cache-from` and `cache-to`.

https://docs.docker.com/build/cache/backends/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.facts.build.builds import Build, output_of
from checks.facts.value import Value, literal
from checks.facts.workflow.conditions import may_hold
from checks.facts.workflow.events import USUAL_DEFAULTS, Event, RefKind
from checks.facts.workflow.filter_patterns import selects
from checks.facts.workflow.lists import Item, items, rewritten
from checks.facts.workflow.resolve import Scope
from checks.record import Record, kept_with
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location

GHA = "gha"
"""The cache service of GitHub Actions: https://docs.docker.com/build/cache/backends/gha/"""
_DEFAULT_SCOPE = literal("buildkit")
_USUAL_DEFAULT = tuple(f"refs/heads/{name}" for name in USUAL_DEFAULTS)
_BUILDX = regex(r"v?(\d{1,9})\.(\d{1,9})")
_SERVED = (0, 21)
_STARS = regex(r"\*+")


class Cache(Record, eq=False):
    """One cache that a build imports or exports: `type=gha,scope=web,mode=max`."""

    attributes: Mapping[str, Value]
    location: Location
    """Where it is written."""
    item: Item | None
    """The item of an action's input; None in a command."""
    condition: str = ""
    """The `${{ … }}` that the item consists of, if it does: empty where the cache is left out."""

    @property
    def type(self) -> str | None:
        """The backend; None if it is not known."""
        value = self.attributes.get("type")
        return value.literal if value else "registry"

    @property
    def scope(self) -> Value:
        """The key of the cache among those of the repository, of type `gha`."""
        return self.attributes.get("scope", _DEFAULT_SCOPE)

    def attribute(self, name: str) -> str:
        """The text of an attribute; empty where it is not written or not known."""
        value = self.attributes.get(name)
        return (value.literal or "") if value else ""

    def may_be_on(self, event: Event) -> bool:
        """Whether the cache is used for an event, by its own condition."""
        return not self.condition or may_hold(self.condition, event)


def is_served(build: Build) -> bool:
    """Whether the build's Buildx may speak to the cache service that GitHub has had since April 2025.

    https://docs.docker.com/build/ci/github-actions/cache/#cache-backend-api
    """
    steps = build.step.job.steps if build.step and build.step.job else ()
    versions = (step.input("version") for step in steps if step.uses_action("docker/setup-buildx-action"))
    matches = (_BUILDX.match(version.value) for version in versions if version)
    return all((int(match[1]), int(match[2])) >= _SERVED for match in matches if match)


@kept_with
def imports(build: Build) -> tuple[Cache, ...]:
    """The caches that a build reads; what can't be read is left out."""
    return tuple(_caches(build, "cache-from"))


@kept_with
def exports(build: Build) -> tuple[Cache, ...]:
    """The caches that a build writes; what can't be read is left out."""
    return tuple(_caches(build, "cache-to"))


def place_of(cache: Cache) -> tuple[str, str] | None:
    """Where a cache lies, in a registry or in GitHub's; None for others. What is not known of it is as it is written."""
    value = cache.scope if cache.type == GHA else cache.attributes.get("ref")
    return None if cache.type is None or value is None else (cache.type, str(value))


def _caches(build: Build, name: str) -> Iterator[Cache]:
    """Depot's builds have a cache of their own, and do without GitHub's whatever is written.

    https://github.com/depot/cli/blob/main/pkg/buildx/bake/buildflags/cache.go
    """
    for cache in _written(build, name):
        if not (build.is_by_depot and cache.type == GHA):
            yield cache


def _written(build: Build, name: str) -> Iterator[Cache]:
    written = build.step.input(name) if build.step and build.invocation is None else None
    for item in items(written, commas=False) if written else ():
        yield from _of_item(item, build.scope)
    if build.invocation is not None and build.arguments is not None:
        for word in build.arguments.all(name):
            values = build.invocation.values_in(word, build.scope)
            attributes = _attributes(str(values[0]), build.scope) if len(values) == 1 else None
            if attributes is not None:
                yield Cache(attributes, build.invocation.place(word.span), None)


def _of_item(item: Item, scope: Scope | None) -> Iterator[Cache]:
    is_expression = item.text.startswith("${{") and item.text.find("}}") == len(item.text) - 2
    if not is_expression:
        attributes = _attributes(item.text, scope)
        if attributes is not None:
            yield Cache(attributes, item.location, item)
        return
    for value in scope.values(item.text) if scope else ():
        attributes = _attributes(value.literal, scope) if value.literal else None
        if attributes is not None:
            yield Cache(attributes, item.location, item, item.text)


def _attributes(text: str, scope: Scope | None) -> dict[str, Value] | None:
    """The attributes of a cache; None where they can't be parted. A bare name is that of an image.

    https://docs.docker.com/reference/cli/docker/buildx/build/#cache-from
    """
    if "=" not in text:
        return None if "${{" in text else {"type": literal("registry"), "ref": literal(text)}
    return output_of(text, scope)


def scoped(cache: Cache, name: str) -> Edit | None:
    """Gives a cache of type `gha` a scope, or adds to the end of the one that it has; None where that can't be written."""
    item = cache.item
    if item is None or cache.condition:
        return None
    at = 0
    for part in item.text.split(","):
        at += len(part)
        if part.strip().startswith("scope="):
            return rewritten(item, f"{item.text[:at]}-{name}{item.text[at:]}")
        at += 1
    return rewritten(item, f"{item.text},scope={name}")


def share_a_cache(one: Event, other: Event) -> bool:
    """Whether runs for two events certainly can use one cache: one ref's. Nothing else uses that of a tag.

    Nor that of a merge queue's branch. Two pull requests never share one: the same has to start both runs.
    https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching#restrictions-for-accessing-a-cache
    """
    if one.ref_kind is not other.ref_kind or one.ref_kind is RefKind.TAG:
        return False
    if "merge_group" in (one.name, other.name):
        return False
    if one.ref_kind is RefKind.PULL:
        return _may_be_one_pull_request(one, other)
    for mine, theirs in ((one, other), (other, one)):
        if mine.is_on_default_branch and theirs.ref and theirs.ref not in _USUAL_DEFAULT:
            return False
        if mine.pattern is not None and theirs.pattern != mine.pattern:
            name = theirs.ref.split("/", 2)[2] if theirs.ref else None
            return name is not None and selects((mine.pattern,), name) is True
    return None in (one.ref, other.ref) or one.ref == other.ref


def _may_be_one_pull_request(one: Event, other: Event) -> bool:
    """Whether a pull request into one branch certainly starts both where it changes a file that is no workflow."""
    if one.bases and other.bases and not set(one.bases) & set(other.bases):
        return False
    if not (one.paths and other.paths) or one.paths == other.paths:
        return True
    patterns = (path for path in (*one.paths, *other.paths) if not path.startswith(("!", ".github/")))
    samples = (_STARS.sub("x", pattern) for pattern in patterns)
    return any(selects(one.paths, path) and selects(other.paths, path) for path in samples)
