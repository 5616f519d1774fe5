"""What an image may have otherwise when a builder without the earlier layers makes it anew: its base, and what commands make."""

from __future__ import annotations

from typing import NamedTuple

from checks.facts.build.builds import Build
from checks.facts.build.changing_arguments import runs_nothing
from checks.facts.build.passed_bases import base_in_builds
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage


class MadeAnew(NamedTuple):
    """What two builds of one image from the same files may have differently."""

    has_fixed_base: bool = False
    """Whether its own base certainly is the same: it is named by a digest, or none."""
    has_fixed_bases: bool = False
    """Whether those of all stages that it needs are."""
    runs_nothing: bool = False
    """Whether it certainly runs no command, and fetches nothing."""


def made_anew(build: Build, dockerfile: Dockerfile | None) -> MadeAnew:
    """By the Dockerfile of a build; None where it isn't known."""
    stage = dockerfile.target_stage(build.target) if dockerfile is not None else None
    if dockerfile is None or stage is None:
        return MadeAnew()
    needed = dockerfile.needed(stage)
    roots = {dockerfile.ancestry(one)[-1] for one in needed}
    return MadeAnew(
        _is_fixed(dockerfile, dockerfile.ancestry(stage)[-1], build),
        all(_is_fixed(dockerfile, one, build) for one in roots),
        runs_nothing(needed),
    )


def _is_fixed(dockerfile: Dockerfile, stage: Stage, build: Build) -> bool:
    base = base_in_builds(dockerfile, stage, [build])
    return base is not None and (base == "scratch" or "@sha256:" in base)
