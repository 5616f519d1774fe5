"""Where a Dockerfile writes what a stage stands on, and the edit that has it stand on another image."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.facts.dockerfile.base_arguments import BaseArgument, argument_of_base
from checks.facts.dockerfile.base_images import tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span

_ARGUMENT = regex(r"\$(?:\{[^{}]*\}|\w+)")


def is_literal(stage: Stage) -> bool:
    """Whether the `FROM` of a stage names the image without an argument."""
    return stage.base.literal is not None and "$" not in stage.base.value


def arguments_named(stage: Stage) -> frozenset[str]:
    """The words in the arguments that the `FROM` of a stage names, their names among them."""
    return frozenset(re.findall(r"\w+", "".join(_ARGUMENT.findall(stage.base.value))))


def tag_after_registry(dockerfile: Dockerfile, stage: Stage, image: str) -> Span | None:
    """Where the tag stands behind a name that is written out; None where it does not.

    Arguments give the registry alone then: `$REGISTRY/node:20`.
    """
    span, tag = stage.base.span, tag_of(image)
    name = _ARGUMENT.split(dockerfile.text[span])[-1].rpartition("/")[2]
    is_whole = name == image.rpartition("/")[2] and name.endswith(f":{tag}")
    return Span(span.end - len(tag), span.end) if tag and is_whole else None


def edit_of_base(dockerfile: Dockerfile, stage: Stage, image: str, moved: str) -> Edit | None:
    """What moves a stage from one image to another: in its `FROM`, or in the default of the one argument of that.

    None where neither names the image.
    """
    if is_literal(stage):
        return Edit(dockerfile.path, stage.base.span, moved) if stage.base.value == image else None
    tag = tag_after_registry(dockerfile, stage, image)
    if tag is not None:
        return Edit(dockerfile.path, tag, tag_of(moved))
    argument = argument_of_base(dockerfile, stage)
    default = argument.default_for(moved) if argument is not None else None
    if argument is None or default is None:
        return None
    return Edit(dockerfile.path, argument.default, default)


def stages_by_default(
    dockerfile: Dockerfile, argument: BaseArgument, image: str, default: str, moved: Mapping[Stage, str]
) -> list[Stage]:
    """The stages that the default of an argument puts on an image, and those that a new default moves as they should.

    `moved` are by stage the images to move to.
    """
    found: list[Stage] = []
    for stage in dockerfile.stages:
        own = argument_of_base(dockerfile, stage)
        if own is not None and own.name == argument.name:
            is_alike = dockerfile.expanded_base(stage) == image
            if is_alike or (stage in moved and own.default_for(moved[stage]) == default):
                found.append(stage)
    return found
