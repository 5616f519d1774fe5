"""Builds whose commands a later build of the same job runs as well, and so has in the cache that it leaves.

What stands behind a copy of the whole repository runs anew for each commit, whatever a cache holds:
https://docs.docker.com/build/cache/invalidation/
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from checks.facts.build.build_caches import GHA, exports
from checks.facts.build.builds import Build
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.image.image_flow import in_same_leg
from checks.facts.workflow.job_order import comes_before, in_same_run

Needed = tuple[Dockerfile, frozenset[Stage]]
"""A Dockerfile, and the stages of it that a build needs."""
_Line = tuple[str, ...]
"""An instruction by its words: two that are equal make the same of the same."""
_OF_PLATFORMS = ("BUILD", "TARGET")
"""How names of arguments begin that BuildKit gives: https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope"""


def holds_all_of(later: Build, of_later: Needed, earlier: Build, of_earlier: Needed) -> bool:
    """Whether a build of the repository's root writes all layers of an earlier one of its job that may be hit again."""
    written = {cache.condition for cache in exports(earlier) if cache.type == GHA}
    kept = [one for one in exports(later) if one.type == GHA and one.attribute("mode") == "max"]
    given = {argument.name for build in (later, earlier) for argument in build.build_args or ()}
    before = (it for file, _ in (of_later, of_earlier) for it in file.source.global_args)
    given |= {pair.name.value for it in before for pair in it.pairs}
    there = [tuple(_lines(of_later[0], stage, given)) for stage in of_later[1]]
    wanted = [_worth_keeping(of_earlier[0], stage, given) for stage in of_earlier[1]]
    return (
        in_same_run(earlier.step, earlier.location, later.step, later.location)
        and comes_before(earlier.step, earlier.location, later.step, later.location)
        and in_same_leg(earlier.scope, later.scope)
        and later.folder == earlier.folder == ""
        and later.platforms is not None
        and later.platforms == earlier.platforms
        and None not in (later.build_args, earlier.build_args)
        and any(not one.condition or written == {one.condition} for one in kept)
        and all(any(lines[: len(one)] == one for lines in there) for one in wanted)
    )


def _worth_keeping(dockerfile: Dockerfile, stage: Stage, given: Collection[str]) -> tuple[_Line, ...]:
    """A stage down to its last command before a copy of the whole context; empty where there is none."""
    whole = (one for one in dockerfile.copies if any(source.path == "" for source in one.sources))
    end = min((one.instruction.span.start for one in whole if one.stage is stage), default=None)
    lines = tuple(_lines(dockerfile, stage, given, end))
    return lines[: max((at for at, line in enumerate(lines, 1) if line[0] == "RUN"), default=0)]


def _lines(
    dockerfile: Dockerfile, stage: Stage, given: Collection[str], end: int | None = None
) -> Iterator[_Line]:
    """The base of a stage and its instructions, up to a place.

    What depends on another stage or on an argument that has a value is equal to nothing of another file. One without a value
    is in no command's environment.
    """
    base, platform = stage.base.literal, stage.instruction.flag("platform")
    is_known = platform is None and base is not None and len(dockerfile.ancestry(stage)) == 1
    yield ("FROM", base or "") if is_known else ("FROM", dockerfile.path)
    for it in stage.instructions:
        words = dockerfile.text[it.span].split()
        names = [pair.name.value for pair in it.pairs]
        has_value = any(pair.value is not None for pair in it.pairs) or any(
            name in given or name.startswith(_OF_PLATFORMS) for name in names
        )
        if end is not None and it.span.start >= end:
            return
        if it.keyword != "ARG" and not any(dockerfile.sources_of(it)):
            yield it.keyword, *words[1:]
        elif it.keyword != "ARG" or has_value:
            yield it.keyword, dockerfile.path
