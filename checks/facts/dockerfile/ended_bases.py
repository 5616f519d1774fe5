"""Stages on a release that has ended, and the tags of their image that there are to move to."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from checks.facts.build.builds import Build
from checks.facts.build.passed_bases import base_in_builds
from checks.facts.build.platforms import platform_named
from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import Release, alpine_of, release_of, successors
from checks.facts.dockerfile.node_images import platform_left_out
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.python_projects import PythonProject
from checks.record import Record

_VARIANTS = frozenset(
    ("slim", "alpine", "windowsservercore", "nanoserver", "bootstrap", "runtime", "builder", "perl", "fpm")
)
"""Words of tags that name no release."""
_SHORT = {"centos": ("el",), "debian": ("deb",), "python": ("py",), "ubuntu": ("u", "ub")}
"""How products are abbreviated in front of their versions: `u20`, `deb11`."""
Project = NodeProject | PythonProject
"""What says which releases of its language it allows."""
_PROJECTS: dict[str, type[Project]] = {"Node.js": NodeProject, "Python": PythonProject}


class EndedBase(Record):
    """A stage on a release that has ended."""

    stage: Stage
    image: str
    """The image that it stands on, `python:3.9-slim`."""
    release: Release
    """The line that has ended: of what the image is for, else of the Alpine that its tag names.

    Its successor is the tag to move to.
    """

    @property
    def moved(self) -> str:
        """The image to move to, spelled as the one that is left, without the digest of that; empty where none is known."""
        successor, named = self.release.successor, self.image.partition("@")[0]
        return f"{named.removesuffix(tag_of(self.image))}{successor}" if successor else ""

    @property
    def is_of_alpine_alone(self) -> bool:
        """Whether only the Alpine behind a language has ended, as far as is known: `python:3.12-alpine3.19`."""
        language = release_of(self.image)
        return language is None or language.product != self.release.product

    @property
    def along(self) -> tuple[str, str] | None:
        """That language, with its version, where this moves, too: `ruby:3.4.1-alpine3.20` is not built any more."""
        language, version = release_of(self.image), version_of(tag_of(self.image))
        successor = self.release.successor
        if language is None or successor is None or not self.is_of_alpine_alone:
            return None
        return (language.product, version) if version_of(successor) != version else None


def ended_bases(
    dockerfile: Dockerfile,
    builds: Sequence[Build],
    passed: Sequence[tuple[str, str | None]],
    projects: Sequence[Project],
    wanted: Mapping[str, Collection[str]],
    asked: Collection[str],
    today: datetime.date,
) -> Iterator[list[EndedBase]]:
    """The stages on each release that has ended, and that is not meant, each to move to what the projects allow.

    `passed` are the arguments that scripts pass, with their values, `wanted` by language the versions to prefer. All move to
    images for the platforms that the `builds` make them for, and those that scripts have `asked` for.
    """
    found: dict[tuple[str, str], list[EndedBase]] = {}
    for stage in dockerfile.stages:
        image = _image(dockerfile, stage, builds, passed)
        release = _ended(image, today) if image else None
        if image is not None and release is not None and not is_meant(dockerfile, stage, release):
            found.setdefault((release.product, release.version), []).append(EndedBase(stage, image, release))
    for bases in found.values():
        platforms = platforms_of([one.stage for one in bases], builds, asked)
        versions = wanted.get(bases[0].release.product, ())
        yield [
            replace(one, release=_allowed(one.image, one.release, projects, versions, platforms, today))
            for one in bases
        ]


def platforms_of(stages: Iterable[Stage], builds: Sequence[Build], asked: Collection[str]) -> frozenset[str]:
    """The platforms that some builds make stages for, and scripts have `asked` for, as far as they are known; the builder's own, `$BUILDPLATFORM`, is none."""
    known = frozenset(platform_named(one) for build in builds for one in build.platforms or ()).union(asked)
    return frozenset(one for stage in stages for one in _platforms_of(stage, known))


def _platforms_of(stage: Stage, asked: frozenset[str]) -> frozenset[str]:
    flag = stage.instruction.flag("platform")
    written = (flag.value or "") if flag is not None else ""
    if flag is None or "TARGET" in written:
        return asked
    return frozenset() if "$" in written or not written else frozenset((platform_named(written),))


