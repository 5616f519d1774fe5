"""Services in whose containers people work on a project: their checkout lies over what the image brings.

https://docs.docker.com/reference/compose-file/services/#volumes
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checks.facts.build.compose import ComposeBuild, stays_with_compose
from checks.facts.build.shipping import may_be_built_by_a_platform
from checks.facts.dockerfile.dockerfiles import Dockerfile


def is_worked_in(
    dockerfile: Dockerfile,
    builds: Iterable[str | None],
    composed: Iterable[ComposeBuild],
    paths: Collection[str],
) -> bool:
    """Whether nothing but Compose builds a Dockerfile, for services for development that all mount the context where it works.

    `builds` are the Dockerfiles of all other builds, None for one that is not known; `paths` are all files.
    """
    mine = [one for one in composed if one.dockerfile == dockerfile.path]
    if not stays_with_compose(dockerfile.path, builds, mine) or may_be_built_by_a_platform(paths):
        return False
    folder = dockerfile.folder_at(dockerfile.final, len(dockerfile.text.content))
    return folder not in (None, "/") and all(folder in one.worked_at for one in mine)
