"""Stages that take files from a stage which their Dockerfile doesn't have: no build comes past that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.regex import regex
from checks.source.text import Text

_OF_STAGES = frozenset(
    ("base", "build", "builder", "build-deps", "build-stage", "compile", "compiler", "dependencies", "deps", "prod-deps")
)  # fmt: skip
"""What people call a stage, and nobody an image of Docker's own, which a name without a slash is one of.

https://github.com/docker-library/official-images/tree/master/library
"""
_PASSES = regex(
    r"\bbuild[-_]?contexts?\b|\badditional[-_]contexts\b|\bcontexts\b|\bcat\b[^\n]{0,200}(?:docker|container)file",
    re.IGNORECASE,
)
"""What a file says that may pass a folder or an image under a name, or put a Dockerfile together of several.

https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
https://docs.docker.com/reference/compose-file/build/#additional_contexts
https://docs.docker.com/build/bake/reference/#targetcontexts
"""
_TAGS = regex(
    r"(?:(?<!\S)-t|--tag|\btags?|\bimages?)[\"']?[\s=:]{1,4}[\"'\[]{0,2}(?P<name>[a-z-]{1,20})(?=[:\"'\s\],]|\Z)"
)
"""An image of the machine that builds, which a name without a slash may be, too."""
_FRONTEND = regex(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?[:@].*|(?:docker\.io/)?docker/dockerfile")
"""Others may have instructions that bring stages of other files."""


def stages_missing_stages(dockerfile: Dockerfile, texts: Iterable[Text]) -> frozenset[Stage]:
    """Those that copy or mount from a stage which is not there, by a name that only stages have.

    None where one of the `texts`, which are all that may build, may pass something under a name, or make an image of that name.
    """
    syntax = dockerfile.source.directive("syntax")
    if syntax is not None and not _FRONTEND.fullmatch(syntax.value):
        return frozenset()
    found = {
        stage: names
        for stage in dockerfile.stages
        if (names := frozenset(name for it in stage.instructions for name in _missing(dockerfile, it)))
    }
    return (
        frozenset(found)
        if found and not _may_be_given(frozenset().union(*found.values()), texts)
        else frozenset()
    )


def _missing(dockerfile: Dockerfile, it: Instruction) -> Iterator[str]:
    """The names of stages that an instruction takes files from, and which no stage has."""
    flag = it.flag("from") if it.keyword == "COPY" else None
    mounts = (one.field("from") for one in it.flags if one.name == "mount")
    names = (one.value.lower() for one in (flag, *mounts) if one is not None and one.value)
    known = dockerfile.source.stages_by_name
    return (name for name in names if name in _OF_STAGES and name not in known)


def _may_be_given(names: frozenset[str], texts: Iterable[Text]) -> bool:
    return any(
        _PASSES.search(one.content) or any(tag["name"] in names for tag in _TAGS.finditer(one.content))
        for one in texts
    )