def is_meant(dockerfile: Dockerfile, stage: Stage, release: Release) -> bool:
    """Whether the path, the stage or the argument names the release, as where one is kept for each of several."""
    numbers = re.escape(release.version).replace(r"\.", "[._-]?")
    argument = "".join(re.findall(r"\$\{?\w+", stage.base.value))
    if re.search(rf"(?<!\d){numbers}(?!\d)", f"{stage.name or ''} {argument}"):
        return True
    words = _words(dockerfile.path.lower().replace("dockerfile", ""))
    image = stage.base.literal or dockerfile.expanded_base(stage) or ""
    code_names = {word for word in re.split(r"[^a-z]+", tag_of(image).lower()) if len(word) > 3} - _VARIANTS
    names = _names_of(release)
    return not words.isdisjoint(names | code_names) or not _words((stage.name or "").lower()).isdisjoint(
        names
    )


def _words(name: str) -> set[str]:
    return {word.strip(".") for word in re.split(r"[^a-z0-9.]+", name)}


def maintained_tags(image: str, today: datetime.date) -> tuple[str, ...]:
    """The tags to move an image to whose lines are maintained, the one to prefer first."""
    name = image_name(image)
    found = ((tag, release_of(f"{name}:{tag}")) for tag in successors(image))
    return tuple(tag for tag, release in found if release is not None and release.end >= today)


def of_language(release: Release, projects: Iterable[Project]) -> list[Project]:
    """The projects that may say which releases of a product they allow."""
    kind = _PROJECTS.get(release.product)
    return [one for one in projects if kind is not None and isinstance(one, kind)]


def refusing(tag: str, projects: Iterable[Project]) -> list[Project]:
    """The projects that do without the version of a tag."""
    return [project for project in projects if project.allows(version_of(tag)) is False]


def lines_of(image: str, tags: Iterable[str]) -> set[str]:
    """The lines that some tags of an image are of; what the table does not have is one of its own."""
    found = ((tag, release_of(f"{image_name(image)}:{tag}")) for tag in tags)
    return {tag if release is None else release.version for tag, release in found}


def version_of(tag: str) -> str:
    """What stands before the variant."""
    return tag.partition("-")[0]


def _image(
    dockerfile: Dockerfile, stage: Stage, builds: Sequence[Build], passed: Sequence[tuple[str, str | None]]
) -> str | None:
    """What a stage stands on; None where what builds it is not read here and may pass another version."""
    if "$" in stage.base.value and "/" in dockerfile.path and not builds:
        return None
    return base_in_builds(dockerfile, stage, builds, passed)


def _ended(image: str, today: datetime.date) -> Release | None:
    """The release of an image that has ended: of what it is for, else of the Alpine that its tag names."""
    known = (release_of(image), alpine_of(image))
    return next((one for one in known if one is not None and one.end < today), None)


def _allowed(
    image: str,
    release: Release,
    projects: Sequence[Project],
    versions: Collection[str],
    platforms: Collection[str],
    today: datetime.date,
) -> Release:
    """A release with the first successor that no project of its language refuses and that is made for some platforms.

    As it is where there is none. Rather the one of the line that all `versions` to prefer are of.
    """
    own, name = of_language(release, projects), image_name(image)
    is_left_out = platform_left_out(f"{name}:{release.successor}", platforms)
    fit = [
        one
        for one in (maintained_tags(image, today) if own or versions or is_left_out else ())
        if not refusing(one, own) and not platform_left_out(f"{name}:{one}", platforms)
    ]
    of_line = (one for one in fit if versions and lines_of(image, versions) == lines_of(image, [one]))
    return replace(release, successor=next(iter((*of_line, *fit)), release.successor))


def _names_of(release: Release) -> set[str]:
    """What paths call a release: `3.9`, `v3.9`, `python39`, `py39`, `node20`, `ubuntu22`, `u22`, `focal`."""
    product, version = release.product.lower().replace(".", ""), release.version.lower()
    written = [version, version.replace(".", "")]
    if product == "ubuntu":
        written.append(version.partition(".")[0])
    called = (product, product.removesuffix("js"), *_SHORT.get(product, ()))
    of_product = {f"{name}{one}" for name in called for one in written}
    return {version, f"v{version}", *filter(None, [release.code_name])} | of_product
