"""The base images that the builds of a Dockerfile choose by the arguments that they pass.

Of a Makefile's and a script's builds nobody knows here which Dockerfile is theirs: they may pass their arguments to any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.facts.build.builds import Build
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.regex import regex
from checks.source.dockerfile.evaluation import evaluate
from checks.source.text import Location, Span, Text

_BUILD_ARG = regex(r"--build-arg[= ]\s*[\"']?([A-Za-z_]\w*)(?:=[\"']?([\w.:/@-]*)(?![^\s\"';]))?")


def base_in_builds(
    dockerfile: Dockerfile,
    stage: Stage,
    builds: Iterable[Build],
    by_scripts: Iterable[tuple[str, str | None]] = (),
) -> str | None:
    """What a stage's `FROM` names in the given builds of its file, or else with what scripts pass.

    The default counts where one of them passes nothing else, and without builds. None for an earlier stage, and where
    they pass several images or one that isn't known, as where not all is known that they pass.
    """
    default = dockerfile.expanded_base(stage)
    if "$" not in stage.base.value:
        return default
    bases = {_base(dockerfile, stage, build) for build in builds}
    bases = (
        bases or {_base_with(dockerfile, stage, dict([one])) for one in by_scripts} - {default} or {default}
    )
    return default if default in bases else bases.pop() if len(bases) == 1 else None


def places_that_pass(
    dockerfile: Dockerfile,
    bases: Iterable[tuple[Stage, str]],
    builds: Iterable[Build],
    scripts: Iterable[Text],
) -> tuple[Location, ...]:
    """Where the arguments stand that make of what stages name by default the given images: in builds, or else in scripts."""
    passed = [
        (one.name, one.value.literal, one.location) for build in builds for one in build.build_args or ()
    ]
    passed = passed or [
        (match[1], match[2] or None, Location(text, Span(match.start(1), match.end())))
        for text in scripts
        for match in _BUILD_ARG.finditer(text.content)
    ]
    found = {
        (at.path, at.span): Location(at.text, at.span, "passes it")
        for stage, base in bases
        for name, value, at in passed
        if base != dockerfile.expanded_base(stage) and _base_with(dockerfile, stage, {name: value}) == base
    }
    return tuple(found.values())


def passed_in(text: Text) -> tuple[tuple[str, str | None], ...]:
    """The `--build-arg`s that a script or a Makefile names, each with its value where that is written out."""
    return tuple((match[1], match[2] or None) for match in _BUILD_ARG.finditer(text.content))


def _base(dockerfile: Dockerfile, stage: Stage, build: Build) -> str | None:
    if build.build_args is None:
        return None
    return _base_with(dockerfile, stage, {one.name: one.value.literal for one in build.build_args})


def _base_with(dockerfile: Dockerfile, stage: Stage, passed: Mapping[str, str | None]) -> str | None:
    values = evaluate(dockerfile.source, passed).stages[stage.index]
    return None if values.parent is not None else values.base
