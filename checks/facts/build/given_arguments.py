"""Whether a build gives a Dockerfile's argument a credential, and where the image goes that has it then."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum, auto

from checks.facts.build.argument_places import may_leave
from checks.facts.build.baked_arguments import Baked
from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.image.pushes import Push
from checks.facts.secret_names import is_literal_secret, is_of_test_chain
from checks.record import Record
from checks.regex import regex
from checks.source.kind import Kind
from checks.source.text import Location, Span, Text

_OF_ARGUMENTS = regex(r"args?(?![a-z])", re.IGNORECASE)
_OF_BUILDS = regex(r"build[-_ ]?args?(?![a-z])", re.IGNORECASE)
"""As a manifest of a pipeline calls them, which has arguments of containers, too."""
_OF_ANY_NAME = regex(r"--build-arg[=\s\"']{1,4}\$(?!\{\{)")
"""An argument that a variable names: of a loop over a list of names, most often."""
_PUSHES_COMPOSED = regex(
    r"(?:\b|_)compose\b[^\n]{0,200}\bpush\b|\bbuildx\s+bake\b|\bbake-action\b", re.IGNORECASE
)
"""What pushes the images of Compose's services: https://docs.docker.com/reference/cli/docker/compose/push/"""

_OF_CONTAINERS = (Kind.HELM_VALUES, Kind.KUBERNETES)
"""Kinds of files that speak of the arguments of containers."""


class Giving(Enum):
    """What is known of the builds of a file that have to do with an argument."""

    PUBLISHED = auto()
    """One passes it whose image leaves the machine, or may."""
    COMPOSED = auto()
    """Compose passes it, and its image stays on the machine that builds it."""
    HARMLESS = auto()
    """Each that passes it passes a sample, or keeps its image to itself."""
    UNKNOWN = auto()
    """None is known, or something else names the argument, or not all is known that one passes whose image may leave."""
    UNNAMED = auto()
    """None is known to pass it, of some not all is known or not all is read that may build, and nothing here names it."""
    NOWHERE = auto()
    """None passes it, and all is known that they pass."""


class Given(Record):
    """What builds do with an argument."""

    by: Giving
    places: tuple[Location, ...] = ()
    """Where it is passed, or named as an argument."""


class Builders(Record, eq=False):
    """What builds images in a repository, as far as it is read."""

    builds: Collection[Build]
    composed: Collection[ComposeBuild]
    pushes: Collection[Push]
    files: Mapping[Text, Kind | None]
    """The files that may build."""
    baked: Collection[Baked]
    """What bake passes of secrets to builds of images that it pushes."""
    is_all_read: bool
    """Whether nothing else may, as far as paths tell."""

    def given(self, dockerfile: str, name: str) -> Given:
        """What the builds of a Dockerfile do with its argument; those count of which the file isn't known."""
        builds = [one for one in self.builds if one.dockerfile in (dockerfile, None)]
        composed = [one for one in self.composed if one.dockerfile == dockerfile]
        passed = [(one, build) for build in builds for one in build.build_args or () if one.name == name]
        by_compose = [one for one in composed if any(name == argument for argument, _ in one.args)]
        published = [
            one.location
            for one, build in passed
            if _may_be_one(one.value.literal) and may_leave(build, self.pushes)
        ]
        local = [one for one in by_compose if _is_given_one(one, name)]
        published += (one.location for one in local if self._is_pushed(one))
        baked = (one for one in self.baked if (one.dockerfile, one.name) == (dockerfile, name))
        published += (one.place for one in baked)
        if published:
            return Given(Giving.PUBLISHED, _marked(published, "passes it"))
        if local:
            return Given(Giving.COMPOSED, _marked((one.location for one in local), "passes it"))
        if any(one.dockerfile and one.build_args is None and may_leave(one, self.pushes) for one in builds):
            return Given(Giving.UNKNOWN)
        if passed or by_compose:
            return Given(Giving.HARMLESS)
        named = _marked(self._names(name), "names it among arguments")
        if named or not (builds or composed):
            return Given(Giving.UNKNOWN, named)
        is_all_known = self.is_all_read and all(one.build_args is not None for one in builds)
        return Given(Giving.NOWHERE if is_all_known else Giving.UNNAMED)

    def _is_pushed(self, service: ComposeBuild) -> bool:
        """Whether something here pushes the image of a service: Compose, by the name that it has, or another by that name."""
        if not service.may_be_pushed:
            return False
        name = re.sub(r"(?::[^/:]*)?(?:@.*)?$", "", service.image)
        named = re.compile(rf"{re.escape(name)}(?:[:@]|$)")
        is_named = bool(name) and "$" not in name and any(named.match(str(one.value)) for one in self.pushes)
        return is_named or any(_pushes_composed(text) for text in self.files)

    def _names(self, name: str) -> Iterator[Location]:
        """Where else files that may build name it as an argument, each the first time."""
        for text, kind in self.files.items():
            is_read = kind is Kind.COMPOSE and "<<" not in text.content
            if name in text.content and not is_read:
                span = _named_at(text, name, kind)
                if span is not None:
                    yield Location(text, span)
        for one in self.composed:
            if one.dockerfile is None and any(name == argument for argument, _ in one.args):
                yield one.location


def _pushes_composed(text: Text) -> bool:
    """Whether a file may push what Compose builds; what is commented out does nothing."""
    return _PUSHES_COMPOSED.search(text.content) is not None and any(
        _PUSHES_COMPOSED.search(line.partition("#")[0]) for line in text.content.splitlines()
    )


def _marked(places: Iterable[Location], note: str) -> tuple[Location, ...]:
    unique = {(one.path, one.span): Location(one.text, one.span, note) for one in places}
    return tuple(unique.values())


def _may_be_one(literal: str | None) -> bool:
    return not literal or is_literal_secret(literal)


def _is_given_one(service: ComposeBuild, name: str) -> bool:
    """Whether Compose may pass a credential: what the environment has, unless it has the key of a local chain for that."""
    values = [value for argument, value in service.args if argument == name]
    return not is_of_test_chain(service.defaults.get(name, "")) and any(map(_may_be_one, values))


def _named_at(text: Text, name: str, kind: Kind | None) -> Span | None:
    """Where a file names a variable on a line that speaks of arguments, or on one that goes on with it: below it and indented
    more, or behind a backslash."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    said = _OF_BUILDS if kind in _OF_CONTAINERS else _OF_ARGUMENTS
    is_any = kind is Kind.BAKE or _OF_ANY_NAME.search(text.content) is not None
    start, depth, goes_on = 0, -1, False
    for line in text.content.splitlines(keepends=True):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent <= depth and not goes_on:
            depth = -1
        if depth < 0 and said.search(line):
            depth = indent
        found = word.search(line) if is_any or depth >= 0 else None
        if found:
            return Span(start + found.start(), start + found.end())
        start += len(line)
        goes_on = line.rstrip().endswith("\\")
    return None
