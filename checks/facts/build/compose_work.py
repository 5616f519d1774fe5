"""Services for those who work on a project: in files of their own, or where their checkout lies over what the image brings.

https://docs.docker.com/reference/compose-file/services/#volumes
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

from checks.facts.build.compose import ComposeBuild, stays_with_compose
from checks.facts.build.shipping import may_be_built_by_a_platform
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.purposes import is_named_for_development


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


def is_composed_for_work(path: str, builds: Iterable[str | None], composed: Iterable[ComposeBuild]) -> bool:
    """Whether nothing that is read but Compose builds a Dockerfile, for services in files that are named for development."""
    mine = [one for one in composed if one.dockerfile == path]
    files = (posixpath.basename(one.location.path) for one in mine)
    return stays_with_compose(path, builds, mine) and all(map(is_named_for_development, files))
