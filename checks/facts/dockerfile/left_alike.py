"""Files by which others run on the release that the stages of a Dockerfile leave, or that go by it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from checks.facts.asides import is_vendored
from checks.facts.build.compose import Compose
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.end_of_life import distribution_of, release_of
from checks.facts.workflow.awaited_paths import meet
from checks.record import kept_with
from checks.source.text import Text

_LOCKS = frozenset(
    (
        *("Gemfile.lock", "Pipfile.lock", "bun.lock", "bun.lockb", "composer.lock", "npm-shrinkwrap.json"),
        *("package-lock.json", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "yarn.lock"),
    )
)
"""Files of which two images on two releases install otherwise; not Go's, which says nothing of Go."""


def locks_in(paths: Iterable[str]) -> frozenset[str]:
    """Those of some paths that are lock files."""
    return frozenset(path for path in paths if posixpath.basename(path) in _LOCKS)


def on_line(dockerfiles: Iterable[Dockerfile], line: tuple[str, str]) -> Iterator[Dockerfile]:
    """Those of some Dockerfiles that have a stage on a line of a product, but for copies of other projects."""
    return (one for one in dockerfiles if not is_vendored(one.path) and line in _lines_under(one))


def services_on(
    composes: Iterable[Compose], line: tuple[str, str], made_of: Collection[str]
) -> frozenset[str]:
    """The Compose files with a service on a line of a product that mounts what an image is made of.

    One that has the whole repository, of which an image is made of a part, may be there for anything.
    """
    return frozenset(
        compose.text.path
        for compose in composes
        for image, folders in compose.mounting
        if (release := release_of(image)) is not None
        and (release.product, release.version) == line
        and not is_vendored(compose.text.path)
        and any(
            folder in made_of or (folder and meet(folder, path)) for folder in folders for path in made_of
        )
    )


def left_behind(
    dockerfile: Dockerfile, others: Iterable[Dockerfile], line: tuple[str, str]
) -> tuple[str, ...]:
    """The Dockerfiles of its folder whose image others hardly run, and which stand on the same line of a product."""
    folder = posixpath.dirname(dockerfile.path)
    return tuple(
        one.path
        for one in others
        if posixpath.dirname(one.path) == folder and not one.may_ship and line in _lines_under(one)
    )


@kept_with
def _lines_under(dockerfile: Dockerfile) -> set[tuple[str, str]]:
    """The product and the line of each image that its stages name, and of the distribution in its tag."""
    bases = [dockerfile.expanded_base(stage) or "" for stage in dockerfile.stages]
    found = [release for base in bases for release in (release_of(base), distribution_of(base))]
    return {(one.product, one.version) for one in found if one is not None}


def scripts_by_from(path: str, image: str, scripts: Iterable[Text]) -> tuple[str, ...]:
    """The scripts of this project that look for `FROM image:` by a pattern, and name a Dockerfile by its path from the root."""
    named = re.compile(rf"(?<![\w/.$}}-])(?:\./|\$\{{?\w{{1,40}}\}}?/)?{re.escape(path)}(?![\w./-])")
    sought = re.compile(rf"[/#|^'\"\\]FROM[ \\*+s]{{1,6}}{re.escape(image)}:")
    ours = (text for text in scripts if not is_vendored(text.path))
    return tuple(text.path for text in ours if sought.search(text.content) and named.search(text.content))
