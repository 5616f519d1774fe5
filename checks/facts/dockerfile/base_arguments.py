"""Arguments whose default names the image that a stage stands on, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.record import Record
from checks.regex import regex
from checks.source.dockerfile import Word
from checks.source.text import Span

_WITH_ONE = regex(r"(?P<before>[^$\"'\\]*)\$(?:\{(?P<braced>\w+)\}|(?P<bare>\w+))(?P<after>[^$\"'\\]*)")


class BaseArgument(Record):
    """The one variable in what a `FROM` names."""

    name: str
    default: Span
    """Where the value is written with which it is declared, quotes left out."""
    before: str
    """What stands before it in the `FROM`."""
    after: str

    def default_for(self, image: str) -> str | None:
        """The default with which `FROM` names an image; None if no default does that."""
        around = len(self.before) + len(self.after)
        if not (image.startswith(self.before) and image.endswith(self.after) and len(image) > around):
            return None
        return image[len(self.before) : len(image) - len(self.after)]


def argument_of_base(dockerfile: Dockerfile, stage: Stage) -> BaseArgument | None:
    """The argument on which alone it depends what a stage stands on; None without one whose default is written out plainly."""
    written = _WITH_ONE.fullmatch(stage.base.value)
    if written is None:
        return None
    name = written["braced"] or written["bare"]
    pairs = [pair for it in dockerfile.source.global_args for pair in it.pairs if pair.name.value == name]
    default = pairs[0].value if len(pairs) == 1 else None
    place = _plainly_written(dockerfile, default) if default is not None else None
    return BaseArgument(name, place, written["before"], written["after"]) if place is not None else None


def _plainly_written(dockerfile: Dockerfile, word: Word) -> Span | None:
    """Where the value of a word stands letter by letter, quotes around all of it left out; None where it does not."""
    text = dockerfile.text[word.span]
    quoted = len(text) > 1 and text[0] in "\"'" and text[0] == text[-1]
    span = Span(word.span.start + 1, word.span.end - 1) if quoted else word.span
    return span if word.literal == dockerfile.text[span] else None


def is_used_elsewhere(dockerfile: Dockerfile, name: str, stages: Collection[Stage]) -> bool:
    """Whether more than the declaration of an argument and the `FROM` of each of these stages names it."""
    named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    found = sum(len(named.findall(dockerfile.text[it.span])) for it in dockerfile.source.instructions)
    return found != 1 + len(stages)


def names_passed(
    builds: Iterable[Build],
    compose_builds: Iterable[ComposeBuild],
    by_scripts: Iterable[tuple[str, str | None]],
) -> frozenset[str]:
    """The names of the arguments that something passes, as far as they are known."""
    return frozenset(
        (
            *(one.name for build in builds for one in build.build_args or ()),
            *(name for build in compose_builds for name, _ in build.args),
            *(name for name, _ in by_scripts),
        )
    )
