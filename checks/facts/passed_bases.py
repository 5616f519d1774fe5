"""The base images that the builds of a Dockerfile choose by the arguments that they pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.facts.builds import Build
from checks.facts.dockerfiles import Dockerfile, Stage
from checks.source.dockerfile.evaluation import evaluate


def base_in_builds(dockerfile: Dockerfile, stage: Stage, builds: Iterable[Build]) -> str | None:
    """What a stage's `FROM` names in the given builds of its file.

    The default counts where one of them passes nothing else, and without builds. None for an earlier stage, and where
    they pass several images or one that isn't known, as where not all is known that they pass.
    """
    default = dockerfile.expanded_base(stage)
    if "$" not in stage.base.value:
        return default
    bases = {_base(dockerfile, stage, build) for build in builds} or {default}
    return default if default in bases else bases.pop() if len(bases) == 1 else None


def _base(dockerfile: Dockerfile, stage: Stage, build: Build) -> str | None:
    if build.build_args is None:
        return None
    passed: Mapping[str, str | None] = {one.name: one.value.literal for one in build.build_args}
    values = evaluate(dockerfile.source, passed).stages[stage.index]
    return None if values.parent is not None else values.base
