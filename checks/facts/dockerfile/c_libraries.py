"""Programs that Go links with the C library of its image, and that are copied to where that is an older one.

With a C compiler in the image, as those on Debian have, Go links so where it isn't told otherwise.
https://pkg.go.dev/cmd/cgo, https://github.com/docker-library/golang/issues/466
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import distribution_of, release_of, successors
from checks.facts.dockerfile.ended_bases import EndedBase
from checks.facts.dockerfile.release_bound import is_go_on_debian_12, is_on_debian_13
from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_GLIBC = {
    ("Debian", "8"): (2, 19),
    ("Debian", "9"): (2, 24),
    ("Debian", "10"): (2, 28),
    ("Debian", "11"): (2, 31),
    ("Debian", "12"): (2, 36),
    ("Debian", "13"): (2, 41),
    ("Ubuntu", "16.04"): (2, 23),
    ("Ubuntu", "18.04"): (2, 27),
    ("Ubuntu", "20.04"): (2, 31),
    ("Ubuntu", "22.04"): (2, 35),
    ("Ubuntu", "24.04"): (2, 39),
}
"""https://tracker.debian.org/pkg/glibc, https://launchpad.net/ubuntu/+source/glibc"""
_OF_DEBIAN_13 = _GLIBC["Debian", "13"]
_OF_DEBIAN_12 = _GLIBC["Debian", "12"]
_DISTROLESS = regex(r"gcr\.io/distroless/(?!static\b)[a-z0-9-]+?-debian(?P<version>\d{1,2})(?:[:@].*)?")
_WITHOUT_IT = regex(
    r"\bCGO_ENABLED\b[\"']?(?:[ \t]*(?::{0,3}|\?)=|:|[ \t])[ \t]*[\"']?0|(?<![\w-])-static(?![\w-])|\b(?:netgo|osusergo)\b"
)
"""How Go is told to link without it; one of a Makefile's or a script's words may be for another build."""
_KEPT = "-bookworm"


class Linked(Record):
    """A copy of what is linked with the C library of a stage's image, to where an older one is."""

    stage: Stage
    """The one that takes it."""
    named: str
    """Its distribution: `Debian 12`."""
    glibc: tuple[int, ...]


def staying_on_debian_12(
    dockerfile: Dockerfile, bases: Sequence[EndedBase], scripts: Iterable[Text]
) -> list[EndedBase]:
    """Some stages, those of Go to move to an image on Debian 12 where what one of them makes goes to an older C library than Debian 13's.

    So do all on that image, which one argument may name for them.
    """
    kept = {one.image for one in bases if oldest_taker(dockerfile, one)}
    if not kept or any(_WITHOUT_IT.search(one.content) for one in (dockerfile.text, *scripts)):
        return list(bases)
    return [_kept(one) if one.image in kept else one for one in bases]


def oldest_taker(dockerfile: Dockerfile, one: EndedBase) -> Linked | None:
    """Where the oldest C library is that what a stage of Go makes is copied to; None if the stage's own is as new as Debian 13's then."""
    tag = tag_of(one.image)
    if one.release.product != "Go" or "-" in tag or is_on_debian_13(one.image, one.release):
        return None
    return _oldest_taker(dockerfile, one.stage)


def suggested_instead(dockerfile: Dockerfile, one: EndedBase, suggested: str) -> str:
    """The tag on Debian 12 in the place of one that is suggested for a stage of Go, where what that makes goes to an older C library than Debian 13's."""
    tag = f"{suggested}{_KEPT}"
    is_linked = one.release.product == "Go" and not _WITHOUT_IT.search(dockerfile.text.content)
    if not is_linked or "-" in suggested or _oldest_taker(dockerfile, one.stage) is None:
        return suggested
    offered = successors(f"{image_name(one.image)}:{tag_of(one.image).partition('-')[0]}{_KEPT}")
    return tag if tag in offered else suggested


def _oldest_taker(dockerfile: Dockerfile, made_in: Stage) -> Linked | None:
    takers = {
        copy.stage
        for copy in dockerfile.copies_of_stages
        if any(made_in in dockerfile.ancestry(source) for source in dockerfile.sources_of(copy.instruction))
    }
    found = [linked for stage in takers if (linked := _linked(dockerfile, stage)) is not None]
    return min(found, key=lambda linked: (linked.glibc, linked.stage.index), default=None)


def goes_to_debian_12(one: EndedBase) -> bool:
    """Whether a stage moves to an image on Debian 12, which its tag does not name before."""
    return one.release.product == "Go" and one.moved.endswith(_KEPT) and not one.image.endswith(_KEPT)


def lacks_library(dockerfile: Dockerfile, one: EndedBase) -> Linked | None:
    """Where what a stage makes once it has moved on Debian 12 may not run; it may where it ran from there before."""
    taker = oldest_taker(dockerfile, one)
    is_older = taker is not None and taker.glibc < _OF_DEBIAN_12
    return taker if is_older and goes_to_debian_12(one) and not is_go_on_debian_12(one.release) else None


def _linked(dockerfile: Dockerfile, stage: Stage) -> Linked | None:
    """What is known of the C library of a stage's image; None where it is as new as Debian 13's, or not known."""
    image = dockerfile.expanded_base(dockerfile.ancestry(stage)[-1]) or ""
    distroless = _DISTROLESS.fullmatch(image)
    release = release_of(f"debian:{distroless['version']}" if distroless else image)
    found = (
        release if release is not None and release.product in ("Debian", "Ubuntu") else distribution_of(image)
    )
    glibc = _GLIBC.get((found.product, found.version)) if found is not None else None
    if found is None or glibc is None or glibc >= _OF_DEBIAN_13:
        return None
    return Linked(stage, f"{found.product} {found.version}", glibc)


def _kept(one: EndedBase) -> EndedBase:
    """A stage to move to the image on Debian 12 of the same Go, where there is one."""
    successor = f"{one.release.successor}{_KEPT}"
    offered = successors(f"{image_name(one.image)}:{tag_of(one.image)}{_KEPT}")
    return replace(one, release=replace(one.release, successor=successor)) if successor in offered else one
