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

_USUAL = frozenset(("Dockerfile", "Containerfile"))
"""Names by which others may build a Dockerfile, too."""


def is_worked_in(
    dockerfile: Dockerfile,
    builds: Iterable[str | None],
    composed: Iterable[ComposeBuild],
    paths: Collection[str],
) -> bool:
    """Whether nothing but Compose builds a Dockerfile, for services for development.

    They stand in files that are named for it, and the Dockerfile has a name of its own; or all mount the context where it works.
    `builds` are the Dockerfiles of all other builds, None for one that is not known; `paths` are all files.
    """
    mine = [one for one in composed if one.dockerfile == dockerfile.path]
    if not stays_with_compose(dockerfile.path, builds, mine) or may_be_built_by_a_platform(paths):
        return False
    files = (posixpath.basename(one.location.path) for one in mine)
    if posixpath.basename(dockerfile.path) not in _USUAL and all(map(is_named_for_development, files)):
        return True
    folder = dockerfile.folder_at(dockerfile.final, len(dockerfile.text.content))
    return folder not in (None, "/") and all(folder in one.worked_at for one in mine)
